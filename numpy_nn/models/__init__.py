"""Networks, each with its backward spelled out."""

from typing import TYPE_CHECKING

from numpy_nn.later import later

if TYPE_CHECKING:
    from numpy_nn.models.image_text import ImageText
    from numpy_nn.models.lenet import LeNet
    from numpy_nn.models.mlp import ACTIVATIONS, MLP
    from numpy_nn.models.resnet import BasicBlock, ResNet18
    from numpy_nn.models.simple_net import SimpleNet
    from numpy_nn.models.vision_transformer import VisionTransformer
else:
    __getattr__, __dir__ = later(
        __name__,
        {
            "image_text": "ImageText",
            "lenet": "LeNet",
            "mlp": "ACTIVATIONS MLP",
            "resnet": "BasicBlock ResNet18",
            "simple_net": "SimpleNet",
            "vision_transformer": "VisionTransformer",
        },
    )

__all__ = ["ACTIVATIONS", "MLP", "BasicBlock", "ImageText", "LeNet", "ResNet18", "SimpleNet", "VisionTransformer"]
