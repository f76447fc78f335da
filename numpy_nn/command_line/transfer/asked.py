"""What was asked for: what was typed, and the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy_nn.command_line.settings import finite_number, option
from numpy_nn.command_line.transfer.images import class_numbers
from numpy_nn.functional import checks

NUMBERS = {"digits": [1, 5, 20], "mnist": [10, 50, 200], "fashion-mnist": [10, 50, 200]}
"""How many images of each class there are to learn from, where nothing is said."""

EPOCHS = {"digits": 8, "mnist": 1, "fashion-mnist": 1}
"""How often the source is passed over."""


def resolved(given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a transfer. Raises ValueError and TypeError for what is impossible, or would have no effect."""
    asked = {name: value for name, value in given.items() if name != "run"}
    if asked["weights"] is None:
        asked["source"] = asked["source"] or "digits"
        asked["model"] = asked["model"] or "lenet"
        asked["epochs"] = EPOCHS[asked["source"]] if asked["epochs"] is None else asked["epochs"]
    else:
        for name in ("source", "source_classes", "epochs", "model", "width"):
            if asked[name] is not None:
                raise ValueError(f"{option(name)}: expected none beside --weights, which say it, got {asked[name]}")
    asked["target"] = asked["target"] or asked["source"] or "digits"
    same = asked["source"] == asked["target"]
    for name, half in (("source_classes", "0-4"), ("target_classes", "5-9")):
        if asked["weights"] is None or name == "target_classes":
            asked[name] = class_numbers(option(name), asked[name] or (half if same else "0-9"))
    if same and set(asked["source_classes"]) & set(asked["target_classes"]):
        raise ValueError(f"--target-classes: expected others than the source's, got {asked['target_classes']}")
    asked["images"] = sorted(set(asked["images"] or NUMBERS[asked["target"]]))
    for number in asked["images"]:
        checks.integer("--images", number, low=1)
    for name, low in (("repeats", 1), ("epochs", 1), ("steps", 2), ("batch_size", 2), ("width", 1), ("side", 1)):
        if asked[name] is not None:
            checks.integer(option(name), asked[name], low)
    for name in ("lr", "tuning"):
        finite_number(option(name), asked[name])
    for name in ("width", "side"):
        if asked["model"] == "lenet" and asked[name] is not None:
            raise ValueError(f"{option(name)}: expected only with resnet18, got lenet")
    return {**asked, "stem": "small", "width": asked["width"] or 16, "channels": 1}
