"""Skip-gram with negative sampling, a step at a time, in place."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from numpy_nn.backend import Array
from numpy_nn.kernels.cpu.rows import adder
from numpy_nn.word2vec.fast.blocks import BAND, NOISE, TOKENS, Run, nearness
from numpy_nn.word2vec.fast.buffers import aligned
from numpy_nn.word2vec.fast.machine import Machine


class SkipGram(Machine):
    """Moves two matrices by one step of gradient descent at a time: W ← W − rate · ∂l/∂W, with

        l = Σ_jk a_jk softplus(−x_k · y_j) + Σ_nk r_k softplus(x_k · y_n),      r_k = (K / N) Σ_j a_jk

    for each block. x_k is a context's row of the input matrix, y_j a centre's of the output matrix, y_n that of a noise
    word. No window is drawn. Word2vec draws each from 1 to w, so that a context at distance d is inside with
    probability (w + 1 − d) / w; this nearness a_jk, 0 between sentences, weighs the pair, and a step is the mean over
    all windows. Nor are K noise words drawn for each pair: the block's N serve all its words, each in the one step
    where it is a centre too, and weigh as much as all the noise of its pairs.

    With t = tanh(s/2), the slope of softplus(−s) is −(1 − t)/2 and that of softplus(s) is (1 + t)/2. The halves go into
    the output matrix, which is kept at half its size: then s/2 is what the product gives, and a step of the matrix a
    quarter of what it would be.
    """

    def allocate(self, output_factors: Array | None) -> None:
        """Make what else a step works in, and what adds to the output."""
        (B, L, D), dtype = self.X.shape, self.X.dtype
        T, N, w = TOKENS, NOISE, self.settings.window
        self.nearness = nearness(BAND, self.settings).astype(dtype)
        self.dY = aligned((B, T + N, D), dtype)
        self.inner = self.X[:, w : w + T]
        self.near_words = bands(self.X, BAND + 2 * w)
        self.centers, self.dcenters = bands(self.Y, BAND), bands(self.dY, BAND)
        self.noise, self.dnoise = self.Y[:, T:], self.dY[:, T:]
        self.G = aligned((B, T + N, L), dtype)  # −2 ∂l/∂s, and 0 where no pair stands
        self.G_near, self.G_noise = diagonal_bands(self.G, BAND + 2 * w), self.G[:, T:, w : w + T]
        self.S = aligned((self.G_near.size + self.G_noise.size,), dtype)
        self.S_near = self.S[: self.G_near.size].reshape(self.G_near.shape)
        self.S_bands = self.S_near.reshape(-1, BAND * (BAND + 2 * w))
        self.S_noise = self.S[self.G_near.size :].reshape(self.G_noise.shape)
        self.near_words_T, self.inner_T = self.near_words.swapaxes(2, 3), self.inner.swapaxes(1, 2)
        self.G_T, self.dY_rows = self.G.swapaxes(1, 2), self.dY.reshape(-1, D)
        self.add_output = adder(self.output, B * (T + N), output_factors)
        self.one = np.ones((), dtype)

    def begin(self, run: Run) -> None:
        """Make ready for the steps of a run."""
        super().begin(run)
        w, steps = self.settings.window, len(run.near)
        self.repulsion = (run.near * (-self.settings.negative / NOISE)).astype(self.G.dtype)[:, :, None, :]
        sentences = run.bands(self.settings)
        step, block, band = np.nonzero(sentences[..., 0] != sentences[..., -1])  # where sentences meet
        met = sentences[step, block, band]
        self.mixed = block * sentences.shape[2] + band
        same = met[:, w : w + BAND, None] == met[:, None, :]
        self.same = same.reshape(len(met), self.S_bands.shape[1]).astype(self.G.dtype)
        self.ends = np.searchsorted(step, np.arange(steps + 1)).tolist()

    def step(self, number: int, rate: float) -> None:
        """The step of a number of the run."""
        self.gather(number)

        np.matmul(self.centers, self.near_words_T, out=self.S_near)
        np.matmul(self.noise, self.inner_T, out=self.S_noise)
        np.tanh(self.S, out=self.S)
        np.subtract(self.one, self.S_near, out=self.S_near)  # a (1 − t)
        here = slice(self.ends[number], self.ends[number + 1])
        self.S_bands[self.mixed[here]] *= self.same[here]
        np.multiply(self.S_near, self.nearness, out=self.G_near)
        np.add(self.one, self.S_noise, out=self.S_noise)  # −r (1 + t)
        np.multiply(self.S_noise, self.repulsion[number], out=self.G_noise)

        np.matmul(self.G_near, self.near_words, out=self.dcenters)  # dY = G X
        np.matmul(self.G_noise, self.inner, out=self.dnoise)
        np.matmul(self.G_T, self.Y, out=self.X)  # dX = Gᵀ Y, where X is not needed any more
        self.add_input(self.contexts[number], self.X_rows, rate)
        self.add_output(self.outputs[number], self.dY_rows, rate / 4)


def bands(x: Array, width: int) -> Array:
    """x (B, places, D) as (B, TOKENS / BAND, width, D): band b has the `width` places from b · BAND on."""
    block, place, column = x.strides
    shape = len(x), TOKENS // BAND, width, x.shape[2]
    return as_strided(x, shape, (block, BAND * place, place, column))


def diagonal_bands(x: Array, width: int) -> Array:
    """x (B, centres, places) as (B, TOKENS / BAND, BAND, width): band b has `width` places from b · BAND on, too."""
    block, center, place = x.strides
    return as_strided(x, (len(x), TOKENS // BAND, BAND, width), (block, BAND * (center + place), center, place))
