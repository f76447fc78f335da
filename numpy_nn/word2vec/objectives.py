"""What a word vector is trained for: to tell the words that stand beside it from all others."""

from __future__ import annotations

from numpy_nn.backend import Array, array_module, device_of
from numpy_nn.functional import checks
from numpy_nn.functional.embedding import embedding
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.functional.linear import linear
from numpy_nn.functional.losses import binary_cross_entropy_with_logits, cross_entropy
from numpy_nn.functional.losses.reduction import reduce


@formula
def softmax_loss(hidden: Array, weight: Array, target: Array, reduction: str = "sum") -> tuple[Array, Pullback]:
    """The output layer and the softmax over the whole vocabulary, with the cross entropy of the right word.

    p = softmax(W h),  l = −log p_t;   dz = p − onehot(t),   dh = Wᵀ dz,   dW = Σ dz hᵀ

    hidden: (B, D), floating.  weight: (V, D), a row a word.  target: (B,) int64 or int32, in [0, V).
    reduction: "none", "mean" or "sum".
    Returns the loss (0-d, or (B,) for "none") and backward(dy) -> dhidden, dweight.
    Raises IndexError for a target out of range, TypeError for other dtypes, ValueError for other shapes or reductions.
    Mikolov et al. 2013a, section 3; torch: cross_entropy(linear(hidden, weight), target).
    """
    xp = checks.floating(hidden=hidden, weight=weight)
    _vectors(hidden, weight)
    _per_vector("target", target, 1, hidden)
    scores, layer_backward = linear(hidden, weight)  # (B, D) (D, V) -> (B, V)
    loss, loss_backward = cross_entropy(scores, target.astype(xp.int64), reduction=reduction)
    return loss, lambda dy: layer_backward(loss_backward(dy))


@formula
def negative_sampling_loss(
    hidden: Array, weight: Array, target: Array, negatives: Array, reduction: str = "sum"
) -> tuple[Array, Pullback]:
    """The right word against a few words of noise, each a yes or no.

    l = −log σ(h · w_t) − Σ_k log σ(−h · w_k)    over the negatives k ≠ t;   a negative equal to its target is left out
    ds_j = σ(s_j) − [j = t],  s_j = h · w_j;     dh = Σ_j ds_j w_j,   dw_j = Σ ds_j h over all places of j

    hidden: (B, D), floating.  weight: (V, D).  target: (B,), negatives: (B, K), both int64 or int32, in [0, V).
    reduction: "none", "mean" over the B pairs, or "sum".
    Returns the loss (0-d, or (B,) for "none") and backward(dy) -> dhidden, dweight.
    Raises IndexError for an index out of range, TypeError for other dtypes, ValueError for other shapes or reductions.
    Mikolov et al. 2013b, eq. 4; torch: binary_cross_entropy_with_logits over the scores.
    """
    xp = checks.floating(hidden=hidden, weight=weight)
    _vectors(hidden, weight)
    _per_vector("target", target, 1, hidden)
    _per_vector("negatives", negatives, 2, hidden)
    words = xp.concatenate([target[:, None], negatives], axis=1)  # (B, 1 + K)
    right = xp.broadcast_to(xp.arange(words.shape[1]) == 0, words.shape)
    counted = right | (words != target[:, None])
    return _yes_or_no(hidden, weight, words, right, counted, reduction)


@formula
def hierarchical_softmax_loss(
    hidden: Array, weight: Array, points: Array, codes: Array, lengths: Array, reduction: str = "sum"
) -> tuple[Array, Pullback]:
    """The way from the root of a binary tree to the right word, at each inner node a yes (code 0) or no (code 1).

    l = −Σ_j log σ(±h · w_j)    over the inner nodes j on the way, + where the code is 0, − where it is 1
    ds_j = σ(s_j) − (1 − code_j),  s_j = h · w_j;   dh = Σ_j ds_j w_j,   dw_j = Σ ds_j h over all places of j

    e^−l is a probability: over all words it sums to 1.

    hidden: (B, D), floating.  weight: (V − 1, D), a row an inner node.  points: (B, L) int64 or int32, the nodes on the
    way.  codes: (B, L) int8, int32 or int64, 0 or 1.  lengths: (B,) int64 or int32, in [0, L]: what follows in points
    and codes is padding.  reduction: "none", "mean" over the B ways, or "sum".
    Returns the loss (0-d, or (B,) for "none") and backward(dy) -> dhidden, dweight.
    Raises IndexError for a point, code or length out of range, TypeError for other dtypes, ValueError for other shapes
    or reductions.
    Morin & Bengio 2005; Mikolov et al. 2013b, eq. 3; torch: binary_cross_entropy_with_logits over the scores.
    """
    xp = checks.floating(hidden=hidden, weight=weight)
    _vectors(hidden, weight)
    _per_vector("points", points, 2, hidden)
    _per_vector("codes", codes, 2, hidden, "int8", "int32", "int64")
    _per_vector("lengths", lengths, 1, hidden)
    checks.shape("codes", codes, points.shape, "like points")
    checks.in_range("lengths", lengths, points.shape[1] + 1)
    counted = xp.arange(points.shape[1]) < lengths[:, None]  # (B, L)
    codes = xp.where(counted, codes, 0)
    checks.in_range("codes", codes, 2)
    return _yes_or_no(hidden, weight, xp.where(counted, points, 0), codes == 0, counted, reduction)


