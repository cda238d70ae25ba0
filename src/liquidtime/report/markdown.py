"""Small pieces of Markdown. Text stays text, and every cell stays in its place."""

import re
from collections.abc import Iterable, Sequence


def escape(text: str) -> str:
    r"""Text that Markdown leaves as it is, in one line.

    Example:
        >>> print(escape("|f| < 1, a_b * c"), escape("_x_"))
        \|f\| \< 1, a_b \* c \_x\_
    """
    line = " ".join(text.split())
    return re.sub(r"[\\|*`\[\]<>$~]|(?<!\w)_|_(?!\w)", lambda found: f"\\{found[0]}", line)


def code(text: str) -> str:
    r"""Text that is typed, which a table can hold.

    Example:
        >>> print(code("liquidtime paper | less"))
        `liquidtime paper \| less`
    """
    fence = "``" if "`" in text else "`"
    inside = " ".join(text.split()).replace("|", "\\|")
    return f"{fence} {inside} {fence}" if len(fence) > 1 else f"{fence}{inside}{fence}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], raw: bool = False) -> str:
    """A table; its cells are text, or Markdown already."""
    written = [[cell if raw else escape(cell) for cell in row] for row in rows]
    lines = [[escape(name) for name in header], ["---"] * len(header), *written]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
