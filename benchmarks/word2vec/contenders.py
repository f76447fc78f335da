"""The contenders: each trains on a text, and hands back words and vectors. Only the training itself is on the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from benchmarks.word2vec.text import Text
from numpy_nn.word2vec import Settings, Word2Vec, WordVectors

Look: TypeAlias = Callable[[WordVectors], None]

TORCH_BATCH = {"Skip-gram": 512, "CBOW": 2048}
"""Words in a step of PyTorch's: the fastest of 128, 512 and 2048."""


class Clock:
    """Wall and processor seconds spent in its `with` blocks, less those in its pauses."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    def __enter__(self) -> Clock:
        self._start = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall += time.perf_counter() - self._start[0]
        self.cpu += time.process_time() - self._start[1]

    def pause(self, look: Callable[[], None]) -> None:
        """Do something off the clock."""
        self.__exit__()
        look()
        self.__enter__()


def fast(text: Text, settings: Settings, clock: Clock, look: Look) -> WordVectors:
    """numpy_nn's fast trainer. With one worker, whose runs come in order, it is looked at between epochs."""
    from numpy_nn.word2vec.fast.trainer import Trainer, train

    model, words = Word2Vec(text.vocabulary, settings), text.encoded.words
    if settings.workers > 1:
        with clock:
            train(model, text.encoded, lambda n: None)
        return model.vectors

    def advance(n: int) -> None:
        if trainer.read // words > (trainer.read - n) // words and trainer.read < trainer.total:
            vectors = trainer.input[:, : settings.vector_size]
            clock.pause(lambda: look(WordVectors(text.vocabulary.words, vectors)))

    with clock:
        trainer = Trainer(model, text.encoded)
        trainer.work(advance)
        trainer.finish()
    return model.vectors


def textbook(text: Text, settings: Settings, clock: Clock, look: Look) -> WordVectors:
    """numpy_nn's readable trainer."""
    from numpy_nn.word2vec.textbook import train

    model = Word2Vec(text.vocabulary, settings)
    with clock:
        train(model, text.encoded, lambda n: None)
    return model.vectors


def gensim(text: Text, settings: Settings, clock: Clock, look: Look) -> WordVectors:
    """gensim, from lists of words in memory, looked at between epochs."""
    from gensim.models import Word2Vec as Model
    from gensim.models.callbacks import CallbackAny2Vec

    class BetweenEpochs(CallbackAny2Vec):
        epoch = 0

        def on_epoch_end(self, model: Model) -> None:
            self.epoch += 1
            if self.epoch < settings.epochs:
                clock.pause(lambda: look(WordVectors(model.wv.index_to_key, model.wv.vectors)))

    sentences = text.sentences()
    model = Model(
        sg=0 if settings.cbow else 1,
        hs=0,
        vector_size=settings.vector_size,
        window=settings.window,
        negative=settings.negative,
        ns_exponent=settings.noise_exponent,
        sample=settings.sample,
        alpha=settings.alpha,
        min_alpha=settings.min_alpha,
        seed=settings.seed,
        workers=settings.workers,
        min_count=1,  # the text has no rarer word than the vocabulary
        sorted_vocab=0,  # which is sorted, and whose order must be the same for all: the first words are asked about
    )
    counts = dict(zip(text.vocabulary.words, text.vocabulary.counts.tolist(), strict=True))
    model.build_vocab_from_freq(counts, corpus_count=len(sentences))
    with clock:
        model.train(sentences, total_examples=len(sentences), epochs=settings.epochs, callbacks=[BetweenEpochs()])
    return WordVectors(model.wv.index_to_key, model.wv.vectors)


def torch(text: Text, settings: Settings, clock: Clock, look: Look) -> WordVectors:
    """PyTorch, as one writes it: embeddings with sparse gradients, negative_sampling_loss, SGD."""
    import torch

    from torch_nn import word2vec

    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(settings.seed)
    model = word2vec.Word2Vec(
        len(text.vocabulary),
        settings.vector_size,
        cbow=settings.cbow,
        negative=settings.negative,
        sparse=True,
        generator=generator,
    )
    ids, counts = (torch.from_numpy(x.astype(np.int64)) for x in (text.encoded.ids, text.vocabulary.counts))
    with clock:
        for _ in word2vec.train(
            model,
            ids,
            counts,
            window=settings.window,
            sample=settings.sample,
            epochs=settings.epochs,
            alpha=settings.alpha,
            min_alpha=settings.min_alpha,
            batch_words=TORCH_BATCH["CBOW" if settings.cbow else "Skip-gram"],
            generator=generator,
        ):
            pass
    return WordVectors(text.vocabulary.words, model.input.detach().numpy())
