"""CBOW with negative sampling, a step at a time, in place."""

from __future__ import annotations

import numpy as np

from numpy_nn.backend import Array
from numpy_nn.kernels.cpu.rows import adder
from numpy_nn.word2vec.fast.blocks import BAND, NOISE, TOKENS, Run
from numpy_nn.word2vec.fast.buffers import aligned
from numpy_nn.word2vec.fast.machine import Machine
from numpy_nn.word2vec.fast.skip_gram import diagonal_bands

GROUPS = 8
"""A step's centres in as many groups, a few places of every block each: noise that one subject alone is held against
would learn to avoid that subject. It divides TOKENS, and there are as many as blocks."""


class CBOW(Machine):
    """Moves two matrices by one step of gradient descent at a time, with

        h_j = Σ_k a_jk x_k / Σ_k a_jk,     l = Σ_j (softplus(−h_j · y_j) + (K / N) Σ_n softplus(h_j · y_n))

    x_k is a context's row of the input matrix, y_j a centre's of the output matrix; a_jk = 1 for the words of its
    sentence in a window drawn for the centre, else 0; h_j = 0 where there is none, and then nothing moves; n are the
    N noise words of the centre's group. As in the textbook trainer each context takes the whole error of its centre,
    Σ_j a_jk ∂l/∂h_j, instead of its share of it.

    The output matrix is kept at half its size, for the reason that skip_gram.py has.
    """

    def allocate(self, output_factors: Array | None) -> None:
        """Make what else a step works in, and what adds to the output."""
        (B, L, D), dtype = self.X.shape, self.X.dtype
        T, N, w = TOKENS, NOISE, self.settings.window
        self.dnoise = aligned((B, N, D), dtype)
        self.H, self.dH, self.product = (aligned((B, T, D), dtype) for _ in range(3))
        self.groups, self.dgroups = (x.reshape(-1, GROUPS, D).swapaxes(0, 1) for x in (self.H, self.dH))
        self.centers, self.noise = self.Y[:, :T], self.Y[:, T:]
        self.A = aligned((B, T, L), dtype)
        self.bands = diagonal_bands(self.A, BAND + 2 * w)
        self.S = aligned((B * T + B * T * N,), dtype)
        self.S_centers, self.S_noise = self.S[: B * T].reshape(B, T), self.S[B * T :].reshape(GROUPS, -1, N)
        self.H_rows, self.dnoise_rows = self.H.reshape(-1, D), self.dnoise.reshape(-1, D)
        self.add_centers, self.add_noise = (adder(self.output, B * rows, output_factors) for rows in (T, N))
        self.one, self.repulsion = np.ones((), dtype), np.array(-self.settings.negative / N, dtype)

    def begin(self, run: Run) -> None:
        """Make ready for the steps of a run."""
        super().begin(run)
        dtype, w, steps = self.A.dtype, self.settings.window, len(run.near)
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
        self.gather(number)
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
        self.add_input(self.contexts[number], self.X_rows, rate)
        rates = self.S_centers.reshape(-1) * (rate / 4)  # dy_j = g_j h_j
        self.add_centers(self.center_words[number], self.H_rows, rates)
        self.add_noise(self.noise_words[number], self.dnoise_rows, rate / 4)
