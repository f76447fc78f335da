"""Transfer learning: what a network has learnt from many images serves where there are few."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from numpy_nn import random, training
from numpy_nn.backend import Array, to_device, to_host
from numpy_nn.data import DataLoader, TensorDataset
from numpy_nn.modules import CrossEntropyLoss, Linear, Module, Sequential
from numpy_nn.optim import Adam

LOOKED_AT = 256
"""How many images go through a network at once where it does not learn from them."""


@dataclass(frozen=True)
class Transfer:
    """The ways to a network for a few images: from scratch, or from one that has learnt from many others.

    network: makes a new network for so many classes.  head: the names of its last layers, of which the first and the
    last are Linear, and which become one new Linear: the later a layer, the more it is made for the classes it knows.
    batch_size, lr: of Adam.  tuning: what layers that have learnt before multiply lr by.  device, dtype: the networks'.
    Everywhere x: (N, C, H, W) and target: (N,), classes from 0, on the host; seed: of new weights, and of the order.
    Yosinski, Clune, Bengio and Lipson 2014, How transferable are features in deep neural networks?
    """

    network: Callable[[int], Module]
    head: tuple[str, ...]
    batch_size: int = 32
    lr: float = 3e-3
    tuning: float = 0.1
    device: str = "cpu"
    dtype: str = "float32"

    def learnt(self, x: Array, target: Array, steps: int, seed: int, bar: bool = False) -> Module:
        """A network that has learnt everything from these images."""
        random.manual_seed(seed)
        model = self.network(int(target.max()) + 1)
        self._fit(model, Adam(model.parameters(), lr=self.lr), self._images(x), target, steps, bar)
        return model

    def loaded(self, state: Mapping[str, Any]) -> Module:
        """A network that has learnt before, from its state_dict. Raises ValueError where that does not fit."""
        model = self.network(len(state[f"{self.head[-1]}.weight"]))
        model.load_state_dict(state)
        return model

    def with_new_head(self, pretrained: Module, classes: int, seed: int) -> Module:
        """A copy of a network whose head is new and all of the rest frozen."""
        random.manual_seed(seed)
        model = deepcopy(pretrained).freeze()
        features = getattr(model, self.head[0]).in_features
        setattr(model, self.head[0], Linear(features, classes, device=self.device, dtype=np.dtype(self.dtype)))
        for name in self.head[1:]:
            setattr(model, name, Sequential())  # passes on what it is given
        return model

    def train_head(self, model: Module, x: Array, target: Array, steps: int, seed: int) -> None:
        """Let the head learn; what the frozen layers make of the images never changes, and is computed once."""
        random.manual_seed(seed)
        head = getattr(model, self.head[0])
        self._fit(head, Adam(head.parameters(), lr=self.lr), self.features(model, x), target, steps)

    def fine_tune(self, model: Module, x: Array, target: Array, steps: int, seed: int) -> None:
        """Let everything learn, what has learnt before with the smaller rate."""
        random.manual_seed(seed)
        model.unfreeze()
        rest = [parameter for name, parameter in model.named_parameters() if not name.startswith(f"{self.head[0]}.")]
        head = getattr(model, self.head[0]).parameters()
        groups = [{"params": rest, "lr": self.tuning * self.lr}, {"params": head}]
        self._fit(model, Adam(groups, lr=self.lr), self._images(x), target, steps)

    def features(self, model: Module, x: Array) -> Array:
        """What the frozen layers of a network with a new head make of images: (N, features), on the device."""
        name = self.head[0]
        head = getattr(model, name)
        setattr(model, name, Sequential())
        try:
            return training.scores(model, self._images(x), LOOKED_AT)
        finally:
            setattr(model, name, head)

    def accuracy(self, model: Module, x: Array, target: Array) -> float:
        """The share of the images whose class the network finds."""
        return float((self.scores(model, x).argmax(axis=1) == target).mean())

    def scores(self, model: Module, x: Array) -> Array:
        """What the network says of images: (N, classes), on the host."""
        return to_host(training.scores(model, self._images(x), LOOKED_AT))

    def _fit(self, model: Module, optimizer: Adam, x: Array, target: Array, steps: int, bar: bool = False) -> None:
        """So many steps on shuffled batches, rounded up to whole epochs; a last batch that is not full is left out."""
        samples = TensorDataset(x, to_device(target, self.device))
        loader = DataLoader(samples, self.batch_size, shuffle=True, drop_last=len(x) > self.batch_size)
        epochs = -(-steps // len(loader))
        for _ in training.fit(model, loader, optimizer, CrossEntropyLoss(), epochs, bar=bar):
            pass

    def _images(self, x: Array) -> Array:
        return to_device(x, self.device).astype(self.dtype, copy=False)
