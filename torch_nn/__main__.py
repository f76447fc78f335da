"""The command line in PyTorch: python -m torch_nn --help; its arguments are those of python -m numpy_nn."""

import sys

from numpy_nn.command_line.main import main
from torch_nn.command_line import InTorch

if __name__ == "__main__":
    sys.exit(main(InTorch()))
