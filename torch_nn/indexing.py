"""Picking out elements, as a function."""

from __future__ import annotations

from typing import Any

import torch


def getitem(x: torch.Tensor, index: Any) -> torch.Tensor:
    """The elements of x at an index: x[index]."""
    return x[index]
