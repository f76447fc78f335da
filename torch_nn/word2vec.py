"""Word2Vec in PyTorch: the objectives, the model and the training loop, as a PyTorch user writes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Tree(NamedTuple):
    """The ways from the root of a binary tree to each word: points and codes (V, L), lengths (V,)."""

    points: Tensor
    codes: Tensor
    lengths: Tensor


class Step(NamedTuple):
    """One step of a training: the rate, the loss summed over the pairs, how many there were, words read by its end."""

    rate: float
    loss: float
    pairs: int
    read: int


def softmax_loss(hidden: Tensor, weight: Tensor, target: Tensor, reduction: str = "sum") -> Tensor:
    """Cross entropy of the right word over the whole vocabulary."""
    return F.cross_entropy(F.linear(hidden, weight), target, reduction=reduction)


def negative_sampling_loss(
    hidden: Tensor, weight: Tensor, target: Tensor, negatives: Tensor, reduction: str = "sum", *, sparse: bool = False
) -> Tensor:
    """The right word and words of noise as yes and no; a negative that is the target counts for nothing."""
    right = (hidden * F.embedding(target, weight, sparse=sparse)).sum(dim=1)
    noise = torch.bmm(F.embedding(negatives, weight, sparse=sparse), hidden.unsqueeze(2)).squeeze(2)
    counted = (negatives != target.unsqueeze(1)).to(hidden.dtype)
    losses = -F.logsigmoid(right) - (counted * F.logsigmoid(-noise)).sum(dim=1)
    return _reduced(losses, reduction)


def block_loss(x: Tensor, y: Tensor, weight: Tensor, target: int) -> Tensor:
    """Every y of a block against every x of it, all yes or all no, with weights."""
    scores = y @ x.mT
    return F.binary_cross_entropy_with_logits(scores, torch.full_like(scores, target), weight, reduction="sum")


def hierarchical_softmax_loss(
    hidden: Tensor,
    weight: Tensor,
    points: Tensor,
    codes: Tensor,
    lengths: Tensor,
    reduction: str = "sum",
    *,
    sparse: bool = False,
) -> Tensor:
    """The way down a binary tree as yes (code 0) and no (code 1), up to its length."""
    on_the_way = torch.arange(points.shape[1], device=points.device) < lengths.unsqueeze(1)
    nodes = F.embedding(points.masked_fill(~on_the_way, 0), weight, sparse=sparse)
    scores = torch.bmm(nodes, hidden.unsqueeze(2)).squeeze(2)
    answers = (codes == 0).to(hidden.dtype)
    losses = F.binary_cross_entropy_with_logits(scores, answers, on_the_way.to(hidden.dtype), reduction="none")
    return _reduced(losses.sum(dim=1), reduction)


def _reduced(losses: Tensor, reduction: str) -> Tensor:
    return losses if reduction == "none" else getattr(losses, reduction)()


class Word2Vec(nn.Module):
    """Skip-gram or CBOW: the vectors of words on the way in, and those of words, or of inner nodes, on the way out.

    tree: for hierarchical softmax.  negative: noise words for each pair, or 0 for the softmax over all words.
    sparse: gradients hold the rows in use alone.  generator: what the start is drawn from.
    """

    def __init__(
        self,
        num_words: int,
        vector_size: int = 100,
        *,
        cbow: bool = False,
        negative: int = 5,
        tree: Tree | None = None,
        sparse: bool = False,
        dtype: torch.dtype | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.cbow, self.negative, self.tree, self.sparse = cbow, negative, tree, sparse
        outputs = num_words if tree is None else num_words - 1
        self.input = nn.Parameter(torch.empty(num_words, vector_size, dtype=dtype))
        self.output = nn.Parameter(torch.zeros(outputs, vector_size, dtype=dtype))
        nn.init.uniform_(self.input, -0.5 / vector_size, 0.5 / vector_size, generator=generator)

    def forward(self, inputs: Tensor, lengths: Tensor, target: Tensor, negatives: Tensor | None = None) -> Tensor:
        """The loss, summed over the targets.

        inputs: the words that each target is guessed from, one after the other; lengths: how many for each target, all
        1 for Skip-gram.
        """
        hidden = self._hidden(inputs, lengths)
        if self.tree is not None:
            points, codes, depths = (part[target] for part in self.tree)
            longest = int(depths.max())
            way = points[:, :longest], codes[:, :longest], depths
            return hierarchical_softmax_loss(hidden, self.output, *way, sparse=self.sparse)
        if negatives is None:
            return softmax_loss(hidden, self.output, target)
        return negative_sampling_loss(hidden, self.output, target, negatives, sparse=self.sparse)

    def _hidden(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """Words, or the means of the words around: of which each gets the whole error, as in word2vec.c and gensim."""
        if not self.cbow:
            return F.embedding(inputs, self.input, sparse=self.sparse)
        mean = F.embedding_bag(inputs, self.input, lengths.cumsum(0) - lengths, mode="mean", sparse=self.sparse)
        if mean.requires_grad:
            mean.register_hook(lambda gradient: gradient * lengths.unsqueeze(1))
        return mean


def train(
    model: Word2Vec,
    ids: Tensor,
    counts: Tensor,
    *,
    window: int = 5,
    sample: float = 1e-3,
    epochs: int = 5,
    alpha: float = 0.025,
    min_alpha: float = 1e-4,
    dynamic_window: bool = True,
    noise_exponent: float = 0.75,
    batch_words: int = 128,
    run: int = 1 << 16,
    frozen: Tensor | None = None,
    generator: torch.Generator | None = None,
) -> Iterator[Step]:
    """Train on a text, and hand back each step when it is done; the settings are those of numpy_nn.word2vec.

    ids: (n,) int64, the words' numbers and −1 after each sentence.  counts: (V,), how often each word occurs.
    frozen: (V,) bool, the words whose input vectors stay.  All is drawn from the generator.
    Raises ValueError where the loss is no longer finite.
    """
    optimizer = torch.optim.SGD(model.parameters(), lr=alpha)
    noise, total, device = counts.double() ** noise_exponent, epochs * int((ids >= 0).sum()), model.input.device
    start = model.input.detach().clone()
    text = TextReader(ids, keep_probability(counts, sample), epochs, batch_words, run, generator)
    for places, words, begin, end in text:
        widths = torch.full((len(places),), window)
        if dynamic_window:
            widths = torch.randint(1, window + 1, (len(places),), generator=generator)
        middle, around = neighbours(words, places, widths)
        lengths = torch.ones_like(middle)
        inputs, target = words[middle], words[around]
        if model.cbow:
            places, lengths = middle.unique_consecutive(return_counts=True)
            inputs, target = words[around], words[places]
        if not len(target):
            continue
        negatives = None
        if model.negative:
            drawn = torch.multinomial(noise, len(target) * model.negative, replacement=True, generator=generator)
            negatives = drawn.view(len(target), model.negative).to(device)

        rate = alpha - (alpha - min_alpha) * begin / total
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        loss = model(inputs.to(device), lengths.to(device), target.to(device), negatives)
        if not loss.isfinite():
            raise ValueError(f"the loss is {loss.item()}")
        loss.backward()
        optimizer.step()
        if frozen is not None:
            with torch.no_grad():
                model.input[frozen] = start[frozen]
        yield Step(rate, loss.item(), len(target), end)


def keep_probability(counts: Tensor, sample: float) -> Tensor:
    """min(1, √(t / f) + t / f) of a word's share f of the text, as in word2vec.c; all are kept where t is 0."""
    if not sample:
        return torch.ones(len(counts), dtype=torch.float64)
    share = counts / counts.sum(dtype=torch.float64)
    return ((sample / share).sqrt() + sample / share).clamp(max=1)


