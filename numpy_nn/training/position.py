"""Where the random streams stood when an epoch began, so that its batches can be drawn again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy_nn import random
from numpy_nn.backend import Array, as_array
from numpy_nn.random import Generator


@dataclass(frozen=True)
class Position:
    """The states of the default stream and of the generators that a loader, its samplers and its dataset own."""

    stream: Array
    generators: tuple[Array, ...]

    @classmethod
    def now(cls, loader: object) -> Position:
        """Where the streams stand at this moment."""
        return cls(random.get_rng_state(), tuple(generator.get_state() for generator in _generators(loader)))

    @classmethod
    def from_state_dict(cls, state: Mapping[str, Any], loader: object) -> Position:
        """The position that was saved; ValueError where the loader has another number of generators."""
        saved = tuple(as_array(generator) for generator in state["generators"])
        expected = len(_generators(loader))
        if len(saved) != expected:
            raise ValueError(f"generators: expected the states of {expected}, as the loader has, got {len(saved)}")
        return cls(as_array(state["start"]), saved)

    def state_dict(self) -> dict[str, Any]:
        """The states under the names they are saved with."""
        return {"start": self.stream, "generators": list(self.generators)}

    def restore(self, loader: object) -> None:
        """Put every stream back to here."""
        random.set_rng_state(self.stream)
        for generator, state in zip(_generators(loader), self.generators, strict=True):
            generator.set_state(state)


def _generators(loader: object) -> list[Generator]:
    """What a loader, its samplers, its dataset, and theirs in turn have under the name of generator, each once."""
    owners: list[Any] = [loader]
    for owner in owners:  # the list grows as it is walked
        parts = (getattr(owner, name, None) for name in ("sampler", "batch_sampler", "dataset"))
        owners += [part for part in parts if part is not None and not any(part is known for known in owners)]
    found = [getattr(owner, "generator", None) for owner in owners]
    return list({id(generator): generator for generator in found if isinstance(generator, Generator)}.values())
