"""Attention, a few heads at a time: what is as large as the scores stays in the cache, and is walked over three times.

All else is products of matrices. A column of ones beside the values makes the sum of a row of weights one more column
of their average, and what the softmax's gradient subtracts from a row one more term of the product that makes the row.
"""

from __future__ import annotations

from math import inf, sqrt

import numpy as np

from numpy_nn import functional as F
from numpy_nn.backend import Array
from numpy_nn.functional.attention import additive
from numpy_nn.functional.attention import attend as textbook
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.kernels.cpu.elementwise import slices
from numpy_nn.kernels.cpu.layout import plain
from numpy_nn.kernels.cpu.memory import empty
from numpy_nn.kernels.cpu.softmax import FAR, lowered, within
from numpy_nn.random import Generator

BLOCK = 1 << 17
"""About how many scores are worked on at a time."""


@formula
def scaled_dot_product_attention(
    query: Array,
    key: Array,
    value: Array,
    attn_mask: Array | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    *,
    generator: Generator | None = None,
) -> tuple[Array, Pullback]:
    """functional.scaled_dot_product_attention, whose weights P = W / r are never divided by their sums r.

    Y = W V / r,  W = e^(Z − c),  Z = scale Q Kᵀ + M,  r = W 1;                 any c of a row cancels
    G = dY / r,  dV = Wᵀ G,  dZ = W (G Vᵀ − Σ_d G Y),  dQ = scale dZ K,  dK = scale dZᵀ Q

    Takes what functional.scaled_dot_product_attention does, to which it hands over dropout and leading dimensions that
    broadcast. Returns what it returns, up to rounding. Raises what it raises.
    Dao et al. 2022, appendix B, for Σ_s dP P = Σ_d dY Y; torch.nn.functional.scaled_dot_product_attention.
    """
    alike = _alike(query, key, value)
    if not alike or not _usual(attn_mask, (*query.shape[:-1], key.shape[-2]), dropout_p, is_causal, scale):
        return F.scaled_dot_product_attention(
            query, key, value, attn_mask, dropout_p, is_causal, scale, generator=generator
        )
    mask = np.tri(query.shape[-2], key.shape[-2], dtype=bool) if is_causal else attn_mask
    if mask is not None:
        mask = additive("attn_mask", mask, query, hides=False)
    scale = 1 / sqrt(query.shape[-1]) if scale is None else scale
    y, _, backward = attend(query, key, value, mask, 0.0, scale, generator)
    return y, backward


def attend(
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None,
    dropout_p: float,
    scale: float,
    generator: Generator | None,
    safe: bool = True,
) -> tuple[Array, Array | None, Pullback]:
    """functional.attention.attend for an output alone: there are no weights P, None takes their place.

    Hands over dropout, a caller who wants the weights (who is not safe), and leading dimensions that broadcast.
    """
    if dropout_p or not safe or not _alike(query, key, value):
        return textbook(query, key, value, mask, dropout_p, scale, generator, safe)
    if mask is not None and mask.ndim > 2:
        mask = np.broadcast_to(mask, (*query.shape[:-2], *mask.shape[-2:])).reshape(-1, *mask.shape[-2:])
    q, k, v = (array.reshape(-1, *array.shape[-2:]) for array in (query, key, value))
    y, heads_backward = _heads(q, k, v, mask, scale)

    def backward(dy: Array) -> tuple[Array, ...]:
        gradients = heads_backward(dy.reshape(y.shape))
        return tuple(gradient.reshape(x.shape) for gradient, x in zip(gradients, (query, key, value), strict=True))

    return y.reshape(*query.shape[:-1], value.shape[-1]), None, backward


def _alike(query: Array, key: Array, value: Array) -> bool:
    """Whether shapes fit, with the same leading dimensions, and there is something to attend to."""
    if not plain(query, key, value) or query.ndim < 2 or not query.size or not value.size:
        return False
    *batch, _, E = query.shape
    *_, S, D = value.shape
    return key.shape == (*batch, S, E) and value.shape == (*batch, S, D)


def _usual(mask: Array | None, scores: tuple[int, ...], dropout_p: float, is_causal: bool, scale: float | None) -> bool:
    """Whether nothing is dropped, and there is nothing to refuse: a mask, if there is one, broadcasts to the scores."""
    if type(is_causal) is not bool or type(dropout_p) not in (int, float) or dropout_p != 0:
        return False
    if scale is not None and type(scale) is not float:
        return False
    if mask is None:
        return True
    if is_causal or type(mask) is not np.ndarray or not 2 <= mask.ndim <= len(scores):
        return False
    return all(side in (1, full) for side, full in zip(reversed(mask.shape), reversed(scores), strict=False))


def _heads(q: Array, k: Array, v: Array, mask: Array | None, scale: float) -> tuple[Array, Pullback]:
    """Attention of n heads: (n, L, E), (n, S, E), (n, S, D).  mask: M, of two dimensions or (n, L, S), or None."""
    (n, L, _), (S, D), dtype = q.shape, v.shape[1:], q.dtype
    Q, V = empty(q.shape, dtype), empty((n, S, D + 1), dtype)
    np.multiply(q, scale, out=Q)
    V[..., :D], V[..., D] = v, 1
    W, y, inverse = empty((n, L, S), dtype), empty((n, L, D), dtype), empty((n, L, 1), dtype)
    hides = mask is None or bool(((mask == 0) | (mask == -inf)).all())  # a mask that hides keys, and does no more
    blocks = slices(n, L * S, BLOCK)
    together = len(W[blocks[0]])
    for block in blocks:
        w = W[block]
        np.matmul(Q[block], k[block].swapaxes(1, 2), out=w)
        moderate = hides and within(w, FAR)
        if mask is not None:
            w += mask if mask.ndim == 2 else mask[block]
        np.exp(w if moderate else lowered(w, w), out=w)
        averaged = np.matmul(w, V[block])
        sums = averaged[..., D:]
        sums[sums == 0] = inf  # a query that may see no key gets 0
        np.divide(1, sums, out=inverse[block])
        np.multiply(averaged[..., :D], inverse[block], out=y[block])

    def backward(dy: Array) -> tuple[Array, Array, Array]:
        dq, dk, dv = empty(q.shape, dtype), empty(k.shape, dtype), empty(v.shape, dtype)
        G, dZ = empty((together, L, D + 1), dtype), empty((together, L, S), dtype)
        for block in blocks:
            w = W[block]
            g, dz = G[: len(w)], dZ[: len(w)]
            np.multiply(dy[block], inverse[block], out=g[..., :D])
            np.negative(np.vecdot(g[..., :D], y[block]), out=g[..., D])
            np.matmul(w.swapaxes(1, 2), g[..., :D], out=dv[block])
            np.matmul(g, V[block].swapaxes(1, 2), out=dz)
            dz *= w
            np.matmul(dz, k[block], out=dq[block])
            np.matmul(dz.swapaxes(1, 2), Q[block], out=dk[block])
        dq *= scale
        return dq, dk, dv

    return y, backward