@dataclass
class TextReader:
    """A text, epochs times over: frequent words thinned out, cut into batches.

    Iterate it for the places of a batch, the words left of its run (of at most so many, up to the end of a sentence),
    and the words of the text read before the batch and after it.
    """

    ids: Tensor
    keep: Tensor
    epochs: int
    batch_words: int
    run: int
    generator: torch.Generator | None

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, int, int]]:
        read = 0
        for part in (part for _ in range(self.epochs) for part in self._parts()):
            luck = torch.rand(len(part), dtype=torch.float64, generator=self.generator)
            kept = (part < 0) | (luck < self.keep[part])
            # how many words were read before each place, and after the last
            before = [read, *(read + (part >= 0).cumsum(0)).tolist()]
            at = kept.nonzero().squeeze(1)
            for places in torch.arange(len(at)).split(self.batch_words):
                first, following = int(places[0]), int(places[-1]) + 1
                begin = before[at[first]] if first else read
                yield places, part[at], begin, before[at[following]] if following < len(at) else before[-1]
            read = before[-1]

    def _parts(self) -> Iterator[Tensor]:
        rest = self.ids
        while len(rest):
            ends = (rest[: self.run] < 0).nonzero()
            size = int(ends[-1]) + 1 if len(ends) and self.run < len(rest) else self.run
            yield rest[:size]
            rest = rest[size:]


def neighbours(words: Tensor, places: Tensor, widths: Tensor) -> tuple[Tensor, Tensor]:
    """The places around each of some places, no farther than its width and in its sentence: pairs (middle, around)."""
    n = len(words)
    ends = torch.cat([torch.tensor([-1]), (words < 0).nonzero().squeeze(1), torch.tensor([n])])
    following = torch.searchsorted(ends, places)  # the first end at or after each place
    first = torch.maximum(places - widths, ends[following - 1] + 1)
    last = torch.minimum(places + widths, ends[following] - 1)
    count = (last - first).clamp(min=0)  # the place itself is not beside itself, and an end has nothing around
    count[words[places] < 0] = 0
    middle, start = places.repeat_interleave(count), first.repeat_interleave(count)
    around = start + torch.arange(len(middle)) - (count.cumsum(0) - count).repeat_interleave(count)
    return middle, around + (around >= middle).long()
