"""The most memory that a few training steps take: python -m benchmarks memory

Each network runs in a process of its own for each side, which imports both libraries in any case, so that what they
take themselves is on both sides.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Sequence

STEPS = 3
SIDES = ("fast", "textbook", "default", "channels_last")


def main(argv: Sequence[str]) -> int:
    """Print a table of all networks; or, with the name of a network and a side, run that and print its peak in MB."""
    from benchmarks.images import NETWORKS, our_step, their_step
    from benchmarks.timing import one_core

    if argv:
        name, side = argv
        with one_core():
            make = our_step if side in ("fast", "textbook") else their_step
            run = make(NETWORKS[name], side)[0]
            for _ in range(STEPS):
                run()
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return 0
    print(f"{'peak memory of the process in MB':<36}" + "".join(f"\t{side:>13}" for side in SIDES) + "\tours / torch's")
    for name in NETWORKS:
        peaks = [peak(name, side) for side in SIDES]
        cells = "".join(f"\t{megabytes:>13.0f}" for megabytes in peaks)
        print(f"{name:<36}{cells}\t{peaks[0] / peaks[2]:>14.2f}", flush=True)
    return 0


def peak(name: str, side: str) -> float:
    """What a process of its own says."""
    command = [sys.executable, "-m", "benchmarks", "memory", name, side]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1])
