"""What is measured of whole processes: each runs alone, on one thread, and says on its last line what it found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def surroundings() -> dict[str, str]:
    """The variables that a process is started with: one thread, and the benchmarks on Python's path.

    Python may keep what it compiled, as pip does of what it installs: compiling numpy_nn anew takes most of its import.
    """
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | ONE_THREAD | {"PYTHONPATH": path}


def said(arguments: Sequence[str]) -> Any:
    """The JSON on the last line of what a new Python says. Raises RuntimeError with its error where it fails."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env=surroundings(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        reason = done.stderr.strip().splitlines() or [f"it ended with status {done.returncode}"]
        raise RuntimeError(f"a process of the benchmark failed: {reason[-1]}")
    return json.loads(done.stdout.splitlines()[-1])
