"""Bugs in padding."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

pad = partial(Mutant, "functional.pad", "functional/padding.py")

MUTANTS = [
    pad("dx[kept] = dy[inside]", "dx[kept] = 1.0005 * dy[inside]", "gradient off by 0.05 %"),
    pad("zip(numbers[-2::-2], numbers[::-2]", "zip(numbers[::-2], numbers[-2::-2]", "before and after exchanged"),
    pad("numbers[-2::-2], numbers[::-2]", "numbers[::2], numbers[1::2]", "axes from the first on"),
    pad("range(-before, n + after)", "range(-after, n + before)", "own values before and after exchanged"),
    pad("scatter_add(dx, source, stacked)", "dx[source] = stacked", "a lost duplicate index"),
    pad("0.0 if value is None", "1.0 if value is None", "a changed default"),
]
