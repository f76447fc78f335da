"""CBOW with negative sampling, a step at a time, in place."""

from __future__ import annotations

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.word2vec.fast.blocks import BAND, NOISE, STREAMS, TOKENS, Run
from numpy_nn.word2vec.fast.buffers import aligned
from numpy_nn.word2vec.fast.rows import adder
from numpy_nn.word2vec.fast.skip_gram import diagonal_bands
from numpy_nn.word2vec.settings import Settings

GROUPS = 8
"""A step's centres in as many groups, a few places of every block each: noise that one subject alone is held against
would learn to avoid that subject. It divides TOKENS, and there are as many as blocks."""


class CBOW:
    """Moves two matrices by one step of gradient descent at a time, with

        h_j = Σ_k a_jk x_k / Σ_k a_jk,     l = Σ_j (softplus(−h_j · y_j) + (K / N) Σ_n softplus(h_j · y_n))

    x_k is a context's row of the input matrix, y_j a centre's of the output matrix; a_jk = 1 for the words of its
    sentence in a window drawn for the centre, else 0; h_j = 0 where there is none, and then nothing moves; n are the
    N noise words of the centre's group. As in the textbook trainer each context takes the whole error of its centre,
    Σ_j a_jk ∂l/∂h_j, instead of its share of it.

    The output matrix is kept at half its size, for the reason that skip_gram.py has.
    """

    def __init__(
        self,
        input: Array,
        output: Array,
        settings: Settings,
        input_factors: Array | None = None,
        output_factors: Array | None = None,
    ) -> None:
        """input, output: (V, D) with D even, changed by every step; output at half its size.

        input_factors, output_factors: (V,), what the rate is multiplied by for each word; 1 by default.
        """
        B, T, N, w, D = STREAMS, TOKENS, NOISE, settings.window, input.shape[1]
        L, dtype = T + 2 * w, input.dtype
        self.input, self.output, self.settings = input, output, settings
        self.X, self.Y, self.dnoise = (aligned((B, rows, D), dtype) for rows in (L, T + N, N))
        self.H, self.dH, self.product = (aligned((B, T, D), dtype) for _ in range(3))
        self.groups, self.dgroups = (x.reshape(-1, GROUPS, D).swapaxes(0, 1) for x in (self.H, self.dH))
        self.centers, self.noise = self.Y[:, :T], self.Y[:, T:]
        self.A = aligned((B, T, L), dtype)
        self.bands = diagonal_bands(self.A, BAND + 2 * w)
        self.S = aligned((B * T + B * T * N,), dtype)
        self.S_centers, self.S_noise = self.S[: B * T].reshape(B, T), self.S[B * T :].reshape(GROUPS, -1, N)
        self.rows = tuple(x.reshape(-1, D) for x in (self.X, self.Y, self.H, self.dnoise))
        self.add_input = adder(input, B * L, input_factors)
        self.add_centers, self.add_noise = (adder(output, B * rows, output_factors) for rows in (T, N))
        self.one, self.repulsion = np.ones((), dtype), np.array(-settings.negative / N, dtype)

    def begin(self, run: Run) -> None:
        """Make ready for the steps of a run."""
        dtype, w, steps = self.A.dtype, self.settings.window, len(run.near)
        self.contexts, self.outputs = run.contexts.reshape(steps, -1), run.outputs.reshape(steps, -1)
        self.center_words, self.noise_words = (
            np.ascontiguousarray(part).reshape(steps, -1)
            for part in (run.outputs[..., :TOKENS], run.outputs[..., TOKENS:])
        )
        distance = np.abs(np.arange(BAND)[:, None] + w - np.arange(BAND + 2 * w))
        sentences, widths = run.bands(self.settings), run.widths.reshape(*run.widths.shape[:2], -1, BAND, 1)
        self.inside = (distance >= 1) & (distance <= widths)  # (S, B, bands, BAND, BAND + 2 window)
        self.inside &= sentences[..., w : w + BAND, None] == sentences[..., None, :]
        counts = self.inside.sum(axis=-1, dtype=dtype).reshape(run.near.shape)  # words in each window, (S, B, T)
        self.mean = (1 / np.maximum(counts, 1))[..., None]

    def step(self, number: int, rate: float) -> None:
        """The step of a number of the run."""
        H, dH = self.H, self.dH
        X_rows, Y_rows, H_rows, dnoise_rows = self.rows
        contexts, outputs = self.contexts[number], self.outputs[number]
        self.input.take(contexts, axis=0, out=X_rows, mode="clip")
        self.output.take(outputs, axis=0, out=Y_rows, mode="clip")
        np.copyto(self.bands, self.inside[number])

        np.matmul(self.A, self.X, out=H)
        H *= self.mean[number]
        np.vecdot(H, self.centers, out=self.S_centers)
        np.matmul(self.groups, self.noise.swapaxes(1, 2), out=self.S_noise)
        np.tanh(self.S, out=self.S)
        np.subtract(self.one, self.S_centers, out=self.S_centers)  # 1 − t
        np.add(self.one, self.S_noise, out=self.S_noise)  # −(K / N) (1 + t)
        self.S_noise *= self.repulsion

        np.matmul(self.S_noise, self.noise, out=self.dgroups)
        dH += np.multiply(self.S_centers[..., None], self.centers, out=self.product)
        np.matmul(self.S_noise.swapaxes(1, 2), self.groups, out=self.dnoise)
        np.matmul(self.A.swapaxes(1, 2), dH, out=self.X)  # each context takes the whole error
        self.add_input(contexts, X_rows, rate)
        self.add_centers(self.center_words[number], H_rows, self.S_centers.reshape(-1) * (rate / 4))  # dy_j = g_j h_j
        self.add_noise(self.noise_words[number], dnoise_rows, rate / 4)
