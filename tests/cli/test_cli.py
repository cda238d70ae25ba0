"""The commands as a user types them."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace

import pytest

import liquidtime
from commands import refused
from liquidtime import data, training
from liquidtime.cli.progress import Display
from liquidtime.training import RECIPES, EpochRecord, open_run
from tiny import RECIPE, make_regression, make_task

TASK, SUMS = make_task(), make_regression()


@pytest.fixture(autouse=True)
def tiny(monkeypatch, tmp_path):
    """Only the tiny task is there, and the working folder is empty."""
    monkeypatch.setitem(data.TASKS, ("tiny", "paper"), lambda: TASK)
    monkeypatch.setitem(data.TASKS, ("sums", "clean"), lambda: replace(SUMS, protocol_name="clean", variant="a part"))
    monkeypatch.setitem(RECIPES, ("sums", "clean"), {"ltc": replace(RECIPE, model="ctrnn", timespan=0.6)})
    monkeypatch.setitem(RECIPES, ("tiny", "paper"), {"conductance-ltc": RECIPE, "ltc": RECIPE, "gru": RECIPE})
    monkeypatch.chdir(tmp_path)


def test_train_writes_a_whole_run_and_says_what_it_did(liquidtime_, tmp_path):
    code, out, err = liquidtime_("train", "tiny")
    assert (code, err) == (0, "")
    run = open_run(tmp_path / "runs" / "tiny-lstm-1")
    assert "31 / 6 / 6 windows of 7 rows" in out
    assert "warmth, light, noise" in out
    assert f"{run.config['parameters']} parameters" in out
    assert sum(line.startswith("epoch ") for line in out.splitlines()) == 3
    last = out.splitlines()[-1]
    assert f"test accuracy {100 * run.results['test_accuracy']:.2f} %" in last
    assert last.endswith("runs/tiny-lstm-1/report.html")
    assert (run.path / "report.html").exists()
    assert run.config["command"] == "liquidtime train tiny"
    assert "\x1b" not in out
    assert "\r" not in out


def test_each_run_gets_a_folder_of_its_own(liquidtime_, tmp_path):
    for _ in range(2):
        assert liquidtime_("train", "tiny", "--epochs", "1")[0] == 0
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {"tiny-lstm-1", "tiny-lstm-2"}


def test_json_is_all_there_is(liquidtime_, tmp_path):
    code, out, err = liquidtime_("train", "tiny", "--json", "--out", "r", "--seed", "4")
    assert (code, err) == (0, "")
    printed, run = json.loads(out), open_run(tmp_path / "r")
    assert run.results.items() <= printed.items()
    assert printed["report"] == "r/report.html"
    assert run.config["seed"] == 4
    code, out, _ = liquidtime_("evaluate", "r", "--json")
    scores = json.loads(out)
    assert scores["accuracy"] == run.results["test_accuracy"]
    assert scores["confusion"] == run.results["confusion"]
    code, out, _ = liquidtime_("report", "r", "--json")
    assert json.loads(out) == {"run": "r", "report": "r/report.html"}


def test_options_reach_the_recipe(liquidtime_, tmp_path):
    words = "--model ltc --epochs 2 --hidden-size 6 --batch-size 5 --learning-rate 0.02 --solver rk4 --substeps 2"
    words += " --gradient recompute --every 3 --truncate 4 --patience 2"
    code, out, _ = liquidtime_("train", "tiny", "--out", "r", *words.split())
    assert code == 0
    assert "2 epochs, batches of 5, learning rate 0.02, ends after 2 in a row without a better one" in " ".join(
        out.split()
    )
    recipe = open_run(tmp_path / "r").recipe
    expected = {"model": "ltc", "epochs": 2, "hidden_size": 6, "batch_size": 5, "learning_rate": 0.02, "solver": "rk4"}
    expected |= {"substeps": 2, "gradient": "recompute", "every": 3, "truncate": 4, "patience": 2}
    assert expected.items() <= recipe.to_dict().items()


def test_evaluate_and_report_work_on_the_folder(liquidtime_, tmp_path):
    liquidtime_("train", "tiny", "--out", "r")
    (tmp_path / "r" / "report.html").unlink()
    code, out, _ = liquidtime_("report", "r")
    assert (code, out) == (0, "r/report.html\n")
    assert (tmp_path / "r" / "report.html").exists()
    code, out, _ = liquidtime_("evaluate", "r")
    accuracy = open_run(tmp_path / "r").results["test_accuracy"]
    assert code == 0
    assert f"accuracy {100 * accuracy:.2f} %" in out


def test_numbers_are_trained_evaluated_and_reported(liquidtime_, tmp_path):
    code, out, err = liquidtime_("train", "sums", "--protocol", "clean", "--out", "r")
    assert (code, err) == (0, "")
    run = open_run(tmp_path / "r")
    assert "target   2 numbers per row: first sum, second sum" in out
    assert "inputs   warmth, light, noise (standardised)" in out
    assert "shown    series 1 (50 rows), series 2 (33 rows)" in out
    assert "a step lasts 0.6" in out
    assert "variant  a part" in out
    assert f"valid squared error {run.metrics[0]['valid_squared_error']:.4g}" in out
    squared, absolute = run.results["test_squared_error"], run.results["test_absolute_error"]
    last = out.splitlines()[-1]
    assert last.startswith(f"test squared error {squared:.4g} (absolute error {absolute:.4g}, 56 steps, ")
    assert re.search(r"56 steps, \d+ % of their rows trained on too\)", last)
    code, out, _ = liquidtime_("evaluate", "r")
    assert out == f"r on sums, test part: squared error {squared:.4g}, absolute error {absolute:.4g} over 56 steps\n"
    assert json.loads(liquidtime_("evaluate", "r", "--json")[1])["squared_error"] == squared
    assert liquidtime_("report", "r")[:2] == (0, "r/report.html\n")
    code, out, _ = liquidtime_("train", "sums", "--out", "r", "--resume")
    assert (code, out.splitlines()[-1]) == (0, last)


def test_elapsed_times_can_be_an_input(liquidtime_, tmp_path):
    words = ("train", "sums", "--protocol", "clean", "--log-timespans", "--out", "r")
    code, out, _ = liquidtime_(*words)
    assert code == 0
    run = open_run(tmp_path / "r")
    assert run.config["features"] == ["warmth", "light", "noise", "log elapsed time"]
    assert "log elapsed time" in out
    assert json.loads(liquidtime_("evaluate", "r", "--json")[1])["squared_error"] == run.results["test_squared_error"]
    assert liquidtime_("report", "r")[0] == 0
    assert liquidtime_("train", "sums", "--out", "r", "--resume")[1].splitlines()[-1] == out.splitlines()[-1]
    assert "tells no elapsed times" in refused(liquidtime_("train", "tiny", "--log-timespans"))


def test_protocols_that_are_not_there_are_refused(liquidtime_):
    assert "no protocol of tiny named 'clean'. Valid names: paper" in refused(
        liquidtime_("train", "tiny", "--protocol", "clean")
    )
    assert "no protocol of sums named 'paper'. Valid names: clean" in refused(liquidtime_("train", "sums"))


def test_files_that_are_missing_are_named_before_anything_is_written(liquidtime_, tmp_path, monkeypatch):
    monkeypatch.setenv("LIQUIDTIME_DATA", str(tmp_path / "nowhere"))
    assert "`liquidtime data get gesture`" in refused(liquidtime_("train", "gesture"))
    assert not list(tmp_path.iterdir())


def test_the_last_step_is_counted_once_per_window(liquidtime_, tmp_path, monkeypatch):
    last = {part: replace(getattr(TASK, part), last=True) for part in ("train", "valid", "test")}
    monkeypatch.setitem(data.TASKS, ("tiny", "paper"), lambda: replace(TASK, **last, metric="f1"))
    code, out, _ = liquidtime_("train", "tiny", "--out", "r")
    assert code == 0
    assert "2 classes, one label per window: " in out
    assert re.search(r"test F1 [\d.]+ \(accuracy [\d.]+ %, 6 last steps, \d+ % of their rows trained on too\)", out)
    assert re.search(r"valid F1 [\d.]+  best [\d.]+ \(epoch", out)


def test_a_run_without_test_windows_says_so(liquidtime_, monkeypatch):
    empty = replace(TASK, test=data.pick(TASK.test, TASK.test.starts[:0]))
    monkeypatch.setitem(data.TASKS, ("tiny", "paper"), lambda: empty)
    code, out, _ = liquidtime_("train", "tiny", "--out", "r")
    assert (code, out.splitlines()[-1]) == (0, "no test windows   → r/report.html")
    assert "windows is empty" in refused(liquidtime_("evaluate", "r"))


def test_an_interrupted_run_on_two_devices_goes_on_on_two(liquidtime_, monkeypatch):
    from liquidtime.cli.progress import Display

    def stop(self, record):
        raise KeyboardInterrupt

    devices = ("--devices", "2", "--accelerator", "cpu")
    with monkeypatch.context() as patch:
        patch.setattr(Display, "on_epoch", stop)
        code, _, err = liquidtime_("train", "tiny", "--out", "r", "--epochs", "2", *devices)
    assert code == 130
    again = ("train", "tiny", "--out", "r", "--resume", *devices)
    assert err == f"interrupted. Continue with: liquidtime {' '.join(again)}\n"
    code, out, err = liquidtime_(*again)
    assert (code, err) == (0, "")
    assert "epoch 2/2" in out


def test_an_interrupted_run_says_how_to_go_on_and_does(liquidtime_, tmp_path, monkeypatch):
    from liquidtime.cli.progress import Display

    def stop(self, record):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Display, "on_epoch", stop)
        code, _, err = liquidtime_("train", "tiny", "--out", "r", "--seed", "5", "--epochs", "2")
    assert code == 130
    assert err == "interrupted. Continue with: liquidtime train tiny --out r --resume\n"
    assert "unfinished run" in refused(liquidtime_("evaluate", "r"))
    assert "r exists already" in refused(liquidtime_("train", "tiny", "--out", "r"))
    assert "was started with seed 5, but now seed is 6" in refused(
        liquidtime_("train", "tiny", "--out", "r", "--resume", "--seed", "6")
    )
    code, out, _ = liquidtime_("train", "tiny", "--out", "r", "--resume")
    assert code == 0
    assert [line.split("  ")[0] for line in out.splitlines() if line.startswith("epoch ")] == ["epoch 2/2"]
    assert liquidtime_("train", "tiny", "--out", "whole", "--seed", "5", "--epochs", "2")[0] == 0
    resumed, whole = (tmp_path / name / "model.safetensors" for name in ("r", "whole"))
    assert resumed.read_bytes() == whole.read_bytes()


def test_user_errors_are_one_line_and_leave_nothing(liquidtime_, tmp_path):
    err = refused(liquidtime_("train", "occupanzy"))
    assert "occupanzy" in err
    assert "Did you mean" in err
    assert "occupancy" in err
    err = refused(liquidtime_("train", "tiny", "--model", "conductance_ltc"))
    assert "conductance-ltc" in err
    assert "Did you mean" in err
    assert "epochs=0" in refused(liquidtime_("train", "tiny", "--epochs", "0"))
    assert "--epochs" in refused(liquidtime_("train", "tiny", "--epochs", "many"))
    assert "solver" in refused(liquidtime_("train", "tiny", "--model", "ltc", "--solver", "rk5"))
    for size in ("10000000000", "9" * 30):
        assert "pass at most 16384" in refused(liquidtime_("train", "tiny", "--hidden-size", size))
    assert "batch_size=99" in refused(liquidtime_("train", "tiny", "--batch-size", "99"))
    assert "devices=0" in refused(liquidtime_("train", "tiny", "--devices", "0"))
    assert "no accelerator named 'gpu'" in refused(liquidtime_("train", "tiny", "--accelerator", "gpu"))
    assert "nodes=2 with NODE_RANK=''" in refused(liquidtime_("train", "tiny", "--nodes", "2"))
    assert "--resume without --out" in refused(liquidtime_("train", "tiny", "--resume"))
    assert "nowhere does not exist" in refused(liquidtime_("train", "tiny", "--resume", "--out", "nowhere"))
    assert "No such option" in refused(liquidtime_("train", "tiny", "--modell", "ltc"))
    assert "No such command" in refused(liquidtime_("trian", "tiny"))
    (tmp_path / "foreign").mkdir()
    for command in ("evaluate", "report"):
        assert "missing does not exist" in refused(liquidtime_(command, "missing"))
        assert "foreign is not a run folder" in refused(liquidtime_(command, "foreign"))
    (tmp_path / "taken").write_text("")
    assert "taken exists already" in refused(liquidtime_("train", "tiny", "--out", "taken"))
    assert {path.name for path in tmp_path.iterdir()} == {"foreign", "taken"}


def test_a_run_cut_off_in_the_middle_is_named(liquidtime_, tmp_path):
    liquidtime_("train", "tiny", "--out", "r")
    for name in ("model.safetensors", "config.json", "results.json", "metrics.jsonl"):
        path = tmp_path / "r" / name
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        for command in ("evaluate", "report"):
            assert name in refused(liquidtime_(command, "r"))
        path.write_bytes(whole)
    assert liquidtime_("evaluate", "r")[0] == 0


def test_a_run_on_other_files_is_refused(liquidtime_, tmp_path):
    liquidtime_("train", "tiny", "--out", "r")
    path = tmp_path / "r" / "config.json"
    path.write_text(path.read_text().replace("00ff", "00fe"))
    assert "other files of tiny" in refused(liquidtime_("evaluate", "r"))


def test_help_and_version(liquidtime_):
    code, out, _ = liquidtime_("--version")
    assert (code, out) == (0, f"liquidtime {liquidtime.__version__}\n")
    for words in (["--help"], []):
        code, out, err = liquidtime_(*words)
        assert (code, err) == (0, "")
        assert all(command in out for command in ("train", "evaluate", "report"))
    for command, example in (("train", "liquidtime train occupancy"), ("evaluate", "runs/occupancy-ltc-1")):
        code, out, _ = liquidtime_(command, "--help")
        assert code == 0
        assert example in out
    assert set(training.MODELS) <= set(liquidtime_("train", "--help")[1].replace(",", " ").split()) | {
        "conductance-ltc"
    }


@pytest.mark.parametrize(("module", "words"), [("typer", ["--help"]), ("plotly", ["report", "r"])])
def test_a_missing_extra_is_one_line(liquidtime_, module, words):
    liquidtime_("train", "tiny", "--out", "r", "--epochs", "1")
    program = f"import sys; sys.modules[{module!r}] = None\nfrom liquidtime.cli import main\nmain({words!r})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert re.fullmatch(
        rf'error: the command line needs {module}[.\w]*: pip install "liquidtime\[tool\]"\n', done.stderr
    )


def test_on_a_terminal_there_is_a_bar(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    display = Display("what was understood", epochs=3, quiet=False)
    best = EpochRecord(1, 0.3, 0.2, 0.91, 1.0, best=True)
    with display:
        display.on_start([best])
        display.on_batch(5, 10)
        display.on_epoch(EpochRecord(2, 0.25, 0.3, 0.9, 1.0, best=False))
    out = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().out)
    assert "what was understood" in out
    assert "epoch 2/3" in out
    assert "loss 0.250  valid 90.0 %  best 91.0 % (epoch 1)" in out
    assert "epoch 1/3" not in out


def shell(script, **environment):
    """A real process, with the streams as a shell has them."""
    words = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", **environment}
    program = f"{sys.executable} -c 'from liquidtime.cli import main; main()'"
    return subprocess.run(
        ["bash", "-c", script.replace("liquidtime", program)], capture_output=True, text=True, env=words
    )


def test_closed_streams_and_odd_encodings_are_no_reason_to_fail(liquidtime_, tmp_path):
    liquidtime_("train", "tiny", "--out", "r", "--epochs", "1")
    assert shell("liquidtime --version >&-").returncode == 0
    done = shell("liquidtime evaluate r", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout) == (2, "")
    assert "tiny" in done.stderr
    assert shell("liquidtime evaluate nowhere 2>&-").returncode == 2
    done = shell("liquidtime --help", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_leaves_does_not_stop_a_run(tmp_path):
    done = shell(
        "set -o pipefail; liquidtime train occupancy --epochs 2 --hidden-size 2 --batch-size 3000 --out r | head -1"
    )
    assert done.returncode == 0
    assert done.stderr == ""
    assert (tmp_path / "r" / "report.html").exists()


def test_ctrl_c_outside_a_training_is_one_word(liquidtime_, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sys.modules["liquidtime.cli.app"], "app", stop)
        assert liquidtime_("report", "r") == (130, "", "interrupted\n")
    monkeypatch.setattr(sys.modules["liquidtime.cli.app"], "run", stop)
    assert liquidtime_("report", "r") == (130, "", "interrupted\n")


def test_a_path_that_is_no_text_leaves_nothing_half_made(liquidtime_, tmp_path):
    code, _, _ = liquidtime_("train", "tiny", "--epochs", "1", "--out", "u\udcff")
    assert code in (0, 2)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_an_error_of_our_own_is_no_user_error(liquidtime_, monkeypatch):
    monkeypatch.setitem(data.TASKS, ("tiny", "paper"), lambda: 1 / None)
    with pytest.raises(TypeError):
        liquidtime_("train", "tiny")
