"""The columns: with what a thing is computed."""

from __future__ import annotations

from collections.abc import Callable

import torch

from benchmarks.contest import nothing
from numpy_nn import backend as libraries

BACKENDS = {
    "numpy-textbook": "the formulas that one reads, nn.use_kernels('textbook')",
    "numpy-fast": "the kernels written for speed, nn.use_kernels('fast')",
    "torch-cpu-eager": "PyTorch as it comes",
    "torch-cpu-channels_last": "images with their channels last in memory, and in training the fused optimizer",
    "torch-cpu-fused": "the fused optimizer",
    "torch-cpu-compiled": "torch.compile, and in training the fused optimizer; compiling is off the clock",
    "cupy-textbook": "the formulas on a GPU",
    "cupy-fast": "fused kernels on a GPU",
    "cupy-graph": "a training step captured as a CUDA graph",
    "torch-cuda-eager": "PyTorch as it comes, on a GPU",
    "torch-cuda-fused": "the fused optimizer, on a GPU",
    "torch-cuda-compiled": "torch.compile, on a GPU",
    "torch-cuda-graph": "a training step captured as a CUDA graph",
}
"""Every backend, and what it is."""

GPU = tuple(name for name in BACKENDS if name.startswith(("cupy", "torch-cuda")))
"""What runs on a GPU only. It has a column everywhere, in which stands that it was not measured where there is none."""

DEFAULT = tuple(name for name in BACKENDS if name not in (*GPU, "torch-cpu-compiled"))
"""What is measured where nothing else is asked for: compiling takes longer than everything else together."""

BASE = "torch-cpu-eager"
"""PyTorch's default, which ratios are of."""

NUMPY = ("numpy-fast", "numpy-textbook")
CUPY = ("cupy-fast", "cupy-textbook")


def here() -> tuple[str, ...]:
    """DEFAULT, and on a machine with a GPU what is measured there."""
    return (*DEFAULT, *(name for name in GPU if name != "torch-cuda-compiled" and available(name)))


def kernels(backend: str) -> str:
    """The kernel set of one of ours: "textbook" or "fast"."""
    return "textbook" if backend.endswith("textbook") else "fast"


def device(backend: str) -> str:
    """Where it computes: "cpu" or "cuda"."""
    return "cuda" if backend in GPU else "cpu"


def available(backend: str) -> bool:
    """Whether it can be measured here."""
    if backend not in GPU:
        return True
    return torch.cuda.is_available() and (not backend.startswith("cupy") or libraries.is_available("cuda"))


def our_wait(device: str) -> Callable[[], object]:
    """What waits until a device has done all that numpy_nn gave it; nothing to wait for on a CPU."""
    cuda = getattr(libraries.device_module(device), "cuda", None)
    return nothing if cuda is None else cuda.Device().synchronize


def their_wait(device: str) -> Callable[[], object]:
    """The same for PyTorch."""
    return torch.cuda.synchronize if device == "cuda" else nothing


def is_torch(backend: str) -> bool:
    """Whether it is one of PyTorch's on the CPU."""
    return backend.startswith("torch-cpu-")
