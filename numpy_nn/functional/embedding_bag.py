"""Bags of vectors: looked up by index, and made one."""

from __future__ import annotations

from typing import Any

from numpy_nn.backend import Array, array_module, device_of, item, scatter_add, to_host
from numpy_nn.functional import checks
from numpy_nn.functional.embedding import embedding
from numpy_nn.functional.formula import Pullback, formula


@formula
def embedding_bag(
    indices: Array,
    weight: Array,
    offsets: Array | None = None,
    *,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    mode: str = "mean",
    per_sample_weights: Array | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> tuple[Array, Pullback]:
    """Rows of a table, each bag of them summed, averaged or maximised; rows of padding are not in the bag.

    sum:   y_b = Σ_l s_bl W[i_bl];     dW[v] = Σ s_bl dy_b over the places where i_bl = v,   ds_bl = dy_b · W[i_bl]
    mean:  y_b = Σ_l W[i_bl] / n_b;    dW[v] = Σ dy_b / n_b over the same places;   n_b rows are in the bag
    max:   y_bd = W[i_bm, d] for the first m at which it is largest, which alone gets dy_bd

    indices: (B, L), a bag a row, or (n,) with offsets (B,), where each bag begins: both int64 or int32.
    weight: (V, D), floating.  max_norm, norm_type: as in embedding.  mode: "sum", "mean" or "max".
    per_sample_weights: s, like indices, for mode "sum", or None for ones.  include_last_offset: offsets (B + 1,) end
    with n.  padding_idx: the row that stands for no word (negative counts from the end).
    Returns y (B, D), 0 for an empty bag, and backward(dy) -> dweight, or dweight, dper_sample_weights where given.
    Raises IndexError for an index out of range, TypeError for other dtypes, ValueError for other shapes or modes, and
    offsets that do not rise from 0 to n at most.
    torch.nn.functional.embedding_bag. Of a bag's maxima nan is one only in the first place. Not taken over:
    scale_grad_by_freq, for which PyTorch 2.13 divides by the count of another row.
    """
    xp = checks.floating(weight=weight, optional={"per_sample_weights": per_sample_weights})
    checks.option("mode", mode, "sum", "mean", "max")
    checks.indices("indices", indices, "int64", "int32")
    if per_sample_weights is not None:
        if mode != "sum":
            raise ValueError(f'per_sample_weights: expected None unless mode is "sum", got an array for {mode!r}')
        checks.shape("per_sample_weights", per_sample_weights, indices.shape, "like indices")
    place, within = _places(indices, offsets, include_last_offset)  # (B, L), and which of them are in the bag
    ids = indices.reshape(-1)[place]
    rows, lookup_backward = embedding(ids, weight, padding_idx, max_norm, norm_type)  # (B, L, D)
    if padding_idx is not None:
        within = within & (ids != padding_idx % len(weight))
    within = within[:, :, None]
    rows = xp.where(within, rows, 0)

    if mode == "max":
        y, winner = _first_largest(rows, within)

        def max_backward(dy: Array) -> Array:
            wins = winner[:, None, :] == xp.arange(place.shape[1])[:, None]  # (B, L, D)
            return lookup_backward(xp.where(wins, dy[:, None, :], 0))

        return y, max_backward

    if mode == "mean":
        count = xp.maximum(within.sum(axis=1), 1).astype(weight.dtype)  # (B, 1)
        return rows.sum(axis=1) / count, lambda dy: lookup_backward(xp.where(within, (dy / count)[:, None, :], 0))

    if per_sample_weights is None:
        return rows.sum(axis=1), lambda dy: lookup_backward(xp.where(within, dy[:, None, :], 0))

    s = per_sample_weights.reshape(-1)[place][:, :, None]

    def backward(dy: Array) -> Any:
        dweight = lookup_backward(xp.where(within, s * dy[:, None, :], 0))
        ds = xp.zeros(indices.size, dtype=dy.dtype)
        scatter_add(ds, place, (rows * dy[:, None, :]).sum(axis=2))  # what is not in a bag adds 0
        return dweight, ds.reshape(indices.shape)

    return xp.where(within, s * rows, 0).sum(axis=1), backward


def _first_largest(rows: Array, within: Array) -> tuple[Array, Array]:
    """The maximum of each bag, and where in the bag it is: the first of several, −1 and 0 where there is none.

    rows: (B, L, D).  within: (B, L, 1).  Returns (B, D) and (B, D).
    """
    xp = array_module(rows)
    B, L, D = rows.shape
    y, winner = xp.zeros((B, D), dtype=rows.dtype), xp.full((B, D), -1)
    for place in range(L):
        larger = within[:, place] & ((winner < 0) | (rows[:, place] > y))
        y, winner = xp.where(larger, rows[:, place], y), xp.where(larger, place, winner)
    return y, winner


def _places(indices: Array, offsets: Array | None, include_last_offset: bool) -> tuple[Array, Array]:
    """Bags of any length as the rows of a table: where in indices each entry is, and whether it is in the bag at all.

    Returns (B, L) int64 and bool; an entry that is not in the bag points to the first index.
    """
    xp = array_module(indices)
    checks.option("include_last_offset", include_last_offset, True, False)
    if indices.ndim == 2 and offsets is None:
        return xp.arange(indices.size).reshape(indices.shape), xp.ones(indices.shape, dtype=bool)
    if indices.ndim != 1 or offsets is None:
        given = "without offsets" if offsets is None else "with offsets"
        raise ValueError(f"indices: expected shape (B, L), or (n,) with offsets, got {indices.shape} {given}")
    checks.indices("offsets", offsets, "int64", "int32")
    if device_of(offsets) != device_of(indices):
        raise ValueError(f"offsets: expected an array on {device_of(indices)} like indices, got {device_of(offsets)}")
    if offsets.ndim != 1:
        raise ValueError(f"offsets: expected shape (B,), got {offsets.shape}")
    n = indices.size
    bounds = offsets if include_last_offset else xp.concatenate([offsets, xp.full(1, n)])
    known = to_host(bounds)
    if known.size < (1 if include_last_offset or n == 0 else 2) or known[0] != 0 or known[-1] != n:
        raise ValueError(f"offsets: expected to begin with 0 and to end by {n}, got {to_host(offsets).tolist()}")
    if (known[1:] < known[:-1]).any():
        raise ValueError(f"offsets: expected none below the one before it, got {known.tolist()}")
    lengths = bounds[1:] - bounds[:-1]
    step = xp.arange(item(lengths.max()) if lengths.size else 0)
    within = step < lengths[:, None]  # (B, L)
    return xp.where(within, bounds[:-1, None] + step, 0), within
