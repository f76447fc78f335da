"""A file from the net: whole and checked, or not at all."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from numpy_nn.progress import bar

_CHUNK = 1 << 16
_TIMEOUT = 30  # seconds without a byte
_RANGE_NOT_SATISFIABLE = 416


def cache_folder() -> Path:
    """Where downloads are kept: the environment variable NUMPY_NN_CACHE, else numpy_nn in the user's cache folder."""
    if given := os.environ.get("NUMPY_NN_CACHE"):
        return Path(given)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "numpy_nn"
    named = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    return Path(named or Path.home() / ".cache") / "numpy_nn"


def download(urls: Sequence[str], path: str | os.PathLike[str], md5: str) -> Path:
    """Fetch a file from the first of several places that has it; returns path.

    The bytes go into a .part file beside it, which the next attempt or the next call continues where the server can.
    It takes the file's name when its checksum is right, and is thrown away when that is wrong.

    urls: at least one, tried in order.  path: the file to write.  md5: its checksum in hexadecimal.
    Raises FileNotFoundError, naming every place with what went wrong there, if none of them had it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    failures = []
    for url in urls:
        try:
            _fetch(url, part, path.name, md5)
        except (OSError, HTTPException) as error:
            failures.append(f"  {url}: {_reason(error)}")
            continue
        os.replace(part, path)
        return path
    raise FileNotFoundError(
        "\n".join([f"{path}: expected to fetch it from one of", *failures, f"put it into {path.parent} by hand"])
    )


def _fetch(url: str, part: Path, name: str, md5: str) -> None:
    """The whole file into part; OSError where the server or the checksum fails."""
    resumed = part.exists()
    if resumed and _md5(part) == md5:
        return
    try:
        _append(url, part, name)
    except HTTPError as error:
        if error.code != _RANGE_NOT_SATISFIABLE:
            raise
    if (found := _md5(part)) == md5:
        return
    part.unlink()
    if not resumed:
        raise OSError(f"expected MD5 {md5}, got {found}")
    _fetch(url, part, name, md5)  # what was there before may have been wrong


def _append(url: str, part: Path, name: str) -> None:
    """What part lacks, from the server; all of it where the server does not give parts."""
    start = part.stat().st_size if part.exists() else 0
    request = Request(url, headers={"Range": f"bytes={start}-"} if start else {})
    with urlopen(request, timeout=_TIMEOUT) as response:
        if not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            start = 0
        length = response.headers.get("Content-Length")
        total = None if length is None else start + int(length)
        with open(part, "ab" if start else "wb") as file, bar(name, total, "B") as advance:
            advance(start)
            while chunk := response.read(_CHUNK):
                file.write(chunk)
                advance(len(chunk))
            file.flush()
            os.fsync(file.fileno())
    if total is not None and (size := part.stat().st_size) < total:
        raise OSError(f"expected {total} bytes, got {size}")


def _md5(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _reason(error: Exception) -> str:
    """What went wrong, without the wrapping that urllib puts around it."""
    return str(error.reason if isinstance(error, URLError) and not isinstance(error, HTTPError) else error)
