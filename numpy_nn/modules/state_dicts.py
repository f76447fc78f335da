"""Taking over a state_dict: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from numpy_nn.backend import Array, as_array, device_of, is_writeable, to_device


class IncompatibleKeys(NamedTuple):
    """What load_state_dict(strict=False) passed over."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not any(self):
            return "<All keys matched successfully>"
        return f"IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


def load(own: dict[str, Array], state_dict: Mapping[str, Any], strict: bool, owner: str) -> IncompatibleKeys:
    """Copy arrays (or CPU tensors) into the own ones of the same names; see Module.load_state_dict. owner: its name.

    A plain mapping may lack num_batches_tracked, which then stays as it is: torchvision's weights are older than it.
    """
    if not isinstance(state_dict, Mapping):
        raise TypeError(f"state_dict: expected names with their arrays, got {type(state_dict).__name__}")
    dated = hasattr(state_dict, "_metadata")  # PyTorch's own note of the version it was written by
    missing = [
        key for key in own if key not in state_dict and (dated or key.rpartition(".")[2] != "num_batches_tracked")
    ]
    unexpected = [key for key in state_dict if key not in own]
    problems = []
    if strict and unexpected:
        problems.append("Unexpected key(s) in state_dict: " + ", ".join(f'"{key}"' for key in unexpected) + ".")
    if strict and missing:
        problems.append("Missing key(s) in state_dict: " + ", ".join(f'"{key}"' for key in missing) + ".")
    loaded = {key: _numbers(key, state_dict[key]) for key in own if key in state_dict}
    problems += [
        f"size mismatch for {key}: copying a param with shape {array.shape} from checkpoint, "
        f"the shape in current model is {own[key].shape}."
        for key, array in loaded.items()
        if array.shape != own[key].shape
    ]
    problems += [f"{key} cannot be changed: its array is read-only." for key in loaded if not is_writeable(own[key])]
    if problems:
        raise ValueError(f"Error(s) in loading state_dict for {owner}:\n\t" + "\n\t".join(problems))
    for key, array in loaded.items():
        own[key][...] = to_device(array, device_of(own[key]))
    return IncompatibleKeys(missing, unexpected)


def _numbers(key: str, value: Any) -> Array:
    """The value as an array of numbers; a CPU tensor offers itself as one."""
    try:
        array = as_array(value)
    except (TypeError, ValueError, RuntimeError) as error:  # a ragged list; a tensor on a GPU or with a gradient
        raise TypeError(f"{key}: expected an array of numbers, got {type(value).__name__}: {error}") from error
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{key}: expected an array of numbers, got {type(value).__name__} of {array.dtype}")
    return array
