"""What Hypothesis draws: shapes, dtypes, strides, values with the awkward ones among them, and upstream gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from parity_tests.case import Case

seeds = st.integers(0, 2**32 - 1)
dtypes = st.sampled_from([np.float64, np.float32])
layouts = st.sampled_from(["C", "C", "F", "reversed", "strided", "permuted"])
dy_scales = st.sampled_from([1.0, 1.0, 1e-8, 1e3])
scales = st.sampled_from([1.0, 1.0, 1e-3, 30.0, 1e4])
reductions = st.sampled_from(["none", "mean", "sum"])


def shapes(min_dims: int = 0, max_dims: int = 3, max_side: int = 5) -> st.SearchStrategy[tuple[int, ...]]:
    """Shapes with axes of length 1, and now and then 0, among them; from a seed, so that no two cases are alike."""

    def drawn(seed: int) -> tuple[int, ...]:
        random = np.random.default_rng(seed)
        ndim = random.integers(min_dims, max_dims, endpoint=True)
        sides = random.integers(1, max_side, ndim, endpoint=True)
        return tuple(int(side) for side in np.where(random.random(ndim) < 0.06, 0, sides))

    return seeds.map(drawn)


def values(
    seed: int, shape: tuple[int, ...], dtype: Any, scale: float = 1.0, special: tuple[float, ...] = ()
) -> np.ndarray:
    """Normal values of a scale, drawn from a seed; a quarter of them replaced by special ones where there are any."""
    random = np.random.default_rng(seed)
    x = random.standard_normal(shape) * scale
    if special:
        x = np.where(random.random(shape) < 0.25, random.choice(special, size=shape), x)
    return np.asarray(x, dtype=dtype)


def laid_out(x: np.ndarray, layout: str) -> np.ndarray:
    """The same values under other strides."""
    if layout == "C" or not x.ndim:
        return x
    if layout == "F":
        return np.asfortranarray(x)
    if layout == "permuted":
        axes = (*range(1, x.ndim), 0)
        return np.ascontiguousarray(x.transpose(axes)).transpose(np.argsort(axes))
    if layout == "reversed":
        return np.ascontiguousarray(x[..., ::-1])[..., ::-1]
    wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), dtype=x.dtype)
    wide[..., ::2] = x
    return wide[..., ::2]


def awkward(dtype: Any) -> tuple[float, ...]:
    """Values that formulas trip over: both zeros, and the smallest numbers there are."""
    small = float(np.finfo(dtype).smallest_subnormal)
    return (0.0, -0.0, small, -7 * small, float(np.finfo(dtype).tiny))


@st.composite
def pointwise(
    draw: st.DrawFn,
    kinks: tuple[float, ...] = (),
    options: st.SearchStrategy[dict[str, Any]] | None = None,
    min_dims: int = 0,
) -> Case:
    """A call with one array of any shape. kinks: points to hit exactly, for which only PyTorch is a witness."""
    dtype, seed, on_kinks = draw(dtypes), draw(seeds), draw(st.booleans())
    special = (*kinks, *awkward(dtype)) if on_kinks else ()
    x = values(seed, draw(shapes(min_dims)), dtype, draw(scales), special)
    return Case(
        args=(laid_out(x, draw(layouts)),),
        kwargs={} if options is None else draw(options),
        seed=seed,
        dy_scale=draw(dy_scales),
        smooth=not on_kinks,
    )
