"""What each model and each solver needs in C: constants, scratch memory, functions, equations."""

from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor, nn

from liquidtime.export.sample import Sample
from liquidtime.layers import CTGRU, CTRNN, LTC, ConductanceLTC, NeuralODE
from liquidtime.solvers import (
    RK4,
    ExplicitEuler,
    ExponentialEuler,
    ExponentialMidpoint,
    FixedStepSolver,
    Fused,
    ImplicitEuler,
    Solver,
)


class Constant(NamedTuple):
    """An array in read-only memory.

    Args:
        name: in C.
        values: (N,) or (N, M).
        what: what it is.
        rows: what each row of (N, M) is.
    """

    name: str
    values: Tensor
    what: str
    rows: list[str] | None = None


class Field(NamedTuple):
    """An array in the memory of a model: its name, and sizes that are multiples of H.

    Args:
        name: in C.
        of_neurons: entries per neuron.
        squared: whether it is H × H.
    """

    name: str
    of_neurons: int = 1
    squared: bool = False


@dataclass(frozen=True)
class Parts:
    """What one model consists of.

    Args:
        constants: its arrays.
        counts: whole numbers by name.
        fields: its scratch memory, beside the scaled inputs u and the working copy x of the state.
        functions: templates of what the equations call.
        equations: templates, in order.
        activation: what $activation stands for.
    """

    constants: list[Constant]
    counts: dict[str, int]
    fields: list[Field]
    functions: list[str]
    equations: list[str]
    activation: str = ""


class SolverParts(NamedTuple):
    """A solver's template, scratch memory and helper."""

    template: str
    fields: tuple[str, ...] = ()
    function: str | None = None


SOLVERS: dict[type[Solver], SolverParts] = {
    ExplicitEuler: SolverParts("explicit-euler", function="held"),
    Fused: SolverParts("fused"),
    ExponentialEuler: SolverParts("exponential-euler", function="phi"),
    ExponentialMidpoint: SolverParts("exponential-midpoint", ("middle",), "phi"),
    ImplicitEuler: SolverParts("implicit-euler", ("y", "trial", "r", "value", "direction", "d_drive", "d_decay")),
    RK4: SolverParts("rk4", ("y", "k", "sum"), "held"),
}


def parts_of_model(sample: Sample, features: list[str]) -> Parts:
    """What a trained model consists of.

    Args:
        sample: the model.
        features: names of the I inputs of its equations.

    Raises:
        ValueError: the solver has no fixed steps.
    """
    rnn = sample.trained.model.rnn
    if isinstance(rnn, nn.RNNBase):
        return _gated(rnn)
    if isinstance(rnn, CTGRU):
        return _ctgru(sample)
    assert isinstance(rnn, LTC | ConductanceLTC | CTRNN | NeuralODE)
    solver = SOLVERS.get(type(rnn.solver))
    if solver is None or not isinstance(rnn.solver, FixedStepSolver):
        raise ValueError(
            f"solver={rnn.solver} chooses its own steps, which no fixed memory and time can hold: train with fused, or "
            "exponential-midpoint for order 2"
        )
    H = rnn.hidden_size
    constants, equations, prepared, functions = _equation(sample, features)
    counts = {"SUBSTEPS": rnn.solver.substeps}
    fields = [Field(name) for name in (*prepared, "drive", "decay", *solver.fields)]
    if isinstance(rnn.solver, ImplicitEuler):
        counts["ITERATIONS"] = rnn.solver.max_iterations
        fields.append(Field("matrix", H, squared=True))
        equations = [*equations, f"{'ctrnn' if isinstance(rnn, NeuralODE) else equations[-1]}.derivative"]
    functions += [solver.function] if solver.function else []
    activation = "sigmoid" if isinstance(rnn, LTC) else "tangent"
    return Parts(constants, counts, fields, functions, [*equations, solver.template, "advance"], activation)


