"""What a training run is told: the defaults, what is possible, and what a resumed run may be told anew."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from numpy_nn.functional import checks
from numpy_nn.models import ACTIVATIONS

DEFAULTS: dict[str, Any] = {
    "data": "digits",
    "data_dir": None,
    "download": False,
    "target": None,
    "validation": 0.1,
    "model": "mlp",
    "layers": [256],
    "activation": "relu",
    "dropout": 0.2,
    "stem": "small",
    "width": 64,
    "depth": 4,
    "heads": 4,
    "patch": 4,
    "epochs": 30,
    "batch_size": 64,
    "optimizer": "adam",
    "lr": None,
    "momentum": 0.9,
    "weight_decay": 0.0,
    "schedule": "cosine",
    "clip": None,
    "accumulate": 1,
    "patience": None,
    "seed": 0,
    "device": "cpu",
    "dtype": "float32",
    "kernels": "fast",
}
"""What a checkpoint keeps of the command that made it, and what each is where nothing is said."""

SCHEDULES = ("constant", "step", "exponential", "linear", "cosine", "warm-restarts", "one-cycle", "plateau")
"""The names of the schedules; each wing sets them up by the same rules, given in `train --help`."""

RATES = {"sgd": 0.1, "adam": 2e-3, "adamw": 2e-3}
"""The learning rate of each optimizer where none is given."""

IMAGE_MODELS = ("lenet", "resnet18", "vit")
"""The networks that see an image as rows and columns."""

CHOICES: dict[str, tuple[str, ...]] = {
    "model": ("mlp", "simple", *IMAGE_MODELS),
    "stem": ("small", "imagenet"),
    "activation": tuple(ACTIVATIONS),
    "optimizer": tuple(RATES),
    "schedule": SCHEDULES,
    "device": ("cpu", "cuda"),
    "dtype": ("float32", "float64"),
    "kernels": ("fast", "textbook"),
}

CHANGEABLE = {"data", "epochs", "data_dir", "download", "device", "kernels"}
"""What a resumed run may be given anew; anything else would make another run of it."""

IMAGES = ("mnist", "fashion-mnist")
"""The sets that come from a folder."""

SHAPES: dict[str, tuple[str, ...]] = {
    "layers": ("mlp", "simple"),
    "activation": ("mlp",),
    "dropout": ("mlp", "simple", "lenet", "vit"),
    "stem": ("resnet18",),
    "width": ("resnet18", "vit"),
    "depth": ("vit",),
    "heads": ("vit",),
    "patch": ("vit",),
}
"""What shapes a network, and which ones."""


def option(name: str) -> str:
    """How a setting is typed: --batch-size."""
    return f"--{name.replace('_', '-')}"


def resolved(given: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """The settings of a run: what was typed, else what the resumed run has, else the defaults.

    Raises ValueError and TypeError for what is impossible, for what would have no effect, and where a resumed run is
    given what would make another run of it.
    """
    typed = {name: value for name, value in given.items() if name in DEFAULTS}
    for name, value in typed.items():
        if before is not None and name not in CHANGEABLE and before[name] != value:
            raise ValueError(f"{option(name)}: expected {before[name]!r}, which the resumed run has, got {value!r}")
    if typed.get("clip") is not None and not typed["clip"] > 0:  # at 0, which a checkpoint may have, nothing is learnt
        raise ValueError(f"--clip: expected a number above 0, got {typed['clip']}")
    settings = checked({**(before or {}), **typed})
    idle = [
        ("target", settings["data"].endswith(".csv"), "a .csv file"),
        ("data_dir", settings["data"] in IMAGES, " or ".join(IMAGES)),
        ("download", settings["data"] in IMAGES, " or ".join(IMAGES)),
    ]
    for name, used, where in idle:
        if name in typed and not used:
            raise ValueError(f"{option(name)}: expected only with --data {where}, got --data {settings['data']}")
    for name, models in SHAPES.items():
        if name in typed and settings["model"] not in models:
            raise ValueError(
                f"{option(name)}: expected only with --model {' or '.join(models)}, got --model {settings['model']}"
            )
    if "momentum" in typed and settings["optimizer"] != "sgd":
        raise ValueError(f"--momentum: expected only with --optimizer sgd, got {settings['optimizer']}")
    return settings


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, defaults filled in. Raises ValueError and TypeError, naming the option, for impossible ones."""
    settings = DEFAULTS | dict(given)
    for name, choices in CHOICES.items():
        checks.option(option(name), settings[name], *choices)
    if settings["lr"] is None:
        settings["lr"] = RATES[settings["optimizer"]]
    for name in ("epochs", "batch_size", "accumulate", "patience", "width", "depth", "heads", "patch", "seed"):
        if settings[name] is not None or name != "patience":
            checks.integer(option(name), settings[name], low=None if name == "seed" else 1)
    for name in ("lr", "momentum", "weight_decay", "clip"):
        if settings[name] is not None or name != "clip":
            finite_number(option(name), settings[name])
    checks.probability("--dropout", settings["dropout"])
    if not 0 < checks.number("--validation", settings["validation"]) < 1:
        raise ValueError(f"--validation: expected a share above 0 and below 1, got {settings['validation']}")
    for size in settings["layers"]:
        checks.integer("--layers", size, low=1)
    if settings["model"] == "simple" and len(settings["layers"]) != 1:
        raise ValueError(f"--layers: expected one size with --model simple, got {settings['layers']}")
    if settings["model"] == "vit" and settings["width"] % settings["heads"]:
        raise ValueError(f"--width: expected a multiple of --heads {settings['heads']}, got {settings['width']}")
    for name, kind in (("data", str), ("data_dir", str | None), ("target", str | int | None)):
        if not isinstance(settings[name], kind):
            raise TypeError(f"{option(name)}: expected a name, got {settings[name]!r}")
    model, name = settings["model"], settings["data"]
    images = IMAGES if model == "lenet" else ("digits", *IMAGES)
    if model in IMAGE_MODELS and name not in images:
        raise ValueError(f"--model {model}: expected only with --data {' or '.join(images)}, got --data {name}")
    return settings


def finite_number(name: str, value: float) -> None:
    """Raise ValueError unless a number is finite and at least 0, TypeError unless it is one."""
    if not isfinite(checks.number(name, value, low=0)):
        raise ValueError(f"{name}: expected a finite number, got {value}")
