"""How far apart two results may be: bounds derived from the number of roundings, never chosen by a test.

u is half the distance from 1 to the next number: 2⁻⁵³ in float64, 2⁻²⁴ in float32. S is the formula computed on
absolute values, n the length of its sums, c the number of roundings on the way through it.

float64:  |ours − torch's| <= c n u S + tiny
float32:  |ours − exact| <= max(4 |torch's − exact|, c n u S) + tiny,  exact: PyTorch's float64 result
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


class Mismatch(AssertionError):
    """Two witnesses disagree by more than the bound."""


@dataclass(frozen=True)
class Scale:
    """S for the value and for each gradient, and the factor c n."""

    y: np.ndarray
    gradients: tuple[np.ndarray, ...]
    factor: float


@dataclass
class Worst:
    """The comparison that came nearest to its bound, out of `count`; error and bound in roundings, that is in u S."""

    error: float = 0.0
    bound: float = 0.0
    ratio: float = 0.0
    count: int = 0

    def take(self, other: Worst) -> None:
        self.count += 1
        if other.ratio >= self.ratio:
            self.error, self.bound, self.ratio = other.error, other.bound, other.ratio


def unit(dtype: np.dtype) -> float:
    """u of a dtype."""
    return float(np.finfo(dtype).eps) / 2


def within(
    what: str, ours: np.ndarray, expected: np.ndarray, bound: np.ndarray, one: np.ndarray | float = 1.0
) -> Worst:
    """The nearest miss between two arrays that must agree within a bound; nan agrees with nan, inf with the same inf.

    one: what error and bound are counted in.  Raises Mismatch where they do not.
    """
    if ours.shape != expected.shape:
        raise Mismatch(f"{what}: shape {ours.shape}, expected {expected.shape}")
    if not ours.size:
        return Worst()
    wide, exact = ours.astype(np.float64), expected.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        same = (wide == exact) | (np.isnan(wide) & np.isnan(exact))
        error = np.where(same, 0.0, np.abs(wide - exact))
        bound = np.broadcast_to(np.where(np.isnan(bound), 0.0, bound), error.shape)
        ratio = np.where(same, 0.0, error / bound)
    place = np.unravel_index(np.argmax(np.where(np.isnan(ratio), np.inf, ratio)), ratio.shape)
    if not (error[place] <= bound[place]):
        raise Mismatch(
            f"{what}{list(map(int, place)) or ''}: got {ours[place]!r}, expected {expected[place]!r}, "
            f"apart by {error[place]:.3g} with a bound of {bound[place]:.3g}"
        )
    count = float(np.broadcast_to(one, error.shape)[place]) or 1.0
    return Worst(float(error[place]) / count, float(bound[place]) / count, float(ratio[place]))


def agree(
    what: str, ours: np.ndarray, theirs: np.ndarray, S: np.ndarray, factor: float, exact: np.ndarray | None = None
) -> Worst:
    """Compare ours with PyTorch's: in float64 directly, in float32 by way of PyTorch's float64 result `exact`.

    Error and bound come back in roundings, that is in u S.
    """
    if ours.dtype != theirs.dtype:
        raise Mismatch(f"{what}: dtype {ours.dtype}, expected {theirs.dtype}")
    u, tiny = unit(theirs.dtype), float(np.finfo(theirs.dtype).tiny)
    one = u * S
    if exact is None:
        return within(what, ours, theirs, factor * one + tiny, one)
    with np.errstate(invalid="ignore", over="ignore"):
        torch_error = np.abs(theirs.astype(np.float64) - exact)
    return within(what, ours, exact, np.maximum(factor * one, 4 * torch_error) + tiny, one)
