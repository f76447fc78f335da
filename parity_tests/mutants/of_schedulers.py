"""What the schedulers have to pass besides their rows: walks longer than the histories drawn, and saving."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from parity_tests import test_schedulers
from parity_tests.specification import SCHEDULERS


def walk(name: str) -> None:
    """Forty steps of every schedule that the suite has chosen of this kind, and jumps between its epochs."""
    for recipe in test_schedulers.WALKS:
        if name == f"optim.lr_scheduler.{recipe.name}":
            test_schedulers.test_forty_steps_are_pytorchs_to_the_last_bit(recipe, "Adam")
            if not recipe.members:
                test_schedulers.test_jumps_are_pytorchs_to_the_last_bit(recipe)


def plateaus() -> None:
    """Every plateau that the suite has chosen."""
    for options in test_schedulers.PLATEAUS:
        for scale in (1, 10, -10):
            test_schedulers.test_plateaus_are_pytorchs_to_the_last_bit(options, scale)


CHECKS: dict[str, dict[str, Callable[[], None]]] = {name: {"walk": partial(walk, name)} for name in SCHEDULERS}
CHECKS["optim.lr_scheduler.ReduceLROnPlateau"] = {"walk": plateaus}
CHECKS["optim.lr_scheduler.LambdaLR"]["saving"] = (
    test_schedulers.test_what_a_callable_object_knows_is_saved_and_loaded_in_both_directions
)
CHECKS["optim.lr_scheduler.OneCycleLR"]["saving"] = partial(
    test_schedulers.test_a_saved_state_is_plain_data_and_a_copy, test_schedulers.ONE_CYCLE
)
