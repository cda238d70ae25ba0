"""`liquidtime paper` as a user types it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from commands import refused
from liquidtime.cli.paper_display import PaperDisplay
from liquidtime.paper.engine import Store
from paper_items import RICH, Bad, squares

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def items(monkeypatch, tmp_path):
    """Three quick items, and an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    there = {
        "rich": RICH,
        "fine": squares("fine", [1, 2, 3], "log", extra=[Bad("divides")]),
        "poor": squares("poor", [4], "log", need=[Bad()]),
    }
    monkeypatch.setattr("liquidtime.paper.ITEMS", there)
    return there


def test_without_an_item_all_are_listed(liquidtime_, tmp_path):
    code, out, err = liquidtime_("paper")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert re.split(r"\s{2,}", lines[0].strip()) == ["item", "what", "published", "last measured", "verdict"]
    assert [line.split()[0] for line in lines[1:] if line[0] != " "] == ["rich", "fine", "poor"]
    assert out.count("not measured yet") == 3
    assert list(tmp_path.iterdir()) == []
    liquidtime_("paper", "rich", "--quick")
    out = liquidtime_("paper")[1]
    assert out.count("not measured yet") == 2
    assert "76.8 … 227.1 (quick)" in out
    assert max(map(len, out.splitlines())) <= 100


def test_an_item_is_computed_judged_kept_and_shown(liquidtime_, tmp_path):
    code, out, err = liquidtime_("paper", "rich", "fine", "--workers", "1", "--markdown", "results.md")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "rich, fine: 4 cases, 0 here already"
    assert lines[1] == "rich: holds if the released activation is used (76.8 … 227.1)"
    assert lines[2].startswith("1/4  Square 1")
    assert "failed: Bad divides: integer division or modulo by zero" in lines
    assert "fine: holds (sum 14)" in lines
    assert out.index("verdict: holds if the released activation is used\n") < out.index("verdict: holds\n")
    table = out[out.index("claim") :]
    assert re.search(r"No model is longer +proof +3 of 20,000 cases +does not hold", table)
    assert "A hundred networks of 100 neurons were run." in out
    assert "  Bad divides: integer division or modulo by zero" in lines
    assert lines[-1] == "→ paper/report.html, results.md"
    assert max(map(len, lines)) <= 100
    assert "\x1b" not in out
    page = (tmp_path / "paper" / "report.html").read_text()
    assert "<code>liquidtime paper rich fine --workers 1 --markdown results.md</code>" in page
    assert "<code>liquidtime paper poor</code>" in page
    assert Store("paper").item("fine").quick is False
    document = (tmp_path / "results.md").read_text()
    assert "[fine](#fine)" in document
    assert "not measured yet" in document
    code, out, _ = liquidtime_("paper", "--markdown", "again.md")
    assert code == 0
    assert (tmp_path / "again.md").read_text() == document


def test_the_document_is_a_section_beside_what_else_the_file_holds(liquidtime_, tmp_path):
    path = tmp_path / "results.md"
    theirs = "<!-- begin: liquidtime compare -->\n# Models\n<!-- end: liquidtime compare -->\n"
    path.write_text(f"by hand\n\n{theirs}")
    for _ in range(2):
        assert liquidtime_("paper", "fine", "--workers", "1", "--markdown", "results.md")[0] == 0
        text = path.read_text()
        assert text.startswith(f"by hand\n\n{theirs}\n<!-- begin: liquidtime paper -->\n# Liquid Time-constant")
        assert text.count("<!-- begin: liquidtime paper -->") == text.count("[fine](#fine)") == 1
    path.write_text(f"{theirs}<!-- begin: liquidtime paper -->\n")
    err = refused(liquidtime_("paper", "rich", "--markdown", "results.md"))
    assert "markers of `liquidtime paper` on line 4 are damaged" in err
    assert path.read_text() == f"{theirs}<!-- begin: liquidtime paper -->\n"
    assert Store("paper").item("rich") is None


def test_all_means_all_and_what_cannot_be_judged_is_one_line_and_1(liquidtime_, tmp_path):
    code, out, err = liquidtime_("paper", "all", "--quick", "--out", "there")
    assert code == 1
    assert err == "poor cannot be judged: Bad refuses gave nothing (no data set here)\n"
    assert out.splitlines()[0].startswith("rich, fine, poor: 6 cases")
    assert "verdict: holds\n" in out
    assert out.splitlines()[-1] == "→ there/report.html"
    assert Store("there").item("fine").quick is True
    assert not (tmp_path / "paper").exists()


def test_what_cannot_be_judged_any_more_keeps_its_outcome(liquidtime_, items, monkeypatch):
    monkeypatch.setitem(items, "poor", squares("poor", [4]))
    assert liquidtime_("paper", "poor")[0] == 0
    monkeypatch.setitem(items, "poor", squares("poor", [4], need=[Bad()]))
    code, out, err = liquidtime_("paper", "poor")
    assert code == 1
    assert err.endswith("; its earlier outcome stays\n")
    assert "verdict" not in out
    assert Store("paper").item("poor").outcome.measured == "sum 16"


