"""A trained run as C99: a header, a source, an example."""

import csv
import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template

from liquidtime import __version__
from liquidtime.data.timing import LEAST
from liquidtime.export.c_parts import Constant, Parts, parts_of_model
from liquidtime.export.c_text import array, block, comment, identifier, listed, literal, shown, string
from liquidtime.export.sample import Sample
from liquidtime.training import Trained

FLOAT = 4


@dataclass(frozen=True)
class Source:
    """A model in C.

    Args:
        files: texts by the name of their file.
        flash: bytes of its constants.
        ram: bytes of its memory, the state and what it computes with; beside it, the stack holds a few numbers.
    """

    files: dict[str, str]
    flash: int
    ram: int


def c_source(trained: Trained) -> Source:
    """The model in C99, float32 throughout: no heap, no library but math.h.

    `NAME_step` takes one row of features in their own units, with the time elapsed since the row before where the
    model takes time, and gives probabilities or predicted numbers; the state stays in a struct of the caller's.
    `main.c` is an example that reads rows from standard input.

    Raises:
        ValueError: the solver has no fixed steps, or a number of the model is not finite.
    """
    sample = Sample(trained).eval()
    inputs = [str(name) for name in trained.run.config["features"]]
    parts = parts_of_model(sample, inputs)
    constants = [*_scaling(sample), *parts.constants, *_read_out(sample)]
    fields = [("u", str(len(inputs)), len(inputs)), ("x", str(sample.state_size), sample.state_size)]
    H = int(sample.layer.hidden_size)
    for name, of_neurons, squared in parts.fields:
        fields.append((name, f"{H}][{H}" if squared else str(of_neurons * H), of_neurons * H))
    flash = FLOAT * sum(constant.values.numel() for constant in constants)
    ram = FLOAT * (sample.state_size + sum(count for *_, count in fields))
    values = _words(sample, parts, constants) | {
        "fields": "\n".join(f"    float {name}[{size}];" for name, size, _ in fields),
        "flash": str(flash),
        "ram": str(ram),
        "H": str(H),
    }
    name = values["name"]
    texts = {f"{name}.h": "header.h", f"{name}.c": "model.c", "main.c": "main.c"}
    return Source({file: _template(source).substitute(values) for file, source in texts.items()}, flash, ram)


def _words(sample: Sample, parts: Parts, constants: list[Constant]) -> dict[str, str]:
    """What stands in place of the templates' words."""
    trained, name = sample.trained, identifier(sample.trained.run.path)
    timed, F, O = trained.takes_time, len(trained.features), len(trained.outputs)
    said = "predicted numbers in their own units" if trained.regression else "probabilities"
    since = " and the time since the sample before" if timed else ""
    enums = [f"enum {{ {key} = {count} }};\n" for key, count in parts.counts.items()]
    spans = _time(trained)
    bodies = [_template(f"{part}.c").substitute(activation=parts.activation) for part in parts.equations]
    row = "the time elapsed since the row before and then " if timed else ""
    return spans | {
        "name": name,
        "NAME": name.upper(),
        "title": comment(f"{trained.run.recipe.model} for {trained.run.config['data']}"),
        "story": block(_story(trained)),
        "said": said,
        "sample": block(
            [
                f"One sample: features in their own units{since} go in, {said} come out, and the state goes on to the "
                "next sample.",
                "No heap, no globals that change, no library but math.h.",
            ]
        ),
        "F": str(F),
        "I": str(len(trained.run.config["features"])),
        "S": str(sample.state_size),
        "O": str(O),
        "features": listed(trained.features),
        "outputs": listed(trained.outputs),
        "constants": "\n".join(["".join(enums), *(array(*constant) for constant in constants)]),
        "functions": "\n".join(_template(f"{part}.c").template for part in parts.functions),
        "equations": "\n".join(bodies),
        "read_out": _template("values.c" if trained.regression else "classes.c").template,
        "columns": str(F + timed),
        "columns_sentence": f"{row}{F} feature{'s' if F > 1 else ''}",
        "names": ",\n".join(f"    {string(_field(name))}" for name in trained.outputs),
        "arguments": "row + 1, row[0]" if timed else "row",
    }


def _time(trained: Trained) -> dict[str, str]:
    """What the elapsed time changes in the templates."""
    if not trained.takes_time:
        texts = dict.fromkeys(("timespan_comment", "timespan_parameter", "check_timespan"), "")
        return texts | {
            "and_log": "",
            "log_timespan": "",
            "span_argument": "",
            "bad_input": "a feature that is no number, or beyond all measure",
        }
    logged = f"    m->u[F] = logf(fmaxf(timespan, {literal(LEAST)}));\n" if trained.logs_time else ""
    factor = "" if trained.model.timespan == 1 else f" * {literal(trained.model.timespan)}"
    return {
        "timespan_comment": "\n *   timespan  since the sample before, in the unit of the data; 1 for regular samples",
        "timespan_parameter": ", float timespan",
        "check_timespan": "    if (!(timespan >= 0.0f && timespan <= LARGEST))\n        return "
        f"{identifier(trained.run.path).upper()}_BAD_INPUT;\n",
        "and_log": ", and the log of the time" if trained.logs_time else "",
        "log_timespan": logged,
        "span_argument": f", timespan{factor}" if trained.model.takes_time else "",
        "bad_input": "a feature or time that is no number, or beyond all measure; a time below zero",
    }


def _story(trained: Trained) -> list[str]:
    """How the model was made."""
    config, recipe = trained.run.config, trained.run.recipe
    solver = getattr(trained.model.rnn, "solver", None)
    by = [
        f"{recipe.model} with {recipe.hidden_size} neurons",
        *([] if solver is None else [f"solver {solver}"]),
        f"{config['parameters']} parameters",
    ]
    command = [] if config["command"] is None else [f"Trained by: {comment(config['command'])}"]
    return [
        f"{', '.join(by)}.",
        f"Data: {comment(config['data'])}, protocol {comment(config['protocol_name'])}, seed {config['seed']}, "
        f"{comment(config['created'])}.",
        *command,
        f"Written by liquidtime {__version__}; equal to PyTorch within a few roundings of float32.",
    ]


def _scaling(sample: Sample) -> list[Constant]:
    scaled = sample.scaled
    return [
        Constant("MEAN", scaled.mean, "Mean of every feature, subtracted"),
        Constant("MEAN_REST", scaled.mean_rest, "What rounding left of it"),
        Constant("STD", scaled.std, "Standard deviation of every feature, divided by"),
    ]


def _read_out(sample: Sample) -> list[Constant]:
    read_out, trained = sample.read_out, sample.trained
    head = [
        Constant("HEAD_W", read_out.head.weight.detach(), "Weights of the read-out", trained.outputs),
        Constant("HEAD_B", read_out.head.bias.detach(), "Biases of the read-out"),
    ]
    scaling = [
        Constant("TARGET_MEAN", read_out.target_mean, "Mean of every predicted number"),
        Constant("TARGET_STD", read_out.target_std, "Standard deviation of every predicted number"),
    ]
    return [*head, *(scaling if trained.regression else [])]


def _field(name: str) -> str:
    """A name as CSV has it."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([shown(name)])
    return line.getvalue()


@cache
def _template(name: str) -> Template:
    return Template(files("liquidtime.export").joinpath("templates", name).read_text(encoding="utf-8"))
