"""Softmax cross entropy in one launch each way: probabilities are never stored."""

from __future__ import annotations

from numpy_nn import functional as F
from numpy_nn.backend import Array, array_module
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.functional.losses.reduction import reduce
from numpy_nn.kernels.class_indices import of_class_indices
from numpy_nn.kernels.cuda.launch import THREADS, WARP, flat, launch, plain


@formula
def cross_entropy(
    logits: Array,
    target: Array,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> tuple[Array, Pullback]:
    """functional.cross_entropy of class indices, a block of threads for each sample.

    l = w_t (log s − (x_t − m)),  s = Σ_c e^(x_c − m),  m = max_c x_c;   dx_c = w_t dl (e^(x_c − m) / s − [c = t])

    Takes what functional.cross_entropy does, to which it hands over probabilities, smoothing, bytes for classes,
    images, other arrays than those of CuPy, and what is to be refused.
    Returns what functional.cross_entropy returns, up to rounding. Raises what it raises.
    Goodfellow et al. 2016, section 6.2.2; torch.nn.functional.cross_entropy.
    """
    options = weight, ignore_index, reduction, label_smoothing
    if not plain(logits, weight) or not of_class_indices(logits, target, *options):
        return F.cross_entropy(logits, target, *options)
    xp, C = array_module(logits), logits.shape[-1]
    checks.in_range("target", target, C, ignored=ignore_index)
    N, threads = target.size, THREADS
    while threads >= 2 * max(C, WARP // 2):  # half of them would have a class each
        threads //= 2
    scores, classes, weights = flat(logits), flat(target), flat(logits if weight is None else weight)
    losses, largest, totals, shares = (xp.empty(target.shape, logits.dtype) for _ in range(4))
    kept = largest, totals, shares
    sizes = weights, int(weight is not None), ignore_index, C
    launch(logits, "classification.cu", "forward", N, scores, classes, *sizes, losses, *kept, threads=threads)
    loss, spread = reduce(losses, reduction, shares.sum() if reduction == "mean" else None)

    def backward(dy: Array) -> Array:
        slopes, dx = flat(spread(dy)), xp.empty(logits.shape, logits.dtype)
        each = int(reduction == "none")
        inputs = scores, classes, *kept, slopes, each, ignore_index, C
        launch(logits, "classification.cu", "backward", N, *inputs, dx, threads=threads)
        return dx

    return loss, backward
