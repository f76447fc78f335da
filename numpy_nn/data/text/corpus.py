"""A text as its sentences, read from files or from strings."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, TypeAlias
from unicodedata import normalize as normalized

from numpy_nn.data.text.lines import ENDINGS, lines_of_file
from numpy_nn.data.text.tokenizers import Tokenizer, words
from numpy_nn.functional import checks

Source: TypeAlias = str | os.PathLike[str] | Iterable[str]
"""A file, a folder, or strings."""


class Corpus:
    """The sentences of a text, each a list of words, read anew in every pass.

        for sentence in Corpus("wiki.txt.xz"):
            print(sentence)  # ['anarchism', 'is', 'a', 'political', 'philosophy', …]

    source: the path of a file, whose lines are sentences and whose empty lines end documents, in UTF-8, packed if its
    name ends with .gz, .xz or .bz2; or of a folder, all of whose files that end so or with .txt are read in the order
    of their names, subfolders among them and hidden files not; or strings, each a line or several.
    tokenizer: what cuts a line into words (numpy_nn.data.text.tokenizers has some).  errors: for bytes that are no
    UTF-8, "strict" raises ValueError, "replace" reads �, "ignore" nothing.  normalize: the Unicode form that the
    tokenizer is given, "NFC", "NFKC" (which also makes wide letters and ligatures plain) or None, as it is.

    Sentences without words are left out. A file is never in memory as a whole: a line longer than 1 MiB is read as
    several, each cut after its last space, where it has one.
    Raises FileNotFoundError where nothing is at the path, and TypeError or ValueError for other arguments; while
    reading, ValueError for a file that is no text, with the file's name and the place in it.
    """

    def __init__(
        self,
        source: Source,
        tokenizer: Tokenizer = words,
        *,
        errors: str = "strict",
        normalize: Literal["NFC", "NFKC"] | None = "NFC",
    ) -> None:
        if not callable(tokenizer):
            raise TypeError(f"tokenizer: expected a callable of a string, got {tokenizer!r}")
        checks.option("errors", errors, "strict", "replace", "ignore")
        checks.option("normalize", normalize, "NFC", "NFKC", None)
        self.source, self.tokenizer, self.errors, self.normalize = source, tokenizer, errors, normalize
        self._files: list[Path] | None = None
        if isinstance(source, str | os.PathLike):
            self._files = _files(Path(source))
        elif not isinstance(source, Iterable) or isinstance(source, bytes | bytearray):
            raise TypeError(f"source: expected a path or strings, got {type(source).__name__}")
        elif isinstance(source, Iterator):
            raise TypeError(
                f"source: expected strings that can be read several times, got {type(source).__name__}; "
                "a list of them can"
            )

    def __iter__(self) -> Iterator[list[str]]:
        """One sentence after the other."""
        return filter(None, map(self._cut, self._lines()))

    def documents(self) -> Iterator[list[list[str]]]:
        """One document after the other, each a list of its sentences, and in memory as a whole."""
        document: list[list[str]] = []
        for line in self._lines():
            if sentence := self._cut(line):
                document.append(sentence)
            elif document and not line.strip():
                yield document
                document = []
        if document:
            yield document

    def __repr__(self) -> str:
        """The source and the tokenizer."""
        source = str(self.source) if self._files is not None else f"{type(self.source).__name__} of strings"
        return f"Corpus({source!r}, {getattr(self.tokenizer, '__name__', repr(self.tokenizer))})"

    def _cut(self, line: str) -> list[str]:
        found = self.tokenizer(line)
        if isinstance(found, str):
            raise TypeError(f"tokenizer: expected the words of a line, got a string from {self.tokenizer!r}")
        return list(found)

    def _lines(self) -> Iterator[str]:
        """The lines in their Unicode form; an empty one after each file."""
        lines = _lines_of_strings(self.source) if self._files is None else self._lines_of_files(self._files)
        return lines if self.normalize is None else (normalized(self.normalize, line) for line in lines)

    def _lines_of_files(self, files: list[Path]) -> Iterator[str]:
        for file in files:
            yield from lines_of_file(file, self.errors)
            yield ""


def _lines_of_strings(strings: Source) -> Iterator[str]:
    for string in strings:  # type: ignore[union-attr]  # no path: told apart at the start
        if not isinstance(string, str):
            raise TypeError(f"source: expected strings, got {type(string).__name__} among them")
        yield from string.replace("\r\n", "\n").removesuffix("\n").split("\n")


def _files(path: Path) -> list[Path]:
    """The file, or what a folder has of them, in order."""
    if not os.path.exists(path):  # Path.exists raises where a text is too long to be a name
        raise FileNotFoundError(
            f"source: expected a file or a folder, got {str(path)[:80]!r} (a text itself goes in a list)"
        )
    if not path.is_dir():
        return [path]
    inside = (file.relative_to(path) for file in path.rglob("*") if file.is_file() and file.suffix.lower() in ENDINGS)
    files = [path / file for file in sorted(inside) if not any(part.startswith(".") for part in file.parts)]
    if not files:
        raise FileNotFoundError(f"source: expected files that end with {', '.join(ENDINGS)} in {path}, found none")
    return files
