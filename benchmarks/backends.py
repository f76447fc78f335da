"""The columns: with what a thing is computed."""

from __future__ import annotations

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

NOT_MEASURED = tuple(name for name in BACKENDS if name.startswith(("cupy", "torch-cuda")))
"""What runs on a GPU only. It has a column, in which nothing stands but that it was not measured."""

DEFAULT = tuple(name for name in BACKENDS if name not in (*NOT_MEASURED, "torch-cpu-compiled"))
"""What is measured where nothing else is asked for: compiling takes longer than everything else together."""

BASE = "torch-cpu-eager"
"""PyTorch's default, which ratios are of."""

NUMPY = ("numpy-fast", "numpy-textbook")


def kernels(backend: str) -> str:
    """The kernel set of one of ours: "textbook" or "fast"."""
    return backend.removeprefix("numpy-")


def is_torch(backend: str) -> bool:
    """Whether it is one of PyTorch's on the CPU."""
    return backend.startswith("torch-cpu-")
