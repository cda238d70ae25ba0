"""Every block of Python in the README, the docs and CONTRIBUTING runs and prints what is shown."""

import doctest
import re
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from textwrap import dedent

import pytest
import torch

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
FENCE = re.compile(r"^([ ]*)```([^\n`]*)\n(.*?)^\1```[ \t]*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of Python, the line it begins on, and the output that a `text` block right after it shows."""

    source: str
    line: int
    output: str | None


def blocks(markdown: str) -> list[Block]:
    """The ```python blocks of a page, in order."""
    fences = list(FENCE.finditer(markdown))
    found = []
    for fence, after in zip_longest(fences, fences[1:]):
        if fence[2].strip() == "python":
            shows = after and after[2].strip() == "text" and not markdown[fence.end() : after.start()].strip()
            source, output = dedent(fence[3]), dedent(after[3]) if shows else None
            found.append(Block(source, markdown.count("\n", 0, fence.start()) + 1, output))
    return found


def run_page(markdown: str, name: str, printed: pytest.CaptureFixture[str]) -> None:
    """Run a page's blocks in one namespace; a block with prompts as a doctest.

    Raises:
        AssertionError: a block printed something else than the page shows.
    """
    torch.manual_seed(0)
    namespace: dict[str, object] = {"__name__": "__main__"}
    for block in blocks(markdown):
        if re.search(r"^\s*>>> ", block.source, re.MULTILINE):
            test = doctest.DocTestParser().get_doctest(block.source, namespace, name, name, block.line)
            report: list[str] = []
            result = doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=report.append, clear_globs=False)
            namespace.update(test.globs)
            assert result.failed == 0, "".join(report)
            continue
        printed.readouterr()
        # The blank lines make a traceback point into the page.
        exec(compile("\n" * block.line + block.source, name, "exec"), namespace)
        if block.output is not None:
            shown, real = block.output, printed.readouterr().out
            assert doctest.OutputChecker().check_output(shown, real, OPTIONS), (
                f"{name}, line {block.line}: the block prints\n{real}\nbut the page shows\n{shown}"
            )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_of_python_runs(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    run_page(page.read_text(), str(page), capsys)


def test_the_readme_has_python_and_both_commands():
    text = (ROOT / "README.md").read_text()
    assert blocks(text)
    assert "./check" in text
    assert "liquidtime train occupancy" in text


def test_links_between_pages_lead_somewhere():
    outside = re.compile(r"^(https?:|mailto:|#)")
    for page in (*PAGES, ROOT / "CHANGELOG.md"):
        prose = FENCE.sub("", page.read_text())
        for target in re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"", prose):
            link = next(filter(None, target))
            assert outside.match(link) or (page.parent / link.split("#")[0]).exists(), f"{page}: {link}"


PAGE = """
```python
a = 2
print(a, "and more")
```

```text
2 and ...
```

```console
$ not python
```

```python
>>> a + 1
3
>>> b = 5
```

```python
assert b == 5
```
"""


def test_a_page_shares_one_namespace(capsys):
    assert [(block.line, block.output) for block in blocks(PAGE)] == [(2, "2 and ...\n"), (15, None), (21, None)]
    run_page(PAGE, "page", capsys)


@pytest.mark.parametrize(
    ("old", "new"), [("2 and ...", "3 and ..."), ("\n3\n", "\n4\n"), ("b == 5", "b == 6"), ("a = 2", "a == 2")]
)
def test_a_wrong_page_fails(old, new, capsys):
    with pytest.raises((AssertionError, NameError)):
        run_page(PAGE.replace(old, new), "page", capsys)
