"""Where the random streams stood when an epoch began, so that its batches can be drawn again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from numpy_nn import random
from numpy_nn.backend import Array, as_array
from numpy_nn.random import Generator


@dataclass(frozen=True)
class Position:
    """The states of the default stream and of the generators that a loader and its samplers own."""

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
        expected = len(list(_generators(loader)))
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


def _generators(loader: object) -> Iterator[Generator]:
    """The generators of a loader, its sampler and its batch sampler's sampler, each once."""
    seen: set[int] = set()
    batch_sampler = getattr(loader, "batch_sampler", None)
    for owner in (loader, getattr(loader, "sampler", None), batch_sampler, getattr(batch_sampler, "sampler", None)):
        generator = getattr(owner, "generator", None)
        if isinstance(generator, Generator) and id(generator) not in seen:
            seen.add(id(generator))
            yield generator
