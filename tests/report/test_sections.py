"""Sections of one Markdown file that several commands keep."""

import pytest

from liquidtime.report.sections import around, write_section
from liquidtime.training import RunFolderError

BEGIN, END = "<!-- begin: liquidtime paper -->", "<!-- end: liquidtime paper -->"
OTHER = "<!-- begin: liquidtime compare -->\n# Theirs\n<!-- end: liquidtime compare -->\n"


def test_a_missing_file_is_made(tmp_path):
    path = tmp_path / "new" / "results.md"
    write_section(path, "liquidtime paper", "# Mine\n\nwords\n")
    assert path.read_text() == f"{BEGIN}\n# Mine\n\nwords\n{END}\n"


@pytest.mark.parametrize("before", ["", "# Notes\n\nby hand\n\n", "no empty line\n"], ids=["none", "words", "close"])
@pytest.mark.parametrize("after", ["", "\n" + OTHER, "words"], ids=["none", "another's", "no end of line"])
def test_only_the_owners_section_is_replaced(tmp_path, before, after):
    path = tmp_path / "results.md"
    path.write_text(f"{before}{BEGIN}\nold\n  {END}\n{after}")
    for _ in range(2):
        write_section(path, "liquidtime paper", "new")
        assert path.read_text() == f"{before}{BEGIN}\nnew\n{END}\n{after}"


@pytest.mark.parametrize("ending", ["", "\n", "\n\n\n"], ids=["cut", "one line", "many"])
def test_a_section_that_is_not_there_yet_stands_at_the_end(tmp_path, ending):
    path = tmp_path / "results.md"
    path.write_text(f"# By hand{ending}")
    write_section(path, "liquidtime paper", "mine")
    write_section(path, "liquidtime compare", "theirs")
    write_section(path, "liquidtime paper", "mine, later")
    assert path.read_text() == (f"# By hand\n\n{BEGIN}\nmine, later\n{END}\n\n{OTHER.replace('# Theirs', 'theirs')}")


def test_every_byte_of_the_rest_stays(tmp_path):
    path = tmp_path / "results.md"
    path.write_bytes(f"τ\r\nby hand\r\n{BEGIN}\r\nold\r\n{END}\r\nend\r\n".encode())
    write_section(path, "liquidtime paper", "new")
    assert path.read_bytes() == f"τ\r\nby hand\r\n{BEGIN}\nnew\n{END}\nend\r\n".encode()


def test_words_that_look_like_markers_are_words(tmp_path):
    path = tmp_path / "results.md"
    text = f"Between `{BEGIN}` and `{END}` it writes.\n"
    path.write_text(text)
    write_section(path, "liquidtime paper", "mine")
    assert path.read_text() == f"{text}\n{BEGIN}\nmine\n{END}\n"


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ([BEGIN, "old"], "1"),
        (["old", END], "2"),
        ([END, BEGIN], "1, 2"),
        ([BEGIN, "old", END, BEGIN, "older", END], "1, 3, 4, 6"),
        ([BEGIN, BEGIN, END], "1, 2, 3"),
    ],
    ids=["no end", "no beginning", "turned round", "twice", "begun twice"],
)
def test_damaged_markers_are_refused_and_nothing_is_written(tmp_path, lines, named):
    path = tmp_path / "results.md"
    path.write_text("\n".join(lines))
    for act in (lambda: write_section(path, "liquidtime paper", "new"), lambda: around(path, "liquidtime paper")):
        with pytest.raises(
            ValueError, match=rf"results\.md: markers of `liquidtime paper` on line {named} are damaged"
        ):
            act()
    assert path.read_text() == "\n".join(lines)
    assert [one.name for one in tmp_path.iterdir()] == ["results.md"]
    write_section(path, "liquidtime compare", "theirs")


def test_what_is_no_text_or_no_file_is_refused(tmp_path):
    (tmp_path / "results.md").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match=r"results\.md cannot be read \(no text\): name another file"):
        write_section(tmp_path / "results.md", "liquidtime paper", "new")
    assert (tmp_path / "results.md").read_bytes() == b"\xff\xfe"
    with pytest.raises(ValueError, match="cannot be read"):
        around(tmp_path, "liquidtime paper")


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "results.md"
    path.write_text(OTHER)
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "no space")))
    with pytest.raises(RunFolderError, match=r"results\.md cannot be written"):
        write_section(path, "liquidtime paper", "new")
    assert path.read_text() == OTHER
