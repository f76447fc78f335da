"""python -m numpy_nn transfer: what a network that has learnt from many images gains where there are few."""

from numpy_nn.command_line.transfer.command import add

__all__ = ["add"]
