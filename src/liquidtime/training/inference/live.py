"""A trained run sample by sample."""

import copy
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn
from torch.nn.functional import linear

from liquidtime.layers.stream import Stream
from liquidtime.training.folder.files import RunFolderError, check_tensors, read_tensors, write_tensors
from liquidtime.training.inference.gated import gated_state_size, gated_step

if TYPE_CHECKING:
    from liquidtime.training.inference.trained import Trained

FORMAT = "liquidtime-state"
_ANEW = "begin anew with reset(), or restore it from a copy"


class Live:
    """A trained model that answers sample by sample and keeps its own state.

    The weights are read once, when the stream is made.

    Args:
        trained: the model.

    Example:
        >>> import liquidtime
        >>> stream = liquidtime.load("runs/occupancy-ltc-1").stream()  # doctest: +SKIP
        >>> stream([23.2, 27.3, 426.0, 721.2, 0.0048])  # doctest: +SKIP
        {'free': 0.01…, 'occupied': 0.98…}
        >>> stream.save("room.state")  # doctest: +SKIP
    """

    def __init__(self, trained: "Trained") -> None:
        self._trained = trained
        layer: Any = trained.model.rnn
        gated = isinstance(layer, nn.RNNBase)
        self._layer: nn.RNNBase | Stream = copy.deepcopy(layer) if gated else layer.stream()
        self._zero = torch.zeros(gated_state_size(layer) if gated else layer.state_size)
        self._state = self._zero
        self._head = tuple(parameter.detach().clone() for parameter in trained.model.head.parameters())

    @torch.no_grad()
    def __call__(self, row: ArrayLike, timespan: float | None = None) -> dict[str, float]:
        """What the model says after one more row.

        Args:
            row: the F features in their own units.
            timespan: time elapsed since the row before, in the unit of the data that the model was trained on; None
                for 1.

        Returns:
            Probabilities by class, or predicted numbers by name, in their own units.

        Raises:
            ValueError: the row does not hold F finite numbers, the time is negative, or the model knows no time. The
                state is as it was.
        """
        span = self._trained.check_spans("timespan", timespan, ())
        u = self._trained.scale(row, span)
        if u.dim() != 1:
            raise ValueError(f"row holds {len(u)} rows: pass one at a time, or all to predict")
        if isinstance(self._layer, Stream):
            output = self._layer(u, float(self._trained.model.layer_time(span)))
        else:
            output, state = gated_step(self._layer, u.unsqueeze(0), self._state.unsqueeze(0))
            output, self._state = output[0], state[0]
        values = self._trained.read_out(linear(output, *self._head))
        return dict(zip(self._trained.outputs, values.tolist(), strict=True))

    @property
    def state(self) -> Tensor:
        """What is carried from sample to sample, (S,): zero at first, for an LSTM h and then c (a copy)."""
        if isinstance(self._layer, Stream):
            carried = self._layer.state
            return self._zero.clone() if carried is None else carried[0]
        return self._state.clone()

    @state.setter
    def state(self, state: Tensor) -> None:
        size = tuple(self._zero.shape)
        if not isinstance(state, Tensor) or tuple(state.shape) != size or not bool(state.isfinite().all()):
            raise ValueError(f"state={state}: pass a tensor of shape {size}, finite, such as stream.state gave")
        state = state.detach().to(torch.float32)
        if isinstance(self._layer, Stream):
            self._layer.state = state.unsqueeze(0)
        else:
            self._state = state.clone()

    def reset(self) -> None:
        """Begin a new series, from a zero state."""
        self.state = self._zero

    def save(self, path: str | Path) -> None:
        """Write the state to a safetensors file, so that another process goes on exactly.

        Raises:
            RunFolderError: the file cannot be written; what was there before is intact.
        """
        state = self.state
        metadata = {"format": FORMAT, "model": self._model_digest(), "checksum": _digest(state)}
        write_tensors(Path(path), {"state": state}, metadata)

    def restore(self, path: str | Path) -> None:
        """Go on from a state that `save` wrote. Reads tensors only, so no code can be run.

        Raises:
            RunFolderError: the file is missing, damaged, changed, or the state of another model.
        """
        path = Path(path)
        tensors, metadata = read_tensors(path, _ANEW)
        if metadata.get("format") != FORMAT:
            raise RunFolderError(f"{path} holds no state of a stream: {_ANEW}")
        if metadata.get("model") != self._model_digest():
            raise RunFolderError(f"{path} is the state of another model: {_ANEW}")
        check_tensors(tensors, {"state": self._zero}, path, _ANEW)
        if metadata.get("checksum") != _digest(tensors["state"]):
            raise RunFolderError(f"{path} was changed since it was saved: {_ANEW}")
        self.state = tensors["state"]

    def _model_digest(self) -> str:
        return _digest(*self._trained.model.state_dict().values())


def _digest(*tensors: Tensor) -> str:
    """SHA-256 of the tensors' bytes."""
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()
