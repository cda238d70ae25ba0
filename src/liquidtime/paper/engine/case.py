"""One computation with all its settings: the unit that is run, kept, and not repeated."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

Value = dict[str, Any]
"""What a case gives: numbers, texts, lists and objects that JSON knows; no NaN, no infinity."""


@dataclass(frozen=True)
class Case(ABC):
    """Settings in, numbers out. The fields say everything; equal fields give equal numbers, seconds excepted.

    Subclasses are frozen dataclasses whose fields are numbers, texts, truth values, None and tuples of these.
    """

    alone: ClassVar[bool] = False
    """Whether nothing else may run beside it, because it measures time or memory."""
    edition: ClassVar[int] = 1
    """Raised when the computation changes, so that what an earlier edition gave is computed anew."""

    @abstractmethod
    def run(self) -> Value:
        """Compute.

        Raises:
            ValueError: something that the case needs is not here, such as a data set.
            ArithmeticError: it has no numbers to give.
        """

    @property
    def label(self) -> str:
        """What is being computed, in a few words."""
        fields = ", ".join(str(value) for value in asdict(self).values())
        return f"{type(self).__name__} {fields}"

    @property
    def settings(self) -> Value:
        """Name, edition and fields."""
        return {"case": type(self).__name__, "edition": self.edition, **asdict(self)}

    @property
    def key(self) -> str:
        """A file name that belongs to these settings alone."""
        written = json.dumps(self.settings, sort_keys=True, allow_nan=False)
        return f"{type(self).__name__}-{hashlib.sha256(written.encode()).hexdigest()[:16]}"


class MissingResultError(KeyError):
    """A case gave nothing, and somebody asked for it."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Results:
    """What cases gave.

    Args:
        values: by key.
        failures: by key, why a case gave nothing.
    """

    values: Mapping[str, Value]
    failures: Mapping[str, str]

    def __getitem__(self, case: Case) -> Value:
        """What a case gave.

        Raises:
            MissingResultError: it gave nothing; the message says why.
        """
        if case.key not in self.values:
            raise MissingResultError(f"{case.label} gave nothing ({self.failure(case) or 'it was not run'})")
        return self.values[case.key]

    def failure(self, case: Case) -> str | None:
        """Why a case gave nothing; None if it gave something."""
        return self.failures.get(case.key)
