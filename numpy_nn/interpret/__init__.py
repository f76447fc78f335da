"""What a network looks at: weights and activations as images, and which pixels its answer hangs on.

heat = interpret.grad_cam(model, x)                  where the features of the likeliest class are, (N, H', W')
dx = interpret.saliency(model, x, target=3)          which pixels move the score of class 3, like x

Every method is made of the model's own forward and backward, the gradients written by hand; each leaves the model as
it was: its modes, its gradients, and what its parameters learn.
"""

from numpy_nn.interpret.activations import activations, weight_images
from numpy_nn.interpret.cam import convolutions, grad_cam
from numpy_nn.interpret.enlarging import enlarged
from numpy_nn.interpret.gradients import guided_backpropagation, integrated_gradients, saliency, strongest
from numpy_nn.interpret.occlusion import occlusion
from numpy_nn.interpret.overlay import mosaic, overlay, show

__all__ = [
    "activations",
    "convolutions",
    "enlarged",
    "grad_cam",
    "guided_backpropagation",
    "integrated_gradients",
    "mosaic",
    "occlusion",
    "overlay",
    "saliency",
    "show",
    "strongest",
    "weight_images",
]
