"""What in the input a score depends on, by its gradient: plain, guided, and along a path."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import numpy as np

from numpy_nn.backend import Array, array_module, is_array
from numpy_nn.functional import checks
from numpy_nn.grad_mode import enable_grad, no_grad
from numpy_nn.interpret.batches import batches
from numpy_nn.interpret.target import Target, classes, one_class
from numpy_nn.interpret.watching import replaced, undisturbed
from numpy_nn.modules import Module, ReLU


def saliency(model: Module, x: Array, target: Target = None) -> Array:
    """The gradient of each sample's score for a class with respect to the sample.

    saliency = ∂S_c(x) / ∂x

    x: (N, ...), floating.  target: c, an int, or (N,), integers; the class of the highest score if None.
    Returns the gradient, like x, with its sign; the paper's map is the largest |gradient| of a pixel's channels.
    The model is run in evaluation mode, and its modes and gradients are left as they were.
    Raises ValueError for an x that no gradient reaches, and as target is checked.
    Simonyan, Vedaldi and Zisserman 2013, Deep Inside Convolutional Networks, section 3.
    """
    checks.floating(x=x)
    with enable_grad(), undisturbed(model):
        dx = model.backward(one_class(model(x), target))
    if dx is None:
        raise ValueError("x: expected an input that has a gradient, got one that no gradient reaches")
    return dx


def guided_backpropagation(model: Module, x: Array, target: Target = None) -> Array:
    """The saliency where every ReLU passes back only what speaks for the class.

    at every ReLU y = max(x, 0):   dx = dy · (x > 0) · (dy > 0)

    x, target: as for `saliency`.  Returns what comes back to x, like x; the gradient of no function.
    The ReLUs are the modules that are one: a formula that a forward calls by itself is not seen.
    Raises ValueError for a model without a ReLU, and as `saliency`.
    Springenberg, Dosovitskiy, Brox and Riedmiller 2014, Striving for Simplicity, section 3.4 and figure 1.
    """
    relus = [module for module in model.modules() if isinstance(module, ReLU)]
    if not relus:
        raise ValueError("model: expected one with a ReLU, whose gradient is what is guided, got one without")
    with ExitStack() as stack:
        for relu in relus:
            stack.enter_context(replaced(relu, backward=_guided(relu.backward)))
        return saliency(model, x, target)


def _guided(backward: Callable[[Array], Any]) -> Callable[[Array], Any]:
    """A ReLU's backward that is handed the positive part of dy."""
    return lambda dy: backward(array_module(dy).maximum(dy, 0))


def integrated_gradients(
    model: Module, x: Array, target: Target = None, baseline: float | Array = 0.0, steps: int = 50
) -> Array:
    """How much each part of x adds to the score, by the gradient along the way from a baseline.

    attribution = (x − b) ∫₀¹ ∂S_c(b + α (x − b)) / ∂x dα ≈ (x − b) Σₖ wₖ ∂S_c(b + αₖ (x − b)) / ∂x

    αₖ, wₖ: the points and weights of Gauss and Legendre, exact for gradients that are polynomials in α of degree up to
    2 steps − 1.  x, target: as for `saliency`; if None the class with the highest score at x.
    baseline: b, a number or an array like x: an input that says nothing, black for light ink.  steps: at least 1.
    Returns attributions like x. They are complete: each sample's sum is S_c(x) − S_c(b), as far as the sum over k is
    the integral; where ReLUs change sides on the way, the difference falls as 1 / steps.
    Raises ValueError or TypeError for another baseline or steps, and as `saliency`.
    Sundararajan, Taly and Yan 2017, Axiomatic Attribution for Deep Networks, sections 3 and 5 (there with points at
    even distances).
    """
    xp = checks.floating(x=x)
    checks.integer("steps", steps, low=1)
    start = _baseline(x, baseline)
    with no_grad(), undisturbed(model):
        target = classes(model(x), target)
    way, total = x - start, xp.zeros_like(x)
    nodes = np.array(np.polynomial.legendre.leggauss(steps)).reshape(2, steps, *[1] * x.ndim)  # from −1 to 1
    points, weights = xp.asarray((nodes[0] + 1) / 2, dtype=x.dtype), xp.asarray(nodes[1] / 2, dtype=x.dtype)
    for some in batches(steps, len(x)):
        places = start + points[some] * way  # (some, N, ...)
        targets = xp.tile(target, len(places))
        gradients = saliency(model, places.reshape(len(targets), *x.shape[1:]), targets)
        total += (weights[some] * gradients.reshape(places.shape)).sum(axis=0)
    return way * total


def _baseline(x: Array, baseline: Any) -> Array:
    """An array like x."""
    if is_array(baseline):
        checks.floating(x=x, baseline=baseline)
        checks.shape("baseline", baseline, x.shape, "like x")
        return baseline
    return array_module(x).full_like(x, checks.number("baseline", baseline))


def strongest(gradient: Array) -> Array:
    """Of each pixel's channels the value furthest from 0, the first of several: the map of a saliency.

    gradient: (N, C, H, W).  Returns (N, H, W), with the sign.  Raises ValueError for another shape or no channels.
    Simonyan, Vedaldi and Zisserman 2013, section 3.1 (there without the sign).
    """
    xp = checks.floating(gradient=gradient)
    if gradient.ndim != 4 or not gradient.shape[1]:
        raise ValueError(f"gradient: expected shape (N, C, H, W) with a C of at least 1, got {gradient.shape}")
    places = abs(gradient).argmax(axis=1)[:, None]  # (N, 1, H, W)
    return xp.take_along_axis(gradient, places, axis=1)[:, 0]
