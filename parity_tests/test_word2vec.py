"""Word2Vec: the objectives as lecture notes have them, and whole trainings in step with PyTorch."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import numpy_nn.functional as F
from numpy_nn import random, word2vec
from numpy_nn.backend import to_device, to_host
from numpy_nn.training import NonFiniteError
from numpy_nn.word2vec import batches as reading
from numpy_nn.word2vec import huffman, sampling, textbook
from numpy_nn.word2vec.encoded import Encoded
from numpy_nn.word2vec.settings import Settings
from parity_tests import strict
from parity_tests.bounds import agree, unit, within
from parity_tests.lockstep import FLOAT64_BOUND
from torch_nn import word2vec as twin

strict.install()

U = unit(np.dtype(np.float64))
WORDS = 30
OBJECTIVES = ("negative", "hierarchical", "softmax")


@dataclass
class Vocabulary:
    counts: np.ndarray


@dataclass
class Model:
    """What the trainer asks of a model, and no more."""

    settings: Settings
    counts: np.ndarray
    frozen: np.ndarray | None = None
    vocabulary: Any = field(init=False)
    input: np.ndarray = field(init=False)
    output: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        V, D, dtype = len(self.counts), self.settings.vector_size, self.settings.floating
        self.vocabulary = Vocabulary(self.counts)
        generator = random.Generator(self.settings.seed)
        self.input = random.uniform((V, D), -0.5 / D, 0.5 / D, dtype=dtype, generator=generator)
        self.output = np.zeros((V - (self.settings.objective == "hierarchical"), D), dtype)


def text(seed: int = 0, size: int = 1500) -> Encoded:
    """Sentences of 1 to 12 words, each of one of six topics; frequent words are far more frequent than rare ones."""
    drawn = np.random.default_rng(seed)
    sentences = [5 * drawn.integers(6) + drawn.zipf(1.5, drawn.integers(1, 13)) % 5 for _ in range(size // 6)]
    ids = np.concatenate([[*sentence, -1] for sentence in sentences]).astype(np.int32)
    return Encoded(ids, int((ids >= 0).sum()))


def counts_of(encoded: Encoded) -> np.ndarray:
    return np.maximum(np.bincount(encoded.ids[encoded.ids >= 0], minlength=WORDS), 1)


def sides(encoded: Encoded, frozen: np.ndarray | None = None, batch_words: int = 16, **options: Any):
    """The same training on either side, from the seed alone: the models, and their steps to come."""
    settings = Settings(trainer="textbook", dtype="float64", vector_size=8, **options)
    counts = counts_of(encoded)
    ours = Model(settings, counts, frozen)
    tree = tensors(huffman.tree(counts)) if settings.objective == "hierarchical" else None
    theirs = twin.Word2Vec(
        len(counts),
        settings.vector_size,
        cbow=settings.cbow,
        negative=settings.negative if settings.objective == "negative" else 0,
        tree=tree,
        dtype=torch.float64,
        generator=torch.Generator().manual_seed(settings.seed),
    )
    their_steps = twin.train(
        theirs,
        torch.from_numpy(encoded.ids.astype(np.int64)),
        torch.from_numpy(counts),
        window=settings.window,
        sample=settings.sample,
        epochs=settings.epochs,
        alpha=settings.alpha,
        min_alpha=settings.min_alpha,
        dynamic_window=settings.dynamic_window,
        noise_exponent=settings.noise_exponent,
        batch_words=batch_words,
        run=reading.RUN,
        frozen=None if frozen is None else torch.from_numpy(frozen),
        generator=torch.Generator().manual_seed(settings.seed + 1),
    )
    return ours, theirs, textbook.steps(ours, encoded, batch_words=batch_words), their_steps


def in_lockstep(encoded: Encoded, **options: Any) -> tuple[list[textbook.Step], Model]:
    """Every number of both trainings compared after every step; what the steps were."""
    ours, theirs, our_steps, their_steps = sides(encoded, **options)
    steps = []
    for step, expected in zip(our_steps, their_steps, strict=True):
        steps.append(step)
        assert (step.pairs, step.read) == (expected.pairs, expected.read), f"step {step.number}"
        assert abs(step.rate - expected.rate) <= 8 * U * ours.settings.alpha  # four operations on either side
        assert abs(step.loss - expected.loss) <= FLOAT64_BOUND * step.loss, f"loss at step {step.number}"
        for name in ("input", "output"):
            apart = np.abs(getattr(ours, name) - getattr(theirs, name).detach().numpy()).max()
            assert apart <= FLOAT64_BOUND, f"{name} at step {step.number}"
    return steps, ours


LONG = {"epochs": 3, "sample": 0.05, "alpha": 0.05, "window": 3}


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("cbow", [False, True], ids=["Skip-gram", "CBOW"])
def test_every_vector_at_every_step(cbow: bool, objective: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "RUN", 500)
    encoded = text()
    steps, model = in_lockstep(encoded, cbow=cbow, objective=objective, **LONG)
    assert len(steps) > 200
    assert 0 <= 3 * encoded.words - steps[-1].read < 50
    first, last = (sum(step.loss for step in some) / sum(step.pairs for step in some) for some in ends_of(steps))
    assert last < 0.95 * first
    assert np.abs(model.output).max() > 0.1


def ends_of(steps: list[textbook.Step]) -> tuple[list[textbook.Step], list[textbook.Step]]:
    return steps[:50], steps[-50:]


@pytest.mark.parametrize("cbow", [False, True], ids=["Skip-gram", "CBOW"])
def test_every_vector_at_every_step_word_by_word_and_with_frozen_words(cbow: bool) -> None:
    """Windows of one width, nothing thinned out, another exponent: what the other trainings have not."""
    frozen = np.arange(WORDS) % 3 == 0
    options = {"dynamic_window": False, "sample": 0, "window": 2, "epochs": 1, "noise_exponent": 0.5, "negative": 2}
    encoded = text(1, 300)
    _, model = in_lockstep(encoded, frozen=frozen, batch_words=1, cbow=cbow, **options)
    moved = (model.input != Model(model.settings, model.counts).input).any(axis=1)
    assert not moved[frozen].any()
    assert moved[~frozen].any()


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_output_moves_though_the_words_are_frozen(objective: str) -> None:
    _, model = in_lockstep(text(), frozen=np.ones(WORDS, bool), objective=objective, epochs=1)
    assert np.array_equal(model.input, Model(model.settings, model.counts).input)
    assert model.output.any(axis=1).sum() > 20


def test_another_seed_is_another_training() -> None:
    """The comparison can fail."""
    one, other = (in_lockstep(text(), epochs=1, seed=seed)[1] for seed in (1, 2))
    assert np.abs(one.input - other.input).max() > 1e-3


# One step


@st.composite
def injected(draw: st.DrawFn) -> tuple[Model, reading.Batch, np.ndarray | None, huffman.Huffman | None]:
    """A model somewhere in its training, and a batch in which words, negatives and nodes repeat."""
    drawn = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    cbow, objective = draw(st.booleans()), draw(st.sampled_from(OBJECTIVES))
    V, B, K = (int(drawn.integers(2, high)) for high in (8, 6, 5))
    settings = Settings(vector_size=int(drawn.integers(1, 5)), cbow=cbow, objective=objective, dtype="float64")
    model = Model(settings, drawn.integers(1, 50, V))
    model.input, model.output = (drawn.standard_normal(matrix.shape) for matrix in (model.input, model.output))
    lengths = drawn.integers(1, 4, B) if cbow else None
    inputs = drawn.integers(0, V, B if lengths is None else lengths.sum())
    batch = reading.Batch(inputs.astype(np.int32), lengths, drawn.integers(0, V, B).astype(np.int32), 0, B)
    negatives = drawn.integers(0, V, (B, K)) if objective == "negative" else None
    return model, batch, negatives, huffman.tree(model.counts) if objective == "hierarchical" else None


@given(injected())
def test_a_step_is_pytorchs(
    given_: tuple[Model, reading.Batch, np.ndarray | None, huffman.Huffman | None],
) -> None:
    """Pairs and negatives injected: one step of torch.optim.SGD."""
    model, batch, negatives, tree = given_
    settings = model.settings
    theirs = twin.Word2Vec(len(model.counts), settings.vector_size, cbow=settings.cbow, tree=tensors(tree))
    with torch.no_grad():
        theirs.input, theirs.output = (
            torch.nn.Parameter(torch.tensor(matrix)) for matrix in (model.input, model.output)
        )
    lengths = np.ones_like(batch.inputs) if batch.lengths is None else batch.lengths
    data = (torch.from_numpy(part.astype(np.int64)) for part in (batch.inputs, lengths, batch.target))
    expected = theirs(*data, None if negatives is None else torch.from_numpy(negatives))
    expected.backward()
    torch.optim.SGD(theirs.parameters(), lr=0.5).step()
    loss = textbook.learn(model, batch, 0.5, negatives, tree)
    agree("loss", np.asarray(loss), expected.detach().numpy(), np.asarray(1 + loss), 64)
    for name in ("input", "output"):
        ours = getattr(model, name)
        # up to 5 pairs, each with 5 outputs or fewer, of numbers that are rarely above 4
        agree(name, ours, getattr(theirs, name).detach().numpy(), np.full(ours.shape, 100.0), 64)


def tensors(tree: huffman.Huffman | None) -> twin.Tree | None:
    return None if tree is None else twin.Tree(*(torch.from_numpy(part.astype(np.int64)) for part in tree))


def test_a_one_hot_vector_times_the_matrix_is_a_row_of_it() -> None:
    """x W = W[i], and xᵀ dh is dh in row i: F.linear of one-hot vectors is F.embedding, bit for bit, both ways."""
    drawn = np.random.default_rng(0)
    ids, weight, dh = drawn.integers(0, 7, 5), drawn.standard_normal((7, 3)), drawn.integers(-9, 9, (5, 3)) / 4
    one_hot = np.eye(7)[ids]
    row, row_backward = F.embedding(ids, weight)
    product, product_backward = F.linear(one_hot, weight.T)
    assert np.array_equal(row, product)
    assert np.array_equal(row_backward(dh), product_backward(dh)[1].T)


def test_the_textbook_network_step_by_step() -> None:
    """One pair, with every line of the lecture written out: one-hot, hidden layer, scores, softmax, and back."""
    settings = Settings(vector_size=3, objective="softmax", dtype="float64")
    model = Model(settings, np.array([5, 4, 3, 2]))
    drawn = np.random.default_rng(0)
    model.output = drawn.standard_normal((4, 3))
    W_in, W_out = model.input.copy(), model.output.copy()
    x, t, rate = np.eye(4)[[2]], 1, 0.1

    h = x @ W_in
    z = h @ W_out.T
    p = np.exp(z) / np.exp(z).sum()
    dz = p - np.eye(4)[[t]]
    dW_out, dh = dz.T @ h, dz @ W_out
    dW_in = x.T @ dh

    loss = textbook.learn(model, reading.Batch(np.array([2]), None, np.array([t]), 0, 1), rate)
    size = p + np.eye(4)[[t]]  # of the numbers that dz is the difference of
    roundings = 16  # of sums of three and four terms, powers, a quotient and a step
    agree("loss", np.array([loss]), -np.log(p[:, t]), 1 + np.abs(h) @ np.abs(W_out[t]), roundings)
    agree("input", model.input, W_in - rate * dW_in, np.abs(W_in) + rate * x.T @ (size @ np.abs(W_out)), roundings)
    agree("output", model.output, W_out - rate * dW_out, np.abs(W_out) + rate * size.T @ np.abs(h), roundings)


def test_each_word_around_takes_the_whole_error() -> None:
    """Of two words around the one in the middle, each moves by rate · dh, not by half of it; one that is there twice
    moves twice."""
    settings = Settings(vector_size=2, cbow=True, objective="softmax", dtype="float64")
    model = Model(settings, np.array([3, 2, 1]))
    model.output = np.array([[1.0, 2.0], [0.5, -1.0], [2.0, 0.0]])
    before = model.input.copy()
    hidden = before[[0, 1, 1]].mean(axis=0)
    powers = np.exp(model.output @ hidden)
    dh = (powers / powers.sum() - [0, 0, 1]) @ model.output
    size = (powers / powers.sum() + [0, 0, 1]) @ np.abs(model.output)
    textbook.learn(model, reading.Batch(np.array([0, 1, 1]), np.array([3]), np.array([2]), 0, 1), 0.1)
    moved = np.array([-0.1 * dh, -0.2 * dh, 0 * dh])
    # of two and three terms, powers, a quotient and a step
    agree("input", model.input - before, moved, np.abs(before) + 0.2 * size, 8)


# The text


def brute_force(sentences: list[list[int]], window: int) -> list[tuple[int, int]]:
    return [
        (sentence[i], sentence[j])
        for sentence in sentences
        for i in range(len(sentence))
        for j in range(max(i - window, 0), min(i + window + 1, len(sentence)))
        if i != j
    ]


def sentences_of(ids: np.ndarray) -> list[list[int]]:
    return [part[part >= 0].tolist() for part in np.split(ids, np.flatnonzero(ids < 0) + 1)]


@pytest.mark.parametrize("size", [1, 7, 10**6])
def test_batches_of_any_size_hold_all_pairs_and_none_across_sentences(size: int) -> None:
    encoded = text(2, 400)
    settings = Settings(window=3, sample=0, dynamic_window=False, epochs=1)
    found = list(reading.batches(encoded, counts_of(encoded), settings, size, random.Generator(0)))
    pairs = [pair for batch in found for pair in zip(batch.inputs.tolist(), batch.target.tolist(), strict=True)]
    assert np.array_equal(pairs, brute_force(sentences_of(encoded.ids), 3))
    assert all(one.end <= other.begin for one, other in pairwise(found))
    settings = replace(settings, cbow=True)
    around = list(reading.batches(encoded, counts_of(encoded), settings, size, random.Generator(0)))
    contexts = np.concatenate([batch.inputs for batch in around])
    middles = np.concatenate([np.repeat(batch.target, batch.lengths) for batch in around])
    assert np.array_equal(np.column_stack([middles, contexts]), pairs)


def test_a_run_ends_with_a_sentence_unless_one_is_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "RUN", 4)
    ids = np.array([1, -1, 2, 3, 4, -1, 5, 6, 7, 8, 9, -1, 1, -1])
    assert [run.tolist() for run in reading.runs(ids)] == [[1, -1], [2, 3, 4, -1], [5, 6, 7, 8], [9, -1, 1, -1]]


def test_frequent_words_are_thinned_out_as_often_as_they_should_be() -> None:
    """At a width of 1 each kept word of an endless sentence has two pairs, but for those at the four ends of two runs;
    three standard deviations are allowed."""
    ids = np.tile(np.array([0, 0, 0, 1], np.int32), 25_000)
    counts = np.array([75_000, 25_000])
    settings = Settings(window=1, sample=0.1, epochs=1)
    found = reading.batches(Encoded(ids, ids.size), counts, settings, 1000, random.Generator(0))
    kept = np.sum([np.bincount(batch.inputs, minlength=2) for batch in found], axis=0) / 2
    expected = sampling.keep_probability(counts, 0.1)
    deviation = np.sqrt(counts * expected * (1 - expected))
    assert np.all(np.abs(kept - counts * expected) <= 3 * deviation + 4 / 2)


def test_the_rate_falls_linearly_with_the_words_read() -> None:
    encoded = text()
    steps, _ = in_lockstep(encoded, epochs=2, alpha=0.1, min_alpha=0.01)
    assert steps[0].rate == 0.1
    for one, other in pairwise(steps):
        assert other.rate <= 0.1 - 0.09 * one.read / (2 * encoded.words)


def test_all_words_are_counted_and_the_training_is_the_same_again() -> None:
    encoded = text()
    settings = Settings(vector_size=4, epochs=2, window=2)
    models, counted = [Model(settings, counts_of(encoded)) for _ in range(2)], []
    for model in models:
        textbook.train(model, encoded, counted.append, batch_words=50)
    assert sum(counted) == 2 * 2 * encoded.words
    assert min(counted) >= 0
    for name in ("input", "output"):
        assert getattr(models[0], name).dtype == np.float32
        assert getattr(models[0], name).tobytes() == getattr(models[1], name).tobytes()


# What goes wrong


@pytest.mark.parametrize("cbow", [False, True], ids=["Skip-gram", "CBOW"])
def test_a_training_that_diverges_is_stopped_with_the_step_and_advice(cbow: bool) -> None:
    settings = Settings(vector_size=4, alpha=1e30, cbow=cbow, objective="softmax")
    model = Model(settings, counts_of(text()))
    expected = r"^step \d+: .* at learning rate 9.*e\+29; try a smaller alpha than 1e\+30, or fewer words in a batch"
    with pytest.raises(NonFiniteError, match=expected):
        textbook.train(model, text(), lambda words: None)
    assert np.isfinite(model.input).all()
    assert np.isfinite(model.output).all()


def test_a_training_that_diverges_slowly_is_stopped_too() -> None:
    """Long before anything overflows: nothing is infinite yet, and nothing is learned any more."""
    encoded = text(3, 9000)
    model = Model(Settings(alpha=0.05, sample=0, dtype="float64"), counts_of(encoded))
    with pytest.raises(NonFiniteError, match=r"^step \d+: the loss is \d\.\d+e\+03 a pair at learning rate 0\.04"):
        textbook.train(model, encoded, lambda words: None, batch_words=256)
    assert np.abs(model.input).max() < 1e3


@pytest.mark.parametrize("cbow", [False, True], ids=["Skip-gram", "CBOW"])
def test_by_default_a_step_is_small_enough_for_few_words_and_a_high_rate(cbow: bool) -> None:
    encoded = text(3, 6000)
    model = Model(Settings(alpha=0.1, sample=0, epochs=1, cbow=cbow), counts_of(encoded))
    textbook.train(model, encoded, lambda words: None)
    assert np.abs(model.input).max() < 3


@pytest.mark.parametrize(
    ("counts", "alpha", "expected"),
    [([1] * 1000, 0.025, 128), ([1] * 1000, 0.0, 128), ([10] * 30, 0.025, 60), ([10] * 30, 0.05, 30), ([5], 1.0, 1)],
)
def test_a_step_has_fewer_words_where_one_is_frequent(counts: list[int], alpha: float, expected: int) -> None:
    settings = Settings(alpha=alpha, min_alpha=0, sample=0)
    assert textbook.batch_size(np.array(counts), settings) == expected


def test_a_word_that_is_thinned_out_is_less_frequent() -> None:
    counts = np.array([500] + [1] * 500)
    whole, thinned = (textbook.batch_size(counts, Settings(sample=sample)) for sample in (0, 1e-3))
    assert (whole, thinned) == (4, 44)


def test_a_text_without_two_words_in_a_sentence_is_refused_before_anything_is_changed() -> None:
    """One sentence of two words is enough."""
    model = Model(Settings(vector_size=4, sample=0), np.ones(WORDS, np.int64))
    alone = Encoded(np.array([0, -1, 1, -1], np.int32), 2)
    with pytest.raises(ValueError, match=r"^sentences: expected at least one with two words .*, got only"):
        textbook.train(model, alone, lambda words: None)
    assert not model.output.any()
    textbook.train(model, Encoded(np.array([0, -1, 1, 2, -1], np.int32), 3), lambda words: None)
    assert model.output.any()


def test_a_batch_has_at_least_a_word() -> None:
    model = Model(Settings(vector_size=4), counts_of(text()))
    with pytest.raises(ValueError, match="batch_words: expected at least 1, got 0"):
        textbook.train(model, text(), lambda words: None, batch_words=0)


HIDDEN, WEIGHT = np.ones((2, 3), np.float32), np.ones((4, 3), np.float32)
TARGET, NEGATIVES = np.array([0, 3]), np.array([[1, 2], [0, 1]])
POINTS, CODES, LENGTHS = np.array([[3, 1], [3, 0]]), np.array([[0, 1], [1, 0]], np.int8), np.array([2, 1])


def refusals() -> list[tuple[Any, type[Exception], str]]:
    softmax, negative, tree = (
        getattr(word2vec, name) for name in ("softmax_loss", "negative_sampling_loss", "hierarchical_softmax_loss")
    )
    rows: list[tuple[Any, type[Exception], str]] = []
    for loss, data in (
        (softmax, (TARGET,)),
        (negative, (TARGET, NEGATIVES)),
        (tree, (POINTS, CODES, LENGTHS)),
    ):
        rows += [
            (lambda f=loss, d=data: f([[1.0]], WEIGHT, *d), TypeError, "hidden: expected an array, got list"),
            (lambda f=loss, d=data: f(HIDDEN, WEIGHT > 0, *d), TypeError, "weight: expected float32 or float64"),
            (lambda f=loss, d=data: f(HIDDEN.astype(float), WEIGHT, *d), TypeError, "weight: expected float64 like"),
            (lambda f=loss, d=data: f(HIDDEN, WEIGHT[0], *d), ValueError, r"weight: expected shape \(V, D\), got"),
            (lambda f=loss, d=data: f(HIDDEN[0], WEIGHT, *d), ValueError, r"hidden: expected shape \(B, 3\) for a"),
            (lambda f=loss, d=data: f(HIDDEN[:, :2], WEIGHT, *d), ValueError, r"hidden: expected .* got \(2, 2\)"),
            (lambda f=loss, d=data: f(HIDDEN, WEIGHT, *d, "max"), ValueError, "reduction: expected one of 'none'"),
        ]
    for wrong in (-1, 4):
        rows += [
            (lambda w=wrong: softmax(HIDDEN, WEIGHT, TARGET * 0 + w), IndexError, r"target: .* \[0, 4\), got"),
            (lambda w=wrong: negative(HIDDEN, WEIGHT, TARGET * 0 + w, NEGATIVES), IndexError, r"indices: .* \[0, 4\)"),
            (lambda w=wrong: negative(HIDDEN, WEIGHT, TARGET, NEGATIVES * 0 + w), IndexError, r"indices: .* \[0, 4\)"),
            (lambda w=wrong: tree(HIDDEN, WEIGHT, POINTS * 0 + w, CODES, LENGTHS), IndexError, r"indices: .* \[0, 4"),
            (lambda w=wrong: tree(HIDDEN, WEIGHT, POINTS, CODES * 0 + w, LENGTHS), IndexError, r"codes: .* \[0, 2\)"),
            (lambda w=wrong: tree(HIDDEN, WEIGHT, POINTS, CODES, LENGTHS * 0 + w), IndexError, r"lengths: .* \[0, 3"),
        ]
    return [
        *rows,
        (lambda: softmax(HIDDEN, WEIGHT, TARGET[:1]), ValueError, r"target: expected shape \(2,\)"),
        (lambda: softmax(HIDDEN, WEIGHT, TARGET * 1.0), TypeError, "target: expected int64 or int32, got float64"),
        (lambda: negative(HIDDEN, WEIGHT, [0, 1], NEGATIVES), TypeError, "target: expected an array of int64 or int32"),
        (lambda: negative(HIDDEN, WEIGHT, TARGET, [[0], [1]]), TypeError, "negatives: expected an array of int64 or"),
        (lambda: negative(HIDDEN, WEIGHT, TARGET[:1], NEGATIVES), ValueError, r"target: expected shape \(2,\) for"),
        (lambda: negative(HIDDEN, WEIGHT, TARGET, TARGET), ValueError, r"negatives: expected shape \(2, n\) for"),
        (lambda: tree(HIDDEN, WEIGHT, POINTS[:1], CODES, LENGTHS), ValueError, r"points: expected shape \(2, n\) for"),
        (lambda: tree(HIDDEN, WEIGHT, POINTS, CODES[:, :1], LENGTHS), ValueError, r"codes: expected shape \(2, 2\)"),
        (lambda: tree(HIDDEN, WEIGHT, POINTS, CODES * 1.0, LENGTHS), TypeError, "codes: expected int8 or int32 or"),
        (lambda: tree(HIDDEN, WEIGHT, POINTS, CODES, POINTS), ValueError, r"lengths: expected shape \(2,\) for"),
        (
            lambda: negative(*(to_device(x, "strict") for x in (HIDDEN, WEIGHT, TARGET)), NEGATIVES),
            ValueError,
            "negatives: expected an array on strict like hidden, got one on cpu",
        ),
    ]


@pytest.mark.parametrize(("call", "error", "message"), refusals())
def test_an_objective_refuses(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{message}"):
        call()


# What the objectives mean


@given(st.integers(2, 12), st.integers(0, 2**32 - 1))
def test_the_ways_down_the_tree_are_a_distribution_over_the_words(V: int, seed: int) -> None:
    drawn = np.random.default_rng(seed)
    tree = huffman.tree(drawn.integers(1, 100, V))
    hidden, weight = np.tile(drawn.standard_normal(3), (V, 1)), drawn.standard_normal((V - 1, 3))
    losses, _ = word2vec.hierarchical_softmax_loss(hidden, weight, *tree, reduction="none")
    p = np.exp(-losses)
    # p is off by what its loss is: eight roundings of each step down, of a score of three terms and its logarithm
    off = 8 * U * p * tree.lengths * (1 + np.abs(hidden[0]) @ np.abs(weight).max(axis=0))
    within("sum", p.sum(), np.float64(1), off.sum())


SOFTPLUS = 8 * unit(np.dtype(np.float32))
"""Of a sum of three: two roundings for each power, logarithm and addition, and the result's own."""


