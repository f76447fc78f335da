"""PyTorch says once a process that padding="same" may copy. Imported before tests, this lets it say so in silence."""

from __future__ import annotations

import warnings

import torch

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    torch.conv1d(torch.zeros(1, 1, 2), torch.zeros(1, 1, 2), padding="same")
