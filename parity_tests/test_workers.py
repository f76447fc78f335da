"""Worker threads give the batches that PyTorch's worker processes give, and leave nothing behind."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
import warnings
from contextlib import contextmanager
from traceback import walk_tb

import numpy as np
import pytest
import torch
import torch.utils.data

import numpy_nn.random
from numpy_nn.data import DataLoader, TensorDataset, TransformedDataset
from parity_tests.loaders import alike, assert_same_position, both_datasets, both_generators, seed_both


@contextmanager
def counted_workers():
    """Gives a function that counts the worker threads that began inside of the `with`."""
    before = set(threading.enumerate())

    def count():
        return sum(thread.name.startswith("DataLoader worker") for thread in set(threading.enumerate()) - before)

    yield count


def wait_until(holds, seconds=5):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "still waiting"
        time.sleep(0.001)


@contextmanager
def forked():
    """PyTorch's workers as processes; it warns of more of them than processors, and Python 3.12 of forking threads."""
    gc.collect()  # a loader left over would be missed by its workers in the forked process, and complain there
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "This DataLoader will create", UserWarning)
        warnings.filterwarnings("ignore", ".*use of fork", DeprecationWarning)
        yield {"multiprocessing_context": "fork"}


class Noisy:
    """Samples with what the default stream draws for them: a word, pairs of words, and normal values that wait."""

    def __init__(self, random, N=9):
        self.random = random
        self.N = N

    def __len__(self):
        return self.N

    def __getitem__(self, index):
        if index == 4:
            self.random.manual_seed(11)
        u, n = self.random.rand(2), self.random.randn(3)
        return index, u, n, self.random.randint(0, 100, (1,)), self.random.initial_seed() % 2**31


CASES = [
    (1, {"batch_size": 2}, False),
    (2, {"batch_size": 2, "shuffle": True}, True),
    (2, {"batch_size": 4, "prefetch_factor": 1, "shuffle": True, "drop_last": True}, True),
    (3, {"batch_size": 1, "prefetch_factor": 1}, True),
    (3, {"batch_size": None, "prefetch_factor": 3}, False),
]


@pytest.mark.parametrize(("num_workers", "options", "own"), CASES, ids=str)
def test_threads_draw_what_processes_draw(num_workers, options, own):
    """Two passes, with the position of the main stream before, during and after each."""
    generators = both_generators(5)
    seed_both(2**40 + num_workers)
    ours_own, theirs_own = generators if own else (None, None)
    with forked() as fork:
        ours = DataLoader(Noisy(numpy_nn.random), num_workers=num_workers, generator=ours_own, **options)
        theirs = torch.utils.data.DataLoader(
            Noisy(torch), num_workers=num_workers, generator=theirs_own, **options, **fork
        )
        assert len(ours) == len(theirs)
        for _ in range(2):
            one_pass = iter(ours), iter(theirs)
            assert_same_position(generators)
            for batch, twin in zip(*one_pass, strict=True):
                assert alike(batch, twin)
                assert_same_position(generators)
            assert_same_position(generators)


def test_worker_threads_change_no_batch_of_a_dataset_that_draws_nothing():
    dataset, _ = both_datasets(23)
    seed_both(1)
    expected = [list(DataLoader(dataset, 5, shuffle=True)) for _ in range(2)]
    for workers in (1, 2, 5):
        numpy_nn.random.manual_seed(1)
        loader = DataLoader(dataset, 5, shuffle=True, num_workers=workers)
        for one_pass in expected:
            for batch, other in zip(loader, one_pass, strict=True):
                assert all(map(np.array_equal, batch, other))


def test_a_slow_worker_changes_no_order():
    def slow_at_first(batch):
        time.sleep(0.02 if 0 in batch else 0)
        return batch

    loader = DataLoader(list(range(12)), 2, num_workers=3, collate_fn=slow_at_first)
    assert list(loader) == [[first, first + 1] for first in range(0, 12, 2)]


def test_workers_work_at_the_same_time():
    barrier = threading.Barrier(3)

    def meet(batch):
        barrier.wait(timeout=10)
        return batch

    assert list(DataLoader(list(range(6)), num_workers=3, collate_fn=meet)) == [[i] for i in range(6)]


def test_no_more_is_made_ahead_than_asked_for():
    made = []

    def note(batch):
        made.append(batch)
        return batch

    batches = iter(DataLoader(list(range(100)), num_workers=2, prefetch_factor=3, collate_fn=note))
    for taken in range(4):
        wait_until(lambda ahead=6 + taken: len(made) == ahead)
        time.sleep(0.02)
        assert len(made) == 6 + taken
        next(batches)


class Broken(Exception):
    """What only the dataset raises."""


class BrokenAtFive:
    def __len__(self):
        return 9

    def __getitem__(self, index):
        if index == 5:
            raise Broken(index)
        return index


