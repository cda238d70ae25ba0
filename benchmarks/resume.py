"""Results as JSON lines that are kept as they come, so that an interrupted benchmark repeats none."""

import json
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import TypeVar

from liquidtime.grid import each

Item = TypeVar("Item")


def rows_of(
    path: Path,
    function: Callable[[Item], dict],
    items: Iterable[Item],
    key: Callable[[Item], Hashable],
    key_of_row: Callable[[dict], Hashable],
    workers: int,
) -> list[dict]:
    """The rows of the items: those that are in a file, and the others, computed and added to it one by one.

    Args:
        path: the file.
        function: gives an item's row.
        items: all that are wanted.
        key: what makes an item different from others.
        key_of_row: the same of its row.
        workers: processes.
    """
    items = list(items)
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    done = {key_of_row(row) for row in rows}
    with path.open("a") as file:
        for row in each(function, [item for item in items if key(item) not in done], workers):
            rows.append(row)
            file.write(json.dumps(row) + "\n")
            file.flush()
    wanted = {key(item) for item in items}
    return [row for row in rows if key_of_row(row) in wanted]