@formula
def block_loss(x: Array, y: Array, weight: Array, target: int) -> tuple[Array, Pullback]:
    """Every vector of a block against every other, each a yes or a no that counts as much as its weight.

    l = Σ_bjk w_bjk softplus(∓ s_bjk),  s_bjk = y_bj · x_bk,   − where the target is 1, + where it is 0
    ds = w (σ(s) − target);     dx = dsᵀ y,   dy = ds x   in each block

    It is what word2vec.fast computes: with target 1 and the nearness of words as weight, and with target 0 for noise.

    x: (B, L, D), floating.  y: (B, M, D).  weight: (B, M, L), data.  target: 1 or 0.
    Returns the loss (0-d) and backward(dy) -> dx, dy.
    Raises TypeError for other dtypes, ValueError for other shapes or another target.
    Mikolov et al. 2013b, eq. 4; torch: binary_cross_entropy_with_logits(y @ x.mT, target, weight, reduction="sum").
    """
    xp = checks.floating(x=x, y=y, weight=weight)
    checks.option("target", target, 0, 1)
    for name, array in (("x", x), ("y", y)):
        if array.ndim != 3:
            raise ValueError(f"{name}: expected shape (B, n, D), got {array.shape}")
    checks.shape("y", y, (x.shape[0], y.shape[1], x.shape[2]), "blocks and dimensions like x")
    checks.shape("weight", weight, (x.shape[0], y.shape[1], x.shape[1]), "(B, M, L)")
    s = xp.matmul(y, x.swapaxes(1, 2))
    loss, loss_backward = binary_cross_entropy_with_logits(s, xp.full_like(s, target), weight, reduction="sum")

    def backward(dloss: Array) -> tuple[Array, Array]:
        ds = loss_backward(dloss)
        return xp.matmul(ds.swapaxes(1, 2), y), xp.matmul(ds, x)

    return loss, backward


def _yes_or_no(
    hidden: Array, weight: Array, rows: Array, yes: Array, counted: Array, reduction: str
) -> tuple[Array, Pullback]:
    """Logistic losses of each hidden vector with several rows of the weight: those answered yes, and those answered no.

    l = −Σ_j log σ(±h · w_j),  + for yes, − for no.   rows, yes, counted: (B, n).
    """
    xp = array_module(hidden)
    w, lookup_backward = embedding(rows, weight)  # (B, n, D)
    scores = xp.matmul(w, hidden[:, :, None])[:, :, 0]  # (B, n, D) (B, D, 1) -> (B, n)
    target, counts = yes.astype(scores.real.dtype), counted.astype(scores.real.dtype)
    losses, losses_backward = binary_cross_entropy_with_logits(scores, target, counts, reduction="none")
    loss, spread = reduce(losses.sum(axis=1), reduction)

    def backward(dy: Array) -> tuple[Array, Array]:
        ds = losses_backward(xp.broadcast_to(spread(dy)[..., None], scores.shape))
        dhidden = xp.matmul(ds[:, None, :], w)[:, 0]  # (B, 1, n) (B, n, D) -> (B, D)
        return dhidden, lookup_backward(ds[:, :, None] * hidden[:, None, :])

    return loss, backward


def _vectors(hidden: Array, weight: Array) -> None:
    """Raise ValueError unless hidden is (B, D) for a weight (V, D)."""
    if weight.ndim != 2:
        raise ValueError(f"weight: expected shape (V, D), got {weight.shape}")
    if hidden.ndim != 2 or hidden.shape[1] != weight.shape[1]:
        raise ValueError(
            f"hidden: expected shape (B, {weight.shape[1]}) for a weight {weight.shape}, got {hidden.shape}"
        )


def _per_vector(name: str, array: Array, ndim: int, hidden: Array, *dtypes: str) -> None:
    """Raise TypeError or ValueError unless an array of integers has one, or a row of them, for each hidden vector."""
    checks.indices(name, array, *(dtypes or ("int64", "int32")))
    if device_of(array) != device_of(hidden):
        raise ValueError(f"{name}: expected an array on {device_of(hidden)} like hidden, got one on {device_of(array)}")
    if array.ndim != ndim or len(array) != len(hidden):
        expected = f"({len(hidden)},)" if ndim == 1 else f"({len(hidden)}, n)"
        raise ValueError(f"{name}: expected shape {expected} for hidden {hidden.shape}, got {array.shape}")
