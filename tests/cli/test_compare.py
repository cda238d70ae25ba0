"""`liquidtime compare` as a user types it."""

import csv
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from commands import refused
from comparisons import everything, outcome, scores
from liquidtime.cli.compare import commands
from liquidtime.cli.compare_display import CompareDisplay
from liquidtime.comparison import KINDS, Cell, cells, kept_cells
from liquidtime.comparison.table import PROTOCOLS, table
from liquidtime.training import MODELS
from tiny import RECIPE, make_task

TESTS = Path(__file__).resolve().parents[1]
WORDS = "--data gesture --models ltc,lstm --seeds 2 --protocol paper --recipe published --workers 1"
QUICK = tuple(WORDS.split())
USUAL = Cell.recipe


@pytest.fixture(autouse=True)
def tiny(monkeypatch, tmp_path):
    """An empty folder, and a moment per cell; the cells that are trained are counted. Person is absent."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    begun = []

    def task(cell):
        begun.append(cell)
        if cell.data == "person":
            raise ValueError("person: ConfLongDemo_JSI.txt is missing: get it with `liquidtime data get person`")
        return make_task()

    monkeypatch.setattr(Cell, "task", task)
    monkeypatch.setattr(Cell, "recipe", lambda cell: RECIPE)
    return begun


def keep(folder, outcomes):
    """Cells by the recipes that they have."""
    for one in outcomes:
        replace(one, recipe=one.cell.recipe().to_dict()).write(Path(folder))


def test_models_are_trained_kept_and_shown(liquidtime_, tmp_path):
    code, out, err = liquidtime_("compare", *QUICK, "--markdown", "results.md", "--csv", "table.csv")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "2 models on gesture: 4 cells, 0 here already"
    assert lines[1] == "1/4  gesture (paper, published), ltc, seed 0"
    assert lines[4] == "4/4  gesture (paper, published), lstm, seed 1"
    assert "gesture, accuracy (%) (more is better)" in lines
    assert re.search(r"as published +paper, published", out)
    assert re.search(r"Conductance LTC +69\.55±1\.13\*", out)
    assert re.search(r"LSTM +64\.57±0\.59 +\d+\.\d\d±", out)
    assert re.search(r"paper, published +LTC +LSTM +\S+ +\S+ to \S+ +\S+ +2 ", out)
    assert lines[-1] == "→ comparison/comparison.html, results.md, table.csv"
    assert max(map(len, lines)) <= 100
    assert "\x1b" not in out
    again = "liquidtime compare --data gesture --models ltc,lstm --seeds 2 --protocol paper --recipe published"
    assert f"<code>{again}</code>" in (tmp_path / "comparison" / "comparison.html").read_text()
    assert f"`{again}`" in (tmp_path / "results.md").read_text()
    assert [row["model"] for row in csv.DictReader(io.StringIO((tmp_path / "table.csv").read_text()))] == [
        "ltc",
        "lstm",
    ]


def test_the_same_command_repeats_nothing_and_a_larger_one_adds(liquidtime_, tiny):
    liquidtime_("compare", *QUICK)
    out = liquidtime_("compare", *QUICK)[1]
    assert out.splitlines()[0] == "2 models on gesture: 4 cells, 4 here already"
    assert len(tiny) == 4
    liquidtime_("compare", "--data", "har,gesture", *QUICK[2:])
    assert len(tiny) == len(set(tiny)) == 8
    assert {one.cell.data for one in kept_cells("comparison")} == {"gesture", "har"}


def test_what_fails_is_said_once_with_1_and_the_others_go_on(liquidtime_, tmp_path):
    code, out, err = liquidtime_("compare", *QUICK[2:], "--data", "person,gesture")
    assert code == 1
    assert err == (
        "4 cells of person failed: person: ConfLongDemo_JSI.txt is missing: get it with `liquidtime data get person`\n"
    )
    assert out.count("ConfLongDemo_JSI") == 1
    assert "failed: person (paper, published), ltc, seed 0: person: ConfLongDemo" in out
    assert "8/8  gesture (paper, published), lstm, seed 1" in out
    assert "gesture, accuracy" in out
    page = (tmp_path / "comparison" / "comparison.html").read_text()
    assert "<strong>4 cells of person</strong>" in page


def test_places_of_tables_are_looked_at_before_any_work(liquidtime_, tiny, tmp_path):
    (tmp_path / "folder").mkdir()
    for words, message in (
        (("--csv", "no/such/table.csv"), "--csv no/such/table.csv: there is no folder no/such: make it first"),
        (("--markdown", "folder"), "--markdown folder is a folder: name a file"),
        (("--markdown", "a.md", "--csv", "./a.md"), "--markdown and --csv are both a.md: name two files"),
    ):
        assert message in refused(liquidtime_("compare", *QUICK, *words))
    assert tiny == []


def test_cells_of_another_recipe_are_left_out_and_named(liquidtime_, tmp_path):
    liquidtime_("compare", *QUICK)
    (before, *_) = kept_cells("comparison")
    replace(before, recipe={**before.recipe, "hidden_size": 7}).write(Path("comparison"))
    code, out, err = liquidtime_("compare", "--table", "--csv", "table.csv")
    assert (code, err.count("\n")) == (0, 1)
    assert err.startswith(f"{before.cell.label}, was trained by another recipe than now, and left out: delete")
    read = {row["model"]: row["seeds"] for row in csv.DictReader(io.StringIO((tmp_path / "table.csv").read_text()))}
    assert read == {"ltc": "0 1", "lstm": "1"}
    assert re.search(r"seeds +5 +1 to 2", out)


def test_all_of_it_failing_is_a_page_too(liquidtime_, tmp_path):
    code, out, _ = liquidtime_("compare", *QUICK[2:], "--data", "person")
    assert code == 1
    assert out.splitlines()[-1] == "→ comparison/comparison.html"
    page = (tmp_path / "comparison" / "comparison.html").read_text()
    assert "Nothing is measured yet." in page
    assert "<code>liquidtime compare --models ltc,lstm" in page


def test_all_means_all(monkeypatch, liquidtime_):
    asked, where = [], []

    def run(cells, folder, workers, follower, cluster):
        asked.extend(cells)
        where.append((workers, cluster))
        return [], {}

    monkeypatch.setattr("liquidtime.comparison.run_cells", run)
    assert liquidtime_("compare", "--data", "all")[0] == 0
    names = ["gesture", "occupancy", "har", "mnist", "traffic", "power", "ozone", "person", "cheetah", "walker"]
    models = ["ltc", "conductance-ltc", "ctrnn", "node", "ctgru", "lstm", "gru"]
    assert asked == cells(names, models, 5)
    asked.clear()
    liquidtime_("compare", "--data", "ozone, ozone,har", "--models", "gru", "--recipe", "published", "--epochs", "3")
    assert asked == cells(["ozone", "har"], ["gru"], 5, kinds=["published"], epochs=3)
    asked.clear()
    words = ("--data", "person,occupancy", "--recipe", "tuned", "--protocol", "clean", "--seeds", "1")
    err = liquidtime_("compare", *words)[2]
    assert err == f"no recipe of {', '.join(models)} was tuned for person: pass --recipe published; left out\n"
    assert asked == cells(["occupancy"], models, 1, ["clean"], ["tuned"])
    liquidtime_("compare", *words, "--cluster", "tcp://head:8786", "--workers", "3")
    assert where[-2:] == [(None, None), (3, "tcp://head:8786")]


def test_the_table_alone_trains_nothing(liquidtime_, tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(Cell, "recipe", USUAL)
    keep("grid", everything())
    code, out, err = liquidtime_("compare", "--table", "--out", "grid", "--csv", "t.csv", "--markdown", "t.md")
    assert (code, err, tiny) == (0, "", [])
    assert [line.split(",")[0] for line in out.splitlines() if "is better)" in line] == [
        *("gesture", "occupancy", "har", "mnist", "traffic", "power", "ozone", "person", "cheetah", "walker")
    ]
    assert max(map(len, out.splitlines())) <= 100
    assert re.search(r"seeds +5 +5 +2 +5\s", out)
    assert re.search(r"epochs +200 +200 +3 +200\s", out)
    assert "walker, paper protocol, published recipe; walker, clean" in out
    assert out.splitlines()[-1] == "→ grid/comparison.html, t.md, t.csv"
    assert len((tmp_path / "t.csv").read_text().splitlines()) > 100


def test_more_rows_than_fit_beside_each_other_stand_below(liquidtime_):
    for epochs in (1, 2, 3, 4, 5):
        keep("grid", scores("gesture", "paper", "published", {"ltc": [50.0 + epochs]}, epochs))
    out = liquidtime_("compare", "--table", "--out", "grid")[1]
    assert out.count("as published") == 2
    assert max(map(len, out.splitlines())) <= 100
    for epochs in (1, 2, 3, 4, 5):
        assert f" {50 + epochs}.00" in out


def test_json_is_all_there_is(liquidtime_):
    code, out, err = liquidtime_("compare", *QUICK[2:], "--data", "gesture,person", "--json")
    assert code == 1
    assert err.count("\n") == 1
    told = json.loads(out)
    (row,) = told["rows"]
    assert (row["data"], row["protocol"], row["recipe"]) == ("gesture", "paper", "published")
    (expected,) = table(kept_cells("comparison"))
    assert row["models"]["ltc"]["mean"] == expected.scores["ltc"].mean
    assert row["models"]["lstm"]["seeds"] == {
        str(seed): value for seed, value in expected.scores["lstm"].values.items()
    }
    assert row["models"]["lstm"]["matches"] in (True, False)
    assert row["published"]["ctgru"] == {"mean": 68.31, "std": 1.78}
    assert row["tests"][0]["rival"] == "lstm"
    assert len(told["failures"]) == 4
    assert told["report"] == "comparison/comparison.html"


def asked(command):
    """The cells that a command trains, by its options."""
    words = shlex.split(command)
    assert words[:2] == ["liquidtime", "compare"]
    said = dict(zip(words[2::2], words[3::2], strict=True))
    return cells(
        said["--data"].split(","),
        MODELS if said["--models"] == "all" else said["--models"].split(","),
        int(said["--seeds"]),
        [said["--protocol"]] if "--protocol" in said else PROTOCOLS,
        [said["--recipe"]] if "--recipe" in said else KINDS,
        int(said["--epochs"]) if "--epochs" in said else None,
    )


def test_the_commands_on_the_page_train_exactly_these_cells():
    grids = [
        cells(["gesture", "occupancy"], MODELS, seeds=2),
        cells(["power"], MODELS, seeds=2),
        cells(["traffic"], MODELS, seeds=2, kinds=["tuned"]),
        cells(["traffic"], MODELS, seeds=3, kinds=["published"], epochs=25),
        cells(["mnist"], ["ltc", "lstm"], seeds=1, protocols=["paper"], kinds=["published"], epochs=25),
    ]
    wanted = [cell for grid in grids for cell in grid]
    told = commands([outcome(cell, 1.0) for cell in wanted], Path("a grid")).split(" && ")
    assert sorted(map(repr, wanted)) == sorted(repr(cell) for one in told for cell in asked(one))
    assert told == [
        "liquidtime compare --data gesture,occupancy,power --models all --seeds 2 --out 'a grid'",
        "liquidtime compare --data traffic --models ltc,lstm --seeds 2 --recipe tuned --out 'a grid'",
        "liquidtime compare --data traffic --models all --seeds 3 --epochs 25 --recipe published --out 'a grid'",
        "liquidtime compare --data mnist --models ltc,lstm --seeds 1 --epochs 25 --protocol paper --recipe published "
        "--out 'a grid'",
    ]
    assert commands([], Path("grid")) == ""


def test_of_a_grid_with_gaps_the_commands_leave_none_out():
    made = everything()
    assert {one.cell for one in made} <= {
        cell for one in commands(made, Path("grid")).split(" && ") for cell in asked(one)
    }


def test_user_errors_are_one_line_and_leave_nothing(liquidtime_, tmp_path):
    err = refused(liquidtime_("compare"))
    assert "--data is missing" in err
    assert "liquidtime compare --data occupancy --recipe tuned --seeds 2" in err
    for words, message in (
        (("--data", "gestures"), "no data set named 'gestures'. Did you mean 'gesture'? Valid names: gesture, occ"),
        (("--data", "gesture", "--models", "lct"), "no model named 'lct'. Did you mean 'ltc'"),
        (("--data", "gesture,"), "no data set named ''"),
        (("--data", "gesture", "--protocol", "dirty"), "no protocol named 'dirty'. Valid names: paper, clean, both"),
        (
            ("--data", "gesture", "--recipe", "mine"),
            "no kind of recipe named 'mine'. Valid names: published, tuned, both",
        ),
        (("--data", "gesture", "--seeds", "0"), "seeds=0: pass a whole number"),
        (("--data", "gesture", "--epochs", "0"), "epochs=0: pass a whole number"),
        (("--data", "gesture", "--workers", "0"), "--workers"),
        (("--data", "gesture", "--cluster", "head"), "cluster='head': pass tcp://HOST:8786 of a Dask scheduler"),
        (("--table", "--cluster", "tcp://head:1"), "leave --cluster out"),
        (("--data", "power", "--recipe", "tuned", "--models", "gru"), "no recipe of gru was tuned for power"),
        (("--table",), "comparison holds no trained models: name another folder (--out)"),
        (("--table", "--data", "all", "--seeds", "2"), "leave --data, --seeds out"),
    ):
        assert message in refused(liquidtime_("compare", *words)), words
    (tmp_path / "file").write_text("")
    assert "file cannot hold results" in refused(liquidtime_("compare", *QUICK, "--out", "file"))
    (tmp_path / "bad.md").write_text("<!-- begin: liquidtime compare -->\n")
    assert "bad.md: markers of `liquidtime compare` on line 1" in refused(
        liquidtime_("compare", *QUICK, "--markdown", "bad.md")
    )
    assert {path.name for path in tmp_path.iterdir()} == {"file", "bad.md"}


def test_ctrl_c_says_how_to_go_on(liquidtime_, monkeypatch, tiny):
    cell = CompareDisplay.on_cell

    def stop(self, *words):
        cell(self, *words)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(CompareDisplay, "on_cell", stop)
        code, _, err = liquidtime_("compare", *QUICK)
    assert code == 130
    assert err == f"interrupted. What is finished is kept. Go on with: liquidtime compare {' '.join(QUICK)}\n"
    assert liquidtime_("compare", *QUICK)[0] == 0
    assert len(tiny) == len(set(tiny)) == 4


def test_ctrl_c_in_a_terminal_leaves_one_line_and_no_process(tmp_path):
    """In a terminal the signal reaches the workers too."""
    program = (
        f"import sys; sys.path.insert(0, {str(TESTS)!r})\n"
        "from liquidtime import comparison\n"
        "from liquidtime.cli import main\n"
        "from grid_items import tiny\n"
        "comparison.cells = lambda *_: tiny(60)\n"
        "sys.argv = ['liquidtime', 'compare', '--data', 'occupancy', '--workers', '2']\n"
        "main()"
    )
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = subprocess.Popen([sys.executable, "-c", program], start_new_session=True, cwd=tmp_path, **streams)
    deadline = time.monotonic() + 120
    while len(list(kept_cells(tmp_path / "comparison"))) < 3:
        assert running.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)
    # The pipes close once no process of the group holds them any more.
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert err == (
        "interrupted. What is finished is kept. Go on with: liquidtime compare --data occupancy --workers 2\n"
    )
    assert len(list(kept_cells(tmp_path / "comparison"))) < 60


def test_on_a_terminal_there_is_a_bar_with_the_time_that_is_left(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    now = [1000.0]
    grid = cells(["occupancy"], ["conductance-ltc"], 5, ["clean"], ["published"])
    with CompareDisplay("1 model on occupancy", quiet=False) as display:
        display._counter._bar.get_time = lambda: now[0]
        display.on_start(1, 5)
        for cell, failure in zip(grid[1:4], (None, "no file", "no file"), strict=True):
            now[0] += 600
            display.on_cell(cell, failure)
    out = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().out)
    assert "1 model on occupancy: 5 cells, 1 here already" in out
    assert "4/5 cells" in out
    assert "occupancy (clean, published), conductance-ltc, seed 3" in out
    assert "10:00 left" in out
    assert out.count("no file") == 1
    assert "/5  occupancy" not in out


def test_the_help_has_examples(liquidtime_):
    code, out, _ = liquidtime_("compare", "--help")
    assert code == 0
    for words in (
        "liquidtime compare --data occupancy",
        "--table",
        "--markdown",
        "--csv",
        "--json",
        "where it stopped",
    ):
        assert words in out
    assert "compare" in liquidtime_("--help")[1]


@pytest.mark.parametrize("width", ["60", "80", "100"])
def test_no_value_is_broken_in_two_where_small_errors_need_more_digits(monkeypatch, capsys, width):
    monkeypatch.setenv("COLUMNS", width)
    small = {"ltc": [0.00061, 0.00063], "lstm": [0.00082, 0.00086]}
    made = [cell for protocol in PROTOCOLS for kind in KINDS for cell in scores("power", protocol, kind, small)]
    with CompareDisplay("2 models on power", quiet=False) as display:
        display.table(table(made))
    out = capsys.readouterr().out
    assert out.count("0.00062±0.00001*") == out.count("0.00084±0.00002") == 4
