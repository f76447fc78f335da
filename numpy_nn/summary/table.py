"""What a summary holds, and how it is printed."""

from __future__ import annotations

from dataclasses import dataclass

NOTHING = "–"


@dataclass(frozen=True)
class Part:
    """A module of the model, at one of its places.

    name: dotted, "" for the model itself.  kind: its class.  branch: the lines of the tree before its name.
    shapes: of what its last call gave.  calls: how many there were in the pass; None where a module that the model has
    in several places stood further up.  trainable, frozen: numbers in its own parameters, without those below.
    multiply_adds: of all its calls; None where there is no rule for its class.  held_bytes: its own parameters and
    buffers.  output_bytes: what its calls gave, if it is a layer.
    """

    name: str
    kind: str
    branch: str
    shapes: tuple[tuple[int, ...], ...]
    calls: int | None
    trainable: int
    frozen: int
    multiply_adds: int | None
    held_bytes: int
    output_bytes: int

    def cells(self) -> tuple[str, ...]:
        """What stands in its line."""
        label = f"{self.branch}{self.name.rpartition('.')[2]}: {self.kind}" if self.name else self.kind
        if self.calls is None:
            label += " (as above)"
        elif self.calls > 1:
            label += f" (called {self.calls} times)"
        shapes = ", ".join(map(str, self.shapes)) or NOTHING
        return label, shapes, *map(_count, (self.trainable, self.frozen, self.multiply_adds))


@dataclass(frozen=True)
class Summary:
    """The parts of a model in the order of its tree, and their totals; its str() is a table.

    input_bytes: what the inputs take.
    """

    parts: tuple[Part, ...]
    input_bytes: int

    @property
    def trainable(self) -> int:
        """Numbers in the parameters that learn; what is in several places counts once."""
        return sum(part.trainable for part in self.parts)

    @property
    def frozen(self) -> int:
        """Numbers in the parameters that do not learn."""
        return sum(part.frozen for part in self.parts)

    @property
    def parameters(self) -> int:
        """Numbers in all parameters."""
        return self.trainable + self.frozen

    @property
    def multiply_adds(self) -> int:
        """Terms of all sums of products, in the layers that there is a rule for."""
        return sum(part.multiply_adds or 0 for part in self.parts)

    @property
    def held_bytes(self) -> int:
        """What parameters and buffers take."""
        return sum(part.held_bytes for part in self.parts)

    @property
    def output_bytes(self) -> int:
        """What the outputs of all layers take, which training keeps until the backward."""
        return sum(part.output_bytes for part in self.parts)

    def __str__(self) -> str:
        head = ("layer", "output shape", "trainable", "frozen", "multiply-adds")
        lines = _aligned([head, *(part.cells() for part in self.parts)], "<<>>>")
        rule = "─" * max(map(len, lines))
        return "\n".join([lines[0], rule, *lines[1:], rule, *_aligned(self._totals(), "<><")])

    def _totals(self) -> list[tuple[str, ...]]:
        unknown = sorted({part.kind for part in self.parts if part.multiply_adds is None})
        without = f", without {', '.join(unknown)}" if unknown else ""
        amounts = {
            "input": self.input_bytes,
            "outputs of layers": self.output_bytes,
            "parameters and buffers": self.held_bytes,
        }
        return [
            ("parameters", f"{self.parameters:,}", f"{self.trainable:,} trainable, {self.frozen:,} frozen"),
            ("multiply-adds", f"{self.multiply_adds:,}", scaled(self.multiply_adds).rstrip() + without),
            *((f"bytes, {name}", f"{amount:,}", f"{scaled(amount)}B") for name, amount in amounts.items()),
        ]


def scaled(number: int) -> str:
    """A number in thousands, millions and so on, to three digits: 1814073344 is "1.81 G"."""
    size, prefix = float(number), ""
    for prefix in ("", "k", "M", "G", "T"):
        if float(f"{size:.3g}") < 1000 or prefix == "T":
            break
        size /= 1000
    return f"{float(f'{size:.3g}'):g} {prefix}"


def _count(number: int | None) -> str:
    return "?" if number is None else f"{number:,}" if number else NOTHING


def _aligned(rows: list[tuple[str, ...]], sides: str) -> list[str]:
    """Rows as lines; sides: "<" or ">" for each column, where its cells stand in its width."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=True)).rstrip()
        for row in rows
    ]
