"""How much work a thing is: operations as PyTorch counts them, and the bytes of what goes in and comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.contest import Work


def flops(run: Callable[[], object]) -> float:
    """Of all products in a call, a multiply-add as two; attention is counted by the products it is made of."""
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        run()
    return float(counter.get_total_flops())


def size(tensors: Iterable[torch.Tensor]) -> float:
    """Bytes."""
    return float(sum(tensor.numel() * tensor.element_size() for tensor in tensors))


def moved(read: Sequence[torch.Tensor], written: Sequence[torch.Tensor]) -> float:
    """Bytes that are read and written, but for results that lie in memory where something that is read does."""
    places = {tensor.untyped_storage().data_ptr() for tensor in read}
    new = [tensor for tensor in written if tensor.untyped_storage().data_ptr() not in places]
    return size([*read, *new]) if new else 0.0


def of_formula(
    call: Callable[[], torch.Tensor], given: list[torch.Tensor], leaves: list[torch.Tensor], dy: torch.Tensor
) -> dict[str, Work]:
    """Forward: what is given is read, y is written. Backward: dy is read, the gradients of the leaves are written.

    Nothing is where all that comes out is a view of what goes in.
    """
    y = call()
    gradients = torch.autograd.grad(y, leaves, dy, retain_graph=True)
    forward = Work(flops(call), moved(given, [y]))
    backward = Work(flops(lambda: torch.autograd.grad(y, leaves, dy)), moved([dy], gradients))
    return {"forward": forward, "backward": backward, "forward and backward": forward + backward}


def of_step(
    loss: Callable[[], torch.Tensor], given: list[torch.Tensor], optimizer: torch.optim.Optimizer
) -> dict[str, Work]:
    """Forward and inference: what is given and the parameters are read. Gradients are written. Step: see of_update."""
    parameters = optimizer.param_groups[0]["params"]
    forward = Work(flops(loss), size([*given, *parameters]))
    value = loss()
    backward = Work(flops(value.backward), size(parameters))
    gradients = forward + backward
    step = gradients + of_update(optimizer)
    return {"inference": forward, "forward": forward, "gradients": gradients, "step": step}


def of_update(optimizer: torch.optim.Optimizer) -> Work:
    """Parameters and the optimizer's state are read and written, gradients are read."""
    parameters = optimizer.param_groups[0]["params"]
    state = [x for each in optimizer.state.values() for x in each.values() if isinstance(x, torch.Tensor)]
    return Work(0.0, 3 * size(parameters) + 2 * size(state))
