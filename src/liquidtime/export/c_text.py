"""Numbers, names and comments as C has them, whatever is in them."""

import re
from pathlib import Path
from textwrap import wrap

import numpy as np
from torch import Tensor

WIDTH = 118
_LONGEST = 120
_TAKEN = {"main", "math", "stdio", "stdlib", "string"}


def literal(value: float) -> str:
    """A float32 in decimals that give exactly it back, in any locale.

    Raises:
        ValueError: it is not finite.

    Example:
        >>> literal(0.1), literal(-2.0), literal(1e-30)
        ('0.100000001f', '-2.0f', '1.00000000e-30f')
    """
    single = np.float32(value)
    if not np.isfinite(single):
        raise ValueError(f"the model holds {single}: train it again, or restore it from a copy")
    text = f"{single:.9g}"
    if "e" in text:
        return f"{single:.8e}f"
    return f"{text}f" if "." in text else f"{text}.0f"


def identifier(folder: Path) -> str:
    """The name of a run as a prefix of C names and files.

    Example:
        >>> identifier(Path("runs/Occupancy-LTC-1")), identifier(Path("runs/7")), identifier(Path("runs/…"))
        ('occupancy_ltc_1', 'model_7', 'model')
    """
    name = re.sub(r"[^a-z0-9]+", "_", folder.resolve().name.lower())[:40].strip("_")
    plain = name and not name[0].isdigit() and name not in _TAKEN
    return name if plain else f"model_{name}".strip("_")


def shown(name: str) -> str:
    r"""A name on one line, shortened where it is long; what cannot be printed by its code.

    Example:
        >>> shown("two\nlines")
        'two<U+000A>lines'
    """
    short = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
    return "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in short)


def comment(text: str) -> str:
    r"""Text that neither ends a comment nor begins one, nor joins lines.

    Example:
        >>> comment("*/ int x;\n")
        '* / int x;<U+000A>'
    """
    plain = shown(text).replace("\\", "<U+005C>")
    return re.sub(r"\*(?=/)|/(?=\*)|\?(?=\?)", lambda found: f"{found[0]} ", plain)


def block(paragraphs: list[str]) -> str:
    """Paragraphs as the inner lines of a comment."""
    return "\n".join(f" * {line}" for text in paragraphs for line in wrap(text, WIDTH - 3))


def listed(names: list[str]) -> str:
    """Numbered names as the inner lines of a comment."""
    return "\n".join(f" *   {k:>3}  {comment(name)}" for k, name in enumerate(names))


def string(text: str) -> str:
    r"""A string literal with the text's UTF-8, in plain ASCII.

    Example:
        >>> print(string('a"b\n'), string("°"))
        "a\042b\012" "\302\260"
    """
    content = text.encode("utf-8", "backslashreplace")
    escaped = (chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}" for b in content)
    return f'"{"".join(escaped)}"'


def array(name: str, values: Tensor, what: str, rows: list[str] | None = None) -> str:
    """A constant of one or two axes.

    Args:
        name: in C.
        values: (N,) or (N, M).
        what: the comment above it.
        rows: what each row of (N, M) is.
    """
    sizes = "".join(f"[{size}]" for size in values.shape)
    if values.dim() == 1:
        lines = [_numbers(values)]
    else:
        named = zip(rows or map(str, range(len(values))), values, strict=True)
        lines = [f"    /* {comment(row)} */\n    {{\n{_numbers(line)}\n    }}," for row, line in named]
    body = "\n".join(lines)
    return f"/* {what} */\nstatic const float {name}{sizes} = {{\n{body}\n}};\n"


def _numbers(values: Tensor) -> str:
    text = ", ".join(map(literal, values.tolist()))
    return "\n".join(wrap(text, WIDTH, initial_indent="    ", subsequent_indent="    "))
