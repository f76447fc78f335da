"""Bugs in networks: LeNet, the residual block, ResNet-18, and how their weights start."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

lenet = partial(Mutant, "LeNet", "models/lenet.py")
block = partial(Mutant, "BasicBlock", "models/resnet.py", within="class BasicBlock")
resnet = partial(Mutant, "ResNet18", "models/resnet.py")
start = partial(Mutant, "init.kaiming_normal_", "init.py")

MAIN_BACKWARD = (
    "dmain = self.conv2.backward(self.bn2.backward(dsum))\n"
    "        dmain = self.conv1.backward(self.bn1.backward(self.relu1.backward(dmain)))"
)

MUTANTS = [
    lenet("self.relu1.backward(self.pool1.backward(dy))", "self.pool1.backward(dy)", "the first ReLU's gradient lost"),
    lenet("self.relu2.backward(self.pool2", "(self.pool2", "the second ReLU's gradient lost"),
    lenet("self.relu3.backward(self.dropout1.backward(dy))", "self.dropout1.backward(dy)", "a hidden ReLU skipped"),
    lenet("self.dropout1.backward(dy)", "dy", "the gradient not dropped with its units"),
    lenet("self.relu4.backward(self.dropout2.backward(dy))", "self.relu4.backward(dy)", "the last dropout skipped"),
    lenet("dropout: float = 0.0", "dropout: float = 0.5", "dropout by default"),
    lenet("x.shape[1:] != (channels, 28, 28)", "x.shape[1] != channels", "images of any size"),
    block("else dmain + dshortcut", "else dmain", "the shortcut's gradient lost"),
    block("else dmain + dshortcut", "else dshortcut", "the main way's gradient lost"),
    block("else dmain + dshortcut", "else dmain - dshortcut", "the shortcut's gradient taken away"),
    block("dsum if self.downsample is None else self.downsample.backward(dsum)", "dsum", "downsample not gone back"),
    block("x if self.downsample is None else self.downsample(x)", "x", "downsample passed by"),
    block("dsum = self.relu2.backward(dy)", "dsum = dy", "the last ReLU's gradient lost"),
    block("self.relu1.backward(dmain)", "dmain", "the inner ReLU's gradient lost"),
    block("self.relu2(main + shortcut)", "self.relu2(main) + shortcut", "added after the ReLU"),
    block("self.relu2(main + shortcut)", "self.relu2(main * shortcut)", "multiplied for added"),
    block(
        MAIN_BACKWARD,
        MAIN_BACKWARD.replace("bn1", "bn").replace("bn2", "bn1").replace("bn.", "bn2."),
        "normalizations gone back in the wrong order",
    ),
    block(
        MAIN_BACKWARD,
        MAIN_BACKWARD.replace("conv1", "conv").replace("conv2", "conv1").replace("conv.", "conv2."),
        "convolutions gone back in the wrong order",
    ),
    block("if shortcut.shape != main.shape:", "if False:", "a shortcut of another shape spread out"),
    resnet("self.relu.backward(self.maxpool.backward(dy))", "self.maxpool.backward(dy)", "the stem's ReLU lost"),
    resnet("else (3, 1, 1)", "else (3, 2, 1)", "the small stem halves the image"),
    resnet("(7, 2, 3) if", "(7, 2, 2) if", "the large stem cuts the margin"),
    resnet('stem: str = "imagenet"', 'stem: str = "small"', "another stem by default"),
    resnet("num_classes: int = 1000", "num_classes: int = 10", "ten classes by default"),
    resnet('mode="fan_out"', 'mode="fan_in"', "weights that start by the wrong rule"),
    resnet("if isinstance(module, Conv2d):", "if False:", "weights that start as a layer's of its own"),
    resnet("8 * width, 2, device", "8 * width, 1, device", "the last stage does not halve"),
    resnet("if stride != 1 or inplanes != planes:", "if True:", "a downsample where the shape stays"),
    start("sqrt(2.0 / (1 + slope**2)) / sqrt(fan)", "sqrt(2.0 / (1 + slope)) / sqrt(fan)", "the slope not squared"),
    start('if nonlinearity == "leaky_relu" else 0.0', "", "a ReLU with a slope"),
    start("fan_in(parameter) if mode", "fan_out(parameter) if mode", "fan_in is fan_out"),
    start("return outputs * prod(kernel)", "return outputs", "fan_out without the kernel"),
    start('mode: str = "fan_in"', 'mode: str = "fan_out"', "fan_out by default"),
    start('nonlinearity: str = "leaky_relu"', 'nonlinearity: str = "relu"', "ReLU by default"),
]
