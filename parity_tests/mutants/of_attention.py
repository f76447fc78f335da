"""The checks of attention, its layer and the transformer made of it that are no row's."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from parity_tests import test_attention, test_transformer, test_vision_transformer
from parity_tests.mutants.drawing import Check, drawn, each, together
from parity_tests.strategies import dtypes, seeds

DTYPES = (np.float32, np.float64)
NAMES = ("query", "key", "value", "in_proj_weight", "out_proj_weight")

CHECKS: dict[str, dict[str, Check]] = {
    "functional.scaled_dot_product_attention": {
        "dropout": together(
            test_attention.test_both_sides_drop_the_same_from_the_same_seed_whatever_the_layout,
            test_attention.test_a_generator_of_its_own_leaves_the_default_one_alone,
        ),
        "mask": test_attention.test_a_floating_mask_of_minus_infinity_is_a_bool_one,
    },
    "functional.multi_head_attention": {
        "bias": each(test_attention.test_one_bias_alone, ("in_proj_bias", "out_proj_bias")),
        "unwanted": each(test_attention.test_a_gradient_that_nobody_wants_is_left_out_and_the_others_stay, NAMES),
    },
    "MultiheadAttention": {
        "start": drawn(
            test_attention.test_it_starts_as_pytorchs_from_the_seed,
            *(seeds, st.sampled_from([1, 2, 3]), st.integers(1, 12), st.booleans(), dtypes),
        ),
        "weights": drawn(
            test_attention.test_output_weights_and_gradients_are_pytorchs,
            *(seeds, dtypes, *[st.booleans()] * 4, st.sampled_from([0.0, 0.4])),
        ),
    },
    "TransformerEncoderLayer": {
        "pytorch": drawn(
            test_transformer.test_it_is_pytorchs,
            *(seeds, dtypes, *[st.booleans()] * 3, st.sampled_from([0.0, 0.3])),
            examples=60,
        ),
        "default": test_transformer.test_its_defaults_are_pytorchs,
    },
    "VisionTransformer": {
        "start": each(test_vision_transformer.test_it_starts_as_pytorchs_from_the_seed, DTYPES),
        "pytorch": drawn(
            test_vision_transformer.test_every_gradient_is_pytorchs,
            *(seeds, dtypes, st.integers(1, 3), st.sampled_from([0.0, 0.4]), st.booleans()),
            examples=30,
        ),
    },
}
"""By the public name that they hold."""
