"""The tree of a model's modules, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from numpy_nn.modules import Module
from numpy_nn.modules.tree import dotted
from numpy_nn.summary.passing import Call
from numpy_nn.summary.table import Part


def parts(model: Module, calls: Sequence[Sequence[Call]]) -> Iterator[Part]:
    """The model and all below it, at every place, a parameter only at its first.

    calls: those of every module, in the order of model.modules().
    """
    pending = dict(zip(map(id, model.modules()), calls, strict=True))
    counted: set[int] = set()

    def walk(module: Module, name: str, branch: str, indent: str) -> Iterator[Part]:
        heard = pending.pop(id(module), None)
        own = [p for p in module._parameters.values() if p is not None and id(p) not in counted]
        counted.update(map(id, own))
        buffers = [] if heard is None else [buffer for buffer in module._buffers.values() if buffer is not None]
        terms = [call.multiply_adds for call in heard or ()]
        yield Part(
            name=name,
            kind=type(module).__name__,
            branch=branch,
            shapes=heard[-1].shapes if heard else (),
            calls=None if heard is None else len(heard),
            trainable=sum(p.data.size for p in own if p.requires_grad),
            frozen=sum(p.data.size for p in own if not p.requires_grad),
            multiply_adds=None if None in terms else sum(term or 0 for term in terms),
            held_bytes=sum(p.data.nbytes for p in own) + sum(buffer.nbytes for buffer in buffers),
            output_bytes=sum(call.bytes for call in heard or ()),
        )
        below = [(key, child) for key, child in module._modules.items() if child is not None]
        for number, (key, child) in enumerate(below, start=1):
            line, beneath = ("└─ ", "   ") if number == len(below) else ("├─ ", "│  ")
            yield from walk(child, dotted(name, key), indent + line, indent + beneath)

    return walk(model, "", "", "")
