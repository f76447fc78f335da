"""The edges of convolutions: what lies at the border, what no window reaches, and what is refused."""

from __future__ import annotations

from math import inf, nan

import numpy as np

from parity_tests import odd_padding  # noqa: F401 - heard of here
from parity_tests.edge import Edge, Refusal

NONE = np.empty((0, 1, 2, 2))
TAPS = [[[[1.0, 10.0, 100.0]]]]


def _convolutions() -> list[Edge]:
    return [
        Edge(
            "of an odd padding the larger part comes after",
            "conv1d",
            ([[1.0, 2.0, 3.0]], [[[1.0, 10.0]]]),
            [[21, 32, 3]],
            ([[1, 11, 11]], [[[6, 5]]]),
            {"padding": "same"},
            wrt=(0, 1),
        ),
        Edge(
            "what no window reaches gets no gradient",
            "conv1d",
            ([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]], [[[1.0, 10.0]]]),
            [[21, 54]],
            ([[1, 10, 0, 1, 10, 0]], [[[5, 7]]]),
            {"stride": 3},
            wrt=(0, 1),
        ),
        Edge(
            "groups do not see each other",
            "conv1d",
            ([[nan, 1.0], [2.0, 3.0]], [[[2.0]], [[10.0]]]),
            [[nan, 2], [20, 30]],
            ([[2, 2], [10, 10]], [[[nan]], [[5]]]),
            {"groups": 2},
            wrt=(0, 1),
        ),
        Edge(
            "the zeros of padding are multiplied, too",
            "conv1d",
            ([[1.0, 2.0]], [[[inf, 1.0]]]),
            [[nan, inf, inf]],
            ([[inf, inf]], [[[3, 3]]]),
            {"padding": 1},
            wrt=(0, 1),
        ),
        Edge(
            "the taps of a kernel do not turn round",
            "conv2d",
            ([[[1.0, 2.0], [3.0, 4.0]]], [[[[1.0, 10.0], [100.0, 1000.0]]]]),
            [[[4321]]],
            ([[[1, 10], [100, 1000]]], [[[[1, 2], [3, 4]]]]),
            wrt=(0, 1),
        ),
        Edge(
            "a kernel larger than the image but not than its padding",
            "conv2d",
            ([[[5.0]]], [[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]], [100.0]),
            [[[125]]],
            ([[[5]]], [[[[0, 0, 0], [0, 5, 0], [0, 0, 0]]]], [1]),
            {"padding": 1},
            wrt=(0, 1, 2),
        ),
        Edge(
            "no images",
            "conv2d",
            (NONE, [[[[2.0]]]], [3.0]),
            NONE,
            (NONE, [[[[0]]]], [0]),
            wrt=(0, 1, 2),
        ),
    ]


def _transposed() -> list[Edge]:
    return [
        Edge(
            "where kernels overlap they add up",
            "conv_transpose2d",
            ([[[1.0, 2.0]]], TAPS),
            [[[1, 12, 120, 200]]],
            ([[[111, 111]]], [[[[3, 3, 3]]]]),
            wrt=(0, 1),
        ),
        Edge(
            "padding is cut off",
            "conv_transpose2d",
            ([[[1.0, 2.0]]], TAPS),
            [[[12, 120]]],
            ([[[110, 11]]], [[[[2, 3, 1]]]]),
            {"padding": (0, 1)},
            wrt=(0, 1),
        ),
        Edge(
            "output_padding holds the bias alone",
            "conv_transpose2d",
            ([[[2.0]]], [[[[1.0, 2.0], [3.0, 4.0]]]], [10.0]),
            [[[12, 14, 10], [16, 18, 10], [10, 10, 10]]],
            ([[[10]]], [[[[2, 2], [2, 2]]]], [9]),
            {"stride": 2, "output_padding": 1},
            wrt=(0, 1, 2),
        ),
        Edge(
            "but what padding would have cut off comes first",
            "conv_transpose2d",
            ([[[1.0]]], TAPS, [1000.0]),
            [[[1010, 1100]]],
            ([[[110]]], [[[[0, 1, 1]]]], [2]),
            {"stride": 2, "padding": (0, 1), "output_padding": (0, 1)},
            wrt=(0, 1, 2),
        ),
        Edge(
            "no images",
            "conv_transpose2d",
            (NONE, [[[[2.0]]]], [3.0]),
            NONE,
            (NONE, [[[[0]]]], [0]),
            wrt=(0, 1, 2),
        ),
    ]


