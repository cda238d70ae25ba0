"""A claim, table or figure of the paper."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from liquidtime.paper.engine.case import Case, Results
from liquidtime.paper.engine.outcome import Outcome


@dataclass(frozen=True)
class Scale:
    """How much is computed.

    Args:
        quick: a first look, in minutes.
    """

    quick: bool = False

    @property
    def networks(self) -> range:
        """Seeds of random networks: 100, quick 20."""
        return range(20 if self.quick else 100)


@dataclass(frozen=True)
class Item:
    """One thing that the paper shows or says.

    Args:
        name: on the command line.
        title: what it is about, in one line.
        source: where it stands, such as "Fig. 2 B".
        published: what was published, in a few words.
        cases: what has to be computed.
        judge: what follows from it.
    """

    name: str
    title: str
    source: str
    published: str
    cases: Callable[[Scale], Sequence[Case]]
    judge: Callable[[Scale, Results], Outcome]
