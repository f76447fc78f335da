"""The methods of explain: what each is called, what it asks of a network, and how it is drawn."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from numpy_nn.backend import Array
from numpy_nn.command_line.wing import Opened
from numpy_nn.interpret import mosaic, overlay, show

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

METHODS = {
    "saliency": "saliency",
    "guided": "guided\nbackpropagation",
    "integrated": "integrated\ngradients",
    "grad-cam": "Grad-CAM",
    "occlusion": "occlusion",
    "activations": "activation maps",
    "weights": "weights of the\nfirst layer",
}
"""The methods by what is typed, and what stands above their pictures."""

SIGNED = ("saliency", "guided", "integrated", "occlusion")
"""The methods that tell what speaks for a class from what speaks against it."""

SCALED = {"activations": "maps", "weights": "weights"}
"""Those that show several images, each scaled by its furthest value, and what the caption calls them."""

NEEDS = {"guided": "ReLU", "grad-cam": "Conv2d", "activations": "Conv2d"}
"""The layers that a network must have for some of them."""

MOSAIC = 36
"""Up to so many maps or weight images are shown."""

CELL = 2.0
"""Inches."""


@dataclass(frozen=True)
class Looked:
    """An image (rows, columns), what the network takes it for, and what each method finds in it."""

    title: str
    image: Array
    maps: Mapping[str, Array]


def possible(model: Any, layer: str | None) -> list[str]:
    """The methods that a network, of either wing, has all the layers for; any layer that is named has activations."""
    kinds = {type(module).__name__ for module in model.modules()}
    lacking = {name for name, kind in NEEDS.items() if kind not in kinds}
    if layer is not None:
        lacking -= {"activations"}
    return [name for name in METHODS if name not in lacking]


def look(
    opened: Opened, place: int, shape: Sequence[int], target: int, methods: Sequence[str], layer: str | None
) -> dict[str, Array]:
    """What each method finds in one of the samples, for one class: heat (H, W), or several images (K, H, W)."""
    interpret, layers, model = opened.interpret, opened.layers, opened.model
    x = opened.x[place : place + 1]
    images = x.reshape(1, 1, *shape)
    seeing = model if x.ndim == 4 else layers.Sequential(layers.Flatten(), model)
    side = max(2, min(shape) // 7)

    def found(method: str) -> Any:
        match method:
            case "saliency":
                return interpret.strongest(interpret.saliency(seeing, images, target))[0]
            case "guided":
                return interpret.strongest(interpret.guided_backpropagation(seeing, images, target))[0]
            case "integrated":
                return interpret.integrated_gradients(seeing, images, target)[0, 0]
            case "grad-cam":
                return interpret.grad_cam(model, x, target, layer)[0]
            case "occlusion":
                return interpret.occlusion(seeing, images, target, side, side // 2)[0]
            case "activations":
                maps = interpret.activations(model, x, layer or interpret.convolutions(model)[0])[0]
                return maps if maps.ndim == 3 else maps.reshape(-1, 1, 1)
            case _:
                weights = interpret.weight_images(model, None, None if x.ndim == 4 else tuple(shape))
                return weights.reshape(-1, *weights.shape[-2:])

    return {method: opened.to_host(found(method)) for method in methods}


def size(samples: Sequence[Looked]) -> tuple[float, float]:
    """The inches that `paint` needs."""
    width = CELL * (1 + len(samples[0].maps)) + 0.4
    return width, (CELL + 0.3) * len(samples) + 0.7 + 0.2 * len(_caption(samples[0].maps, width))


def paint(figure: Figure, samples: Sequence[Looked]) -> None:
    """A row for each sample: the image, then what each method finds in it."""
    grid = figure.subplots(len(samples), 1 + len(samples[0].maps), squeeze=False)
    for row, sample in zip(grid, samples, strict=True):
        show(row[0], sample.image)
        row[0].set_xlabel(sample.title, fontsize=10)
        for axes, (method, found) in zip(row[1:], sample.maps.items(), strict=True):
            if method == "weights" and sample is not samples[0]:  # they are the same for all
                axes.set_axis_off()
            else:
                _paint(axes, sample.image, method, found)
    for axes, method in zip(grid[0, 1:], samples[0].maps, strict=True):
        axes.set_title(METHODS[method], fontsize=11)
    figure.supxlabel("\n".join(_caption(samples[0].maps, figure.get_figwidth())), fontsize=10)


def _caption(methods: Collection[str], width: float) -> list[str]:
    """What the colours of some methods mean, in lines that fit a picture of so many inches."""
    told = ["blue speaks for the class, red against it"] if any(name in SIGNED for name in methods) else []
    if "grad-cam" in methods:
        told.append("Grad-CAM: yellow to red speaks for the class")
    if scaled := [called for name, called in SCALED.items() if name in methods]:
        told.append(f"{' and '.join(scaled)}: blue above 0, red below")
    return wrap("; ".join(told), int(12 * width))


def _paint(axes: Axes, image: Array, method: str, found: Array) -> None:
    if method in SCALED:
        axes.imshow(mosaic(found[:MOSAIC]), cmap="RdBu", vmin=-1, vmax=1)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
    else:
        overlay(axes, image, found, signed=method in SIGNED)
        if not found.any():
            axes.set_xlabel("nothing", fontsize=10)
