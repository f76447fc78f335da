"""The gradient of a table of vectors, added up in one launch."""

from __future__ import annotations

from numpy_nn import functional as F
from numpy_nn.backend import Array, array_module
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.kernels.cuda.launch import flat, for_each, launch, plain


@formula
def embedding(
    indices: Array,
    weight: Array,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
) -> tuple[Array, Pullback]:
    """functional.embedding, its gradient in one launch.

    y = W[i];   dW[v] = Σ dy over the places where i = v, in any order

    Takes and changes what functional.embedding does, to which it leaves the value, and the gradient too where rows are
    scaled by their frequency or the arrays are not CuPy's.
    Returns what functional.embedding returns, up to rounding. Raises what it raises.
    Bengio et al. 2003, section 2; torch.nn.functional.embedding.
    """
    y, textbook = F.embedding(indices, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq)
    if not plain(weight) or scale_grad_by_freq:
        return y, textbook
    xp, (V, D) = array_module(weight), weight.shape
    rows = flat(indices.astype(xp.int64))
    padding = -1 if padding_idx is None else padding_idx % V

    def backward(dy: Array) -> Array:
        dweight = xp.zeros(weight.shape, weight.dtype)
        launch(weight, "embedding.cu", "scatter", for_each(dy.size), rows, flat(dy), dweight, padding, D, dy.size)
        return dweight

    return y, backward
