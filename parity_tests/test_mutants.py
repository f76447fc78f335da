"""The suite notices every planted bug."""

from __future__ import annotations

import sys
from collections import Counter

import numpy as np
import pytest

import numpy_nn as nn
from numpy_nn.functional import relu
from parity_tests.mutants import KILLED, SURVIVED, Mutant, catalogue, kill, planted, run
from parity_tests.mutants.checks import checks
from parity_tests.specification import FORMULAS, OPTIMIZERS, SCHEDULERS

RELU = "functional/activations/rectified.py"
SOFTMAX = "functional/activations/softmax.py"
IDENTITY = Mutant("functional.relu", RELU, "xp.where(y <= 0, 0, dy)", "dy", "backward is the identity")
EQUIVALENT = Mutant("functional.relu", RELU, "xp.where(y <= 0, 0, dy)", "xp.where(0 >= y, 0, dy)", "no bug")


def label(mutant: Mutant) -> str:
    return f"{mutant.subject}: {mutant.what}"


@pytest.mark.parametrize("mutant", catalogue(), ids=label)
def test_a_planted_bug_is_killed(mutant: Mutant) -> None:
    outcomes = kill(mutant)
    assert KILLED in outcomes.values()
    assert set(outcomes.values()) <= {KILLED, SURVIVED}


def test_every_formula_optimizer_and_scheduler_has_three_bugs() -> None:
    counted = Counter(mutant.subject for mutant in catalogue())
    assert {name: counted[name] for name in (*FORMULAS, *OPTIMIZERS, *SCHEDULERS) if counted[name] < 3} == {}


def test_no_two_bugs_have_the_same_name() -> None:
    assert [name for name, count in Counter(map(label, catalogue())).items() if count > 1] == []


SUBJECTS = sorted({mutant.subject for mutant in catalogue()})


@pytest.mark.parametrize("subject", [name for name in SUBJECTS if not name.startswith("random.")])  # Generator's checks
def test_without_a_bug_every_check_passes(subject: str) -> None:
    """Of the specification's rows few cases serve here: the rows' own tests draw many."""
    for check in checks(subject, examples=40).values():
        run(check)


def test_a_version_that_is_not_wrong_survives() -> None:
    assert set(kill(EQUIVALENT, first=False).values()) == {SURVIVED}


def test_a_crash_is_no_kill() -> None:
    crash = Mutant("functional.relu", RELU, "xp.where(y <= 0, 0, dy)", "undefined", "a name that is not there")
    assert KILLED not in kill(crash, first=False).values()


def test_a_planted_bug_is_seen_by_all_who_hold_the_function_and_then_it_is_gone() -> None:
    x, dy, layer = np.array([-1.0]), np.array([3.0]), nn.ReLU()
    objects = nn.functional.relu, relu, nn.ReLU, nn.ReLU.formula, relu.__wrapped__, relu.__wrapped__.__code__

    def gradients() -> list[float]:
        layer(x)
        return [layer.backward(dy).item(), relu(x)[1](dy).item(), nn.functional.relu(x)[1](dy).item()]

    assert gradients() == [0, 0, 0]
    with planted(IDENTITY):
        assert gradients() == [3, 3, 3]
    assert gradients() == [0, 0, 0]
    assert objects == (
        nn.functional.relu,
        relu,
        nn.ReLU,
        nn.ReLU.formula,
        relu.__wrapped__,
        relu.__wrapped__.__code__,
    )


def test_a_default_and_a_constant_are_planted_and_put_back() -> None:
    slope = Mutant(
        "functional.leaky_relu", RELU, "negative_slope: float = 0.01", "negative_slope: float = 0.5", "slope"
    )
    divisor = Mutant(
        "functional.binary_cross_entropy", "functional/losses/binary.py", "= 9.999999960041972e-13", "= 0.5", "divisor"
    )
    x = np.array([-2.0])
    with planted(slope):
        assert nn.functional.leaky_relu(x)[0] == -1
    assert nn.functional.leaky_relu(x)[0] == -0.02
    ones = np.ones(1)
    with planted(divisor):
        assert nn.functional.binary_cross_entropy(ones, 0 * ones)[1]() == 2
    assert nn.functional.binary_cross_entropy(ones, 0 * ones)[1]() > 1e12


def tables() -> dict[tuple[str, str], list[int]]:
    """What every table at the top of numpy_nn's modules holds."""
    return {
        (module, name): [id(part) for part in (*table, *(table.values() if isinstance(table, dict) else ()))]
        for module, held in list(sys.modules.items())
        if module.split(".")[0] == "numpy_nn"
        for name, table in list(vars(held).items())
        if isinstance(table, dict | list | set) and not name.startswith("__")
    }


def test_planting_leaves_no_entry_in_any_table() -> None:
    """A table of numpy_nn that a wrong function gets into while it is made would keep the bug for ever."""
    one_of_each_file = list({mutant.file: mutant for mutant in catalogue()}.values())
    before = tables()
    for mutant in one_of_each_file:
        with planted(mutant):
            pass
    after = tables()
    assert len(before) > 5
    assert {place for place in before if before[place] != after[place]} == set()


def test_a_bug_is_gone_after_an_error() -> None:
    with pytest.raises(KeyError), planted(IDENTITY):
        raise KeyError
    assert relu(np.array([-1.0]))[1](np.ones(1)) == 0


@pytest.mark.parametrize(
    ("mutant", "message"),
    [
        (Mutant("functional.relu", RELU, "not there", "", "none"), "found it 0 times"),
        (Mutant("functional.relu", RELU, "return y, backward", "", "three"), "found it 3 times"),
        (Mutant("functional.relu", RELU, "y <= 0", "", "none", within="def elu"), "found it 0 times"),
        (Mutant("functional.relu", RELU, "y <= 0", "", "no place", within="def prelu"), "'def prelu' once in"),
        (
            Mutant("functional.softmax", SOFTMAX, "the maximum cancels", "it cancels", "a comment"),
            "reaches no function",
        ),
    ],
)
def test_a_bug_that_cannot_be_planted_is_refused(mutant: Mutant, message: str) -> None:
    with pytest.raises(ValueError, match=message), planted(mutant):
        pass