def test_what_follows_a_way_down_is_padding() -> None:
    """Nonsense beyond the length changes nothing."""
    nonsense = POINTS.copy(), CODES.copy()
    nonsense[0][1, 1], nonsense[1][1, 1] = -7, 9
    for points, codes in ((POINTS, CODES), nonsense):
        loss, backward = word2vec.hierarchical_softmax_loss(HIDDEN, WEIGHT, points, codes, LENGTHS)
        assert loss == pytest.approx(np.log1p(np.exp(-3)) + 2 * np.log1p(np.exp(3)), rel=SOFTPLUS, abs=0)
        assert not backward()[1][[0, 2]].any()


def test_a_negative_equal_to_its_target_is_left_out() -> None:
    both = np.array([[0, 1], [3, 3]])
    without, _ = word2vec.negative_sampling_loss(HIDDEN, WEIGHT, TARGET, both)
    assert without == pytest.approx(2 * np.log1p(np.exp(-3)) + np.log1p(np.exp(3)), rel=SOFTPLUS, abs=0)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("cbow", [False, True], ids=["Skip-gram", "CBOW"])
def test_a_step_on_another_device_gives_the_same_bits(cbow: bool, objective: str) -> None:
    encoded, models = text(0, 300), []
    settings = Settings(vector_size=4, epochs=1, cbow=cbow, objective=objective)
    for device in ("cpu", "strict"):
        model = Model(settings, counts_of(encoded))
        model.frozen = to_device(np.arange(WORDS) < 3, device)
        model.input, model.output = to_device(model.input, device), to_device(model.output, device)
        textbook.train(model, encoded, lambda words: None)
        models.append([to_host(model.input).tobytes(), to_host(model.output).tobytes()])
    assert models[0] == models[1]
