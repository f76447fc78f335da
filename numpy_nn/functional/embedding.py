"""A table of vectors, looked up by index."""

from __future__ import annotations

from numpy_nn.backend import Array, array_module, device_of, scatter_add
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback, formula


@formula
def embedding(
    indices: Array,
    weight: Array,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
) -> tuple[Array, Pullback]:
    """Rows of a table: what a one-hot vector times the weight matrix gives, without the product.

    y = W[i];   dW[v] = Σ dy over the places where i = v

    indices: any shape, int64 or int32, in [0, V).  weight: (V, D), floating.  padding_idx: a row that gets no gradient
    (negative counts from the end).  max_norm: rows in use whose norm_type-norm is larger are first scaled down to it,
    in place: the one formula that changes an input, as PyTorch's does.  scale_grad_by_freq: divide a row's gradient by
    the number of times it is used.
    Returns y (*indices.shape, D) and backward(dy) -> dweight (V, D); indices get no gradient.
    Raises TypeError for other dtypes, IndexError for an index out of range, ValueError for other shapes or a
    padding_idx outside the table.
    Bengio et al. 2003, section 2; torch.nn.functional.embedding.
    """
    xp = checks.floating(weight=weight)
    checks.indices("indices", indices, "int64", "int32")
    if device_of(indices) != device_of(weight):
        raise ValueError(f"indices: expected an array on {device_of(weight)} like weight, got {device_of(indices)}")
    if weight.ndim != 2:
        raise ValueError(f"weight: expected shape (num_embeddings, embedding_dim), got {weight.shape}")
    V, D = weight.shape
    checks.row("padding_idx", padding_idx, V)
    checks.in_range("indices", indices, V)
    checks.option("scale_grad_by_freq", scale_grad_by_freq, True, False)
    norm_type = checks.number("norm_type", norm_type)
    if max_norm is not None:
        max_norm = checks.number("max_norm", max_norm, low=0)
        _renormalise(weight, xp.unique(indices), max_norm, norm_type)
    flat = indices.reshape(-1)

    def backward(dy: Array) -> Array:
        dweight = xp.zeros_like(weight)
        scatter_add(dweight, flat, dy.reshape(flat.size, D))  # (n, D) summed into (V, D)
        if scale_grad_by_freq:
            count = xp.bincount(flat, minlength=V).astype(dy.dtype)
            dweight /= xp.maximum(count, 1)[:, None]
        if padding_idx is not None:
            dweight[padding_idx] = 0
        return dweight

    return weight[indices], backward


def _renormalise(weight: Array, rows: Array, max_norm: float, norm_type: float) -> None:
    """Scale the given rows of weight down to max_norm where they are longer; 1e-7 guards the quotient."""
    xp = array_module(weight)
    used = weight[rows]
    norm = xp.linalg.norm(used, ord=norm_type, axis=1, keepdims=True)
    weight[rows] = xp.where(norm > max_norm, used * (max_norm / (norm + 1e-7)), used)
