"""From a name to the object it stands for."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

Value = TypeVar("Value")


def lookup(what: str, name: object, table: Mapping[str, Value]) -> Value:
    """The object that `name` stands for.

    Raises:
        ValueError: there is no such name; the message lists the valid ones and the closest.

    Example:
        >>> lookup("model", "lct", {"ltc": 1, "gru": 2})
        Traceback (most recent call last):
        ...
        ValueError: no model named 'lct'. Did you mean 'ltc'? Valid names: ltc, gru
    """
    if isinstance(name, str) and name in table:
        return table[name]
    close = get_close_matches(name.lower(), table, n=1) if isinstance(name, str) else []
    hint = f" Did you mean '{close[0]}'?" if close else ""
    raise ValueError(f"no {what} named {name!r}.{hint} Valid names: {', '.join(table)}")
