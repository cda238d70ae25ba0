import json
import pickle
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from liquidtime.training import RunFolderError, load_model, open_run
from liquidtime.training.folder.config import VERSION
from liquidtime.training.folder.run_folder import create


def refused(action, *words):
    with pytest.raises(RunFolderError) as caught:
        action()
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def edit(path, **changes):
    stored = json.loads(path.read_text())
    path.write_text(json.dumps(stored | changes))


def test_a_finished_run_opens(run):
    again = open_run(str(run.path))
    assert again == run
    assert again.recipe == run.recipe
    model = load_model(again)
    assert not model.training
    assert torch.equal(model.head.weight, load_file(run.path / "model.safetensors")["head.weight"])


def test_loading_leaves_random_numbers_alone(run):
    before = torch.get_rng_state()
    load_model(run)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_new_run_never_takes_the_place_of_a_folder(tmp_path):
    (tmp_path / "mine").mkdir()
    refused(lambda: create(tmp_path / "mine", {}), "mine exists already", "--out")
    assert not list((tmp_path / "mine").iterdir())


def test_a_missing_folder(tmp_path):
    refused(lambda: open_run(tmp_path / "none"), "none does not exist", "liquidtime train")


def test_a_file_in_place_of_a_folder(tmp_path):
    (tmp_path / "file").write_text("mine")
    refused(lambda: open_run(tmp_path / "file"), "file is not a folder")


def test_a_foreign_folder(tmp_path):
    (tmp_path / "model.safetensors").write_text("mine")
    refused(lambda: open_run(tmp_path), "is not a run folder", "config.json")


@pytest.mark.parametrize("content", ['{"model": "bert"}', "{}"])
def test_a_foreign_configuration(tmp_path, content):
    (tmp_path / "config.json").write_text(content)
    refused(lambda: open_run(tmp_path), "config.json does not describe a liquidtime run")


def test_a_newer_format(run):
    edit(run.path / "config.json", format_version=VERSION + 1)
    refused(lambda: open_run(run.path), f"config.json has format version {VERSION + 1}", "install the version")


@pytest.mark.parametrize("name", ["metrics.jsonl", "model.safetensors"])
def test_a_missing_file(run, name):
    (run.path / name).unlink()
    refused(lambda: open_run(run.path), f"{name} is missing", "restore it")


def test_without_results_the_run_is_unfinished(run):
    (run.path / "results.json").unlink()
    refused(lambda: open_run(run.path), "unfinished", "--resume")


def test_the_checkpoint_is_not_needed_to_open_a_run(run):
    shutil.rmtree(run.path / "checkpoint")
    assert open_run(run.path) == run


@pytest.mark.parametrize("name", ["config.json", "results.json", "metrics.jsonl", "model.safetensors"])
@pytest.mark.parametrize("keep", [0, 0.5, -2])
def test_a_file_that_is_cut_off(run, name, keep):
    path = run.path / name
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep) if keep >= 0 else keep])
    refused(lambda: open_run(run.path), name)


@pytest.mark.parametrize("name", ["config.json", "results.json", "metrics.jsonl"])
@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"[1]\n", b"[" * 100_000 + b"\n", b'{"a": NaN}\n', b"9" * 5000 + b"\n"]
)
def test_a_file_that_is_no_json_object(run, name, content):
    (run.path / name).write_bytes(content)
    refused(lambda: open_run(run.path), name)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("data", 3),
        ("protocol", None),
        ("command", 3),
        ("versions", ["torch"]),
        ("checksum", {"tiny.txt": 1}),
        ("features", []),
        ("features", "warmth"),
        ("classes", [1, 2]),
        ("mean", [0.0, 1.0]),
        ("mean", [0.0, "1", 2.0]),
        ("std", None),
        ("seed", -1),
        ("seed", 1.5),
        ("seed", True),
        ("parameters", "many"),
        ("threads", None),
        ("created", 2020),
        ("recipe", None),
    ],
)
def test_a_configuration_with_a_wrong_value(run, field, value):
    edit(run.path / "config.json", **{field: value})
    refused(lambda: open_run(run.path), f"config.json: {field} is", "expected")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("classes", ["low", "high"]),
        ("targets", []),
        ("targets", [1, 2]),
        ("target_mean", [0.0]),
        ("target_std", [1.0, 0.0]),
        ("target_std", None),
        ("metric", "accuracy"),
        ("metric", None),
        ("metric", ["squared_error"]),
        ("class_weights", [1.0]),
        ("protocol_name", None),
        ("variant", 3),
        ("log_timespans", 1),
    ],
    ids=str,
)
def test_a_configuration_of_numbers_with_a_wrong_value(regression, field, value):
    edit(regression.path / "config.json", **{field: value})
    place = "targets" if field == "classes" else field
    refused(lambda: open_run(regression.path), f"config.json: {place} is", "expected")


