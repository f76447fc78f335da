"""What numbers are measured with."""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path

import numpy as np
import torch
from threadpoolctl import threadpool_info


def machine(core: int | None) -> dict[str, str]:
    """The processor, and the libraries with their versions and threads."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    threads = max((pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"), default=1)
    return {
        "CPU": f"{cpu()}, {'not pinned' if core is None else f'core {core}'}",
        "NumPy": f"{np.__version__}, {blas['name']} {blas['version']}, threads: {threads}",
        "PyTorch": f"{torch.__version__}, eager, threads: {torch.get_num_threads()}",
    }


def cpu() -> str:
    """The processor's name, as Linux tells it, or else as Python does."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def commit() -> str:
    """The commit that this code is of, and whether it was changed since; "unknown" outside a repository."""
    root = Path(__file__).parent.parent
    try:
        head, changes = (
            subprocess.run(["git", *command], cwd=root, capture_output=True, text=True, check=True).stdout.strip()
            for command in (["rev-parse", "--short", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{head}, with changes" if changes else head
