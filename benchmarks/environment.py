"""What numbers are measured with. Nothing here tells where on the machine anything lies."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from threadpoolctl import threadpool_info


def machine(cores: Sequence[int] | None) -> dict[str, str]:
    """The processor and what is around it, and the libraries with their versions and threads."""
    return {
        "CPU": f"{cpu()}, {_on(cores)}",
        "caches": caches(),
        "NumPy": f"{np.__version__}, {blas()}",
        "PyTorch": f"{torch.__version__}, {_torch()}, threads: {torch.get_num_threads()}",
        "GPU": gpu(),
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "commit": commit(),
        "date": time.strftime("%Y-%m-%d"),
    }


def _on(cores: Sequence[int] | None) -> str:
    if cores is None:
        return "not pinned"
    return f"core{'s' if len(cores) > 1 else ''} {', '.join(map(str, cores))} of {os.cpu_count()}"


def cpu() -> str:
    """The processor's name, as Linux tells it, or else as Python does."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def slug() -> str:
    """A name for this machine, of its processor and the number of its cores, that a file can have."""
    words = re.sub(r"\(\w+\)|@.*|\b(cpu|processor)\b", " ", cpu().lower())
    return "-".join([*re.findall(r"[a-z0-9]+", words), f"{os.cpu_count()}-cores"])


def caches() -> str:
    """Of one core, as Linux tells them: L1 48K, L2 2048K, …"""
    found = []
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = ((index / name).read_text().strip() for name in ("level", "type", "size"))
        if kind != "Instruction":
            found.append(f"L{level} {size}")
    return ", ".join(found) or "unknown"


def blas() -> str:
    """NumPy's BLAS, its version and threads, and for which processor its kernels are."""
    built = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    kernel = next((f" for {pool['architecture']}" for pool in pools if "architecture" in pool), "")
    threads = max((pool["num_threads"] for pool in pools), default=1)
    return f"{built['name']} {built['version']}{kernel}, threads: {threads}"


def _torch() -> str:
    """What PyTorch multiplies with."""
    built = torch.__config__.show()
    names = {"MKL": r"Math Kernel Library Version (\S+?)-", "oneDNN": r"MKL-DNN v(\S+)"}
    found = [f"{name} {match[1]}" for name, pattern in names.items() if (match := re.search(pattern, built))]
    return ", ".join([*found, torch.backends.cpu.get_cpu_capability()])


def gpu() -> str:
    """The GPU and its driver, as NVIDIA's tool tells them; "none" without it."""
    said = _said(["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"])
    return said.splitlines()[0].replace(", ", ", driver ") if said else "none"


def load() -> float:
    """How many processes were running on average during the last minute; 0 where the system does not tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def commit() -> str:
    """The commit that this code is of, and whether it was changed since; "unknown" outside a repository."""
    head, changes = _said(["git", "rev-parse", "--short", "HEAD"]), _said(["git", "status", "--porcelain", "-uno"])
    if head is None or changes is None:
        return "unknown"
    return f"{head}, with changes" if changes else head


def _said(command: list[str]) -> str | None:
    """What a command says, asked in this repository; None where there is none or it fails."""
    root = Path(__file__).parent.parent
    try:
        return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
