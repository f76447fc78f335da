"""The row of attention with several heads."""

from __future__ import annotations

from math import inf, sqrt
from typing import Any

import numpy as np
from hypothesis import strategies as st

from parity_tests.bounds import Scale
from parity_tests.case import Case
from parity_tests.specification.attention import attention_bounds, attention_parts, length, masking, scales
from parity_tests.specification.row import Row
from parity_tests.strategies import dtypes, dy_scales, laid_out, layouts, seeds, values


@st.composite
def head_cases(draw: st.DrawFn) -> Case:
    """With a batch, and without; either mask, or both of one kind; keys are queries now and then."""
    dtype, seed, size = draw(dtypes), draw(seeds), draw(scales)
    random = np.random.default_rng(seed)
    N, L, S = (length(random, most) for most in (2, 3, 3))
    H, features = [(1, 1), (1, 2), (2, 1), (2, 1), (3, 1), (2, 2)][random.integers(6)]
    E = H * features
    batch = () if random.random() < 0.3 else (N,)
    shapes = [(length, *batch, E) for length in (L, S, S)]
    own = random.random() < 0.3
    S = L if own else S
    biases = random.random() < 0.6
    of_x = [0, 0, 0] if own else [0, 1, 2]
    args = [laid_out(values(seed + i, shapes[i], dtype, size), draw(layouts)) for i in of_x]
    kwargs: dict[str, Any] = {
        "in_proj_weight": laid_out(values(seed + 3, (3 * E, E), dtype, 0.7), draw(layouts)),
        "in_proj_bias": values(seed + 4, (3 * E,), dtype) if biases else None,
        "out_proj_weight": laid_out(values(seed + 5, (E, E), dtype), draw(layouts)),
        "out_proj_bias": values(seed + 6, (E,), dtype) if biases else None,
        "num_heads": H,
    }
    kwargs["need_weights"] = bool(random.random() < 0.5)
    if kwargs["need_weights"] and random.random() < 0.3:
        del kwargs["need_weights"]  # it is the default
    hides = True if random.random() < 0.5 else None
    masked = 0 not in (N, L, S)  # PyTorch cannot reshape a mask of no values
    if masked and random.random() < 0.4:
        kwargs["key_padding_mask"] = masking(random, (*batch, S), dtype, hides)
    kind = draw(st.sampled_from(["none", "plain", "of heads", "causal"]))
    if masked and kind == "causal":
        mask = ~np.tri(L, S, dtype=bool)
        kwargs["attn_mask"] = mask if hides else np.where(mask, -inf, 0).astype(dtype)
        kwargs["is_causal"] = bool(random.random() < 0.7)
    elif masked and kind != "none":
        lead = () if kind == "plain" else (H * (N if batch else 1),)
        kwargs["attn_mask"] = masking(random, (*lead, L, S), dtype, hides)
    if kwargs.get("need_weights", True):  # a query that may see no key is nan then: an edge
        for name in ("key_padding_mask", "attn_mask"):
            if name in kwargs:
                kwargs[name][..., :1] = 0
    if random.random() < 0.4:
        kwargs["dropout_p"] = float(random.choice([0.1, 0.5]))
        if random.random() < 0.4:
            kwargs["training"] = False
    named = ("in_proj_weight", "in_proj_bias", "out_proj_weight", "out_proj_bias")
    wrt = (0, 1, 2, *(name for name in named if kwargs[name] is not None))
    return Case(tuple(args), kwargs, wrt=wrt, seed=seed, dy_scale=draw(dy_scales))


def merged_mask(case: Case, N: int, H: int, L: int, S: int) -> np.ndarray | None:
    """Both masks of a case as one that is added to scores (N, H, L, S)."""
    masks = [case.kwargs.get(name) for name in ("attn_mask", "key_padding_mask")]
    plain, padding = (np.where(m, -inf, 0) if m is not None and m.dtype == bool else m for m in masks)
    if plain is not None and plain.ndim == 3:
        plain = plain.reshape(N, H, L, S)
    if padding is not None:
        padding = padding.reshape(N, 1, 1, S)
    return padding if plain is None else plain if padding is None else plain + padding


def heads_scale(case: Case, dy: np.ndarray) -> Scale:
    """As attention_scale between projections of E terms, whose S stands for the projected values."""
    given = case.kwargs
    H, E = given["num_heads"], dy.shape[-1]
    batched = dy.ndim == 3

    def forth(x: np.ndarray) -> np.ndarray:  # to (N, L, E)
        return x.swapaxes(0, 1) if batched else x[None]

    def back(x: np.ndarray) -> np.ndarray:
        return x.swapaxes(0, 1) if batched else x[0]

    def split(x: np.ndarray) -> np.ndarray:
        return x.reshape(*x.shape[:-1], H, E // H).swapaxes(1, 2)

    def join(x: np.ndarray) -> np.ndarray:
        return x.swapaxes(1, 2).reshape(x.shape[0], x.shape[2], E)

    x, dy = [forth(arg) for arg in case.args], np.abs(forth(dy))
    weights = given["in_proj_weight"].reshape(3, E, E)
    biases = [0, 0, 0] if given["in_proj_bias"] is None else given["in_proj_bias"].reshape(3, E)
    exact = [split(a @ W.T + b) for a, W, b in zip(x, weights, biases, strict=True)]
    q, k, v = (split(np.abs(a) @ np.abs(W).T + np.abs(b)) for a, W, b in zip(x, weights, biases, strict=True))
    scale = 1 / sqrt(E // H)
    L, S = q.shape[2], k.shape[2]
    mask = merged_mask(case, len(dy), H, L, S)
    _, P = attention_parts(exact[0], exact[1], scale, mask, scale * q @ k.swapaxes(-1, -2))
    kept = 1 - given.get("dropout_p", 0.0) if given.get("training", True) else 1.0
    W_o = np.abs(given["out_proj_weight"])
    heads, *parts = attention_bounds(P, q, k, v, split(dy @ W_o), scale, kept)
    y = join(heads) @ W_o.T + (0 if given["out_proj_bias"] is None else np.abs(given["out_proj_bias"]))
    projected = [join(part) for part in parts]
    dx = [back(d @ np.abs(W)) for d, W in zip(projected, weights, strict=True)]
    flat = [(d.reshape(-1, E), np.abs(a).reshape(-1, E)) for d, a in zip(projected, x, strict=True)]
    gradients = {
        "in_proj_weight": np.concatenate([d.T @ a for d, a in flat]),
        "in_proj_bias": np.concatenate([d.sum(axis=0) for d, _ in flat]),
        "out_proj_weight": dy.reshape(-1, E).T @ join(heads).reshape(-1, E),
        "out_proj_bias": dy.sum(axis=(0, 1)),
    }
    own = [gradient for name, gradient in gradients.items() if given[name] is not None]
    return Scale(back(y), (*dx, *own), 2 * (24 + 5 * E + 2 * S + (L + S) * max(len(dy), 1)))


def _large_heads() -> Case:
    """A block of a small vision transformer: 64 images, 50 steps."""
    x = values(0, (50, 64, 64), np.float32)
    arrays = {"in_proj_weight": (192, 64), "in_proj_bias": (192,), "out_proj_weight": (64, 64), "out_proj_bias": (64,)}
    kwargs: dict[str, Any] = {name: values(1, shape, np.float32, 0.1) for name, shape in arrays.items()}
    return Case((x, x, x), {**kwargs, "num_heads": 4, "need_weights": False}, (0, 1, 2, *arrays))


ROWS = [Row("functional.multi_head_attention", head_cases(), heads_scale, _large_heads)]
