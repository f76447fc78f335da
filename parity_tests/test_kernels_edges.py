"""PyTorch's behaviour at the edges, asked of the fast kernels too."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from numpy_nn.kernels import cpu
from parity_tests.bounds import unit
from parity_tests.case import Case
from parity_tests.edge import Edge
from parity_tests.edges import EDGES
from parity_tests.specification import FORMULAS
from parity_tests.test_edges import arguments, check, label, upstream
from parity_tests.witnesses import pytorch
from torch_nn.twins import KERNELS

AT_THE_EDGE = [(kernel, edge) for kernel, formula in KERNELS.items() for edge in EDGES if edge.name == formula]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("kernel", "edge"), AT_THE_EDGE, ids=lambda one: label(one) if isinstance(one, Edge) else one)
def test_a_kernel_at_the_edge(kernel: str, edge: Edge, dtype: type):
    args, options = arguments(edge, dtype, lambda x: x)
    y, backward = getattr(cpu, kernel)(*args, **options)
    gradients = backward(upstream(edge, dtype))
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    assert all(array.dtype == dtype for array in (y, *gradients))
    check(edge, y, list(gradients))


def test_the_tangent_that_gelu_takes_for_the_normal_distribution_is_off_by_three_roundings_at_most():
    x = np.linspace(-9, 9, 100_000, dtype=np.float32)  # no 0 among them
    gate = cpu.gelu(x)[0] / x
    assert np.all(np.abs(gate - ndtr(x.astype(np.float64))) <= 3 * unit(x.dtype))


@pytest.mark.parametrize("sign", [-1, 1])
def test_log_softmax_keeps_its_digits_where_all_scores_are_far_from_0(sign: int):
    rows = sign * np.linspace(9, 80, 100, dtype=np.float32)[:, None] + np.zeros(2, np.float32)
    pytorch(FORMULAS["kernels.cpu.log_softmax"], Case((rows,), {"dim": -1}))
