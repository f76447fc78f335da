"""How far the loss and the gradients of SimpleNet may be off: a running error analysis.

Next to each value of the forward and the backward stands a bound of its error, which every line passes on and adds
its own roundings to (Higham 2002, sections 3.1 and 3.3): a sum of n terms, in any order, is off by at most
γ = n u / (1 − n u) times the sum of absolute values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from parity_tests.bounds import unit


@dataclass(frozen=True)
class Rounded:
    """A value in float64, how far its computation in a narrower or equal dtype may be from it, and u of that dtype."""

    value: np.ndarray
    error: np.ndarray
    u: float

    @property
    def T(self) -> Rounded:
        """Both transposed."""
        return Rounded(self.value.T, self.error.T, self.u)


def given(x: np.ndarray) -> Rounded:
    """Numbers that the computation starts from: no error."""
    return Rounded(x.astype(np.float64), np.zeros(x.shape), unit(x.dtype))


def product(a: Rounded, b: Rounded, bias: Rounded | None = None) -> Rounded:
    """a @ b + bias.  a: (M, n).  b: (n, K).  bias: (K,), given."""
    offset = np.zeros(b.value.shape[1]) if bias is None else bias.value
    A, B = np.abs(a.value) + a.error, np.abs(b.value) + b.error
    roundings = (A.shape[1] + 1) * a.u
    own = roundings / (1 - roundings) * (A @ B + np.abs(offset))
    return Rounded(a.value @ b.value + offset, own + a.error @ B + np.abs(a.value) @ b.error, a.u)


def simple_net(state: dict[str, np.ndarray], x: np.ndarray, target: np.ndarray) -> dict[str, np.ndarray]:
    """Bounds of the error of "loss" and of each parameter's gradient, by state_dict key.

    state: SimpleNet's parameters.  x: (N, in_features).  target: (N,), classes; the loss is the mean cross entropy.
    The dtype of x and state is the one that is computed in.
    """
    weight = {key: given(array) for key, array in state.items()}
    images, N, u = given(x), len(x), unit(x.dtype)
    before = product(images, weight["fc1.weight"].T, weight["fc1.bias"])
    hidden = Rounded(np.maximum(before.value, 0), before.error, u)
    logits = product(hidden, weight["fc2.weight"].T, weight["fc2.bias"])

    z, C = logits.value, logits.value.shape[1]
    depth = z.max(axis=1, keepdims=True) - z
    log_total = np.log(np.exp(-depth).sum(axis=1, keepdims=True))
    p, right = np.exp(-depth - log_total), np.eye(C)[target]
    # log Σ e^z moves by at most log Σ p e^Δz; 4 (4 + C) roundings of log_softmax itself, as in its specification
    total_error = np.log((p * np.exp(logits.error)).sum(axis=1, keepdims=True))
    log_p_error = logits.error + total_error + 4 * (4 + C) * u * (depth + log_total + 1)
    loss_error = (right * (log_p_error + 2 * (1 + N) * u * (depth + log_total))).sum() / N

    dlogits = Rounded((p - right) / N, (p * np.expm1(log_p_error) + 4 * u * (p + right)) / N, u)
    dhidden = product(dlogits, weight["fc2.weight"])
    slope = before.value > 0
    unsure = np.abs(before.value) <= before.error  # on which side of ReLU's kink this falls depends on the rounding
    flipped = np.abs(dhidden.value) + dhidden.error
    dbefore = Rounded(dhidden.value * slope, np.where(unsure, flipped, dhidden.error * slope), u)

    ones = given(np.ones((1, N), dtype=x.dtype))
    return {
        "loss": np.asarray(loss_error),
        "fc1.weight": product(dbefore.T, images).error,
        "fc1.bias": product(ones, dbefore).error[0],
        "fc2.weight": product(dlogits.T, hidden).error,
        "fc2.bias": product(ones, dlogits).error[0],
    }
