"""One thread for each library, so that results do not hang on the number of cores, nor times on who takes which."""

from __future__ import annotations

import torch
from threadpoolctl import threadpool_limits


def one() -> None:
    """Let NumPy's BLAS and PyTorch compute with one thread each, from now on."""
    torch.set_num_threads(1)
    threadpool_limits(1)
