"""What a person reads who asks for a GPU where there is none."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import numpy_nn as nn
from numpy_nn import backend


def test_a_missing_gpu_is_named_and_nothing_is_moved(monkeypatch):
    driverless = SimpleNamespace(cuda=SimpleNamespace(is_available=lambda: False))
    monkeypatch.setattr(backend, "import_module", lambda name: driverless)
    monkeypatch.delitem(backend._modules, "cuda", raising=False)
    model = nn.Linear(2, 2)
    with pytest.raises(ValueError, match=r'^device: got "cuda", expected a machine with a CUDA GPU and its driver'):
        model.to("cuda", np.float64)
    assert model.weight.data.dtype == np.float32


def test_a_missing_cupy_is_named_with_what_installs_it(monkeypatch):
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(backend, "import_module", missing)
    monkeypatch.delitem(backend._modules, "cuda", raising=False)
    with pytest.raises(ImportError, match=r'needs CuPy: pip install "numpy_nn\[cuda13\]"'):
        nn.Linear(2, 2, device="cuda")
