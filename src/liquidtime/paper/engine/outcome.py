"""What came out of an item: findings with verdicts, tables and pictures."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from liquidtime.paper.engine.pictures import Picture, picture_from_dict


@dataclass(frozen=True)
class Verdict:
    """One of the few fixed ones; `str` gives its words.

    Args:
        kind: "holds", "holds if", "does not hold" or "unclear".
        condition: what a "holds if" depends on.
    """

    kind: str
    condition: str = ""

    def __post_init__(self) -> None:
        if self.kind not in _WORDS or (self.kind == "holds if") != bool(self.condition):
            raise ValueError(f"kind={self.kind!r} with condition={self.condition!r}: a condition goes with 'holds if'")

    def __str__(self) -> str:
        return f"{_WORDS[self.kind]} {self.condition}".strip()


_WORDS = {
    "holds": "holds",
    "holds if": "holds if",
    "does not hold": "does not hold",
    "unclear": "not reproducible from what was published",
}
holds = Verdict("holds")
does_not_hold = Verdict("does not hold")
unclear = Verdict("unclear")


def holds_if(condition: str) -> Verdict:
    """It holds under a condition, which is named."""
    return Verdict("holds if", condition)


def either(truth: bool) -> Verdict:
    """Holds, or does not."""
    return holds if truth else does_not_hold


@dataclass(frozen=True)
class Finding:
    """Something published beside what was measured.

    Args:
        what: the claim or quantity.
        published: its published value, as text.
        measured: the value here, as text with its spread.
        verdict: what follows.
        note: evidence and reasons, in a sentence or two.
    """

    what: str
    published: str
    measured: str
    verdict: Verdict
    note: str = ""


@dataclass(frozen=True)
class Table:
    """Numbers in rows.

    Args:
        title: what they are.
        header: names of the columns, with units.
        rows: cells as text.
        note: how to read it.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.header):
                raise ValueError(f"table {self.title!r}: a row has {len(row)} cells under {len(self.header)} names")


@dataclass(frozen=True)
class Outcome:
    """All that an item has to show.

    Args:
        measured: the measured value in a few words, for the list of items.
        verdict: of the item as a whole.
        summary: what was run, what the published analysis does, what follows: about three sentences.
        findings: one by one.
        tables: the numbers.
        pictures: the pictures.
    """

    measured: str
    verdict: Verdict
    summary: str
    findings: Sequence[Finding]
    tables: Sequence[Table] = ()
    pictures: Sequence[Picture] = ()

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self) | {"pictures": [picture.to_dict() for picture in self.pictures]}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "Outcome":
        """What `to_dict` gave.

        Raises:
            ValueError: it is something else.
        """
        try:
            return cls(
                stored["measured"],
                Verdict(**stored["verdict"]),
                stored["summary"],
                [Finding(**{**one, "verdict": Verdict(**one["verdict"])}) for one in stored["findings"]],
                [Table(**one) for one in stored["tables"]],
                [picture_from_dict(one) for one in stored["pictures"]],
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not an outcome: {error!r}") from error
