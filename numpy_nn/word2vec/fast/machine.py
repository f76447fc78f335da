"""What takes the steps of the fast trainer: the two matrices, and the rows of them that a step works on."""

from __future__ import annotations

from numpy_nn.backend import Array
from numpy_nn.kernels.cpu.rows import adder
from numpy_nn.word2vec.fast.blocks import NOISE, STREAMS, TOKENS, Run
from numpy_nn.word2vec.fast.buffers import aligned
from numpy_nn.word2vec.settings import Settings


class Machine:
    """Moves two matrices by one step of gradient descent at a time; SkipGram and CBOW say by which.

    input, output: (V, D) with D even, changed by every step; output at half its size.
    input_factors, output_factors: (V,), what the rate is multiplied by for each word; 1 by default.
    """

    def __init__(
        self,
        input: Array,
        output: Array,
        settings: Settings,
        input_factors: Array | None = None,
        output_factors: Array | None = None,
    ) -> None:
        D, contexts = input.shape[1], TOKENS + 2 * settings.window
        self.input, self.output, self.settings = input, output, settings
        self.X, self.Y = (aligned((STREAMS, rows, D), input.dtype) for rows in (contexts, TOKENS + NOISE))
        self.X_rows, self.Y_rows = self.X.reshape(-1, D), self.Y.reshape(-1, D)
        self.add_input = adder(input, STREAMS * contexts, input_factors)
        self.allocate(output_factors)

    def allocate(self, output_factors: Array | None) -> None:
        """Make what else a step works in, and what adds to the output."""
        raise NotImplementedError(f"{type(self).__name__} does not define allocate")

    def begin(self, run: Run) -> None:
        """Make ready for the steps of a run."""
        steps = len(run.near)
        self.contexts, self.outputs = run.contexts.reshape(steps, -1), run.outputs.reshape(steps, -1)

    def step(self, number: int, rate: float) -> None:
        """The step of a number of the run."""
        raise NotImplementedError(f"{type(self).__name__} does not define step")

    def gather(self, number: int) -> None:
        """Put the rows of a step's contexts into X, and those of its centres and noise words into Y."""
        self.input.take(self.contexts[number], axis=0, out=self.X_rows, mode="clip")
        self.output.take(self.outputs[number], axis=0, out=self.Y_rows, mode="clip")
