"""Energy counters: what the machine itself has counted in joules. Where there is none, the reason, never an estimate.

RAPL, "running average power limit": the energy of each processor package, in Linux under /sys/class/powercap (kernel
documentation, power/powercap). NVML: the energy of each NVIDIA GPU since its driver was loaded, on Volta and newer
(NVML API reference, nvmlDeviceGetTotalEnergyConsumption).
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

POWERCAP = Path("/sys/class/powercap")
NVML = "libnvidia-ml.so.1"


class NotMeasurable(Exception):
    """There is no counter to read; `reason` is a key of energy.REASONS, `detail` what the machine said."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True)
class Processor:
    """The packages of the processor, as RAPL counts them: for each its counter's file and where the counter wraps."""

    zones: list[tuple[Path, int]]

    @classmethod
    def find(cls, powercap: Path = POWERCAP) -> Processor:
        """The packages that can be read now. Raises NotMeasurable: no counter, or no permission to read it."""
        files = sorted(powercap.glob("intel-rapl:[0-9]*/energy_uj"))
        packages = [file for file in files if file.parent.name.count(":") == 1]  # "intel-rapl:0:1" is a part of one
        if not packages:
            raise NotMeasurable("no-rapl", f"{powercap}/intel-rapl*")
        try:
            zones = [(file, int(file.with_name("max_energy_range_uj").read_text())) for file in packages]
            processor = cls(zones)
            processor.read()
        except PermissionError as error:
            raise NotMeasurable("no-permission", str(error.filename)) from None
        except (OSError, ValueError) as error:
            raise NotMeasurable("unreadable", str(error)) from None
        return processor

    def read(self) -> list[int]:
        """Microjoules that each package has counted."""
        return [int(file.read_text()) for file, _ in self.zones]

    def joules(self, before: list[int], after: list[int]) -> float:
        """The energy between two readings, a counter that has wrapped once in between allowed for."""
        wraps = (wrap for _, wrap in self.zones)
        readings = zip(before, after, wraps, strict=True)
        return sum((late - early) % wrap if late < early else late - early for early, late, wrap in readings) / 1e6


def load_nvml(name: str = NVML) -> Any:
    """The NVIDIA driver's library. Raises NotMeasurable where there is none."""
    try:
        return ctypes.CDLL(name)
    except OSError:
        raise NotMeasurable("no-nvml", name) from None


@dataclass(frozen=True)
class Graphics:
    """One NVIDIA GPU, as NVML counts it."""

    library: Any
    handle: ctypes.c_void_p

    @classmethod
    def find(cls, library: Any, pci_bus_id: str) -> Graphics:
        """The GPU on that bus. Raises NotMeasurable: no such GPU, or one that does not count."""
        handle = ctypes.c_void_p()
        named = ctypes.c_char_p(pci_bus_id.encode())
        if error := library.nvmlInit_v2() or library.nvmlDeviceGetHandleByPciBusId_v2(named, ctypes.byref(handle)):
            raise NotMeasurable("no-gpu", f"NVML error {error}")
        graphics = cls(library, handle)
        graphics.read()
        return graphics

    def read(self) -> list[int]:
        """Millijoules since the driver was loaded."""
        energy = ctypes.c_ulonglong()
        if error := self.library.nvmlDeviceGetTotalEnergyConsumption(self.handle, ctypes.byref(energy)):
            raise NotMeasurable("no-gpu-counter", f"NVML error {error}")
        return [energy.value]

    def joules(self, before: list[int], after: list[int]) -> float:
        """The energy between two readings."""
        return (after[0] - before[0]) / 1e3
