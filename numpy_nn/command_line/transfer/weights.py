"""Networks that have learnt before: which one a file holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy_nn.command_line.saved import fitting
from numpy_nn.command_line.wing import Wing

HEADS: dict[str, dict[str, tuple[str, ...]]] = {
    "lenet": {"classifier": ("fc1", "relu3", "dropout1", "fc2", "relu4", "dropout2", "fc3"), "last": ("fc3",)},
    "resnet18": {"classifier": ("fc",), "last": ("fc",)},
}
"""The layers of each network that are replaced: all that follow the convolutions, or the last one."""


def read_weights(wing: Wing, path: str) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """The parameters in a checkpoint of train, or in a state_dict such as torchvision's, and the network they are of.

    That is its settings, and `channels`. Raises ValueError where the file holds neither network.
    """
    saved = wing.load(path)
    with fitting(path):
        state = saved["model"] if isinstance(saved.get("model"), Mapping) else saved
        for model, heads in HEADS.items():
            if f"{heads['last'][0]}.weight" in state and "conv1.weight" in state:
                width, channels, kernel_size, _ = state["conv1.weight"].shape
                stem = "imagenet" if kernel_size == 7 else "small"
                return state, {"model": model, "stem": stem, "width": width, "channels": channels}
        some = f"{', '.join(map(str, list(state)[:3]))}, …" if state else "nothing"
    raise ValueError(f"{path}: expected the parameters of lenet or resnet18, got {some}")
