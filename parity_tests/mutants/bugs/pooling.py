"""Bugs in pooling: which value wins, what is counted, where windows begin and end."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

FILE, GRID, LAYER = "functional/pooling.py", "functional/pooling_grid.py", "modules/pooling.py"

maximum = partial(Mutant, "functional.max_pool2d", FILE, within="def max_pool2d")
average = partial(Mutant, "functional.avg_pool2d", FILE, within="def avg_pool2d")
adaptive = partial(Mutant, "functional.adaptive_avg_pool2d", FILE, within="def adaptive_avg_pool2d")
shares = partial(Mutant, "functional.adaptive_avg_pool2d", FILE, within="def _shares")
grid = partial(Mutant, "functional.max_pool2d", GRID)
counted = partial(Mutant, "functional.avg_pool2d", GRID, within="    def lengths")

MUTANTS = [
    maximum("(value > y)", "(value >= y)", "of ties the last"),
    maximum("real & (", "(", "padding is a value of 0"),
    maximum(" | xp.isnan(value)", "", "nan is passed over"),
    maximum("(winner < 0) | ", "", "a window of -inf has no winner"),
    maximum("return grid.back(", "return 0 * grid.back(", "backward is zero"),
    maximum(
        "xp.where(wins, dy.reshape(y.shape)", "xp.where(wins | True, dy.reshape(y.shape)", "all share the gradient"
    ),
    average("(dy.reshape(y.shape) / n)", "(dy.reshape(y.shape))", "the mean lost in the gradient"),
    average("(_places(grid.windows(_images(x)))) / n", "(_places(grid.windows(_images(x))))", "a sum"),
    average("count_include_pad: bool = True", "count_include_pad: bool = False", "a changed default"),
    average(
        "rows[:, None] * columns", "0 * rows[:, None] * columns + grid.kernel[0] * grid.kernel[1]", "all is counted"
    ),
    counted("(-p, n + p) if with_padding", "(0, n) if with_padding", "padding is never counted"),
    counted("min(start + k, high)", "(start + k)", "what is beyond the end is counted"),
    counted("max(start, low)", "start", "what is before the image is counted"),
    adaptive("dx[cell] +=", "dx[cell] =", "gradients of shares that overlap are lost"),
    adaptive("dy[..., p, q, None, None] / prod(x[cell].shape[-2:])", "dy[..., p, q, None, None]", "the mean lost"),
    adaptive("/ prod(x[cell].shape[-2:])\n\n", "/ prod(x.shape[-2:])\n\n", "divided by the whole image"),
    shares("-(-(p + 1) * n // parts)", "(p + 1) * n // parts", "shares that do not overlap"),
    shares("slice(p * n // parts", "slice(-(-p * n // parts)", "shares that begin late"),
    grid("strides = kernel if stride is None", "strides = (1, 1) if stride is None", "stride 1 by default"),
    grid("(s - 1 if ceil_mode else 0)", "(s - 1)", "always ceil_mode"),
    grid("(s - 1 if ceil_mode else 0)", "(s if ceil_mode else 0)", "a window too many"),
    grid(">= n + p:", "> n + p:", "a window that begins after the image"),
    grid("n + 2 * p - d * (k - 1) - 1", "n + 2 * p - k", "the dilation forgotten"),
    Mutant(
        "MaxPool2d",
        LAYER,
        "self.padding, self.dilation, self.ceil_mode)",
        "self.padding, self.dilation)",
        "ceil_mode forgotten",
    ),
    Mutant(
        "MaxPool2d", LAYER, "self.stride, self.padding, self.dilation,", "None, self.padding, self.dilation,", "stride"
    ),
    Mutant("AvgPool2d", LAYER, "            self.divisor_override,\n", "", "the divisor forgotten"),
    Mutant("AvgPool2d", LAYER, "            self.count_include_pad,", "            True,", "padding always counts"),
    Mutant("AdaptiveAvgPool2d", LAYER, "(x, self.output_size)", "(x, 1)", "always one window"),
]
