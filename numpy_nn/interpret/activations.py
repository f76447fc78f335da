"""What a layer has learnt to look for, and what it finds in an input."""

from __future__ import annotations

from math import isqrt, prod

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.grad_mode import no_grad
from numpy_nn.interpret.watching import named_layer, undisturbed, watched
from numpy_nn.modules import Module


def activations(model: Module, x: Array, layer: str) -> Array:
    """What a layer gives for an input, in evaluation mode.

    x: as the model takes it.  layer: a name of named_modules, such as "conv1" or "layer4.1.conv2".
    Returns the layer's output, (N, ...); after a convolution its maps, (N, C, H, W).
    Raises ValueError for a layer that is not there, or that is not called once.
    Zeiler and Fergus 2013, Visualizing and Understanding Convolutional Networks, section 4.
    """
    with watched(named_layer(model, layer)) as seen, no_grad(), undisturbed(model):
        model(x)
    check_called_once(layer, len(seen.outputs))
    return seen.outputs[0]


def weight_images(model: Module, layer: str | None = None, shape: tuple[int, ...] | None = None) -> Array:
    """The weights of a layer as images: what each of its units is moved by.

    layer: a name of named_modules; the first layer with a weight of two or more dimensions if None.
    shape: of an input of a fully connected layer, (rows, columns) or (channels, rows, columns); a square if None.
    Returns (O, C/groups, KH, KW) of a convolution, (O, *shape) of a fully connected layer.
    Raises ValueError for a layer that is not there or has no such weight, or a shape that its inputs do not have.
    Zeiler and Fergus 2013, section 4.1 and figure 6.
    """
    name = _first_with_weight(model) if layer is None else layer
    found = named_layer(model, name)._parameters.get("weight")
    if found is None or found.data.ndim < 2:
        raise ValueError(f"layer: expected one with a weight of two or more dimensions, got {name}")
    weight = found.data
    if weight.ndim > 2:
        return weight
    features = weight.shape[1]
    side = isqrt(features)
    given = (side, side) if shape is None else tuple(checks.integer("shape", length, low=1) for length in shape)
    if prod(given) != features:
        raise ValueError(f"shape: expected one of {features} numbers, the inputs of {name}, got {given}")
    return weight.reshape(-1, *given)


def check_called_once(layer: str, calls: int) -> None:
    """Raise ValueError where a layer was not called, or more than once."""
    if calls != 1:
        raise ValueError(f"layer: expected one that the model calls once, got {layer}, called {calls} times")


def _first_with_weight(model: Module) -> str:
    for name, module in model.named_modules():
        weight = module._parameters.get("weight")
        if weight is not None and weight.data.ndim > 1:
            return name
    raise ValueError("model: expected one with a layer of weights, got one without")
