"""Bugs in the convolutions and their layers."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

conv2d = partial(Mutant, "functional.conv2d", "functional/convolution.py")
conv1d = partial(Mutant, "functional.conv1d", "functional/convolution.py")
transpose = partial(Mutant, "functional.conv_transpose2d", "functional/convolution_transpose.py")
windows = partial(Mutant, "functional.windows", "functional/windows.py")
left_out = partial(Mutant, "functional.windows")
checked = partial(Mutant, "functional.conv2d", "functional/convolution_checks.py")
layer = partial(Mutant, file="modules/convolution.py")

MUTANTS = [
    conv2d("Y = Y + bias", "Y = Y - bias", "the bias's sign"),
    conv2d("xp.matmul(W.swapaxes(1, 2), dY)", "xp.matmul(abs(W).swapaxes(1, 2), dY)", "the weight's sign lost"),
    conv2d("columns(seen, groups).swapaxes", "columns(seen, groups)[:, :, ::-1].swapaxes", "places paired in reverse"),
    conv2d("xp.matmul(dY, columns", "1.0005 * xp.matmul(dY, columns", "gradient off by 0.05 %"),
    conv2d(
        "xp.ones(dY.shape[2], dtype=dy.dtype)", "xp.ones(dY.shape[2], dtype=dy.dtype) / max(N, 1)", "a spurious 1/N"
    ),
    conv2d(
        "padding: int | Sequence[int] | str = 0",
        "padding: int | Sequence[int] | str = 1",
        "a changed default",
        within="def conv2d",
    ),
    windows("x[:, :, *under] += taps[tap]", "x[:, :, *under] = taps[tap]", "= for +="),
    windows("slice(i * d, i * d + s * n, s)", "slice(i, i + s * n, s)", "dilation lost on the way back"),
    windows("(*stride, *dilation)", "(*stride[::-1], *dilation)", "strides of height and width exchanged"),
    windows("d * (k - 1) + 1", "d * k", "a kernel that covers a tap too much"),
    windows("1, *kernel, 0, *places", "1, *kernel[::-1], 0, *places", "taps exchanged"),
    windows("ascontiguousarray(images)", "asarray(images)", "the result in another order of memory"),
    left_out("functional/convolution.py", '"x" not in', '"weight" not in', "dx left out for dweight"),
    left_out("functional/convolution.py", '"bias" not in', '"weight" not in', "dbias left out for dweight"),
    left_out("functional/convolution_transpose.py", '"weight" not in', '"x" not in', "dweight left out for dx"),
    checked("(total // 2, total - total // 2)", "(total - total // 2, total // 2)", "the larger part of same before"),
    conv1d('dilation, groups, axes="L")', '1, groups, axes="L")', "dilation forgotten"),
    conv1d('padding, dilation, groups, axes="L")', '0, dilation, groups, axes="L")', "padding forgotten"),
    conv1d(
        "stride: int | Sequence[int] = 1", "stride: int | Sequence[int] = 2", "a changed default", within="def conv1d"
    ),
    transpose("y = y + bias", "y = y - bias", "the bias's sign"),
    transpose(
        "seen[:, :, : places[0], : places[1]]", "seen[:, :, -places[0] :, -places[1] :]", "the wrong places kept"
    ),
    transpose("xp.matmul(X, dY", "1.0005 * xp.matmul(X, dY", "gradient off by 0.05 %"),
    transpose("from_rows(xp.matmul(W, dY)", "from_rows(xp.matmul(-W, dY)", "a wrong sign"),
    transpose(
        "output_padding: int | Sequence[int] = 0", "output_padding: int | Sequence[int] = 1", "a changed default"
    ),
    Mutant(
        "functional.conv_transpose2d",
        "functional/convolution_checks.py",
        "covered + extra for n",
        "covered for n",
        "output_padding forgotten",
    ),
    layer("Conv1d", old="sqrt(5)", new="0.0", what="Kaiming's bound for ReLU"),
    layer(
        "Conv1d",
        old="self.padding, self.dilation, self.groups)",
        new="self.padding, self.dilation)",
        what="groups forgotten",
    ),
    layer("Conv1d", old="in reversed(margins)", new="in margins[:0]", what="padded by nothing but zeros"),
    layer("Conv2d", old="in reversed(margins)", new="in margins", what="margins of height and width exchanged"),
    layer("Conv2d", old="else pad_backward(dpadded)", new="else dpadded[:, :, :2, :2]", what="padding not undone"),
    layer("Conv2d", old="1 / sqrt(init", new="1 / (init", what="the bias's bound without its root"),
    layer(
        "Conv2d",
        old="self.stride, self.padding, self.dilation",
        new="self.stride, 0, self.dilation",
        what="padding forgotten",
    ),
    layer(
        "Conv2d",
        old='("padding", 0), ("dilation", 1)',
        new='("dilation", 1), ("padding", 0)',
        what="printed in another order",
    ),
    layer(
        "ConvTranspose2d",
        old="self.groups, self.dilation\n",
        new="self.groups\n",
        what="dilation forgotten",
        within="class ConvTranspose2d",
    ),
    layer("ConvTranspose2d", old="self.output_padding = extra", new="pass", what="output_padding forgotten"),
    layer(
        "ConvTranspose2d",
        old="groups: int = 1,\n        bias: bool = True,\n        dilation",
        new="bias: bool = True,\n        groups: int = 1,\n        dilation",
        what="arguments in another order",
    ),
]
