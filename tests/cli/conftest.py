"""The command as a user types it."""

import sys

import pytest

from liquidtime.cli import main


@pytest.fixture
def liquidtime_(capsys, monkeypatch):
    def call(*words):
        monkeypatch.setattr(sys, "argv", ["liquidtime", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return call
