"""Transfer learning as a PyTorch user writes it; the methods are those of numpy_nn.transfer.Transfer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn, optim
from torch.utils.data import DataLoader, TensorDataset

from torch_nn import training

LOOKED_AT = 256
"""How many images go through a network at once where it does not learn from them."""


@dataclass(frozen=True)
class Transfer:
    """The ways to a network for a few images: from scratch, or from one that has learnt from many others."""

    network: Callable[[int], nn.Module]
    head: tuple[str, ...]
    batch_size: int = 32
    lr: float = 3e-3
    tuning: float = 0.1
    device: str = "cpu"
    dtype: str = "float32"

    def learnt(self, x: np.ndarray, target: np.ndarray, steps: int, seed: int, bar: bool = False) -> nn.Module:
        """A network that has learnt everything from these images. Of a bar this wing has none."""
        torch.manual_seed(seed)
        model = self.network(int(target.max()) + 1)
        self._fit(model, optim.Adam(model.parameters(), lr=self.lr), self._images(x), target, steps)
        return model

    def loaded(self, state: Mapping[str, Any]) -> nn.Module:
        """A network that has learnt before, from its state_dict."""
        model = self.network(len(state[f"{self.head[-1]}.weight"]))
        model.load_state_dict(state)
        return model

    def with_new_head(self, pretrained: nn.Module, classes: int, seed: int) -> nn.Module:
        """A copy of a network whose head is new and all of the rest frozen."""
        torch.manual_seed(seed)
        model = deepcopy(pretrained)
        for parameter in model.parameters():  # of the parameters: model.requires_grad = False would change nothing
            parameter.requires_grad = False
        features = getattr(model, self.head[0]).in_features
        setattr(model, self.head[0], nn.Linear(features, classes, device=self.device, dtype=getattr(torch, self.dtype)))
        for name in self.head[1:]:
            setattr(model, name, nn.Identity())
        return model

    def train_head(self, model: nn.Module, x: np.ndarray, target: np.ndarray, steps: int, seed: int) -> None:
        """Let the head learn; what the frozen layers make of the images never changes, and is computed once."""
        torch.manual_seed(seed)
        head = getattr(model, self.head[0])
        self._fit(head, optim.Adam(head.parameters(), lr=self.lr), self.features(model, x), target, steps)

    def fine_tune(self, model: nn.Module, x: np.ndarray, target: np.ndarray, steps: int, seed: int) -> None:
        """Let everything learn, what has learnt before with the smaller rate."""
        torch.manual_seed(seed)
        model.requires_grad_()
        rest = [parameter for name, parameter in model.named_parameters() if not name.startswith(f"{self.head[0]}.")]
        groups = [
            {"params": rest, "lr": self.tuning * self.lr},
            {"params": getattr(model, self.head[0]).parameters()},
        ]
        self._fit(model, optim.Adam(groups, lr=self.lr), self._images(x), target, steps)

    def features(self, model: nn.Module, x: np.ndarray) -> Tensor:
        """What the frozen layers make of images, by a hook that sees what the head is given."""
        seen: list[Tensor] = []
        hook = getattr(model, self.head[0]).register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
        self.scores(model, x)
        hook.remove()
        return torch.cat(seen)

    def accuracy(self, model: nn.Module, x: np.ndarray, target: np.ndarray) -> float:
        """The share of the images whose class the network finds."""
        return float((self.scores(model, x).argmax(axis=1) == target).mean())

    def scores(self, model: nn.Module, x: np.ndarray) -> np.ndarray:
        """What the network says of images: (N, classes), on the host."""
        return training.scores(model, self._images(x), LOOKED_AT).cpu().numpy()

    def _fit(self, model: nn.Module, optimizer: Any, x: Tensor, target: np.ndarray, steps: int) -> None:
        """So many steps on shuffled batches, rounded up to whole epochs; a last batch that is not full is left out."""
        samples = TensorDataset(x, torch.from_numpy(target).to(self.device))
        loader = DataLoader(samples, self.batch_size, shuffle=True, drop_last=len(x) > self.batch_size)
        for _ in training.fit(model, loader, optimizer, nn.CrossEntropyLoss(), -(-steps // len(loader))):
            pass

    def _images(self, x: np.ndarray) -> Tensor:
        return torch.from_numpy(x).to(self.device, getattr(torch, self.dtype))
