"""Skip-gram's kernels for a GPU: each step is PyTorch's, as on a CPU, whatever words its blocks have in common."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from numpy_nn.backend import device_of, to_device, to_host
from numpy_nn.kernels.cuda.skipgram import SkipGram
from numpy_nn.training import NonFiniteError
from numpy_nn.word2vec import fast
from numpy_nn.word2vec.fast import blocks, trainer
from parity_tests.bounds import unit
from parity_tests.emulation import Backwards, RawKernel, emulated, needs_compiler
from parity_tests.strict import install
from parity_tests.test_cuda import gpu, place
from parity_tests.word2vec_steps import compare, first_step, learnt, model_of, moved, text

install()

KINDS = [
    {"dynamic_window": False, "vector_size": 33},
    {"window": 1, "negative": 2, "vector_size": 3},
    {"window": 7, "negative": 11, "vector_size": 32},
    {"window": 20, "vector_size": 67},
]


def stepped(kind: dict[str, Any], device: str, kernel: type = RawKernel) -> None:
    """Three steps on both sides, every vector compared after each."""
    model = learnt(model_of(text(), alpha=0.1, **kind))
    with gpu(device, kernel) as ran:
        assert compare(moved(model, place(device)), text(), most=3) == 3
        assert ran is None or ran == ["compare", "move"] * 3


@needs_compiler
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_every_vector_is_pytorchs_after_every_step(kind: dict[str, Any], device: str) -> None:
    stepped(kind, device)


@needs_compiler
def test_it_does_not_matter_which_thread_begins(device: str) -> None:
    stepped(KINDS[0], device, Backwards)


@needs_compiler
def test_also_where_words_are_frozen_or_too_frequent(device: str) -> None:
    model = learnt(model_of(text(1), sample=0.0))
    model.freeze(["0", "3", "7"])
    assert trainer.Trainer(model, text(1)).output_factors.min() < 0.1, "of 40 words, some are in a step too often"
    before, learning = model.input.copy(), ~model.frozen
    with gpu(device):
        moved(model, place(device))
        assert compare(model, text(1), most=3) == 3
        after = to_host(first_step(model, text(1)).input)
    assert np.array_equal(after[~learning], before[~learning])
    assert not np.array_equal(after[learning], before[learning])


@needs_compiler
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_training_is_the_cpus(dtype: str, device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "RUN", 500)
    encoded, counted = text(0, 30), []
    here, there = (learnt(model_of(encoded, dtype=dtype)) for _ in range(2))
    fast.train(here, encoded, lambda words: None)
    with gpu(device):
        fast.train(moved(there, place(device)), encoded, counted.append)
        assert {device_of(there.input), device_of(there.output)} == {place(device)}
    assert sum(counted) == 2 * encoded.words
    for mine, expected in ((to_host(there.input), here.input), (to_host(there.output), here.output)):
        assert mine.dtype == expected.dtype == dtype
        # each word that is read adds to a row in another order
        assert np.abs(mine - expected).max() <= 2 * encoded.words * unit(mine.dtype) * np.abs(expected).max()


@needs_compiler
@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_what_is_not_finite_stops_a_training_and_leaves_the_model(number: float, device: str) -> None:
    model = learnt(model_of(text(0, 4)))
    model.input[3, 2] = number
    before = model.input.copy()
    with gpu(device), pytest.raises(NonFiniteError, match="the vectors diverge"):
        fast.train(moved(model, place(device)), text(0, 4), lambda words: None)
    assert np.array_equal(to_host(model.input), before, equal_nan=True)


def test_what_there_is_no_kernel_for_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cbow: expected False with vectors on a GPU, .* got True"):
        fast.train(moved(model_of(text(), cbow=True), "strict"), text(), lambda words: None)
    single = to_device(np.ones((3, 4), np.float32), "strict")
    with emulated():
        for wrong in (single.astype(np.float64), to_device(np.ones((4, 3), np.float32).T, "strict"), np.ones((3, 4))):
            with pytest.raises(ValueError, match="input, output: expected CuPy arrays of one dtype in C order, got "):
                SkipGram(single, wrong, np.ones(3), 5)