def test_json_is_all_there_is(liquidtime_):
    code, out, err = liquidtime_("paper", "fine", "poor", "--json", "--workers", "1")
    assert code == 1
    assert err.count("\n") == 1
    told = json.loads(out)
    assert [line["item"] for line in told["items"]] == ["fine", "poor"]
    fine, poor = told["items"]
    assert (fine["measured"], fine["verdict"], fine["published"], fine["quick"]) == ("sum 14", "holds", "5", False)
    assert fine["findings"][0]["verdict"] == "holds"
    assert fine["command"] == "liquidtime paper fine poor --json --workers 1"
    assert "measured" not in poor
    assert set(told["unjudged"]) == {"poor"}
    assert told["failures"]["Bad divides"] == "integer division or modulo by zero"
    assert told["report"] == "paper/report.html"
    told = json.loads(liquidtime_("paper", "--json")[1])
    assert ["measured" in line for line in told["items"]] == [False, True, False]
    assert "report" not in told


def test_the_same_command_repeats_nothing(liquidtime_, tmp_path):
    for there in (0, 3):
        _, out, _ = liquidtime_("paper", "fine", "--workers", "1")
        assert out.splitlines()[0] == f"fine: 4 cases, {there} here already"
    assert (tmp_path / "log").read_text().split() == ["1", "2", "3"]


def test_user_errors_are_one_line_and_leave_nothing(liquidtime_, tmp_path):
    err = refused(liquidtime_("paper", "fine", "ritch"))
    assert "no item named 'ritch'. Did you mean 'rich'? Valid names: rich, fine, poor, all" in err
    assert "--workers" in refused(liquidtime_("paper", "fine", "--workers", "0"))
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "main.tex").write_text("")
    assert "thesis exists already and holds something else (main.tex)" in refused(
        liquidtime_("paper", "fine", "--out", "thesis")
    )
    (tmp_path / "file").write_text("")
    assert "file" in refused(liquidtime_("paper", "fine", "--out", "file"))
    assert {path.name for path in tmp_path.iterdir()} == {"thesis", "file"}
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["main.tex"]


def test_ctrl_c_says_how_to_go_on(liquidtime_, monkeypatch, tmp_path):
    case = PaperDisplay.on_case

    def stop(self, label, failure):
        case(self, label, failure)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(PaperDisplay, "on_case", stop)
        code, _, err = liquidtime_("paper", "fine", "--workers", "1")
    assert code == 130
    assert err == "interrupted. What is finished is kept. Go on with: liquidtime paper fine --workers 1\n"
    assert liquidtime_("paper", "fine", "--workers", "1")[0] == 0
    assert (tmp_path / "log").read_text().split() == ["1", "2", "3"]


@pytest.mark.parametrize("whole_group", [True, False])
def test_ctrl_c_in_a_terminal_leaves_one_line_and_no_process(tmp_path, whole_group):
    """In a terminal the signal reaches the workers too; `kill -INT` reaches the command alone."""
    program = (
        f"import sys; sys.path.insert(0, {str(TESTS)!r})\n"
        "from liquidtime import paper\n"
        "from liquidtime.cli import main\n"
        "from paper_items import slow\n"
        f"paper.ITEMS = {{'slow': slow('slow', {str(tmp_path)!r}, 60)}}\n"
        "sys.argv = ['liquidtime', 'paper', 'slow', '--workers', '2']\n"
        "main()"
    )
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = subprocess.Popen([sys.executable, "-c", program], start_new_session=True, cwd=tmp_path, **streams)
    deadline = time.monotonic() + 60
    while len(list(tmp_path.glob("paper/cases/*.json"))) < 3:
        assert running.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    (os.killpg if whole_group else os.kill)(running.pid, signal.SIGINT)
    # The pipes close once no process of the group holds them any more.
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert err == "interrupted. What is finished is kept. Go on with: liquidtime paper slow --workers 2\n"
    assert len(list(tmp_path.glob("paper/cases/*.json"))) < 60


def test_on_a_terminal_there_is_a_bar(monkeypatch, capsys, items):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    with PaperDisplay(["fine"], quiet=False) as display:
        display.on_start(2, 7)
        display.on_case("a bad case", "it failed")
        display.on_case("a case with a name that is too long to stand beside a bar of any width", None)
    out = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().out)
    assert "fine: 7 cases, 2 here already" in out
    assert "4/7 cases" in out
    assert "a case with a name that is too long to stand beside a bar o…" in out
    assert "failed: a bad case: it failed" in out
    assert "/7  a case" not in out


def test_the_help_has_examples(liquidtime_):
    code, out, _ = liquidtime_("paper", "--help")
    assert code == 0
    for words in ("liquidtime paper fig1 --quick", "--markdown", "--workers", "--json", "where it stopped"):
        assert words in out
    assert "paper" in liquidtime_("--help")[1]
