"""Real English that every Python carries: the topics of its own help, and the docstrings of its standard library."""

from __future__ import annotations

import ast
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import dedent

APART = frozenset("ensurepip idlelib lib2to3 distutils pydoc_data this tkinter turtle turtledemo".split())
"""What some systems install by itself, or not at all, and what is no prose."""

SENTENCE_END = re.compile(r"(?<=[.!?])[*\")”]*\s+(?=[A-Z\"“*(])")
PROSE = re.compile(r"[A-Z\"“*(].*[.:!?)\"”]", re.DOTALL)
NO_PROSE = re.compile(
    r"::=|^\s*(>>>|\.\.\.|\$ |@|# )|^[-=*~^]{3,}$|^\s*(def|class|for|if|else|while|with|try|async)\b.*:$", re.MULTILINE
)
BULLET = re.compile(r"^\s*([*\-•]|\d+\.)\s+")
MARKS = re.compile(r"[*`\"“”]+")
SHORTEST = 4
"""Words of a paragraph that is read; what is shorter are headings."""


def text(docstrings: bool = True) -> list[str]:
    """The sentences, one a string; an empty string after each topic and each module.

    They are what is prose: no code, headings, grammar rules or marks of reStructuredText; what is said twice, once.
    docstrings: whether those of the standard library follow the topics; they are read from its source files, where
    Python has them, and nothing is imported or run for it.  One version of Python has one text. The topics of
    CPython 3.11 have 42,000 words, 3,000 of them different; with the docstrings it is 191,000 and 8,700.
    """
    sentences, seen = [], set[str]()
    for document in _documents(docstrings):
        found = [sentence for sentence in prose(document) if sentence not in seen]
        seen.update(found)
        sentences += [*dict.fromkeys(found), ""] if found else []
    return sentences


def prose(document: str) -> Iterator[str]:
    """The sentences of the paragraphs in a reStructuredText that are prose."""
    for paragraph in re.split(r"\n\s*\n", document):
        if NO_PROSE.search(paragraph):
            continue
        for item in _items(paragraph):
            if PROSE.fullmatch(item) and len(re.findall(r"[A-Za-z]{2,}", item)) >= SHORTEST:
                yield from (_in_one_line(MARKS.sub("", sentence)) for sentence in SENTENCE_END.split(item))


def _items(paragraph: str) -> Iterator[str]:
    """A paragraph, or the items of a list, each in one line; a word divided at a line's end is joined again."""
    lines: list[str] = []
    for line in paragraph.splitlines():
        if BULLET.match(line) and lines:
            yield _joined(lines)
            lines = []
        lines.append(BULLET.sub("", line))
    yield _joined(lines)


def _joined(lines: Iterable[str]) -> str:
    return re.sub(r"(?<=\w)- (?=[a-z])", "-", _in_one_line("\n".join(lines)))


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _documents(docstrings: bool) -> Iterator[str]:
    """The topics in order, and then the docstrings, a module's together."""
    from pydoc_data.topics import topics

    for name in sorted(topics):
        yield topics[name]
    if docstrings:
        for file in _sources(Path(sysconfig.get_path("stdlib"))):
            yield "\n\n".join(_docstrings(file))


def _sources(folder: Path) -> Iterator[Path]:
    """The standard library's files, in order; what its list of modules does not name is left out, as are its tests."""
    for name in sorted(sys.stdlib_module_names - APART):
        if (folder / f"{name}.py").is_file():
            yield folder / f"{name}.py"
        inside = (folder / name).rglob("*.py")
        yield from sorted(file for file in inside if not {"test", "tests"} & {*file.relative_to(folder).parts})


def _docstrings(file: Path) -> Iterator[str]:
    """The docstrings of a module and of what it defines, in the order of the source."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield dedent(ast.get_docstring(node) or "")
