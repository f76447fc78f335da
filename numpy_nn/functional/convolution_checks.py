"""What convolutions ask of their arguments, and how much padding an option means."""

from __future__ import annotations

from collections.abc import Sequence

from numpy_nn.backend import Array
from numpy_nn.functional import checks
from numpy_nn.functional.windows import Margins, Sizes, span


def shapes(x: Array, weight: Array, bias: Array | None, groups: int, axes: str, transposed: bool = False) -> None:
    """Raise ValueError unless images, weight, bias and groups fit each other.

    axes: the names of the image's axes, as in "H, W".  transposed: the weight is (C, O / groups, …).
    """
    checks.integer("groups", groups, low=1)
    count = axes.count(",") + 1
    if weight.ndim != 2 + count or 0 in weight.shape:
        first, kernel = "C, O / groups" if transposed else "O, C / groups", ", ".join(f"K{a}" for a in axes.split(", "))
        raise ValueError(f"weight: expected shape ({first}, {kernel}) and none of them 0, got {weight.shape}")
    if weight.shape[0] % groups:
        raise ValueError(f"weight: expected a first dimension that groups = {groups} divides, got {weight.shape}")
    inputs, outputs = weight.shape[1] * groups, weight.shape[0]
    if transposed:
        inputs, outputs = outputs, inputs
    if x.ndim - count not in (1, 2) or x.shape[-1 - count] != inputs or 0 in x.shape[-count:]:
        expected = f"(N, {inputs}, {axes}) or ({inputs}, {axes})"
        given = f"a weight {weight.shape} and groups = {groups}"
        raise ValueError(f"x: expected shape {expected} for {given}, got {x.shape}")
    if bias is not None:
        checks.shape("bias", bias, (outputs,), "weight's outputs")


def margins(padding: int | Sequence[int] | str, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Margins:
    """What to put round the images; of an odd number for "same" the larger part comes after.

    Raises ValueError for another name, a number below 0, and "same" with a stride other than 1; TypeError for other
    types.
    """
    if not isinstance(padding, str):
        return tuple((one, one) for one in checks.sizes("padding", padding, len(kernel), low=0))
    checks.option("padding", padding, "valid", "same")
    if padding == "valid":
        return ((0, 0),) * len(kernel)
    if max(stride) > 1:
        raise ValueError(f'padding: expected numbers where stride is not 1, got "same" with stride {stride}')
    spare = [covered - 1 for covered in span(kernel, dilation)]
    return tuple((total // 2, total - total // 2) for total in spare)


def fits(size: Sizes, kernel: Sizes, dilation: Sizes) -> None:
    """Raise ValueError where a kernel is larger than the padded images."""
    covered = span(kernel, dilation)
    if any(most < need for most, need in zip(size, covered, strict=True)):
        raise ValueError(f"weight: expected a kernel within the padded input {size}, got one that covers {covered}")


def transposed_size(
    places: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes, padding: Sizes, output_padding: Sizes
) -> Sizes:
    """How large a transposed convolution's output is before its padding is cut off.

    Raises ValueError for an output_padding that a larger input would explain, and a padding that leaves nothing.
    """
    if any(e >= max(s, d) for e, s, d in zip(output_padding, stride, dilation, strict=True)):
        raise ValueError(
            f"output_padding: expected less than stride {stride} or dilation {dilation}, got {output_padding}"
        )
    grown = zip(places, stride, span(kernel, dilation), output_padding, strict=True)
    size = tuple((n - 1) * s + covered + extra for n, s, covered, extra in grown)
    if any(whole <= 2 * p for whole, p in zip(size, padding, strict=True)):
        raise ValueError(f"padding: expected less than half of the output {size} on each side, got {padding}")
    return size
