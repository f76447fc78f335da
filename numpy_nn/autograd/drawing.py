"""A picture of the graph behind a tensor."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy_nn.autograd.arguments import place_of
from numpy_nn.autograd.graph import Leaf, Node, ordered
from numpy_nn.autograd.tensor import Tensor
from numpy_nn.files import whole

LEAF, RESULT = "#cfe8cf", "#f6dcb0"
"""The colours of what gradients go to, and of what they come from."""


def draw(tensor: Tensor, path: str | Path | None = None, names: Mapping[str, Any] | None = None) -> str:
    """The graph that a tensor was computed by, as Graphviz source; and as a file, where a path is given.

    Boxes are operations with the shape of their result, from the leaves at the top to the tensor at the bottom.

    path: *.dot or *.gv for the source, *.svg for a picture, which Graphviz's `dot` makes.  names: of tensors and
    parameters among the leaves: {"weight": weight}.
    Returns the source. Raises RuntimeError where the tensor does not require grad, ValueError for another kind of
    path, FileNotFoundError without `dot`. A file is written whole or not at all.
    """
    source = _source(tensor, {id(place_of(value)): name for name, value in (names or {}).items()})
    if path is not None:
        path = Path(path)
        if path.suffix not in (".dot", ".gv", ".svg"):
            raise ValueError(f"path: expected a name that ends in .dot, .gv or .svg, got {path}")
        content = _svg(source) if path.suffix == ".svg" else source.encode()
        with whole(path) as file:
            file.write(content)
    return source


def _source(tensor: Tensor, names: Mapping[int, str]) -> str:
    """Graphviz's language: a line for each operation and leaf, and one for each way that a gradient goes."""
    root = place_of(tensor)
    if root is None:
        raise RuntimeError("tensor: expected one that requires grad, which has a graph, got one that does not")
    numbers: dict[Node | Leaf, int] = {}
    lines = ["digraph {", '    node [shape=box, style="rounded,filled", fontname=Helvetica]']

    def number(place: Any) -> int:
        if place not in numbers:
            numbers[place] = len(numbers)
            leaf = not isinstance(place, Node)
            title = names.get(id(place), type(place).__name__) if leaf else place.name.removesuffix("Backward")
            colour = LEAF if leaf else RESULT if place is root else "white"
            label = f"{title}\\n{place.shape}".replace('"', r"\"")
            lines.append(f'    {numbers[place]} [label="{label}", fillcolor="{colour}"]')
        return numbers[place]

    number(root)
    for node in ordered(root):
        for place in node.inputs:
            if place is not None:
                lines.append(f"    {number(place)} -> {number(node)}")
    return "\n".join([*lines, "}", ""])


def _svg(source: str) -> bytes:
    """The picture that Graphviz makes of its source."""
    dot = shutil.which("dot")
    if dot is None:
        raise FileNotFoundError(
            "dot: expected Graphviz's program on PATH, found none: install Graphviz, or write a .dot"
        )
    return subprocess.run([dot, "-Tsvg"], input=source.encode(), capture_output=True, check=True).stdout
