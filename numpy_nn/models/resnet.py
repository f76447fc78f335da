"""The residual network of 18 layers."""

from __future__ import annotations

import numpy as np

from numpy_nn import init
from numpy_nn.backend import Array, DTypeLike
from numpy_nn.functional import checks
from numpy_nn.modules import (
    AdaptiveAvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    Module,
    ReLU,
    Sequential,
)


class BasicBlock(Module):
    """Two convolutions of 3×3 that learn what to add to what they are given.

    y = relu(s),  s = main(x) + shortcut(x),  main = bn2 ∘ conv2 ∘ relu ∘ bn1 ∘ conv1
    dx = (∂main/∂x)ᵀ ds + (∂shortcut/∂x)ᵀ ds,  ds = dy where s > 0, else 0

    x: (N, inplanes, H, W) -> y: (N, planes, ⌈H / stride⌉, ⌈W / stride⌉).  downsample: the shortcut where x and main(x)
    differ in shape; None passes x on.
    He, Zhang, Ren and Sun 2016, figure 2 and section 3.3, option B.
    """

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: Module | None = None,
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        self.conv1 = Conv2d(inplanes, planes, 3, stride, padding=1, bias=False, device=device, dtype=dtype)
        self.bn1 = BatchNorm2d(planes, device=device, dtype=dtype)
        self.relu1 = ReLU()
        self.conv2 = Conv2d(planes, planes, 3, padding=1, bias=False, device=device, dtype=dtype)
        self.bn2 = BatchNorm2d(planes, device=device, dtype=dtype)
        self.downsample = downsample
        self.relu2 = ReLU()

    def forward(self, x: Array) -> Array:
        """relu(main(x) + shortcut(x)). Raises ValueError where the two differ in shape."""
        main = self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(x)))))
        shortcut = x if self.downsample is None else self.downsample(x)
        if shortcut.shape != main.shape:
            raise ValueError(f"downsample: expected a shortcut of shape {main.shape}, got {shortcut.shape}")
        return self.relu2(main + shortcut)

    def backward(self, dy: Array) -> Array | None:
        """The gradient goes back to x on both ways, and what arrives adds up; None where nobody wants it."""
        dsum = self.relu2.backward(dy)
        dmain = self.conv2.backward(self.bn2.backward(dsum))
        dmain = self.conv1.backward(self.bn1.backward(self.relu1.backward(dmain)))
        dshortcut = dsum if self.downsample is None else self.downsample.backward(dsum)
        return None if dmain is None else dmain + dshortcut


class ResNet18(Module):
    """A stem, four stages of two residual blocks each, the mean over the image, and one linear layer.

    x —stem→ layer1 → layer2 → layer3 → layer4 → avgpool → fc → logits

    Channels double from stage to stage, from width to 8 width; height and width halve. Names, state_dict keys and
    initial values are those of torchvision.models.resnet18, whose weights load unchanged: 11,689,512 numbers learn.
    stem: "imagenet" begins with 7×7 at stride 2 and max-pooling, which leave a quarter of the side; "small", for images
    of about 30 pixels, with 3×3 at stride 1 and no pooling.
    x: (N, in_channels, H, W) -> logits: (N, num_classes).  Raises ValueError for another stem and sizes below 1.
    He, Zhang, Ren and Sun 2016, table 1; the small stem as in section 4.2.
    """

    def __init__(
        self,
        num_classes: int = 1000,
        in_channels: int = 3,
        stem: str = "imagenet",
        width: int = 64,
        device: str = "cpu",
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        checks.option("stem", stem, "imagenet", "small")
        checks.integer("width", width, low=1)
        kernel_size, stride, padding = (7, 2, 3) if stem == "imagenet" else (3, 1, 1)
        self.conv1 = Conv2d(
            in_channels, width, kernel_size, stride, padding=padding, bias=False, device=device, dtype=dtype
        )
        self.bn1 = BatchNorm2d(width, device=device, dtype=dtype)
        self.relu = ReLU()
        self.maxpool = MaxPool2d(3, 2, padding=1) if stem == "imagenet" else Sequential()
        self.layer1 = _stage(width, width, 1, device, dtype)
        self.layer2 = _stage(width, 2 * width, 2, device, dtype)
        self.layer3 = _stage(2 * width, 4 * width, 2, device, dtype)
        self.layer4 = _stage(4 * width, 8 * width, 2, device, dtype)
        self.avgpool = AdaptiveAvgPool2d((1, 1))
        self.flatten = Flatten()
        self.fc = Linear(8 * width, num_classes, device=device, dtype=dtype)
        for module in self.modules():
            if isinstance(module, Conv2d):
                init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Array) -> Array:
        """Scores for each class, before the softmax."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.flatten(self.avgpool(x)))

    def backward(self, dy: Array) -> Array | None:
        """From the gradient of the scores to that of x: the forward's steps in reverse."""
        dy = self.avgpool.backward(self.flatten.backward(self.fc.backward(dy)))
        dy = self.layer1.backward(self.layer2.backward(self.layer3.backward(self.layer4.backward(dy))))
        return self.conv1.backward(self.bn1.backward(self.relu.backward(self.maxpool.backward(dy))))


def _stage(inplanes: int, planes: int, stride: int, device: str, dtype: DTypeLike) -> Sequential:
    """Two blocks, of which the first changes the shape."""
    downsample = None
    if stride != 1 or inplanes != planes:
        downsample = Sequential(
            Conv2d(inplanes, planes, 1, stride, bias=False, device=device, dtype=dtype),
            BatchNorm2d(planes, device=device, dtype=dtype),
        )
    return Sequential(
        BasicBlock(inplanes, planes, stride, downsample, device, dtype),
        BasicBlock(planes, planes, device=device, dtype=dtype),
    )