EDGES = [*_convolutions(), *_transposed()]

IMAGES, KERNELS = np.zeros((1, 2, 5, 5)), np.zeros((3, 2, 3, 3))
SEQUENCES, TRIPLES = np.zeros((1, 2, 5)), np.zeros((3, 2, 3))
SMALL, PARTS = np.zeros((1, 2, 2, 2)), np.zeros((2, 3, 3, 3))

REFUSALS = [
    *(
        Refusal(what, name, (*arrays, bias) if bias is not None else arrays, ValueError, RuntimeError, options)
        for name, arrays in (("conv1d", (SEQUENCES, TRIPLES)), ("conv2d", (IMAGES, KERNELS)))
        for what, options, bias in (
            *((f"{option} {value}", {option: value}, None) for option in ("stride", "dilation") for value in (0, -1)),
            ("padding -1", {"padding": -1}, None),
            ("stride of three", {"stride": (1, 1, 1)}, None),
            ("groups 0", {"groups": 0}, None),
            ("groups that do not divide the outputs", {"groups": 2}, None),
            ("same with a stride", {"padding": "same", "stride": 2}, None),
            ("another padding", {"padding": "full"}, None),
            ("a kernel spread too far", {"dilation": 3}, None),
            ("a bias too few", {}, np.zeros(2)),
        )
    ),
    *(
        Refusal(f"stride {value}", name, arrays, TypeError, TypeError, {"stride": value})
        for name, arrays in (("conv1d", (SEQUENCES, TRIPLES)), ("conv2d", (IMAGES, KERNELS)))
        for value in (1.5, True)
    ),
    *(
        Refusal(what, "conv2d", (x, weight), ValueError, RuntimeError)
        for what, x, weight in (
            ("a kernel too high", IMAGES, np.zeros((3, 2, 6, 1))),
            ("a kernel too wide", IMAGES, np.zeros((3, 2, 1, 6))),
            ("a kernel of nothing", IMAGES, np.zeros((3, 2, 0, 3))),
            ("no outputs", IMAGES, np.zeros((0, 2, 3, 3))),
            ("other channels", np.zeros((1, 3, 5, 5)), KERNELS),
            ("no channels", np.zeros((5, 5)), KERNELS),
            ("an axis too many", np.zeros((1, 1, 2, 5, 5)), KERNELS),
            ("a kernel of one axis", IMAGES, TRIPLES),
            ("no rows", np.zeros((1, 2, 0, 5)), KERNELS),
        )
    ),
    *(
        Refusal(what, "conv_transpose2d", (SMALL, weight, *bias), ValueError, RuntimeError, options)
        for what, weight, bias, options in (
            ("stride 0", PARTS, (), {"stride": 0}),
            ("dilation 0", PARTS, (), {"dilation": 0}),
            ("padding -1", PARTS, (), {"padding": -1}),
            ("padding that leaves nothing", PARTS, (), {"padding": 2}),
            ("output_padding -1", PARTS, (), {"output_padding": -1}),
            ("output_padding that a larger image explains", PARTS, (), {"output_padding": 1}),
            ("output_padding as large as either", PARTS, (), {"output_padding": 2, "stride": 2, "dilation": 2}),
            ("groups that do not divide the channels", PARTS, (), {"groups": 3}),
            ("other channels", KERNELS, (), {}),
            ("a bias too few", PARTS, (np.zeros(2),), {}),
            ("no outputs", np.zeros((2, 0, 3, 3)), (), {}),
        )
    ),
    Refusal("no rows", "conv_transpose2d", (np.zeros((1, 2, 0, 5)), PARTS), ValueError, RuntimeError),
    Refusal("same", "conv_transpose2d", (SMALL, PARTS), TypeError, TypeError, {"padding": "same"}),
]
