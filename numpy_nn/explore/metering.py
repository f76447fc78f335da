"""What one inference takes on a device: its time, and its energy where the device counts it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from numpy_nn.backend import Array, device_module, to_device, to_host
from numpy_nn.explore.counters import Graphics, NotMeasurable, Processor, load_nvml
from numpy_nn.modules import Module

BATCHES, TIMED, COUNTED_FOR = (1, 32, 1024), 0.5, 2.0
"""How many images at a time, and for how many seconds they are timed and their energy is counted."""


@dataclass(frozen=True)
class Reading:
    """Seconds per image for each of BATCHES on one device; joules per image and watts at the largest, or why not."""

    seconds: list[float]
    joules: float | None = None
    watts: float | None = None
    missing: NotMeasurable | None = None


def graphics() -> Graphics:
    """The GPU's counter, where numpy_nn can compute on the GPU; NotMeasurable where not."""
    nvml = load_nvml()
    try:
        cuda = device_module("cuda").cuda
    except (ImportError, ValueError) as error:
        raise NotMeasurable("no-cupy", str(error)) from None
    return Graphics.find(nvml, cuda.Device().pci_bus_id)


def measured(model: Module, images: Array, device: str, find: Callable[[], Processor | Graphics]) -> Reading:
    """Times on a device, which for the processor need no counter, and joules where there is one."""
    try:
        counter = find()
    except NotMeasurable as missing:
        return Reading(_times(model, images) if device == "cpu" else [], missing=missing)
    model.to(device)
    try:
        images = to_device(images, device)
        seconds = _times(model, images)
        before, start = counter.read(), perf_counter()
        count = _repeat(model, images, COUNTED_FOR)
        joules, elapsed = counter.joules(before, counter.read()), perf_counter() - start
    except NotMeasurable as missing:
        return Reading(seconds, missing=missing)
    finally:
        model.to("cpu")
    if joules <= 0:
        return Reading(seconds, missing=NotMeasurable("too-short"))
    return Reading(seconds, joules / count, joules / elapsed)


def _times(model: Module, images: Array) -> list[float]:
    """Seconds per image, for each of BATCHES."""
    times = []
    for batch in BATCHES:
        _finished(model, images[:batch])  # what only the first call does is not timed
        start = perf_counter()
        count = _repeat(model, images[:batch], TIMED)
        times.append((perf_counter() - start) / count)
    return times


def _repeat(model: Module, images: Array, seconds: float) -> int:
    """Infer for a while; returns how many images."""
    count, end = 0, perf_counter() + seconds
    while perf_counter() < end:
        _finished(model, images)
        count += len(images)
    return count


def _finished(model: Module, images: Array) -> None:
    """Infer, and wait until the device is done: the last logit is fetched."""
    to_host(model(images)[-1:])
