"""Where something stands, and what, in the words of a message."""


def at(file: str, row: int, column: str) -> str:
    """A field; row 1 follows the header.

    Example:
        >>> at("sensors.csv", 310, "date")
        'sensors.csv, row 311, column date'
    """
    return f"{file}, row {row + 1}, column {cut(column)}"


def shown(value: object, most: int = 40) -> str:
    """A value in quotes, cut where it is too long.

    Example:
        >>> shown("2015-13-04")
        '"2015-13-04"'
    """
    return f'"{cut(value, most)}"'


def cut(value: object, most: int = 40) -> str:
    """A text without line breaks, cut where it is too long."""
    words = "".join(letter if letter.isprintable() else " " for letter in str(value)[: most + 1])
    return words if len(words) <= most else f"{words[:most]}…"
