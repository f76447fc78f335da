"""The forms of a row of the edges: what a formula gives, and what none takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Edge:
    """What a formula gives.

    gradients: of the args that wrt gives the places of, and the options that it names, in order.
    dy: the upstream gradient.  signed: +0 and −0 are told apart in y.
    """

    what: str
    name: str
    args: tuple[Any, ...]
    y: Any
    gradients: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)
    wrt: tuple[int | str, ...] = (0,)
    dy: Any = None
    signed: bool = False


@dataclass(frozen=True)
class Refusal:
    """What no formula takes, and the error that either side gives."""

    what: str
    name: str
    args: tuple[Any, ...]
    ours: type[Exception]
    theirs: type[Exception]
    options: dict[str, Any] = field(default_factory=dict)


def classes(*values: int, dtype: type = np.int64) -> np.ndarray:
    return np.array(values, dtype=dtype)
