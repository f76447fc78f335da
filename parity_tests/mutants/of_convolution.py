"""What the suite holds against convolutions, beside their rows."""

from __future__ import annotations

from functools import partial
from itertools import product

import numpy as np
from hypothesis import strategies as st

from parity_tests import test_convolution
from parity_tests.mutants.drawing import Check, drawn, each, together
from parity_tests.strategies import seeds

FORMULAS = ("conv1d", "conv2d", "conv_transpose2d")
LEFT_OUT = tuple(product(FORMULAS, (True, False)))


def _start(name: str) -> Check:
    """A layer starts as PyTorch's, whose arguments come in the same order."""
    test = test_convolution.test_convolutions_start_as_pytorchs_from_the_seed
    sizes = (st.integers(1, 3) for _ in range(4))
    padding = test_convolution.test_what_stands_round_the_input_is_pytorchs
    modes = st.sampled_from(["zeros", "reflect", "replicate", "circular"])
    widths = st.sampled_from([0, 1, 2, "same", "valid"])
    padded = drawn(padding, seeds, st.just(name), modes, widths, st.integers(1, 2), st.integers(1, 2))
    return together(
        *([] if name == "ConvTranspose2d" else [padded]),
        drawn(test, seeds, st.just(name), *sizes, st.booleans(), st.sampled_from([np.float32, np.float64])),
        partial(test_convolution.test_the_arguments_of_a_layer_come_in_pytorchs_order, name),
    )


CHECKS: dict[str, dict[str, Check]] = {
    "functional.windows": {
        "loops": drawn(
            test_convolution.test_conv2d_is_the_sum_that_its_docstring_states,
            *(seeds, st.integers(1, 2), st.integers(1, 2), st.integers(1, 2), st.integers(0, 2)),
        ),
        "without": together(
            *(partial(test_convolution.test_what_nobody_wants_is_not_computed, *case) for case in LEFT_OUT)
        ),
        "memory": each(test_convolution.test_the_result_lies_in_memory_as_pytorchs_does, FORMULAS),
        "adjoint": drawn(
            test_convolution.test_overlap_add_is_the_adjoint_of_windows_which_copy_nothing,
            *(seeds, st.integers(1, 3), st.integers(1, 3), st.integers(1, 3)),
        ),
    },
    **{name: {"start": _start(name)} for name in test_convolution.LAYERS},
}
