"""The loss that brings what belongs together to the same place in one space, and parts the rest."""

from __future__ import annotations

from numbers import Real
from typing import Any

from numpy_nn.backend import Array, array_module, device_of, is_array
from numpy_nn.functional import checks
from numpy_nn.functional.formula import Pullback, formula
from numpy_nn.functional.losses.classification import cross_entropy
from numpy_nn.functional.matmul import matmul
from numpy_nn.functional.similarity import normalize


@formula
def contrastive_loss(
    image: Array, text: Array, scale: Any = 1 / 0.07, labels: Array | None = None, reduction: str = "mean"
) -> tuple[Array, Pullback]:
    """Each image is to find its text among all the texts of a batch, and each text its image.

    l_i = ½ (cross entropy of row i of S + that of column i),  S = scale · cos,  cos_ij = ûᵢ · v̂ⱼ,  û = u / ‖u‖
    dS = ½ (p_rows − q + (p_columns − q)) / N for the mean;   dcos = scale dS,   dscale = Σ dS cos

    image, text: (N, D), floating, pair i in row i; they are normalised here.  scale: 1 / temperature, an array of no
    dimensions, which gets a gradient, or a number, which gets none.  labels: (N,), int64, or None. Pairs of one label
    mean the same, as when several images of a batch have one caption: each is as right an answer as the other, so
    q_ij = 1 / (how many have i's label) where the labels are equal, else 0. None: no two pairs mean the same, q is the
    identity.  reduction: "none", "mean" or "sum".
    Returns the loss (0-d, or (N,) for "none") and backward(dy) -> dimage, dtext, and dscale where scale is an array.
    Raises TypeError for other dtypes, ValueError for other shapes or reductions.
    Radford et al. 2021, figure 3, where q is the identity; for labels Yang et al. 2022 (UniCL), eq. 1 to 3. At a zero
    vector the cosine is 0. The mean over no pairs is nan, as torch.nn.functional.cross_entropy's.
    """
    learned = is_array(scale) and not isinstance(scale, Real)  # NumPy's scalars are numbers here: they do not widen
    checks.floating(image=image, text=text, optional={"scale": scale if learned else None})
    if image.ndim != 2:
        raise ValueError(f"image: expected shape (N, D), got {image.shape}")
    checks.shape("text", text, image.shape, "like image")
    if learned:
        checks.shape("scale", scale, (), "one number")
    else:
        scale = checks.number("scale", scale)
    q = _right_answers(image, labels)

    u, image_backward = normalize(image)
    v, text_backward = normalize(text)
    cosine, product_backward = matmul(u, v.T)  # (N, D) (D, N) -> (N, N)
    logits = scale * cosine
    rows, rows_backward = cross_entropy(logits, q, reduction=reduction)
    columns, columns_backward = cross_entropy(logits.T, q, reduction=reduction)  # q is symmetric

    def backward(dy: Array) -> tuple[Array, ...]:
        dlogits = rows_backward(dy / 2) + columns_backward(dy / 2).T
        du, dvT = product_backward(scale * dlogits)
        dimage, dtext = image_backward(du), text_backward(dvT.T)
        return (dimage, dtext, (dlogits * cosine).sum()) if learned else (dimage, dtext)

    return (rows + columns) / 2, backward


def _right_answers(image: Array, labels: Array | None) -> Any:
    """(N, N): how much of a right answer text j is for image i; each row sums to 1, and so does each column."""
    N, xp = len(image), array_module(image)
    if labels is None:
        labels = xp.arange(N)
    checks.indices("labels", labels, "int64")
    if device_of(labels) != device_of(image):
        raise ValueError(f"labels: expected an array on {device_of(image)} like image, got {device_of(labels)}")
    checks.shape("labels", labels, (N,), "one for each pair")
    same = (labels[:, None] == labels).astype(image.real.dtype)
    return same / same.sum(axis=1, keepdims=True)
