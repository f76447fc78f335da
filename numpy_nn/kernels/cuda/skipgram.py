"""Steps of Skip-gram with negative sampling on a GPU, as word2vec.fast.skip_gram takes them on a CPU."""

from __future__ import annotations

from typing import Any

from numpy_nn.backend import Array, array_module
from numpy_nn.kernels.cuda.launch import THREADS, WARP, launch, plain

SPAN, SLICE, PAIRERS = 16, 32, 128
"""A block of PAIRERS threads compares so many contexts with all outputs, so many columns of them at a time."""


class SkipGram:
    """Moves two matrices by one step of gradient descent at a time: W ← W − rate · ∂l/∂W, with

        l = Σ_jk a_jk softplus(−x_k · y_j) + Σ_nk r_k softplus(x_k · y_n),      r_k = (K / N) Σ_j a_jk

    for each block of a text: word2vec.fast.skip_gram says what these are. A step is two launches. The first reads rows,
    compares them and keeps them; the second makes of that what each row moves by, and adds it. So every row moves by
    what it was before the step, as on a CPU, whatever words are in several blocks, and only the order in which a row's
    parts are added up is not told. One launch in place of two would not wait for other blocks, and what they had added
    in the meantime would be anybody's guess. The price is a launch, and each row that is read once written and read
    again, in memory that stays in the cache.

    A word of weight 0 is not looked at: what is not finite spreads to what it is compared with, and to nothing else.
    Mikolov et al. 2013b, eq. 4.
    """

    def __init__(
        self,
        input: Array,
        output: Array,
        shares: Array,
        negative: int,
        input_factors: Array | None = None,
        output_factors: Array | None = None,
    ) -> None:
        """A machine that takes steps.

        input, output: (V, D), CuPy arrays of one dtype in C order, changed by every step; output at half its size.
        shares: (w + 1,), a by the distance, from 0 to the window w; 0 at 0.  negative: K.  input_factors,
        output_factors: (V,), what the rate is multiplied by for each word; 1 by default. They are NumPy's, as shares.
        Raises ValueError for other matrices.
        """
        if not (plain(input, output) and input.flags.c_contiguous and output.flags.c_contiguous):
            got = f"{type(input).__name__} of {input.dtype} and {type(output).__name__} of {output.dtype}"
            raise ValueError(f"input, output: expected CuPy arrays of one dtype in C order, got {got}")
        xp = array_module(input)
        self.input, self.output, self.negative, self.window = input, output, negative, len(shares) - 1
        self.columns, self.shares = input.shape[1], xp.asarray(shares, input.dtype)
        self.threads = min(-(-self.columns // WARP) * WARP, THREADS)
        self.input_factors, self.output_factors = (
            xp.ones(len(matrix), matrix.dtype) if factors is None else xp.asarray(factors, matrix.dtype)
            for matrix, factors in ((input, input_factors), (output, output_factors))
        )

    def begin(self, run: Any) -> None:
        """Make ready for the steps of a word2vec.fast.blocks.Run, which goes to the GPU."""
        xp, dtype = array_module(self.input), self.input.dtype
        (_, B, L), (_, _, M), T = run.contexts.shape, run.outputs.shape, run.near.shape[2]
        self.contexts, self.outputs, self.sentences = (
            xp.asarray(x.astype("i8", order="C")) for x in (run.contexts, run.outputs, run.sentences)
        )
        self.repulsion = xp.asarray((run.near * (-self.negative / (M - T))).astype(dtype))
        self.X, self.Y, self.G = (xp.empty(B * size, dtype) for size in (L * self.columns, M * self.columns, M * L))
        self.sizes = B, L, M
        self.macros = {"CENTERS": str(T), "OUTPUTS": str(M), "SPAN": str(SPAN), "SLICE": str(SLICE)}

    def step(self, number: int, rate: float) -> None:
        """The step of a number of the run."""
        (B, L, M), D = self.sizes, self.columns
        words, kept = (self.contexts, self.outputs), (self.X, self.Y, self.G)
        weights, factors = (self.sentences, self.shares, self.repulsion), (self.input_factors, self.output_factors)
        self._launch("compare", B * -(-L // SPAN), PAIRERS, *words, *weights, *kept, number * B, L, self.window, D)
        self._launch("move", B * (L + M), self.threads, *words, *factors, *kept, float(rate), number * B, L, D)

    def _launch(self, name: str, blocks: int, threads: int, *args: Any) -> None:
        args = self.input, self.output, *args
        launch(self.input, "skipgram.cu", name, blocks, *args, threads=threads, **self.macros)
