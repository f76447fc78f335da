"""Checkpoints: plain data and arrays in .npz, .safetensors and PyTorch's .pth, in and out, without torch.

    checkpoint.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}, "run.pth")
    state = checkpoint.load("run.pth")

The ending chooses the format. Reading executes nothing, whatever the file holds, and takes no more memory than a small
multiple of its size; writing leaves either the old file or the new one.
"""

from typing import TYPE_CHECKING

from numpy_nn.later import later

if TYPE_CHECKING:
    from numpy_nn.checkpoint.errors import CheckpointError
    from numpy_nn.checkpoint.rows import Row, Statistics, describe, inspect
    from numpy_nn.checkpoint.store import load, save
else:
    __getattr__, __dir__ = later(
        __name__,
        {
            "errors": "CheckpointError",
            "rows": "Row Statistics describe inspect",
            "store": "load save",
        },
    )

__all__ = ["CheckpointError", "Row", "Statistics", "describe", "inspect", "load", "save"]
