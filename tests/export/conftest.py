import functools

import pytest

from trained_runs import case_run


@pytest.fixture(scope="session")
def case(tmp_path_factory):
    """The run of a model and a solver, trained once."""
    folder = tmp_path_factory.mktemp("runs")
    return functools.cache(lambda model, solver: case_run(folder, model, solver))
