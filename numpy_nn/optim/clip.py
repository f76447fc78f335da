"""Keeping gradients from growing too large."""

from __future__ import annotations

from collections.abc import Iterable

from numpy_nn.backend import Array, array_module, device_of, item, silent
from numpy_nn.functional import checks
from numpy_nn.parameter import Parameter


def clip_grad_norm_(
    parameters: Parameter | Iterable[Parameter],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> float:
    """Scale all gradients together so that their norm, taken as one vector, is at most max_norm.

    g ← g · min(1, max_norm / (‖g‖ + 1e-6))

    norm_type: the p of the p-norm, inf for the largest magnitude.  Returns ‖g‖ before, 0 where there is no gradient.
    A nan or infinite norm spreads to all gradients; with error_if_nonfinite it raises ValueError and changes nothing.
    Raises TypeError for anything but parameters and numbers, ValueError for gradients on several devices.
    Pascanu, Mikolov & Bengio 2013, algorithm 1; torch.nn.utils.clip_grad_norm_.
    """
    max_norm, norm_type = checks.number("max_norm", max_norm), checks.number("norm_type", norm_type)
    gradients = _gradients(parameters)
    if len(devices := {device_of(gradient) for gradient in gradients}) > 1:
        raise ValueError(f"parameters: expected gradients on one device, got {' and '.join(sorted(devices))}")
    if not gradients:
        return 0.0
    xp = array_module(gradients[0])
    with silent():
        norms = xp.stack([xp.linalg.norm(gradient.ravel(), ord=norm_type) for gradient in gradients])
        norm: float = item(xp.linalg.norm(norms, ord=norm_type))  # the norm of norms is the norm of all
        if error_if_nonfinite and not abs(norm) < float("inf"):
            raise ValueError(f"parameters: expected gradients of finite norm, got a norm of {norm}")
        factor = max_norm / (norm + 1e-6)
        for gradient in gradients:
            gradient *= factor if not factor >= 1 else 1.0
    return norm


def clip_grad_value_(parameters: Parameter | Iterable[Parameter], clip_value: float) -> None:
    """Limit every gradient to [−clip_value, clip_value], in place; torch.nn.utils.clip_grad_value_.

    Raises TypeError for anything but parameters and a number.
    """
    clip_value = checks.number("clip_value", clip_value)
    for gradient in _gradients(parameters):
        array_module(gradient).clip(gradient, -clip_value, clip_value, out=gradient)


def _gradients(parameters: Parameter | Iterable[Parameter]) -> list[Array]:
    """The gradients that there are. Raises TypeError for anything but a parameter or several."""
    if not isinstance(parameters, Parameter | Iterable):
        raise TypeError(f"parameters: expected parameters, got {type(parameters).__name__}")
    group = [parameters] if isinstance(parameters, Parameter) else list(parameters)
    for parameter in group:
        if not isinstance(parameter, Parameter):
            raise TypeError(f"parameters: expected parameters, got {type(parameter).__name__}")
    return [parameter.grad for parameter in group if parameter.grad is not None]
