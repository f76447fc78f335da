"""The row of attention."""

from __future__ import annotations

from math import inf, sqrt
from typing import Any

import numpy as np
from hypothesis import strategies as st

from parity_tests.bounds import Scale
from parity_tests.case import Case
from parity_tests.specification.arithmetic import summed_to
from parity_tests.specification.row import Row
from parity_tests.strategies import awkward, dtypes, dy_scales, laid_out, layouts, seeds, values

scales = st.sampled_from([1.0, 1.0, 1e-3, 4.0])  # a score's rounding is far below 1, where the weights are decided


def length(random: np.random.Generator, most: int) -> int:
    """1 to most; now and then 0."""
    return 0 if random.random() < 0.04 else int(random.integers(1, most, endpoint=True))


def part_of_batch(random: np.random.Generator, batch: tuple[int, ...]) -> tuple[int, ...]:
    """Mostly the batch itself, now and then 1 for some of its lengths."""
    return tuple(1 if random.random() < 0.15 else side for side in batch)


def masking(random: np.random.Generator, shape: tuple[int, ...], dtype: Any, hides: bool | None) -> np.ndarray:
    """A mask: bool, where `hides` hides three in ten, or floating with −∞ there; a row in six hides everything."""
    hidden = random.random(shape) < np.where(random.random((*shape[:-1], 1)) < 1 / 6, 1, 0.3)
    if hides is not None:
        return hidden == hides
    return np.where(hidden, -inf, random.standard_normal(shape)).astype(dtype)


@st.composite
def attention_cases(draw: st.DrawFn) -> Case:
    """Up to two leading dimensions, which broadcast; every kind of mask, or none; queries that may see no key."""
    dtype, seed, size = draw(dtypes), draw(seeds), draw(scales)
    random = np.random.default_rng(seed)
    L, S, E, D = (length(random, 4) for _ in range(4))
    batch = tuple(length(random, 2) for _ in range(random.integers(0, 3)))
    empty = 0 in (L, S, E, D, *batch)  # PyTorch's output is the query's batch then, whatever that of the keys
    shapes = [(*(batch if empty else part_of_batch(random, batch)), *side) for side in ((L, E), (S, E), (S, D))]
    special = awkward(dtype) if random.random() < 0.3 else ()
    args = [laid_out(values(seed + i, shape, dtype, size, special), draw(layouts)) for i, shape in enumerate(shapes)]
    kwargs: dict[str, Any] = {}
    kind = draw(st.sampled_from(["none", "bool", "float", "causal"]))
    if kind == "causal":
        kwargs["is_causal"] = True
    elif kind != "none":
        seen = np.broadcast_shapes(shapes[0][:-2], shapes[1][:-2]) if random.random() < 0.5 else ()
        sides = tuple(1 if side > 1 and random.random() < 0.15 else side for side in (*seen, L, S))
        kwargs["attn_mask"] = laid_out(masking(random, sides, dtype, False if kind == "bool" else None), draw(layouts))
    if random.random() < 0.3:
        kwargs["dropout_p"] = float(random.choice([0.1, 0.5]))
    if random.random() < 0.4:
        kwargs["scale"] = float(random.choice([0.3, 2.0, -1.0, 0.0]))
    return Case(tuple(args), kwargs, wrt=(0, 1, 2), seed=seed, dy_scale=draw(dy_scales))


def attention_parts(
    q: np.ndarray, k: np.ndarray, scale: float, mask: np.ndarray | None, A: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The weights, and S of them: they are off by twice the largest A of their row, relatively, as scores are by A."""
    z = scale * (q @ k.swapaxes(-1, -2))
    if mask is not None:
        z = z + mask
        A = np.where(np.isfinite(z), A + np.where(np.isfinite(mask), np.abs(mask), 0), 0)
    top = z.max(axis=-1, keepdims=True, initial=-inf)
    top = np.where(np.isfinite(top), top, 0)
    powers = np.exp(z - top)
    p = powers / np.maximum(powers.sum(axis=-1, keepdims=True), 1)
    depth = top - np.where(np.isfinite(z), z, top)
    return p, p * (1 + depth + 2 * A.max(axis=-1, keepdims=True, initial=0))


def attention_bounds(
    P: np.ndarray, q: np.ndarray, k: np.ndarray, v: np.ndarray, dy: np.ndarray, scale: float, kept: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """S of y, dq, dk and dv from S of the weights and of the other three; kept: the share that dropout leaves."""
    y = P @ v / kept
    dP = dy @ v.swapaxes(-1, -2) / kept
    dZ = abs(scale) * P * (dP + (dP * P).sum(axis=-1, keepdims=True))
    return y, dZ @ k, dZ.swapaxes(-1, -2) @ q, P.swapaxes(-1, -2) @ dy / kept


def attention_scale(case: Case, dy: np.ndarray) -> Scale:
    """Scores of E terms, weights of S, outputs of S, gradients of L, S, D and as many terms as copies."""
    q, k, v = case.args
    L, E = q.shape[-2:]
    S, D = v.shape[-2:]
    scale = case.kwargs.get("scale", 1 / sqrt(max(E, 1)))
    mask = case.kwargs.get("attn_mask")
    if case.kwargs.get("is_causal"):
        mask = np.tri(L, S, dtype=bool)
    if mask is not None and mask.dtype == bool:
        mask = np.where(mask, 0, -inf)
    sizes = [np.abs(x) for x in (q, k, v)]
    A = abs(scale) * sizes[0] @ sizes[1].swapaxes(-1, -2)
    _, P = attention_parts(q, k, scale, mask, A)
    y, *gradients = attention_bounds(P, *sizes, np.abs(dy), scale, 1 - case.kwargs.get("dropout_p", 0.0))
    copies = max((dy.size // max(L * D, 1)), 1)
    summed = tuple(summed_to(S, x.shape) for S, x in zip(gradients, case.args, strict=True))
    return Scale(y, summed, 2 * (16 + E + D + 2 * S + L + copies))


def _large() -> Case:
    return Case(tuple(values(i, (16, 4, 128, 32), np.float32) for i in range(3)), wrt=(0, 1, 2))


ROWS = [Row("functional.scaled_dot_product_attention", attention_cases(), attention_scale, _large)]