@pytest.mark.parametrize("value", [[1.0], [1.0, -1.0], "even"], ids=str)
def test_class_weights_that_make_no_sense(run, value):
    edit(run.path / "config.json", class_weights=value)
    refused(lambda: open_run(run.path), "config.json: class_weights is", "expected")


def test_a_run_that_predicts_numbers_opens(regression):
    again = open_run(regression.path)
    assert again == regression
    assert (again.outputs, again.metric) == (["first sum", "second sum"], "squared_error")
    assert load_model(again).head.out_features == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"test_squared_error": -1.0}, "test_squared_error is missing"),
        ({"test_absolute_error": "small"}, "test_absolute_error is missing"),
        ({"test_absolute_error": None}, "test_loss is missing"),
        ({"valid_squared_error": None}, "valid_squared_error is missing"),
        ({"last_valid_squared_error": True}, "last_valid_squared_error is missing"),
        ({"test_windows": 0}, "test_windows is missing or makes no sense"),
    ],
    ids=str,
)
def test_results_of_numbers_that_were_tampered_with(regression, changes, message):
    edit(regression.path / "results.json", **changes)
    refused(lambda: open_run(regression.path), "results.json", message)


def test_metrics_of_another_score(regression):
    path = regression.path / "metrics.jsonl"
    path.write_text(path.read_text().replace("valid_squared_error", "valid_accuracy"))
    refused(lambda: open_run(regression.path), "line 1: expected the fields epoch, train_loss, valid_loss, valid_squ")


def test_a_configuration_with_a_number_beyond_all_bounds(run):
    path = run.path / "config.json"
    text = json.dumps(json.loads(path.read_text()) | {"mean": [0, 1, 777]})
    for number in ("1e999", "9" * 400):
        path.write_text(text.replace("777", number))
        if number == "1e999":
            refused(lambda: open_run(run.path), "config.json: mean is")
    refused(lambda: open_run(run.path), "config.json: mean is")


@pytest.mark.parametrize("field", ["data", "features", "recipe", "seed", "std"])
def test_a_configuration_that_lacks_a_field(run, field):
    path = run.path / "config.json"
    stored = json.loads(path.read_text())
    del stored[field]
    path.write_text(json.dumps(stored))
    refused(lambda: open_run(run.path), f"config.json: {field} is")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "lsmt"}, "no model named 'lsmt'. Did you mean 'lstm'?"),
        ({"model": ["lstm"]}, "no model named ['lstm']"),
        ({"hidden_size": "5"}, "hidden_size='5'"),
        ({"hidden_size": 1e999}, "Infinity"),
        ({"hidden_size": float("nan")}, "NaN"),
        ({"epochs": None}, "epochs=None"),
        ({"learning_rate": "fast"}, "learning_rate='fast'"),
        ({"tau": [1, "2"]}, "tau=(1, '2')"),
        ({"__reduce__": "os.system"}, "no recipe field named '__reduce__'"),
    ],
)
def test_a_recipe_that_was_tampered_with(run, changes, message):
    edit(run.path / "config.json", recipe=run.config["recipe"] | changes)
    refused(lambda: open_run(run.path), "config.json", message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden_size": 6}, "head.weight is of shape (2, 5), but config.json asks for shape (2, 6)"),
        ({"hidden_size": 16_384}, "head.weight is of shape (2, 5)"),
        ({"hidden_size": 10**12}, "hidden_size=1000000000000: pass at most 16384"),
        ({"model": "gru"}, "tensor rnn.bias_hh_l0 is torch.float32 (20,)"),
        ({"model": "ltc"}, "tensor rnn."),
        ({"model": "conductance-ltc", "init": "nice"}, "config.json, recipe: init='nice'"),
    ],
)
def test_weights_that_do_not_fit_the_recipe(run, changes, message):
    edit(run.path / "config.json", recipe=run.config["recipe"] | changes)
    refused(lambda: load_model(open_run(run.path)), message)


