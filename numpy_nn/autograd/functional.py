"""Every formula of numpy_nn.functional, on tensors: autograd.functional.linear(x, weight, bias).

Nothing is listed here: a formula is found under its name as soon as numpy_nn.functional exports it.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from numpy_nn import functional as F
from numpy_nn.autograd.tensor import Tensor, apply


def __getattr__(name: str) -> Any:
    if name not in F.__all__:
        raise AttributeError(f"numpy_nn.functional has no formula {name!r}")
    formula = getattr(F, name)

    @wraps(formula)
    def on_tape(*args: Any, **kwargs: Any) -> Tensor:
        return apply(formula, *args, **kwargs)

    return on_tape


def __dir__() -> list[str]:
    return sorted(F.__all__)
