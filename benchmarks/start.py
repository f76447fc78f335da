"""From the start of a process to its first prediction: Python, the library, the weights, one image.

Both libraries' sources are compiled already, as pip leaves them: each program runs once before its times count, with
leave to keep what Python compiled (see processes.surroundings), and files come from the system's cache by then.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from packaging.requirements import Requirement

import numpy_nn
import torch_nn
from benchmarks.agreement import within_roundings
from benchmarks.contest import wanted
from benchmarks.processes import said
from benchmarks.results import Row

PROGRAMS = {
    "numpy-fast": """
import numpy as np
import numpy_nn as nn
model = nn.SimpleNet()
model.load_state_dict(nn.checkpoint.load(weights))
with nn.no_grad():
    logits = model(np.load(image))
""",
    "torch-cpu-eager": """
import numpy as np
import torch
from torch_nn.models import SimpleNet
model = SimpleNet()
model.load_state_dict(torch.load(weights))
with torch.no_grad():
    logits = model(torch.from_numpy(np.load(image)))
""",
}
"""What a user would write; both read the same file of weights."""

NUMPY_ALONE = """
import numpy as np
logits = np.load(image)
"""
"""What cannot be avoided: Python, NumPy, the image."""

BEGIN = "import sys; weights, image = sys.argv[1:]"
END = """
import time
now = time.monotonic()
import json
from benchmarks.peak import peak_memory
print(json.dumps([now, peak_memory(), logits.tolist()]))
"""
TIMES = 9
NAME = "first prediction"

INSTALLED = {"numpy-fast": "numpy_nn", "torch-cpu-eager": "torch"}
"""What pip is asked for."""


def rows(backends: Sequence[str], only: Sequence[str] = ()) -> Iterator[Row]:
    """Seconds, memory and the size of what is installed, if they are wanted.

    Raises Mismatch where the two do not predict the same.
    """
    if not wanted(NAME, only):
        return
    able = [backend for backend in backends if backend in PROGRAMS]
    seconds: dict[str, list[float]] = {backend: [] for backend in [*able, ""]}
    memory: dict[str, list[float]] = {backend: [] for backend in [*able, ""]}
    logits: dict[str, np.ndarray] = {}
    with TemporaryDirectory() as folder:
        files = prepared(Path(folder))
        for number in range(TIMES + 1):
            for backend in seconds:
                spent, peak, logits[backend] = once(PROGRAMS.get(backend, NUMPY_ALONE), files)
                if number:  # the first time, files come from the disk and Python compiles
                    seconds[backend].append(spent)
                    memory[backend].append(peak)
    alone = float(np.median(seconds.pop(""))), float(np.median(memory.pop("")))
    for first, second in pairwise(able):
        within_roundings("logits of the first prediction", logits[first], logits[second])
    yield Row(NAME, "time", "s", seconds, floor=alone[0])
    yield Row(NAME, "peak memory", "B", memory, floor=alone[1])
    sizes = {backend: [float(installed(INSTALLED[backend]))] for backend in able}
    yield Row(NAME, "installed", "B", sizes, floor=float(installed("numpy")))


def prepared(folder: Path) -> list[str]:
    """Trained weights, as far as the start is concerned, and an image."""
    torch.manual_seed(0)
    torch.save(torch_nn.SimpleNet().state_dict(), folder / "weights.pth")
    np.save(folder / "image.npy", np.random.default_rng(0).random((1, 784), np.float32))
    return [str(folder / "weights.pth"), str(folder / "image.npy")]


def once(program: str, files: list[str]) -> tuple[float, int, np.ndarray]:
    """Seconds from before the process is started to its prediction, its peak of memory, and the logits."""
    start = time.monotonic()
    end, peak, logits = said(["-c", BEGIN + program + END, *files])
    return end - start, peak, np.asarray(logits, np.float32)


def installed(package: str, seen: set[str] | None = None) -> int:
    """Bytes of a package's files, and of all that it needs."""
    seen = set() if seen is None else seen
    if package.lower() in seen:
        return 0
    seen.add(package.lower())
    try:
        found = distribution(package)
    except PackageNotFoundError:
        return 0
    needed = [Requirement(line) for line in found.requires or []]
    others = [each.name for each in needed if each.marker is None or each.marker.evaluate({"extra": ""})]
    return own_size(package) + sum(installed(name, seen) for name in others)


def own_size(package: str) -> int:
    """Bytes of its own files; of this one, which may be installed as a link to the repository, of its sources."""
    if package == numpy_nn.__name__:
        paths = list(Path(numpy_nn.__file__).parent.rglob("*.py"))
    else:
        paths = [Path(str(file.locate())) for file in distribution(package).files or []]
    return sum(path.stat().st_size for path in paths if path.is_file())