@pytest.mark.parametrize("num_workers", [1, 2])
def test_a_workers_error_is_raised_in_the_place_of_its_batch(num_workers):
    with forked() as fork:
        theirs = iter(torch.utils.data.DataLoader(BrokenAtFive(), 2, num_workers=num_workers, **fork))
        ours = iter(DataLoader(BrokenAtFive(), 2, num_workers=num_workers))
        for side in (ours, theirs):
            assert [next(side).tolist(), next(side).tolist()] == [[0, 1], [2, 3]]
            with pytest.raises(Broken) as caught:
                next(side)
            if side is ours:
                assert caught.value.args == (5,)
                frames = [frame.f_code.co_qualname for frame, _ in walk_tb(caught.tb)]
                assert frames[-1] == "BrokenAtFive.__getitem__"
            assert [batch.tolist() for batch in side] == [[6, 7], [8]]


def test_an_error_that_ends_processes_does_not_leave_the_loader_waiting():
    def leave(batch):
        raise SystemExit(batch)

    batches = iter(DataLoader([1, 2], num_workers=1, collate_fn=leave))
    for number in (1, 2):
        with pytest.raises(SystemExit, match=f"[{number}]"):
            next(batches)
    assert list(batches) == []


def test_the_threads_are_gone_after_a_pass():
    with counted_workers() as workers:
        batches = iter(DataLoader(list(range(5)), num_workers=2))
        assert workers() == 2
        assert len(list(batches)) == 5
        assert workers() == 0
        assert list(batches) == []


@pytest.mark.parametrize("when", ["not begun", "begun", "busy", "after an error"])
def test_the_threads_end_when_the_pass_is_dropped(when):
    """Without the garbage collector: nothing holds the pass in a circle."""
    release = threading.Event()

    def wait(batch):
        if 4 in batch:
            release.wait(timeout=10)
        if 1 in batch:
            raise Broken
        return batch

    gc.disable()
    try:
        with counted_workers() as workers:
            batches = iter(DataLoader(list(range(50)), num_workers=2, collate_fn=wait))
            if when != "not begun":
                next(batches)
            if when == "after an error":
                with pytest.raises(Broken):
                    next(batches)
            if when != "busy":
                release.set()
            assert workers() == 2
            del batches
            release.set()
            wait_until(lambda: workers() == 0)
    finally:
        gc.enable()


def test_an_interrupted_loop_over_a_loader_leaves_no_threads():
    with counted_workers() as workers:
        for _ in DataLoader(list(range(50)), num_workers=3):
            break
        wait_until(lambda: workers() == 0)


def test_a_program_ends_in_the_middle_of_a_pass():
    program = """
import time
from numpy_nn.data import DataLoader
def slow(batch):
    time.sleep(0.01 * len(batch))
    return batch
batches = iter(DataLoader(list(range(50)), num_workers=2, collate_fn=slow))
print(next(batches))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == ("[0]\n", "")


def test_a_worker_has_the_settings_of_the_thread_that_began_the_pass():
    with np.errstate(over="call"):
        batches = iter(DataLoader([1], num_workers=1, collate_fn=lambda _: np.geterr()["over"]))
    assert next(batches) == "call"


def test_the_default_stream_is_another_one_inside_a_with_and_in_its_thread_alone():
    numpy_nn.random.manual_seed(0)
    expected = numpy_nn.random.rand(4)
    numpy_nn.random.manual_seed(0)
    seen = []
    own = numpy_nn.random.Generator(7)
    with numpy_nn.random.default_stream(own) as stream:
        assert stream is own
        other = threading.Thread(target=lambda: seen.append(numpy_nn.random.rand(2)))
        other.start()
        other.join()
        inside = numpy_nn.random.rand(3)
        assert numpy_nn.random.initial_seed() == 7
        assert numpy_nn.random.get_rng_state().tobytes() == own.get_state().tobytes()
        numpy_nn.random.set_rng_state(numpy_nn.random.Generator(8).get_state())
        assert own.initial_seed() == 8
        assert numpy_nn.random.manual_seed(9) is own
    assert inside.tolist() == numpy_nn.random.rand(3, generator=numpy_nn.random.Generator(7)).tolist()
    assert [*seen[0], *numpy_nn.random.rand(2)] == expected.tolist()
    with pytest.raises(KeyError), numpy_nn.random.default_stream(own):
        raise KeyError
    assert numpy_nn.random.initial_seed() == 0


def test_no_stream_but_a_generator_is_taken():
    for other in (0, torch.Generator()):
        with (
            pytest.raises(TypeError, match=r"generator: expected a numpy_nn\.random\.Generator"),
            numpy_nn.random.default_stream(other),
        ):
            pass


def test_augmented_batches_of_arrays_are_pytorchs():
    x = np.arange(20.0).reshape(10, 2)
    ours = TransformedDataset(TensorDataset(x), lambda row: row + numpy_nn.random.rand(2, dtype=np.float64))
    theirs = torch.utils.data.TensorDataset(torch.from_numpy(x))
    theirs.__class__ = type(
        "Augmented",
        (torch.utils.data.TensorDataset,),
        {"__getitem__": lambda self, i: (self.tensors[0][i] + torch.rand(2, dtype=torch.float64),)},
    )
    seed_both(6)
    with forked() as fork:
        for batch, twin in zip(
            DataLoader(ours, 3, True, num_workers=2),
            torch.utils.data.DataLoader(theirs, 3, True, num_workers=2, **fork),
            strict=True,
        ):
            assert alike(batch, twin)
