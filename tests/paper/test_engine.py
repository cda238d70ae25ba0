"""Cases, their store and their judges: what was computed is kept, and nothing that goes wrong takes the rest along."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from liquidtime.paper import ITEMS
from liquidtime.paper.engine import (
    Finding,
    Item,
    MissingResultError,
    Outcome,
    Panel,
    Results,
    Scale,
    Series,
    Store,
    Table,
    Verdict,
    compute,
    does_not_hold,
    either,
    holds,
    holds_if,
    run_items,
    unclear,
)
from liquidtime.training import RunFolderError
from paper_items import RICH, Alone, Bad, Square, everything, squares

TESTS = Path(__file__).resolve().parents[1]


class Follower:
    def __init__(self):
        self.told = []

    def on_start(self, done, total):
        self.told.append((done, total))

    def on_case(self, label, failure):
        self.told.append((label, failure))

    def on_item(self, name, kept, reason):
        self.told.append((name, kept is not None, reason))


def run(cases, folder, workers=1):
    return compute(cases, Store(folder), workers, Follower())


def test_what_was_computed_is_not_computed_again(tmp_path):
    log = tmp_path / "log"
    first, second = [Square(k, str(log)) for k in (1, 2)], [Square(k, str(log)) for k in (2, 3, 3)]
    run(first, tmp_path)
    follower = Follower()
    results, seconds = compute(second, Store(tmp_path), 1, follower)
    assert log.read_text().split() == ["1", "2", "3"]
    assert [results[case]["square"] for case in second] == [4, 9, 9]
    assert follower.told == [(1, 2), (second[1].label, None)]
    assert seconds > 0


def test_two_workers_give_what_one_gives_and_what_is_read_is_what_was_computed(tmp_path):
    cases = [Square(k) for k in range(7)]
    one, two, again = (run(cases, tmp_path / name, workers)[0] for name, workers in (("a", 1), ("b", 2), ("a", 1)))
    assert one.values == two.values == again.values
    assert one[cases[3]] == {"square": 9, "pair": [3, None]}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_case_that_fails_stops_nothing_and_is_tried_again(tmp_path, workers):
    bad = [Bad(), Bad("not finite"), Bad("divides")]
    cases = [bad[0], Square(2), *bad[1:], Square(3)]
    for _ in range(2):
        results, _ = run(cases, tmp_path, workers)
        assert {results[Square(k)]["square"] for k in (2, 3)} == {4, 9}
        assert results.failure(bad[0]) == "no data\nset here"
        assert "not JSON compliant" in results.failure(bad[1])
        assert "division" in results.failure(bad[2])
    assert results.failure(Square(2)) is None
    assert len(list((tmp_path / "cases").glob("*.json"))) == 2
    with pytest.raises(MissingResultError, match=r"^Bad refuses gave nothing \(no data\nset here\)$"):
        results[bad[0]]
    with pytest.raises(KeyError, match="it was not run"):
        Results({}, {})[Square(1)]


def test_a_killed_process_is_an_error_and_what_was_finished_is_kept(tmp_path):
    cases = [*(Square(k) for k in range(5)), Bad("is killed")]
    with pytest.raises(ChildProcessError, match="pass fewer workers"):
        run(cases, tmp_path, 2)
    assert Store(tmp_path).case(Square(0)) is not None


def test_cases_that_measure_run_last_and_alone(tmp_path):
    log = str(tmp_path)
    alone = [Alone(log, 1), Alone(log, 2)]
    follower = Follower()
    results, _ = compute([*alone, Square(1), Square(2)], Store(tmp_path), 2, follower)
    assert [label for label, _ in follower.told[3:]] == [case.label for case in alone]
    first, second = (results[case] for case in alone)
    assert first["end"] <= second["start"]
    assert first["process"] == os.getpid()


def test_less_than_one_worker_is_refused(tmp_path):
    with pytest.raises(ValueError, match="workers=0: pass at least 1"):
        run([Square(1)], tmp_path, 0)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "",
        lambda text: "[" * 100_000,
        lambda text: "[1]",
        lambda text: "\x00\x01",
        lambda text: text.replace('"format":1', '"format":2'),
        lambda text: text.replace('"number":3', '"number":4'),
        lambda text: text.replace('"value":{"square":9,"pair":[3,null]}', '"value":9'),
        lambda text: text.replace('"seconds":', '"hours":'),
    ],
)
def test_a_damaged_file_counts_as_not_there(tmp_path, damage):
    case, log = Square(3), tmp_path / "log"
    case = Square(3, str(log))
    run([case], tmp_path)
    (path,) = (tmp_path / "cases").glob("*.json")
    damaged = damage(path.read_text())
    assert damaged != path.read_text()
    path.write_text(damaged)
    assert Store(tmp_path).case(case) is None
    assert run([case], tmp_path)[0][case]["square"] == 9
    assert log.read_text().split() == ["3", "3"]


def test_a_new_edition_is_computed_anew(tmp_path, monkeypatch):
    case = Square(3)
    run([case], tmp_path)
    monkeypatch.setattr(Square, "edition", 2)
    assert Store(tmp_path).case(case) is None


def test_a_folder_that_cannot_be_used_is_refused_before_anything_runs(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "main.tex").write_text("")
    log = tmp_path / "log"
    for name, reason in (("file/x", "Not a directory"), ("file", "Not a directory"), ("mine", "main.tex")):
        with pytest.raises(RunFolderError, match=f"{name} .*{reason}"):
            run_items([squares("a", [1], str(log))], Scale(), Store(tmp_path / name), 1, Follower())
    assert not log.exists()
    (tmp_path / "empty").mkdir()
    Store(tmp_path / "empty").open()
    Store(tmp_path / "empty").open()


def test_a_full_disk_is_one_error_and_keeps_what_is_there(tmp_path, monkeypatch):
    store = Store(tmp_path / "out")
    run_items([squares("a", [1])], Scale(), store, 1, Follower())
    replace, calls = os.replace, []

    def full(*paths):
        calls.append(paths)
        if len(calls) > 2:
            raise OSError(28, "No space left on device")
        replace(*paths)

    monkeypatch.setattr("os.replace", full)
    for workers in (1, 2):
        calls.clear()
        with pytest.raises(RunFolderError, match="No space left"):
            run_items([squares("b", range(workers * 10, workers * 10 + 5))], Scale(), store, workers, Follower())
        assert store.item("a") is not None
        assert store.item("b") is None
    assert sum(store.case(Square(k)) is not None for k in range(10, 25)) == 2


def test_an_item_is_judged_as_soon_as_its_own_cases_are_there(tmp_path):
    follower = Follower()
    log = tmp_path / "log"
    items = [squares("a", [1, 2], str(log)), squares("b", [2, 3], str(log)), squares("none", [], str(log))]
    done = run_items(items, Scale(True), Store(tmp_path / "out"), 1, follower, "typed")
    assert [told[0] for told in follower.told] == [
        0,
        "none",
        *(Square(k, str(log)).label for k in (1, 2)),
        "a",
        Square(3, str(log)).label,
        "b",
    ]
    assert log.read_text().split() == ["1", "2", "3"]
    assert list(done.kept) == ["none", "a", "b"]
    kept = Store(tmp_path / "out").item("b")
    assert (kept.quick, kept.command, kept.outcome.measured) == (True, "typed", "sum 13")
    assert set(kept.versions) == {"liquidtime", "torch", "python"}
    again = Follower()
    assert run_items(items, Scale(), Store(tmp_path / "out"), 1, again).kept["a"].quick is False
    assert [told[0] for told in again.told] == [3, "a", "b", "none"]


def test_an_item_that_cannot_be_judged_leaves_the_others_and_its_earlier_outcome(tmp_path):
    store = Store(tmp_path)
    run_items([squares("a", [1])], Scale(), store, 1, Follower())
    nan = Item("nan", "", "", "", lambda s: [], lambda s, r: Outcome("", holds, "", [], [], [_line(float("nan"))]))
    ragged = Item("ragged", "", "", "", lambda s: [], lambda s, r: Outcome("", holds, "", [], [_ragged()]))
    items = [squares("a", [1], need=[Bad()]), nan, ragged, squares("b", [2], extra=[Bad()])]
    follower = Follower()
    done = run_items(items, Scale(), store, 1, follower)
    assert list(done.kept) == ["b"]
    assert done.failures == {"Bad refuses": "no data\nset here"}
    assert done.unjudged["a"] == "Bad refuses gave nothing (no data\nset here)"
    assert "not JSON compliant" in done.unjudged["nan"]
    assert "a row has 1 cells under 2 names" in done.unjudged["ragged"]
    assert ("a", False, done.unjudged["a"]) in follower.told
    assert store.item("a").outcome.measured == "sum 1"
    assert set(store.items(["a", "b", "nan", "never"])) == {"a", "b"}


def _line(value):
    from liquidtime.paper.engine import Axis, Lines

    return Lines("", "", Axis("x"), Axis("y"), [Series("s", [1.0], [value])], {})


def _ragged():
    return Table("t", ["a", "b"], [["1"]])


def test_a_bug_in_a_judge_is_not_taken_for_a_failure(tmp_path):
    broken = Item("broken", "", "", "", lambda s: [], lambda s, r: {}["no such key"])
    with pytest.raises(KeyError, match="no such key"):
        run_items([broken], Scale(), Store(tmp_path), 1, Follower())


def test_a_killed_run_goes_on_where_it_was(tmp_path):
    """The whole group is killed in the middle, as by a power cut; the same command repeats no finished case."""
    program = (
        f"import sys; sys.path.insert(0, {str(TESTS)!r})\n"
        "from liquidtime.paper.engine import Scale, Store, run_items\n"
        "from paper_items import slow\n"
        "class Silent:\n"
        "    on_start = on_case = on_item = lambda *_: None\n"
        f"item = slow('slow', {str(tmp_path)!r}, 30)\n"
        f"done = run_items([item], Scale(), Store({str(tmp_path / 'out')!r}), 2, Silent())\n"
        "print(done.kept['slow'].outcome.measured)"
    )
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    victim = subprocess.Popen([sys.executable, "-c", program], start_new_session=True, **quiet)
    cases = tmp_path / "out" / "cases"
    deadline = time.monotonic() + 60
    while len(list(cases.glob("*.json"))) < 5:
        assert victim.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(victim.pid, signal.SIGKILL)
    victim.wait()
    kept = {json.loads(path.read_text())["value"]["number"] for path in cases.glob("*.json")}
    assert 5 <= len(kept) < 30
    (tmp_path / "ended").write_text("")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(sum(range(30)))
    assert {int(line) for line in (tmp_path / "ended").read_text().split()} == set(range(30)) - kept


def test_verdicts_are_few_and_fixed():
    words = [str(one) for one in (holds, holds_if("f is bounded"), does_not_hold, unclear)]
    assert words == ["holds", "holds if f is bounded", "does not hold", "not reproducible from what was published"]
    assert either(True) is holds
    assert either(False) is does_not_hold
    for kind, condition in (("maybe", ""), ("holds", "f is bounded"), ("holds if", ""), ("does not hold", "x")):
        with pytest.raises(ValueError, match="a condition goes with 'holds if'"):
            Verdict(kind, condition)


def test_an_outcome_comes_back_from_its_file(tmp_path):
    outcome = everything()
    kept = Store(tmp_path).keep_item("rich", outcome, False, 1.0, "typed")
    back = Store(tmp_path).item("rich")
    assert json.loads(json.dumps(back.outcome.to_dict())) == json.loads(json.dumps(outcome.to_dict()))
    assert [type(one) for one in back.outcome.pictures] == [type(one) for one in outcome.pictures]
    assert back.outcome.findings == outcome.findings
    assert isinstance(back.outcome.findings[0], Finding)
    assert (kept.created, kept.machine, kept.command) == (back.created, back.machine, "typed")


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-20],
        lambda text: text.replace('"kind":"holds if"', '"kind":"perhaps"', 1),
        lambda text: text.replace('"kind":"Boxes"', '"kind":"Pie"'),
        lambda text: text.replace('"levels":', '"heights":'),
        lambda text: text.replace('"outcome":', '"income":'),
        lambda text: text.replace('"quick":', '"slow":'),
        lambda text: text.replace('"header":["model",', '"header":['),
    ],
)
def test_a_damaged_outcome_counts_as_not_there(tmp_path, damage):
    Store(tmp_path).keep_item("rich", everything(), False, 1.0)
    path = tmp_path / "rich.json"
    damaged = damage(path.read_text())
    assert damaged != path.read_text()
    path.write_text(damaged)
    assert Store(tmp_path).item("rich") is None


def test_columns_of_different_lengths_are_refused():
    for make in (
        lambda: Series("s", [1.0, 2.0], [1.0]),
        lambda: Series("s", [1.0], [1.0], [1.0], [1.0, 2.0]),
        lambda: Panel("p", [1.0], []),
    ):
        with pytest.raises(ValueError, match="columns of different lengths"):
            make()


def test_the_items_of_the_paper_are_well_formed():
    for name, item in {**ITEMS, "rich": RICH}.items():
        assert item.name == name
        assert name.isidentifier()
        assert name not in ("all", "format", "cases", "report")
        for scale in (Scale(), Scale(quick=True)):
            cases = item.cases(scale)
            assert len({case.key for case in cases}) == len(set(cases))
            assert all(json.dumps(case.settings, allow_nan=False) for case in cases)
