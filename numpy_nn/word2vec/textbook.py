"""Word2Vec as lecture notes draw it: a network with one hidden layer, and no activation in it.

    x, one-hot (V)  ->  h = x W_in (D)  ->  z = h W_outᵀ (V)  ->  p = softmax(z)  ->  l = −log p_t

and backwards

    dz = p − onehot(t),     dW_out = dzᵀ h,     dh = dz W_out,     dW_in = xᵀ dh

A one-hot vector times a matrix is a row of it. With x_v = [v = i]:

    h_d    = Σ_v x_v W_in[v, d] = W_in[i, d]                so the layer is F.embedding(i, W_in),
    dW_in[v, d] = x_v dh_d = dh_d where v = i, else 0       and its gradient is dh in row i, and nothing else.

So x is never written down, and a step changes the rows of words that occur in it, no others. Where a word occurs
several times in a batch, its row gets the sum. Skip-gram guesses each word around from the one in the middle: x is
one word. CBOW guesses the word in the middle from those around: x is their mean,

    h = (1/n) Σ_j W_in[i_j],      Δ W_in[i_j] = −rate · dh      where the gradient is dh / n:

each word around takes the whole error, n times its share, as in word2vec.c and gensim, whose learning rates then mean
the same here.

The softmax over the whole vocabulary costs V · D a pair. The other two objectives replace the output layer by one that
looks at a few of its rows: see word2vec.objectives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np

from numpy_nn import random
from numpy_nn.backend import Array, array_module, device_of, item, silent, to_device
from numpy_nn.functional import checks
from numpy_nn.functional.embedding import embedding
from numpy_nn.functional.embedding_bag import embedding_bag
from numpy_nn.functional.formula import Pullback
from numpy_nn.training.nonfinite import NonFiniteError, finite
from numpy_nn.word2vec import huffman, sampling
from numpy_nn.word2vec.batches import Batch, batches
from numpy_nn.word2vec.encoded import Encoded
from numpy_nn.word2vec.objectives import hierarchical_softmax_loss, negative_sampling_loss, softmax_loss
from numpy_nn.word2vec.settings import Settings

BATCH_WORDS = 128
"""How many consecutive words make a step, if no word among them is too frequent."""

STRIDE = 0.05
"""How often the most frequent word may be expected in a step, times the learning rate: its row moves by the sum of as
many gradients, all from the same vectors, and where that goes too far, the next ones are larger still."""

DIVERGED = 1000.0
"""The loss of a pair from which on a training has diverged. It starts between 1 and 30."""


class Model(Protocol):
    """What is trained: see word2vec.Word2Vec."""

    vocabulary: Any
    settings: Settings
    input: Array
    output: Array
    frozen: Array | None


class Step(NamedTuple):
    """One step.

    number: from 1 on.  rate: the learning rate.  loss: of all pairs together, before the step.  pairs: how many words
    were guessed.  read: words of the text, over all epochs, read when it was done.
    """

    number: int
    rate: float
    loss: float
    pairs: int
    read: int


def train(model: Model, encoded: Encoded, advance: Callable[[int], None], *, batch_words: int | None = None) -> None:
    """Train the model's input and output on a text, in place.

    advance: told how many words were read, after each step.  batch_words: how many consecutive words make a step, 1 to
    step word by word; by default see batch_size.  Raises ValueError where no sentence has two words, NonFiniteError
    where training diverges.
    """
    read = 0
    for step in steps(model, encoded, batch_words=batch_words):
        advance(step.read - read)
        read = step.read
    advance(model.settings.epochs * encoded.words - read)  # what came after the last pair


def steps(
    model: Model, encoded: Encoded, *, batch_words: int | None = None, generator: random.Generator | None = None
) -> Iterator[Step]:
    """The training, step by step, each handed back when it is done.

    generator: what every draw is from, Generator(seed + 1) by default: the seed itself has drawn the vectors' start.
    Raises ValueError, before the first step, where no sentence has two words; NonFiniteError, before the step that
    would diverge, naming it, its learning rate and what may help.
    """
    encoded.check_pairs()
    settings, counts = model.settings, model.vocabulary.counts
    batch_words = batch_size(counts, settings) if batch_words is None else batch_words
    checks.integer("batch_words", batch_words, low=1)
    generator = random.Generator(settings.seed + 1) if generator is None else generator
    tree = huffman.tree(counts) if settings.objective == "hierarchical" else None
    noise = sampling.noise(counts, settings.noise_exponent) if settings.objective == "negative" else None
    total = encoded.words * settings.epochs
    for number, batch in enumerate(batches(encoded, counts, settings, batch_words, generator), start=1):
        pairs, rate, negatives = batch.target.size, settings.rate(batch.begin / total), None
        if noise is not None:
            drawn = random.multinomial(noise, pairs * settings.negative, replacement=True, generator=generator)
            negatives = drawn.reshape(pairs, settings.negative)
        try:
            loss = learn(model, batch, rate, negatives, tree)
        except NonFiniteError as error:
            advice = f"a smaller alpha than {settings.alpha}, or fewer words in a batch than {batch_words}"
            raise NonFiniteError(f"step {number}: {error} at learning rate {rate:.3g}; try {advice}") from None
        yield Step(number, rate, loss, pairs, batch.end)


def batch_size(counts: Array, settings: Settings) -> int:
    """How many words make a step by default: n ≤ BATCH_WORDS with alpha · n · the share of the commonest word ≤ STRIDE.

    counts: (V,), how often each word occurs, before frequent ones are thinned out.
    """
    kept = counts * sampling.keep_probability(counts, settings.sample)
    most = BATCH_WORDS * settings.alpha * float(kept.max() / kept.sum())
    return max(int(BATCH_WORDS * min(STRIDE / most, 1)) if most else BATCH_WORDS, 1)


def learn(
    model: Model, batch: Batch, rate: float, negatives: Array | None = None, tree: huffman.Huffman | None = None
) -> float:
    """One step of gradient descent: forward, loss, backward, update. Returns the loss, summed over the batch.

    W ← W − rate · ∂(Σ l)/∂W,   for CBOW's W_in with the whole error, as above

    Of frozen words the rows of W_in stay, those of W_out do not, as with gensim's vectors_lockf.
    negatives: (B, K), for negative sampling.  tree: for hierarchical softmax.  With neither, the loss is the softmax
    over all words.
    Raises NonFiniteError, and leaves the model as it was, where the loss is DIVERGED for each of the B words or more,
    and where the loss or a row would be nan or infinite.
    """
    place = partial(to_device, device=device_of(model.input))
    words, inputs = np.unique(batch.inputs, return_inverse=True)  # only rows that occur get a gradient
    words = place(words)
    hidden, hidden_backward = _hidden(place(inputs), model.input[words], batch.lengths)
    rows, loss, loss_backward = _loss(hidden, model.output, batch.target, negatives, tree)
    dhidden, doutput = loss_backward()
    dinput = hidden_backward(dhidden)

    with silent():
        moved_input = model.input[words] - rate * dinput
        moved_output = model.output[rows] - rate * doutput
    value = float(item(loss))
    if not value < DIVERGED * batch.target.size:
        raise NonFiniteError(f"the loss is {value / batch.target.size:.3g} a pair")
    if not (finite(moved_input) and finite(moved_output)):
        raise NonFiniteError("a vector is no longer finite")
    if model.frozen is not None:
        moved_input = array_module(moved_input).where(model.frozen[words][:, None], model.input[words], moved_input)
    model.input[words], model.output[rows] = moved_input, moved_output
    return value


def _hidden(inputs: Array, vectors: Array, lengths: Array | None) -> tuple[Array, Pullback]:
    """The hidden layer: rows of vectors, or means of bags of them of the given lengths, each with the whole error."""
    if lengths is None:
        return embedding(inputs, vectors)
    ends = to_device(np.cumsum(lengths), device_of(vectors))
    n = to_device(lengths, device_of(vectors))
    hidden, backward = embedding_bag(inputs, vectors, ends - n, mode="mean")
    return hidden, lambda dhidden: backward(dhidden * n[:, None].astype(dhidden.dtype))


def _loss(
    hidden: Array, output: Array, target: Array, negatives: Array | None, tree: huffman.Huffman | None
) -> tuple[Array, Array, Pullback]:
    """The rows of the output that are looked at, the loss, and its pullback to hidden and to those rows."""
    place = partial(to_device, device=device_of(hidden))
    if negatives is not None:
        rows, places = np.unique(np.column_stack([target, negatives]), return_inverse=True)
        rows, places = place(rows), place(places)
        return rows, *negative_sampling_loss(hidden, output[rows], places[:, 0], places[:, 1:])
    if tree is not None:
        lengths = tree.lengths[target]
        longest = lengths.max()
        rows, places = np.unique(tree.points[target, :longest], return_inverse=True)
        rows, codes = place(rows), place(tree.codes[target, :longest])
        return rows, *hierarchical_softmax_loss(hidden, output[rows], place(places), codes, place(lengths))
    every = array_module(output).arange(len(output))
    return every, *softmax_loss(hidden, output, place(target))
