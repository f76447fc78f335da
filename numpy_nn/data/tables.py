"""Tables of numbers with a class in each row: CSV files, and arrays in .npz files."""

from __future__ import annotations

import csv as csv_format
import math
import os
import zipfile
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from numpy_nn.backend import Array


class Table(NamedTuple):
    """Samples and their classes.  x: (N, D) float32.  target: (N,) int64, places in classes: C names."""

    x: Array
    target: Array
    classes: list[str]


def csv(
    path: str | os.PathLike[str],
    target: str | int | None = None,
    header: bool | None = None,
    classes: Sequence[str] | None = None,
) -> Table:
    """Samples from a CSV file: one a row, a number in every column but the target's, which holds its class.

    path: UTF-8; empty lines are passed over, and spaces around what stands in a cell.
    target: the name of the class's column, or its place, from the end if negative; the last one if None.
    header: whether the first row holds the names of the columns; None looks whether it has a word where a number would
    stand.
    classes: the classes in the order to count them in, for a second file like a first; None takes those that occur, in
    order of size where all are integers, else of the alphabet.
    Raises FileNotFoundError, and ValueError naming line and column of what is no finite number or no class.
    """
    rows = _rows(path)
    first = rows[0][1]
    place = _place(path, first, target, header)
    if header is None:
        others = [cell for column, cell in enumerate(first) if column != place]
        header = isinstance(target, str) or any(map(_is_word, others))
    names = [repr(name) for name in first] if header else [str(column + 1) for column in range(len(first))]
    rows = rows[1:] if header else rows
    if not rows or len(names) < 2:
        found = f"{len(rows)} and {len(names)}"
        raise ValueError(f"{path}: expected at least one row and two columns, commas between, found {found}")
    x = np.array([_features(path, line, cells, names, place) for line, cells in rows], np.float32)
    labels = [cells[place] for _, cells in rows]
    classes = _classes(labels) if classes is None else list(classes)
    for (line, _), label in zip(rows, labels, strict=True):
        if not label or label not in classes:
            expected = f"one of {', '.join(classes)}" if label else "a class"
            raise ValueError(f"{path}, line {line}, column {names[place]}: expected {expected}, found {label!r}")
    return _table(x, labels, classes)


def unlabelled_csv(path: str | os.PathLike[str]) -> Array:
    """Samples from a CSV file without their classes, (N, D) float32; the names in a first row are passed over.

    Raises FileNotFoundError, and ValueError naming line and column of what is no finite number.
    """
    rows = _rows(path)
    first = rows[0][1]
    header = any(map(_is_word, first))
    names = [repr(name) for name in first] if header else [str(column + 1) for column in range(len(first))]
    if not (rows := rows[1:] if header else rows):
        raise ValueError(f"{path}: expected at least one row of numbers, found none")
    return np.array([_features(path, line, cells, names, None) for line, cells in rows], np.float32)


def npz(path: str | os.PathLike[str], classes: Sequence[str] | None = None) -> Table:
    """Samples from the arrays x (N, ...) and y or target (N,) in a .npz file.

    x: numbers; the dimensions after the first are made one.  y: integers or strings; classes as for csv.
    Raises FileNotFoundError, and ValueError where the file is something else or holds other arrays.
    """
    try:
        with open(path, "rb") as file:
            if not zipfile.is_zipfile(file):
                raise ValueError("it is no ZIP file")
            file.seek(0)
            with np.load(file, allow_pickle=False) as content:
                found = ", ".join(content) or "none"
                arrays = {name: content[name] for name in ("x", "y", "target") if name in content}
    except (ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path}: expected a .npz file of arrays, found another: {error}") from error
    if "x" not in arrays or len(arrays) != 2:
        raise ValueError(f"{path}: expected arrays x and y (or target), found {found}")
    x, name = arrays.pop("x"), next(iter(arrays))
    y = arrays[name]
    if x.ndim < 2 or not x.size or x.dtype.kind not in "biuf":
        raise ValueError(f"{path}: expected x as numbers of shape (N, ...), found {x.dtype} {x.shape}")
    if y.shape != x.shape[:1] or y.dtype.kind not in "iuU":
        raise ValueError(f"{path}: expected {name} as {len(x)} integers or strings, found {y.dtype} {y.shape}")
    with np.errstate(over="ignore"):
        x = x.reshape(len(x), -1).astype(np.float32)
    if not np.isfinite(x).all():
        row = int(np.flatnonzero(~np.isfinite(x).all(axis=1))[0])
        raise ValueError(f"{path}: expected finite numbers, found another in x[{row}]")
    labels = [str(label) for label in y.tolist()]
    classes = _classes(labels) if classes is None else list(classes)
    if unknown := set(labels) - set(classes):
        raise ValueError(f"{path}: expected {name} out of {', '.join(classes)}, found {', '.join(sorted(unknown))}")
    return _table(x, labels, classes)


def _rows(path: str | os.PathLike[str]) -> list[tuple[int, list[str]]]:
    """The lines that are not empty, each with its number from 1; at least one."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        lines = csv_format.reader(file)
        try:
            rows = [(lines.line_num, [cell.strip() for cell in cells]) for cells in lines]
            rows = [(line, cells) for line, cells in rows if any(cells)]
        except csv_format.Error as error:
            raise ValueError(f"{path}, line {lines.line_num}: expected CSV, found other: {error}") from error
        except UnicodeDecodeError as error:
            raise ValueError(f"{path}: expected UTF-8, found other: {error}") from error
    if not rows:
        raise ValueError(f"{path}: expected at least one row, found none")
    return rows


def _place(path: str | os.PathLike[str], first: list[str], target: str | int | None, header: bool | None) -> int:
    """The place of the target's column."""
    if isinstance(target, str):
        if header is False or target not in first:
            raise ValueError(f"{path}: expected a column {target!r}, found {', '.join(first)}")
        return first.index(target)
    place = -1 if target is None else target
    if not -len(first) <= place < len(first):
        raise ValueError(f"{path}: expected a column {target}, found {len(first)} columns")
    return place % len(first)


def _features(
    path: str | os.PathLike[str], line: int, cells: list[str], names: list[str], place: int | None
) -> list[np.float32]:
    """The numbers in a row, without the target's column."""
    if len(cells) != len(names):
        raise ValueError(f"{path}, line {line}: expected {len(names)} columns, found {len(cells)}")
    numbers = []
    for column, (name, cell) in enumerate(zip(names, cells, strict=True)):
        if column == place:
            continue
        if (number := _number(cell)) is None:
            raise ValueError(f"{path}, line {line}, column {name}: expected a finite number, found {cell[:40]!r}")
        numbers.append(number)
    return numbers


def _number(cell: str) -> np.float32 | None:
    """The number in a cell; None where it holds something else, or one that float32 does not."""
    try:
        with np.errstate(over="ignore"):
            number = np.float32(float(cell))
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in cell else None  # Python reads 1_0 as 10


def _is_word(cell: str) -> bool:
    """Whether a cell holds something else than a number, be it nan; a cell without anything holds no word."""
    try:
        float(cell)
    except ValueError:
        return bool(cell)
    return False


def _classes(labels: Sequence[str]) -> list[str]:
    names = sorted(set(labels))
    try:
        return sorted(names, key=int)
    except ValueError:
        return names


def _table(x: Array, labels: Sequence[str], classes: Sequence[str]) -> Table:
    places = {name: place for place, name in enumerate(classes)}
    return Table(x, np.array([places[label] for label in labels], np.int64), list(classes))
