"""What the suite holds against what a network is said to look at."""

from __future__ import annotations

from functools import partial

from hypothesis import strategies as st

from parity_tests import test_interpret
from parity_tests.mutants.drawing import Check, drawn, each, together
from parity_tests.strategies import seeds

TARGETS = test_interpret.targets
MODELS: dict[str, Check] = {
    "models": each(
        test_interpret.test_every_method_is_pytorchs_on_the_models_with_every_default, test_interpret.MODELS
    ),
}
GRADIENTS: dict[str, Check] = {
    "pytorch": drawn(test_interpret.test_gradients_of_the_input_are_pytorchs, seeds, TARGETS, examples=20),
}


DEFAULTS: dict[str, Check] = {
    "defaults": each(test_interpret.test_the_defaults_are_those_of_the_twin, test_interpret.INTERPRET)
}


def left(method: str) -> Check:
    """The model is as it was, after an error too, and under no_grad the result."""
    return together(
        partial(test_interpret.test_the_model_is_left_as_it_was, method),
        partial(test_interpret.test_the_model_is_left_as_it_was_by_an_error_too, method),
        partial(test_interpret.test_no_grad_around_it_changes_nothing, method),
    )


def refused() -> None:
    """What cannot be explained is refused."""
    for what in test_interpret.REFUSED:
        test_interpret.test_what_cannot_be_explained_is_refused(what)


REFUSED: dict[str, Check] = {"refused": refused}

CHECKS: dict[str, dict[str, Check]] = {
    "interpret.saliency": GRADIENTS | {"left": left("saliency")} | REFUSED,
    "interpret.guided_backpropagation": GRADIENTS
    | {"paper": test_interpret.test_guided_backpropagation_passes_what_is_positive_both_ways},
    "interpret.integrated_gradients": DEFAULTS
    | {
        "pytorch": drawn(
            test_interpret.test_integrated_gradients_are_pytorchs,
            *(seeds, TARGETS, test_interpret.steps, st.floats(-1, 1)),
            examples=20,
        )
    },
    "interpret.strongest": GRADIENTS,
    "interpret.grad_cam": {
        "pytorch": drawn(
            test_interpret.test_grad_cam_is_pytorchs,
            seeds,
            TARGETS,
            st.sampled_from([None, "0", "3", "6"]),
            examples=20,
        ),
        "left": left("grad_cam"),
        "nested": test_interpret.test_watching_may_be_nested,
    }
    | REFUSED,
    "interpret.convolutions": {
        "pytorch": each(test_interpret.test_the_convolutions_are_pytorchs_in_order, test_interpret.MODELS)
    },
    "interpret.occlusion": DEFAULTS
    | {
        "pytorch": drawn(
            test_interpret.test_occlusion_is_pytorchs,
            *(seeds, TARGETS, st.integers(1, 6), st.integers(1, 6), st.floats(-1, 1)),
            examples=20,
        )
    },
    "interpret.activations": REFUSED | MODELS,
    "interpret.weight_images": {"rows": test_interpret.test_weight_images_are_the_rows_of_a_layer} | REFUSED | MODELS,
    "interpret.enlarged": {
        "pytorch": drawn(
            test_interpret.test_enlarged_maps_are_pytorchs,
            *(seeds, st.integers(1, 5), st.integers(1, 5), st.integers(1, 12), st.integers(1, 12)),
            examples=60,
        )
    },
}
