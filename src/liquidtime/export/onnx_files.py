"""A trained run as two ONNX models: one sample, and a whole series."""

import contextlib
import json
import logging
import warnings
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

import torch

from liquidtime import __version__
from liquidtime.export.sample import Sample
from liquidtime.solvers import FixedStepSolver, ImplicitEuler
from liquidtime.training import Trained

STEP, SEQUENCE = "step.onnx", "sequence.onnx"
OPSET = 18


def onnx_files(trained: Trained) -> dict[str, bytes]:
    """The two models by the name of their file, float32 throughout.

        step.onnx       features (B, F), state (B, S), timespan (B,)       → probabilities or values (B, O), next_state
        sequence.onnx   features (B, T, F), state (B, S), timespan (B, T)  → the same (B, T, O), next_state (B, S)

    B and T are free. A series starts from a zero state; `next_state` goes in again with its next part. Scaling is
    inside. `timespan` is there only where the model takes time. The second is a Scan over the first.

    Raises:
        ValueError: the solver has no ONNX form, or onnx is not installed.
    """
    _check_solver(trained)
    onnx = _tool("onnx")
    _tool("onnxscript")
    step = _exported(onnx, Sample(trained).eval())
    sequence = _scan(onnx, step)
    for model, doc in ((step, "One sample."), (sequence, "A whole series; the state before its first sample goes in.")):
        _describe(onnx, model, trained, doc)
        onnx.checker.check_model(model, full_check=True)
    return {STEP: step.SerializeToString(), SEQUENCE: sequence.SerializeToString()}


def _check_solver(trained: Trained) -> None:
    solver = getattr(trained.model.rnn, "solver", None)
    if isinstance(solver, ImplicitEuler):
        raise ValueError(
            f"solver={solver} iterates to a tolerance, for which ONNX has no form: export it to c, or train with "
            "fused or exponential-midpoint"
        )
    if not (solver is None or isinstance(solver, FixedStepSolver)):
        raise ValueError(
            f"solver={solver} chooses its own steps, for which ONNX has no form: train with fused, or "
            "exponential-midpoint for order 2"
        )


def _tool(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise ValueError(f'the export to onnx needs {error.name}: pip install "liquidtime[export]"') from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without what torch's exporter says of packages that are not needed."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _exported(onnx: Any, sample: Sample) -> Any:
    """The graph of one sample, without the traces of how it was made."""
    trained, B = sample.trained, 2
    batch = torch.export.Dim("batch")
    examples: tuple[torch.Tensor, ...] = (torch.zeros(B, len(trained.features)), torch.zeros(B, sample.state_size))
    names = ["features", "state"]
    if trained.takes_time:
        examples, names = (*examples, torch.ones(B)), [*names, "timespan"]
    with _quiet():
        program = torch.onnx.export(
            sample,
            examples,
            dynamo=True,
            opset_version=OPSET,
            input_names=names,
            output_names=["values" if trained.regression else "probabilities", "next_state"],
            dynamic_shapes=tuple({0: batch} for _ in examples),
            verbose=False,
        )
    assert program is not None
    model: Any = program.model_proto
    graph = model.graph
    del graph.value_info[:]
    for part in (*graph.node, *graph.initializer, *graph.input, *graph.output, graph, model):
        del part.metadata_props[:]
    return model


def _scan(onnx: Any, step: Any) -> Any:
    """A model that carries the state through the graph of one sample, over axis 1 of what it is given."""
    helper, graph = onnx.helper, step.graph
    inputs, (said, after) = {value.name: value for value in graph.input}, graph.output
    walked = [name for name in inputs if name != "state"]
    # An empty name stands for no input and an outer name may not be hidden, so the body has names of its own.
    body = onnx.compose.add_prefix_graph(graph, "sample_")
    weights = list(body.initializer)
    del body.initializer[:]
    order = {value.name: value for value in body.input}
    del body.input[:]
    body.input.extend(order[f"sample_{name}"] for name in ["state", *walked])
    del body.output[:]
    body.output.extend(
        helper.make_tensor_value_info(f"sample_{value.name}", onnx.TensorProto.FLOAT, None) for value in (after, said)
    )
    scan = helper.make_node(
        "Scan",
        ["state", *walked],
        [after.name, said.name],
        name="over_time",
        body=body,
        num_scan_inputs=len(walked),
        scan_input_axes=[1] * len(walked),
        scan_output_axes=[1],
    )
    whole = helper.make_graph(
        [scan],
        "sequence",
        [inputs[name] if name == "state" else _with_time(onnx, inputs[name]) for name in inputs],
        [_with_time(onnx, said), after],
        weights,
    )
    return helper.make_model(whole, opset_imports=step.opset_import, ir_version=step.ir_version)


def _with_time(onnx: Any, value: Any) -> Any:
    """A value (B, …) as (B, T, …)."""
    sizes = [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]
    return onnx.helper.make_tensor_value_info(value.name, onnx.TensorProto.FLOAT, [sizes[0], "time", *sizes[1:]])


def _describe(onnx: Any, model: Any, trained: Trained, doc: str) -> None:
    """What a reader of the file alone needs to know. Names are JSON, so that any of them survives."""
    config = trained.run.config
    unit = "in the unit of the data; 1 for regular samples" if trained.takes_time else ""
    told = {
        "model": trained.run.recipe.model,
        "features": json.dumps(trained.features),
        "targets" if trained.regression else "classes": json.dumps(trained.outputs),
        "data": json.dumps(config["data"]),
        "created": json.dumps(config["created"]),
        "versions": json.dumps(config["versions"] | {"exported by liquidtime": __version__}),
    }
    told |= {"timespan": f"time elapsed before each sample, {unit}"} if unit else {}
    onnx.helper.set_model_props(model, told)
    model.producer_name, model.producer_version = "liquidtime", __version__
    model.doc_string = f"{doc} Features and predicted numbers are in their own units, float32; a state starts at zero."
