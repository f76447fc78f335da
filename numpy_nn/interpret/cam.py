"""Where in the image the features of a class are: class activation maps by gradients."""

from __future__ import annotations

from numpy_nn.backend import Array, array_module
from numpy_nn.interpret.activations import check_called_once
from numpy_nn.interpret.gradients import saliency
from numpy_nn.interpret.target import Target
from numpy_nn.interpret.watching import named_layer, watched
from numpy_nn.modules import Conv2d, Module


def grad_cam(model: Module, x: Array, target: Target = None, layer: str | None = None) -> Array:
    """The maps of a layer, each weighed by how much the score of a class grows with it.

    α_k = mean over i, j of ∂S_c / ∂A_kij;   cam = max(Σ_k α_k A_k, 0)

    x: (N, C, H, W), floating.  target: as for `saliency`.  layer: whose output A (N, K, H', W') is; a name of
    named_modules, the last Conv2d if None.  Returns cam (N, H', W'), as coarse as the layer is; see `enlarged`.
    The model is run in evaluation mode, and its modes and gradients are left as they were.
    Raises ValueError for a layer that is not there, is not called once, or gives no maps, for a model without a Conv2d
    where none is named, and as target is checked.
    Selvaraju et al. 2016, Grad-CAM, section 3, equations 1 and 2.
    """
    name = _last_convolution(model) if layer is None else layer
    with watched(named_layer(model, name)) as seen:
        saliency(model, x, target)
    check_called_once(name, len(seen.gradients))
    A, dA = seen.outputs[0], seen.gradients[0]
    if A.ndim != 4:
        raise ValueError(f"layer: expected one that gives maps (N, C, H, W), got {name}, which gives shape {A.shape}")
    alpha = dA.mean(axis=(2, 3), keepdims=True)  # (N, K, 1, 1)
    return array_module(A).maximum((alpha * A).sum(axis=1), 0)


def convolutions(model: Module) -> list[str]:
    """The names of every Conv2d, in the order of named_modules: the first sees the image, the last the largest part."""
    return [name for name, module in model.named_modules() if isinstance(module, Conv2d)]


def _last_convolution(model: Module) -> str:
    found = convolutions(model)
    if not found:
        raise ValueError("model: expected one with a Conv2d, whose maps Grad-CAM weighs, got one without")
    return found[-1]
