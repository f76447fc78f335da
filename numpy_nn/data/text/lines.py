"""The lines of a text file, packed or not, with what is no text refused by its place."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

_OPENERS: dict[str, Callable[..., Any]] = {".txt": open, ".gz": gzip.open, ".xz": lzma.open, ".bz2": bz2.open}
ENDINGS = tuple(_OPENERS)
"""How the names of the files end that a folder is searched for."""

_LONGEST = 1 << 20  # bytes of a line that are read at once
_BYTE_ORDER_MARK = "\ufeff"


def lines_of_file(path: Path, errors: str = "strict") -> Iterator[str]:
    """Each line without its end; of a line beyond 1 MiB, pieces that end with a space where there is one.

    Raises ValueError where the file is no UTF-8 (errors="strict"), has a NUL byte, or is not packed as its name says.
    """
    offset, goes_on = 0, False
    with _OPENERS.get(path.suffix.lower(), open)(path, "rb") as file:
        for piece in _pieces(file, path):
            if b"\0" in piece:
                place = offset + piece.index(b"\0")
                raise ValueError(
                    f"{path}: expected text in UTF-8, found a NUL byte at byte {place:,}: "
                    "a binary file, or text in UTF-16, to be converted first"
                )
            try:
                text = piece.decode("utf-8", errors)
            except UnicodeDecodeError as error:
                raise ValueError(
                    f"{path}: expected text in UTF-8, found {_shown(piece, error)} at byte {offset + error.start:,}: "
                    'another encoding, or no text; errors="replace" reads it as �, errors="ignore" leaves it out'
                ) from None
            if offset == 0:
                text = text.removeprefix(_BYTE_ORDER_MARK)
            if (line := text.rstrip("\r\n")) or not goes_on:  # the bare end of a line in pieces is no empty line
                yield line
            offset += len(piece)
            goes_on = not piece.endswith(b"\n")


def _shown(piece: bytes, error: UnicodeDecodeError) -> str:
    return "0x" + piece[error.start : error.end].hex()


def _pieces(file: IO[bytes], path: Path) -> Iterator[bytes]:
    """Lines with their ends, or pieces of at most 1 MiB."""
    rest = b""
    try:
        while line := file.readline(_LONGEST - len(rest)):
            piece = rest + line if rest else line
            if len(piece) < _LONGEST or piece.endswith(b"\n"):
                yield piece
                rest = b""
                continue
            cut = _cut(piece)
            yield piece[:cut]
            rest = piece[cut:]
    except (gzip.BadGzipFile, lzma.LZMAError, zlib.error, EOFError) as error:
        raise ValueError(f"{path}: expected a whole {path.suffix} file, found another: {error}") from error
    except OSError as error:
        if path.suffix.lower() != ".bz2" or error.errno is not None:
            raise
        raise ValueError(f"{path}: expected a whole .bz2 file, found another: {error}") from error
    if rest:
        yield rest


def _cut(piece: bytes) -> int:
    """After the last space; without one before the last character, which may go on in the next piece."""
    if cut := piece.rfind(b" ") + 1:
        return cut
    cut = len(piece) - 1
    while cut > len(piece) - 4 and piece[cut] & 0xC0 == 0x80:  # a byte that continues a character
        cut -= 1
    return cut
