"""Where a training run that several processes share takes place."""

import os
import socket
from dataclasses import dataclass

from liquidtime.data import lookup

ACCELERATORS = {name: name for name in ("auto", "cpu", "cuda")}
"""Kinds of devices; `auto` is the GPU where there is one, else the CPU."""

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Devices:
    """One process per device, on one machine or on several.

    With several machines the same call is made on each, with the environment variables `NODE_RANK` (0, 1, …),
    `MASTER_ADDR` and `MASTER_PORT` (of machine 0). A script has to guard it by `if __name__ == "__main__":`, since
    each process imports the script anew.

    Args:
        devices: how many on each machine.
        nodes: machines.
        accelerator: `auto`, `cpu` or `cuda`.

    Raises:
        ValueError: a number is not positive, or the accelerator is unknown.
    """

    devices: int = 1
    nodes: int = 1
    accelerator: str = "auto"

    def __post_init__(self) -> None:
        for name in ("devices", "nodes"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"{name}={value!r}: pass a whole number, at least 1")
        lookup("accelerator", self.accelerator, ACCELERATORS)

    @property
    def node(self) -> int:
        """The number of this machine.

        Raises:
            ValueError: there are several, and NODE_RANK does not say.
        """
        found = os.environ.get("NODE_RANK", "") if self.nodes > 1 else "0"
        if not found.isdecimal() or int(found) >= self.nodes:
            raise ValueError(
                f"nodes={self.nodes} with NODE_RANK={found!r}: on each machine set NODE_RANK, from 0 to "
                f"{self.nodes - 1}"
            )
        return int(found)

    @property
    def meeting(self) -> tuple[str, int]:
        """Address and port where the processes meet: a free port here, or what the environment says.

        Raises:
            ValueError: there are several machines, and the environment does not say.
        """
        if self.nodes == 1:
            with socket.socket() as free:
                free.bind((LOOPBACK, 0))
                return LOOPBACK, free.getsockname()[1]
        address, port = os.environ.get("MASTER_ADDR", ""), os.environ.get("MASTER_PORT", "")
        if not address or not port.isdecimal():
            raise ValueError(
                f"nodes={self.nodes} with MASTER_ADDR={address!r} and MASTER_PORT={port!r}: on each machine set both, "
                "to the address of machine 0 and a free port on it"
            )
        return address, int(port)

    @property
    def count(self) -> int:
        """Processes in all."""
        return self.devices * self.nodes
