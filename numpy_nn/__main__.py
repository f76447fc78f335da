"""The command line by hand: python -m numpy_nn --help."""

import sys

from numpy_nn.command_line.by_hand import ByHand
from numpy_nn.command_line.main import main

if __name__ == "__main__":
    sys.exit(main(ByHand()))
