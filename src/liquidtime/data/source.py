"""Where a published data set comes from, and what its files are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from liquidtime.data.local import data_folder


@dataclass(frozen=True)
class Remote:
    """One file to be had from the net.

    Args:
        url: its address.
        holds: the member that becomes each local file. `"a.zip!/b.txt"` is a member of an archive inside the archive,
            and `""` is the downloaded file itself.
    """

    url: str
    holds: Mapping[str, str]


@dataclass(frozen=True)
class Source:
    """A published data set.

    Args:
        name: of the data set, and of its folder.
        title: what it is about.
        licence: of the data.
        citation: what to cite.
        files: SHA-256 of each file of the folder; None where no published sum is known, so that it stays unchecked.
        size: of all files together, in bytes; None if unknown.
        remotes: where they are to be had; empty for what ships with the package.
        unpacked: files that are checked by what they hold rather than by their compressed bytes.
        parts: files that stand in for the whole, and what they are.
        digests: how a file is checked that can be packed in more than one way: from its bytes to a SHA-256.
    """

    name: str
    title: str
    licence: str
    citation: str
    files: Mapping[str, str | None]
    size: int | None
    remotes: tuple[Remote, ...]
    unpacked: frozenset[str] = frozenset()
    parts: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, Callable[[bytes], str]] = field(default_factory=dict)

    @property
    def checked(self) -> bool:
        """Whether the SHA-256 of every file is known."""
        return all(published is not None for published in self.files.values())

    @property
    def state(self) -> str:
        """Whether the files are there: `ships`, `present`, `part` or `absent`. Their content is not looked at."""
        if not self.remotes:
            return "ships"
        folder = data_folder() / self.name
        if all((folder / file).is_file() for file in self.files):
            return "present"
        here = self.parts and all((folder / file).is_file() for file in self.parts)
        return "part" if here else "absent"
