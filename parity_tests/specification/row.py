"""The form of a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from parity_tests.bounds import Scale
from parity_tests.case import Case


@dataclass(frozen=True)
class Row:
    """A formula and how it is tested.

    name: the dotted name in numpy_nn, whose PyTorch twin torch_nn.twins has.  cases: what is drawn.
    scale(case, dy): S and c n for the float64 case and the upstream gradient, as bounds.py uses them.
    large: a call of the size that is worth timing.
    textbook: for a fast kernel, the name of the formula that it computes and hands over to.
    """

    name: str
    cases: st.SearchStrategy[Case]
    scale: Callable[[Case, np.ndarray], Scale]
    large: Callable[[], Case]
    textbook: str | None = None

    @property
    def short(self) -> str:
        return self.name.removeprefix("functional.")