def test_weights_that_do_not_fit_the_features(run):
    edit(run.path / "config.json", features=["warmth"], mean=[0.0], std=[1.0])
    refused(lambda: load_model(open_run(run.path)), "model.safetensors: tensor rnn.weight_ih_l0 is")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda tensors: {"more": torch.zeros(3)}, "tensor head.weight is missing"),
        (lambda tensors: tensors | {"more": torch.zeros(3)}, "tensor more is unknown"),
        (lambda tensors: {k: v for k, v in tensors.items() if k != "head.bias"}, "tensor head.bias is missing"),
        (lambda tensors: tensors | {"head.bias": tensors["head.bias"].double()}, "tensor head.bias is torch.float64"),
    ],
)
def test_weights_that_were_tampered_with(run, change, message):
    path = run.path / "model.safetensors"
    save_file(change(load_file(path)), path)
    refused(lambda: load_model(open_run(run.path)), "model.safetensors", message)


class Exploit:
    def __reduce__(self):
        return (pytest.fail, ("code was run",))


def test_pickles_are_not_run(run):
    (run.path / "model.safetensors").write_bytes(pickle.dumps(Exploit()))
    refused(lambda: open_run(run.path), "model.safetensors is cut off or damaged")
    torch.save({"head.weight": Exploit()}, run.path / "model.safetensors")
    refused(lambda: open_run(run.path), "model.safetensors is cut off or damaged")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: lines[:-1], "metrics.jsonl has 2 lines for 3 epochs"),
        (lambda lines: [*lines[:1], "{}", lines[2]], "metrics.jsonl, line 2: expected the fields epoch, "),
        (lambda lines: [lines[0].replace('"epoch": 1', '"epoch": "1"'), *lines[1:]], "line 1: a value makes no sense"),
        (lambda lines: [*lines[:2], lines[2][:20]], "metrics.jsonl, line 3 is cut off"),
    ],
)
def test_metrics_that_were_tampered_with(run, change, message):
    path = run.path / "metrics.jsonl"
    path.write_text("\n".join(change(path.read_text().splitlines())) + "\n")
    refused(lambda: open_run(run.path), message)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("test_accuracy", "high"),
        ("test_loss", None),
        ("confusion", [[1, 2]]),
        ("confusion", [[1, 2], [3, "4"]]),
        ("best_epoch", 1.5),
        ("valid_loss", True),
        ("seconds", None),
        ("epochs", -1),
    ],
)
def test_results_that_were_tampered_with(run, field, value):
    edit(run.path / "results.json", **{field: value})
    refused(lambda: open_run(run.path), f"results.json: {field} is missing or makes no sense")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"best_epoch": 0}, "best_epoch is 0, which metrics.jsonl does not call the best"),
        ({"best_epoch": 4}, "best_epoch is 4"),
        ({"test_accuracy": 2.0}, "test_accuracy is missing or makes no sense"),
        ({"test_f1": -0.1}, "test_f1 is missing or makes no sense"),
        ({"valid_loss": -1.0}, "valid_loss is missing or makes no sense"),
        ({"confusion": None}, "test_loss is missing or makes no sense"),
        ({"test_windows": 0}, "test_windows is missing or makes no sense"),
    ],
)
def test_results_that_contradict_themselves(run, changes, message):
    edit(run.path / "results.json", **changes)
    refused(lambda: open_run(run.path), "results.json", message)


def test_metrics_that_do_not_count(run):
    path = run.path / "metrics.jsonl"
    path.write_text(path.read_text().replace('"epoch": 2', '"epoch": 7'))
    refused(lambda: open_run(run.path), "metrics.jsonl: the epochs are not 1, 2, 3")


def test_weights_that_are_no_numbers(run):
    path = run.path / "model.safetensors"
    save_file({name: value * torch.nan for name, value in load_file(path).items()}, path)
    refused(lambda: load_model(open_run(run.path)), "not finite")


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"std": [1.0, 0.0, 1.0]}, "std is"), ({"classes": ["a", "a"]}, "classes is"), ({"seed": 2**63}, "seed is")],
)
def test_a_configuration_that_makes_no_sense(run, changes, message):
    edit(run.path / "config.json", **changes)
    refused(lambda: open_run(run.path), "config.json", message)
