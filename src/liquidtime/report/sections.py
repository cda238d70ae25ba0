"""Markdown files in which several commands keep a section each, between two lines that name its owner."""

from pathlib import Path

from liquidtime.training import write_aside


def write_section(path: Path, owner: str, content: str) -> None:
    """Put a section into a file, in place of the owner's earlier one, else at the end; the rest stays as it is.

    Args:
        path: the file, which is made if it is missing.
        owner: the command whose section it is, such as `liquidtime paper`.
        content: of the section.

    Raises:
        ValueError: the file is no text, or its markers are damaged; it is left as it is.
        RunFolderError: it cannot be written.
    """
    before, after = around(path, owner)
    begin, end = _markers(owner)
    write_aside(path, f"{before}{begin}\n{content.strip()}\n{end}\n{after}".encode())


def around(path: Path, owner: str) -> tuple[str, str]:
    """What stands before and after the owner's section; without one, all stands before, and an empty line.

    Args:
        path: the file, which may be missing.
        owner: the command whose section it is.

    Raises:
        ValueError: the file is no text, or its markers are damaged.
    """
    lines = _lines(path)
    found = [[number for number, line in enumerate(lines) if line.strip() == mark] for mark in _markers(owner)]
    if found == [[], []]:
        whole = "".join(lines).rstrip("\r\n")
        return (f"{whole}\n\n" if whole else ""), ""
    if [len(places) for places in found] != [1, 1] or found[0] > found[1]:
        shown = ", ".join(str(number + 1) for number in sorted(found[0] + found[1]))
        begin, end = _markers(owner)
        raise ValueError(
            f"{path}: markers of `{owner}` on line {shown} are damaged: leave one {begin} and one {end} after it"
        )
    return "".join(lines[: found[0][0]]), "".join(lines[found[1][0] + 1 :])


def _markers(owner: str) -> tuple[str, str]:
    return f"<!-- begin: {owner} -->", f"<!-- end: {owner} -->"


def _lines(path: Path) -> list[str]:
    try:
        return path.read_bytes().decode().splitlines(keepends=True)
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no text"
        raise ValueError(f"{path} cannot be read ({reason}): name another file (--markdown)") from error
