"""The residual network of 18 layers as a torch.nn module; autograd does the backward."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class BasicBlock(nn.Module):
    """Two convolutions of 3×3 that learn what to add to what they are given."""

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        device: str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        place: dict[str, Any] = {"device": device, "dtype": dtype}
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride, padding=1, bias=False, **place)
        self.bn1 = nn.BatchNorm2d(planes, **place)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False, **place)
        self.bn2 = nn.BatchNorm2d(planes, **place)
        self.downsample = downsample
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """relu(main(x) + shortcut(x))."""
        main = self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(x)))))
        return self.relu2(main + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    """torchvision.models.resnet18, with the channels in, the stem and the width as options."""

    def __init__(
        self,
        num_classes: int = 1000,
        in_channels: int = 3,
        stem: str = "imagenet",
        width: int = 64,
        device: str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        place: dict[str, Any] = {"device": device, "dtype": dtype}
        kernel_size, stride, padding = (7, 2, 3) if stem == "imagenet" else (3, 1, 1)
        self.conv1 = nn.Conv2d(in_channels, width, kernel_size, stride, padding, bias=False, **place)
        self.bn1 = nn.BatchNorm2d(width, **place)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, padding=1) if stem == "imagenet" else nn.Sequential()
        self.layer1 = _stage(width, width, 1, **place)
        self.layer2 = _stage(width, 2 * width, 2, **place)
        self.layer3 = _stage(2 * width, 4 * width, 2, **place)
        self.layer4 = _stage(4 * width, 8 * width, 2, **place)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(8 * width, num_classes, **place)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """Scores for each class, before the softmax."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.flatten(self.avgpool(x)))


def _stage(inplanes: int, planes: int, stride: int, **place: Any) -> nn.Sequential:
    """Two blocks, of which the first changes the shape."""
    downsample = None
    if stride != 1 or inplanes != planes:
        downsample = nn.Sequential(
            nn.Conv2d(inplanes, planes, 1, stride, bias=False, **place), nn.BatchNorm2d(planes, **place)
        )
    return nn.Sequential(BasicBlock(inplanes, planes, stride, downsample, **place), BasicBlock(planes, planes, **place))