def _equation(sample: Sample, features: list[str]) -> tuple[list[Constant], list[str], list[str], list[str]]:
    """Constants, templates, what is prepared once per sample, and functions of an ODE."""
    rnn, tensors = sample.trained.model.rnn, sample.coefficients
    neurons = _neurons(int(tensors[-1].shape[-1]))
    if isinstance(rnn, ConductanceLTC):
        senders, what = (neurons, features), ("of every synapse, rows by the neuron", "of every synapse, rows by input")
        quantities = {
            "GAMMA": "Steepness gamma",
            "SHIFT": "-gamma mu",
            "W": "Largest conductance w / C (0: no such synapse)",
            "WE": "w E / C",
        }
        synapses = [
            Constant(f"{prefix}{name}", tensors[4 * kind + n], f"{text} {what[kind]} it comes from", senders[kind])
            for kind, prefix in enumerate(("", "IN_"))
            for n, (name, text) in enumerate(quantities.items())
        ]
        leak = [
            Constant("LEAK_DECAY", tensors[8], "g_leak / C of every neuron"),
            Constant("LEAK_DRIVE", tensors[9], "g_leak E_leak / C of every neuron"),
        ]
        return [*synapses, *leak], ["conductance-ltc"], ["drive_prepared", "decay_prepared"], ["sigmoid"]
    own = [Constant("RATE", tensors[0], "1/tau of every neuron, tau in the layer's time")]
    own += [Constant("A", tensors[1], "A, the potential of every neuron")] if isinstance(rnn, LTC) else []
    own = [] if isinstance(rnn, NeuralODE) else own
    recurrent, incoming, bias = tensors[len(own) :]
    network = [
        Constant("W_IN", incoming, "Weights from the inputs, a row per neuron", neurons),
        Constant("W_REC", recurrent, "Weights from the neurons, a row per neuron that they go to", neurons),
        Constant("B", bias, "Bias of every neuron"),
    ]
    name = "ltc" if isinstance(rnn, LTC) else "ctrnn" if isinstance(rnn, CTRNN) else "node"
    return [*own, *network], ["perceptron", name], ["share"], ["sigmoid" if name == "ltc" else "tangent"]


def _ctgru(sample: Sample) -> Parts:
    scales, candidate, log_tau, weight, bias = sample.coefficients
    H = len(candidate)
    gates = ("reading", "writing", "candidate")
    constants = [
        Constant("LOG_TAU", log_tau, "ln tau of the traces"),
        Constant("RATE", (-log_tau).exp(), "1/tau of the traces"),
        Constant("W", weight, "Weights from the inputs", _gates(H, *gates)),
        Constant("B", bias, "Biases, in the same order"),
        Constant("U_SCALES", scales, "Weights from the neurons' outputs", _gates(H, *gates[:2])),
        Constant("U_CANDIDATE", candidate, "Weights from what was read", _gates(H, gates[2])),
    ]
    fields = [Field("h"), Field("share", 3), Field("retrieved")]
    return Parts(constants, {"TRACES": len(log_tau)}, fields, ["tangent"], ["ctgru"])


def _gated(rnn: nn.RNNBase) -> Parts:
    long = isinstance(rnn, nn.LSTM)
    names = ("in", "forget", "cell", "out") if long else ("r", "z", "n")
    rows = _gates(rnn.hidden_size, *names)
    state = {name: tensor.detach() for name, tensor in rnn.state_dict().items()}
    constants = [
        Constant("W_IH", state["weight_ih_l0"], "Weights from the inputs", rows),
        Constant("W_HH", state["weight_hh_l0"], "Weights from the neurons", rows),
        Constant("B_IH", state["bias_ih_l0"], "Biases of the inputs' share, in the same order"),
        Constant("B_HH", state["bias_hh_l0"], "Biases of the neurons' share, in the same order"),
    ]
    fields = [Field("gates", 4)] if long else [Field("from_input", 3), Field("from_state", 3)]
    return Parts(constants, {}, fields, ["sigmoid", "tangent"], ["lstm" if long else "gru"])


def _neurons(H: int) -> list[str]:
    return [f"neuron {i}" for i in range(H)]


def _gates(H: int, *names: str) -> list[str]:
    return [f"{name}, {neuron}" for name in names for neuron in _neurons(H)]
