"""Formulas on images: convolutions and what stands between them.

The fast kernels get their images with the channels last in memory, as layers hand them on to each other.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks.contest import Contest
from benchmarks.formulas import UPSTREAM, Subject, contest
from parity_tests.case import Case
from parity_tests.strategies import values


def convolution(N: int, C: int, size: int, O: int, kernel: int, stride: int) -> Case:  # noqa: E741
    """N images of C channels and that size, seen by O kernels with half their size as padding."""
    shapes = ((N, C, size, size), (O, C, kernel, kernel))
    x, weight = (values(seed, shape, np.float32) for seed, shape in enumerate(shapes))
    return Case((x, weight / np.float32(kernel * C**0.5)), {"stride": stride, "padding": kernel // 2}, wrt=(0, 1))


def normalization(N: int, C: int, size: int) -> Case:
    """Batch normalization in training, with weight and bias and without running statistics."""
    learned = {"weight": values(1, (C,), np.float32), "bias": values(2, (C,), np.float32)}
    running = {"running_mean": None, "running_var": None}
    options = {**running, **learned, "training": True}
    return Case((values(0, (N, C, size, size), np.float32),), options, (0, *learned), seed=UPSTREAM)


def alone(N: int, C: int, size: int, **options: int) -> Case:
    """Images and options, no parameters."""
    return Case((values(0, (N, C, size, size), np.float32),), options, seed=UPSTREAM)


SUBJECTS = [
    Subject(label, name, make, images=True)
    for label, name, make in (
        ("conv 3×3, 64 to 64 at 56²", "conv2d", partial(convolution, 8, 64, 56, 64, 3, 1)),
        ("conv 3×3, 128 to 128 at 14²", "conv2d", partial(convolution, 32, 128, 14, 128, 3, 1)),
        ("conv 3×3, 512 to 512 at 4²", "conv2d", partial(convolution, 32, 512, 4, 512, 3, 1)),
        ("conv 1×1, 64 to 256 at 56²", "conv2d", partial(convolution, 8, 64, 56, 256, 1, 1)),
        ("conv 3×3 stride 2, 64 to 128 at 56²", "conv2d", partial(convolution, 8, 64, 56, 128, 3, 2)),
        ("conv 1×1 stride 2, 64 to 128 at 56²", "conv2d", partial(convolution, 8, 64, 56, 128, 1, 2)),
        ("conv 5×5, 1 to 6 at 28²", "conv2d", partial(convolution, 64, 1, 28, 6, 5, 1)),
        ("conv 5×5, 6 to 16 at 14²", "conv2d", partial(convolution, 64, 6, 14, 16, 5, 1)),
        ("BatchNorm, 64 at 28²", "batch_norm", partial(normalization, 32, 64, 28)),
        ("max pool 2×2, 64 at 28²", "max_pool2d", partial(alone, 32, 64, 28, kernel_size=2)),
        (
            "max pool 3×3 stride 2, 64 at 56²",
            "max_pool2d",
            partial(alone, 8, 64, 56, kernel_size=3, stride=2, padding=1),
        ),
        ("ReLU, 64 at 28²", "relu", partial(alone, 32, 64, 28)),
    )
]


def contests() -> list[Contest]:
    """Every subject."""
    return [contest(subject) for subject in SUBJECTS]
