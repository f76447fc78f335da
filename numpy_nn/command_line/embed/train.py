"""embed train: word vectors from text."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from time import perf_counter
from typing import Any

from numpy_nn.backend import silent
from numpy_nn.command_line import typed
from numpy_nn.command_line.embed import corpora
from numpy_nn.command_line.embed.reading import DEFAULT, read
from numpy_nn.command_line.embed.typed import as_typed
from numpy_nn.command_line.places import writable
from numpy_nn.data.text.tokenizers import TOKENIZERS
from numpy_nn.word2vec import Settings, Vocabulary, Word2Vec, WordVectors, formats

EXAMPLES = """\
examples:
  python -m numpy_nn embed train
      the help topics and docstrings of this Python, in seconds
  python -m numpy_nn embed train generated
      Korean and English sentences whose neighbours and analogies are known
  python -m numpy_nn embed train wiki.txt.xz --out wiki.bin --epochs 3
  python -m numpy_nn embed train FOLDER --tokenizer syllables --max-vocab 50000
  python -m numpy_nn embed train text.txt --trainer textbook --softmax
  python -m numpy_nn embed train more.txt --continue wiki.bin --freeze
      vectors for the new words of a text, beside those that are there

A line of a file is a sentence, an empty line ends a document; .gz, .xz and
.bz2 are unpacked. A file called topics or generated is ./topics, ./generated.
With these two built-in texts --epochs is 20 and --alpha 0.05 unless given.
Ctrl-C stops, and leaves no file half written.
"""
OBJECTIVES = {"hs": "hierarchical", "softmax": "softmax"}


def add(commands: Any) -> None:
    """Put the command in the parser."""
    parser = commands.add_parser(
        "train",
        help="make word vectors from text",
        description="Word vectors from text, by Skip-gram or CBOW. Options have gensim's names.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
    )
    option = parser.add_argument
    option("corpus", nargs="?", default="topics", metavar="CORPUS", help="a file or folder, topics, generated (topics)")
    option("--out", default=DEFAULT, metavar="FILE", help=f".txt, .bin, .npz or .safetensors ({DEFAULT})")
    option("--vector-size", type=int, metavar="D", help="numbers in a vector (100)")
    option("--window", type=int, metavar="N", help="words on each side that count as context (5)")
    option("--negative", type=int, metavar="N", help="noise words for each pair (5)")
    option("--sample", type=float, metavar="SHARE", help="above it a word is thinned out; 0 for none (0.001)")
    option("--epochs", type=int, metavar="N", help="passes over the text (5)")
    option("--min-count", type=int, default=5, metavar="N", help="rarer words are left out (5)")
    option("--max-vocab", type=int, default=None, metavar="N", help="keep the N most frequent words (all)")
    option("--alpha", type=float, metavar="RATE", help="the learning rate at the start (0.025)")
    option("--min-alpha", type=float, metavar="RATE", help="and at the end (0.0001)")
    option("--workers", type=int, metavar="N", help="how many train at once (1)")
    option("--seed", type=int, metavar="N", help="of all random draws (1)")
    option("--cbow", action="store_true", help="guess a word from its context; else Skip-gram, the context from it")
    objective = parser.add_mutually_exclusive_group()
    objective.add_argument("--hs", action="store_true", help="hierarchical softmax; else negative sampling")
    objective.add_argument("--softmax", action="store_true", help="the full softmax, slow with many words")
    option("--trainer", choices=("fast", "textbook"), help="(fast; textbook, the one to read, for --hs, --softmax)")
    option("--tokenizer", default=None, metavar="NAME", help=f"{', '.join(TOKENIZERS)} or regex:PATTERN (words)")
    option("--continue", dest="continued", default=None, metavar="FILE", help="go on from vectors; new words are added")
    option(
        "--freeze", nargs="*", default=None, metavar="WORD", help="with --continue, vectors that stay: all of FILE's"
    )
    option("--errors", choices=("strict", "replace"), default="strict", help="bytes that are no UTF-8 (strict)")
    parser.set_defaults(run=run)


@as_typed()
def run(arguments: argparse.Namespace) -> int:
    """Read, train, save, and say what was done."""
    settings = _settings(vars(arguments))
    _check_out(arguments.out)
    try:
        sentences = corpora.sentences(arguments.corpus, arguments.tokenizer, arguments.errors)
        model, words = _model(arguments, settings, sentences)
        print(_plan(arguments.corpus, words, model), flush=True)
        start = perf_counter()
        with silent():  # vectors that diverge are an error of the trainer's, in one line
            model.train(sentences)
        seconds = perf_counter() - start
        _save(model.vectors, arguments.out)
    except KeyboardInterrupt:
        print(f"stopped; {arguments.out} was not written")
        return 130
    rate = words * model.settings.epochs / seconds
    print(f"{seconds:.1f} seconds, {rate:,.0f} words a second; saved to {arguments.out}")
    return 0


def _settings(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What Settings is told: what was typed, else what the built-in text has of its own. Raises what Settings does."""
    names = {field.name for field in fields(Settings)}
    given = {**corpora.BUILT_IN.get(typed["corpus"], {}), **typed}
    given |= {"objective": next((OBJECTIVES[name] for name in OBJECTIVES if name in typed), "negative")}
    settings = {name: value for name, value in given.items() if name in names}
    Settings(**settings)
    return settings


