"""What a network looks at, as PyTorch users find it out: autograd, and hooks on modules and tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Target = int | Tensor | None


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """The model in evaluation mode; each module's mode is put back afterwards."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


@contextmanager
def hooked(modules: list[nn.Module], hook: Callable[..., None]) -> Iterator[None]:
    """A forward hook on modules while the block runs."""
    handles = [module.register_forward_hook(hook) for module in modules]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def class_scores(scores: Tensor, target: Target) -> Tensor:
    """The score of one class for each sample, (N,); of the class with the highest score for None."""
    if target is None:
        return scores.max(dim=1).values
    index = torch.as_tensor(target, device=scores.device).long().expand(len(scores))
    return scores.gather(1, index[:, None])[:, 0]


def saliency(model: nn.Module, x: Tensor, target: Target = None) -> Tensor:
    """The gradient of the score of a class with respect to the input; see numpy_nn.interpret.saliency."""
    leaf = x.detach().requires_grad_()
    with evaluating(model), torch.enable_grad():
        (gradient,) = torch.autograd.grad(class_scores(model(leaf), target).sum(), leaf)
    return gradient


def guided_backpropagation(model: nn.Module, x: Tensor, target: Target = None) -> Tensor:
    """The saliency with the gradients that come back to ReLUs cut off below 0."""

    def cut(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        output.register_hook(F.relu)

    with hooked([module for module in model.modules() if isinstance(module, nn.ReLU)], cut):
        return saliency(model, x, target)


def integrated_gradients(
    model: nn.Module, x: Tensor, target: Target = None, baseline: float | Tensor = 0.0, steps: int = 50
) -> Tensor:
    """The gradient along the straight way from a baseline, times that way; all points go through in one batch."""
    with evaluating(model), torch.no_grad():
        scores = model(x)
    target = scores.argmax(dim=1) if target is None else torch.as_tensor(target).long().expand(len(x))
    points, weights = _gauss_legendre(steps, x.dtype, x.device)
    start = torch.as_tensor(baseline, dtype=x.dtype, device=x.device)
    places = torch.cat([torch.lerp(start.expand_as(x), x, point) for point in points])
    gradients = saliency(model, places, target.repeat(steps)).unflatten(0, (steps, len(x)))
    return (x - start) * torch.einsum("k,k...->...", weights, gradients)


def _gauss_legendre(steps: int, dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """Points and weights on [0, 1], by the eigenvectors of Golub and Welsch 1969."""
    k = torch.arange(1, steps, dtype=torch.float64)
    side = k / (4 * k**2 - 1).sqrt()
    points, vectors = torch.linalg.eigh(torch.diag(side, 1) + torch.diag(side, -1))
    return ((points + 1) / 2).to(device, dtype), (vectors[0] ** 2).to(device, dtype)


def grad_cam(model: nn.Module, x: Tensor, target: Target = None, layer: str | None = None) -> Tensor:
    """The maps of a layer, the last Conv2d if none is named, weighed by their mean gradients; below 0 cut off."""
    if layer is None:
        layer = next(reversed(convolutions(model)), None)
    if layer is None:
        raise ValueError("model: expected one with a Conv2d, whose maps Grad-CAM weighs, got one without")
    maps: list[Tensor] = []
    leaf = x.detach().requires_grad_()
    with evaluating(model), torch.enable_grad():
        with hooked([_layer(model, layer)], lambda *call: maps.append(call[2])):
            score = class_scores(model(leaf), target).sum()
        _check_maps(layer, maps)
        (gradient,) = torch.autograd.grad(score, maps[0])
    alpha = F.adaptive_avg_pool2d(gradient, 1)
    return F.relu((alpha * maps[0].detach()).sum(dim=1))


def convolutions(model: nn.Module) -> list[str]:
    """The names of every Conv2d."""
    return [name for name, module in model.named_modules() if isinstance(module, nn.Conv2d)]


def occlusion(
    model: nn.Module, x: Tensor, target: Target = None, size: int = 4, stride: int = 2, value: float = 0.0
) -> Tensor:
    """How much the score falls when a square is hidden, for each pixel the mean over the squares that hide it."""
    masks = torch.stack([_band(x.shape[-2], top, size) for top in _starts(x.shape[-2], size, stride)])
    across = torch.stack([_band(x.shape[-1], left, size) for left in _starts(x.shape[-1], size, stride)])
    masks = (masks[:, None, :, None] & across[None, :, None, :]).flatten(0, 1).to(x.device)  # (squares, H, W)
    with evaluating(model), torch.no_grad():
        scores = model(x)
        target = scores.argmax(dim=1) if target is None else target
        whole = class_scores(scores, target)
        fell = []
        for mask in masks:
            fell.append(whole - class_scores(model(x.masked_fill(mask, value)), target))
    hiding = masks.to(x.dtype)
    return torch.einsum("sn,shw->nhw", torch.stack(fell), hiding) / hiding.sum(dim=0)


def _starts(length: int, size: int, stride: int) -> list[int]:
    return sorted({*range(0, length - size + 1, stride), length - size})


def _band(length: int, start: int, size: int) -> Tensor:
    places = torch.arange(length)
    return (places >= start) & (places < start + size)


def activations(model: nn.Module, x: Tensor, layer: str) -> Tensor:
    """What a layer gives for an input."""
    seen: list[Tensor] = []
    with hooked([_layer(model, layer)], lambda *call: seen.append(call[2])), evaluating(model), torch.no_grad():
        model(x)
    _check_called_once(layer, seen)
    return seen[0]


def weight_images(model: nn.Module, layer: str | None = None, shape: tuple[int, ...] | None = None) -> Tensor:
    """The weights of a layer, the first with any if none is named, as images."""
    if layer is None:
        layer = next(name for name, p in model.named_parameters() if p.ndim > 1).rpartition(".")[0]
    weight = _layer(model, layer).weight.detach()
    if weight.ndim > 2:
        return weight
    side = round(weight.shape[1] ** 0.5)
    return weight.unflatten(1, shape or (side, side))


def strongest(gradient: Tensor) -> Tensor:
    """Of each pixel's channels the value furthest from 0: (N, C, H, W) -> (N, H, W)."""
    places = gradient.abs().argmax(dim=1, keepdim=True)
    return gradient.take_along_dim(places, dim=1)[:, 0]


def enlarged(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Maps (..., H, W) of another size, bilinear."""
    flat = maps.reshape(-1, 1, *maps.shape[-2:])
    return F.interpolate(flat, size, mode="bilinear", align_corners=False).reshape(*maps.shape[:-2], *size)


def _layer(model: nn.Module, name: str) -> nn.Module:
    layers = dict(model.named_modules())
    if name not in layers:
        raise ValueError(f"layer: expected one of {', '.join(filter(None, layers))}, got {name!r}")
    return layers[name]


def _check_called_once(layer: str, outputs: list[Tensor]) -> None:
    if len(outputs) != 1:
        raise ValueError(f"layer: expected one that the model calls once, got {layer}, called {len(outputs)} times")


def _check_maps(layer: str, outputs: list[Tensor]) -> None:
    _check_called_once(layer, outputs)
    shape = tuple(outputs[0].shape)
    if len(shape) != 4:
        raise ValueError(f"layer: expected one that gives maps (N, C, H, W), got {layer}, which gives shape {shape}")
