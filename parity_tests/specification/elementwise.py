"""Rows of exp, log and sqrt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from parity_tests.case import Case
from parity_tests.specification.activations import pointwise_row
from parity_tests.strategies import pointwise


@st.composite
def above_0(draw: st.DrawFn) -> Case:
    """Numbers above 0, where log and √ are smooth; or any, 0 among them."""
    case = draw(pointwise((0.0, 1.0)))
    return replace(case, args=(np.asarray(np.abs(case.args[0])),)) if case.smooth else case


ROWS = [
    pointwise_row("exp", np.exp, np.exp, 8, kinks=()),
    replace(pointwise_row("log", lambda x: np.abs(np.log(x)), lambda x: np.abs(1 / x), 8), cases=above_0()),
    replace(pointwise_row("sqrt", np.sqrt, lambda x: np.abs(0.5 / np.sqrt(x)), 8), cases=above_0()),
]
