"""One training in a process of its own: python -m benchmarks.word2vec.trial TASK.json RESULT.json"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.peak import peak_memory
from benchmarks.word2vec import contenders
from benchmarks.word2vec.text import Text
from numpy_nn.word2vec import Settings, WordVectors, evaluation

FILES = {"WordSim353": "EN-WS-353-ALL.txt", "SimLex": "EN-SIMLEX-999.txt", "analogies": "questions-words.txt"}
"""What quality is measured by."""


@dataclass(frozen=True)
class Task:
    """What to train: who, how, on which saved text, or the first `share` words of it, on which processor cores.

    judgements: the folder with FILES, None where quality is not measured.
    """

    contender: str
    settings: dict[str, Any]
    text: str
    share: int | None
    cores: list[int] | None
    judgements: str | None


@dataclass
class Result:
    """What came of it.

    words: trained on, epochs counted.  wall, cpu: seconds.  peak: the most bytes of resident memory until the end of
    training.  quality: by the names of FILES.  curve: (wall seconds, WordSim353) after each epoch, where it was looked
    at.
    """

    words: int
    wall: float
    cpu: float
    peak: int
    quality: dict[str, float] = field(default_factory=dict)
    curve: list[tuple[float, float]] = field(default_factory=list)


def run(task: Task) -> Result:
    """Train on the cores of the task, and judge what was learnt."""
    if task.cores is not None:
        os.sched_setaffinity(0, task.cores)
    text, settings, clock = Text.load(Path(task.text)), Settings(**task.settings), contenders.Clock()
    if task.share is not None:
        text = text.share(task.share)
    folder = None if task.judgements is None else Path(task.judgements)
    curve: list[tuple[float, float]] = []

    def look(vectors: WordVectors) -> None:
        if folder is not None and (rho := judged(vectors, folder, "WordSim353")) is not None:
            curve.append((clock.wall, rho))

    vectors = getattr(contenders, task.contender)(text, settings, clock, look)
    result = Result(text.encoded.words * settings.epochs, clock.wall, clock.cpu, peak_memory(), curve=curve)
    if folder is not None and task.share is None:
        look(vectors)
        found = {name: judged(vectors, folder, name) for name in FILES}
        result.quality = {name: value for name, value in found.items() if value is not None}
    return result


def judged(vectors: WordVectors, folder: Path, name: str) -> float | None:
    """Spearman's rho, or the share of analogies answered right; None where the vocabulary has too few of the words."""
    if name == "analogies":
        total = evaluation.analogies(vectors, folder / FILES[name], top=30_000).total
        return total.accuracy if total.asked else None
    try:
        return evaluation.similarity(vectors, folder / FILES[name]).rho
    except ValueError:
        return None


if __name__ == "__main__":
    task, result = map(Path, sys.argv[1:])
    result.write_text(json.dumps(asdict(run(Task(**json.loads(task.read_text()))))))
