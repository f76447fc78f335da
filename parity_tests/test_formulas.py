"""Every formula, by every witness, on what its row of the specification draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.special import ndtr

from numpy_nn import functional
from numpy_nn.functional.normal import normal_cdf, normal_pdf
from parity_tests.specification import FORMULAS
from parity_tests.witnesses import WITNESSES


@pytest.mark.parametrize("name", FORMULAS)
def test_formula(name: str, device: str) -> None:
    """One drawing serves all witnesses, as it takes about as long as one of them."""
    row = FORMULAS[name]

    @given(row.cases)
    def holds(case):
        for witness, agrees in WITNESSES.items():
            try:
                agrees(row, case, device)
            except Exception as error:
                error.add_note(f"witness: {witness}")
                raise

    holds()


@given(hnp.arrays(np.float64, 50, elements=st.floats(-40, 40)))
def test_normal_cdf_is_scipys_and_its_slope_is_the_density(x):
    assert np.all(np.abs(normal_cdf(x) - ndtr(x)) <= 4 * np.finfo(float).eps * np.maximum(ndtr(x), 0.5))
    slope = normal_cdf(x + 1e-20j).imag / 1e-20
    assert np.all(np.abs(slope - normal_pdf(x)) <= 1e-13)


@given(hnp.arrays(np.float64, 50, elements=st.floats(-37, 0)))
def test_normal_cdf_keeps_its_digits_in_the_tail(x):
    """Relative to itself: z = −x/√2 is rounded, so z² is off by 3 u z², here as in SciPy."""
    assert np.all(np.abs(normal_cdf(x) / ndtr(x) - 1) <= (16 + 1.5 * x * x) * np.finfo(float).eps)


@pytest.mark.parametrize("dim", [0, 1])
def test_a_sum_along_either_dimension_loses_log_n_roundings(dim):
    """Added one after the other, 2²⁰ numbers of 0.1 are off by 1 %."""
    shape = (2**20, 2) if dim == 0 else (2, 2**20)
    y, _ = functional.sum(np.full(shape, 0.1, np.float32), dim)
    exact = 2**20 * float(np.float32(0.1))
    assert np.all(np.abs(y - exact) <= 20 * np.finfo(np.float32).eps / 2 * exact)
