"""Whether the suite notices a planted bug, and which of its witnesses do."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from traceback import walk_tb

import pytest

from parity_tests import strict
from parity_tests.mutants.bugs import MUTANTS
from parity_tests.mutants.checks import Check, checks
from parity_tests.mutants.engine import Mutant, planted

KILLED, SURVIVED, CRASHED = "killed", "survived", "crashed"


@dataclass(frozen=True)
class Row:
    """What became of a mutant. outcomes: by witness, "killed", "survived" or "crashed"."""

    mutant: Mutant
    outcomes: dict[str, str]

    @property
    def killed(self) -> bool:
        """Whether a witness told its results from the right ones."""
        return KILLED in self.outcomes.values()


def kill(mutant: Mutant, first: bool = True) -> dict[str, str]:
    """What each witness of the mutant's subject says of it; with first, only up to the one that kills it."""
    outcomes = {}
    with planted(mutant):
        for witness, check in checks(mutant.subject, mutant.examples).items():
            outcomes[witness] = verdict(check)
            if first and outcomes[witness] == KILLED:
                break
    return outcomes


def verdict(check: Check) -> str:
    """What a check says of numpy_nn as it is now.

    killed: by a failed assertion or a clear refusal.  crashed: by anything else, which proves nothing.
    """
    try:
        run(check)
    except (AssertionError, pytest.fail.Exception):
        return KILLED
    except Exception as error:
        return KILLED if _refusal(error) else CRASHED
    return SURVIVED


def run(check: Check) -> None:
    """A check, for which warnings are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "Initializing zero-element tensors", UserWarning)
        copy_context().run(check)  # a bug may leave a mode set, for itself only


def _refusal(error: Exception) -> bool:
    """Whether the error says clearly that something is wrong, which another program's accident does not.

    Raised by the strict array; by numpy_nn's checks, on what PyTorch takes; or by zip, of two sides unequally long.
    """
    *_, place = walk_tb(error.__traceback__)
    if Path(place[0].f_code.co_filename) == Path(strict.__file__) or str(error).startswith("zip() argument"):
        return True
    return isinstance(error, ValueError | TypeError | IndexError) and ": expected " in str(error)


def catalogue() -> list[Mutant]:
    """Every bug there is to plant."""
    return list(MUTANTS)


def matrix(mutants: Sequence[Mutant] = MUTANTS, first: bool = False) -> Iterator[Row]:
    """Each mutant against every witness of its subject, handed back as it is found."""
    for mutant in mutants:
        yield Row(mutant, kill(mutant, first))