def _model(
    arguments: argparse.Namespace, settings: Mapping[str, Any], sentences: Iterable[list[str]]
) -> tuple[Word2Vec, int]:
    """A model that knows the words of the text, new or gone on from, and how many words it will read in a pass."""
    if arguments.continued is None:
        if arguments.freeze is not None:
            raise ValueError("freeze: expected only with --continue FILE, got no FILE")
        vocabulary = Vocabulary.build(sentences, arguments.min_count, arguments.max_vocab)
        return Word2Vec(vocabulary, Settings(**settings)), vocabulary.total
    if arguments.max_vocab is not None:
        raise ValueError(f"max_vocab: expected only without --continue, got {arguments.max_vocab}")
    vectors = read(arguments.continued)
    model = Word2Vec.from_vectors(vectors, Settings(**{"vector_size": vectors.vectors.shape[1], **settings}))
    before = model.vocabulary.total
    model.extend(sentences, arguments.min_count)
    if arguments.freeze is not None:
        with typed.as_typed(word="--freeze"):
            model.freeze(arguments.freeze or vectors.words)
    return model, model.vocabulary.total - before


def _check_out(path: str) -> None:
    """Raise ValueError, before anything is read, where the vectors could not be saved at the end."""
    if Path(path).suffix not in formats.FORMATS:
        raise ValueError(f"out: expected a name that ends in {', '.join(formats.FORMATS)}, got {path!r}")
    writable("--out", path)


def _save(vectors: WordVectors, path: str) -> None:
    """Save the vectors. Raises ValueError, with the path, where the disk is full or gone."""
    try:
        vectors.save(path)
    except OSError as error:
        raise ValueError(f"{path}: cannot be written: {error.strerror or error}") from error


def _plan(corpus: str, words: int, model: Word2Vec) -> str:
    """What is about to be done, in a line."""
    settings = model.settings
    kind = "CBOW" if settings.cbow else "Skip-gram"
    objective = {"negative": f"{settings.negative} negatives", "hierarchical": "hierarchical softmax"}
    frozen = "" if model.frozen is None else f" ({int(model.frozen.sum()):,} frozen)"
    return (
        f"{corpus}: {words:,} words, {len(model.vocabulary):,} vectors{frozen}; {kind}, "
        f"{objective.get(settings.objective, 'softmax')}, {settings.vector_size} dimensions, window {settings.window}, "
        f"{settings.epochs} epoch{'s' * (settings.epochs > 1)}, {settings.trainer} trainer"
    )
