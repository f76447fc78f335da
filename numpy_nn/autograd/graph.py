"""The graph that operations leave behind, and the way back through it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, Protocol
from weakref import ReferenceType

from numpy_nn.backend import Array, array_module, silent
from numpy_nn.functional.formula import Pullback

_clock = count()

SECOND_TIME = (
    "Trying to backward through the graph a second time: what it had saved was freed by the first. Specify "
    "retain_graph=True in the first backward, or compute the result again"
)


class Leaf(Protocol):
    """Where the way back ends: a tensor that was not computed, or a parameter."""

    def accumulate(self, gradient: Array) -> None:
        """Add a gradient to the one that is there."""


class Retaining(Protocol):
    """A computed tensor that keeps its gradient."""

    def retain(self, gradient: Array) -> None:
        """Add a gradient to the one that is there."""


class Node:
    """One operation on the tape.

    name: PyTorch's for a grad_fn, such as "MulBackward".  inputs: for each floating argument of the formula, in order,
    where its gradient goes: another node, a leaf, or None.  arguments: what they are called.  shape: of the result.
    time: grows with every operation, so that a node is younger than its inputs.
    """

    __slots__ = ("arguments", "inputs", "name", "pullback", "retaining", "shape", "time")

    def __init__(
        self,
        name: str,
        pullback: Pullback,
        inputs: tuple[Node | Leaf | None, ...],
        arguments: tuple[str, ...],
        shape: tuple[int, ...],
    ) -> None:
        self.name, self.inputs, self.arguments, self.shape = name, inputs, arguments, shape
        self.pullback: Pullback | None = pullback
        self.retaining: ReferenceType[Any] | None = None
        self.time = next(_clock)

    def gradients(self, dy: Array) -> Iterator[tuple[Node | Leaf, Array]]:
        """The gradient of each input that wants one, with where it goes.

        Raises RuntimeError where an input wants one that the formula does not give.
        """
        if self.pullback is None:
            raise RuntimeError(SECOND_TIME)
        found = self.pullback(dy)
        found = found if isinstance(found, tuple) else (found,)
        for argument, place in zip(self.arguments[len(found) :], self.inputs[len(found) :], strict=True):
            if place is not None:
                raise no_gradient(self.name, argument)
        for place, gradient in zip(self.inputs, found, strict=False):
            if place is not None:
                yield place, gradient

    def __repr__(self) -> str:
        return f"<{self.name}>"


def no_gradient(name: str, argument: str) -> RuntimeError:
    """The error for a tensor that requires grad where the formula has none to give."""
    return RuntimeError(
        f"{argument}: expected a tensor that does not require grad, because {name} is not differentiated with respect "
        f"to {argument}; pass {argument}.detach()"
    )


def ordered(root: Node | Leaf) -> list[Node]:
    """Every node that a node was computed from, and itself: each after all that were computed from it.

    A node is older than what is computed from it, so that the youngest first is such an order. There is no recursion:
    a graph may be deeper than Python's stack.
    """
    found, waiting = set(), [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Node) and node not in found:
            found.add(node)
            waiting.extend(place for place in node.inputs if place is not None)
    return sorted(found, key=lambda node: node.time, reverse=True)


def walk(root: Node | Leaf, gradient: Array, retain_graph: bool = False) -> None:
    """From the gradient of a result to those of the leaves it was computed from, to which they are added.

    dx = Σ dx_k over the operations k that x went into, which is why a node waits for all that were computed from it.
    Leaves are changed at the end, when nothing can fail any more. Without retain_graph the pullbacks are then dropped,
    and with them what they had kept.  Raises RuntimeError the second time.
    """
    nodes = ordered(root)
    gradients = {root: gradient}
    retained: list[tuple[Retaining, Array]] = []
    with silent():
        for node in nodes:
            dy = gradients.pop(node)
            tensor = node.retaining() if node.retaining else None
            if tensor is not None:
                retained.append((tensor, dy))
            for place, dx in node.gradients(dy):
                gradients[place] = array_module(dx).asarray(gradients[place] + dx) if place in gradients else dx
        for place, dx in gradients.items():
            if not isinstance(place, Node):
                place.accumulate(dx.copy())  # a copy, because dx may be dy itself, or another leaf's
        for tensor, dy in retained:
            tensor.retain(dy.copy())
    if not retain_graph:
        for node in nodes:
            node.pullback = None
