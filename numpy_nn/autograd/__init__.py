"""A tape: write an expression once, and have its gradient.

x = autograd.Tensor(2.0, requires_grad=True)
y = x**3 + 2 * x**2 + x
y.backward()                                   # x.grad is 3·2² + 4·2 + 1 = 21

Every operation is one of the formulas of numpy_nn.functional; the tape keeps the pullback that the formula returns
and, going backward, calls them in reverse order. No derivative is written a second time:

    autograd.functional.linear(x, weight, bias)        any formula, on tensors, arrays and parameters
    autograd.apply(F.linear, x, weight, bias)          the same
    x.relu()                                           the same, where the first argument is a tensor
"""

from numpy_nn.autograd import functional
from numpy_nn.autograd.drawing import draw
from numpy_nn.autograd.gradcheck import GradcheckError, gradcheck
from numpy_nn.autograd.tensor import Tensor, apply
from numpy_nn.grad_mode import enable_grad, is_grad_enabled, no_grad

__all__ = [
    "GradcheckError",
    "Tensor",
    "apply",
    "draw",
    "enable_grad",
    "functional",
    "gradcheck",
    "is_grad_enabled",
    "no_grad",
]
