"""The edges of pooling: ties, nan, padding that never wins, windows beyond the end, uneven shares, and no images."""

from __future__ import annotations

from math import inf, nan

import numpy as np

from parity_tests.edge import Edge, Refusal

RISING = [[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]
IMAGE = [[[1.0, 2.0], [3.0, 4.0]]]
NO_IMAGES = np.empty((0, 1, 4, 4))


def _max() -> list[Edge]:
    two = {"kernel_size": 2}
    margin = {"kernel_size": 3, "stride": 2, "padding": 1}
    return [
        Edge("of ties the first", "max_pool2d", ([[[1.0, 1.0], [1.0, 1.0]]],), [[[1]]], ([[[1, 0], [0, 0]]],), two),
        Edge("of zeros the first", "max_pool2d", ([[[-0.0, 0.0]] * 2],), [[[-0.0]]], ([[[1, 0], [0, 0]]],), two),
        Edge("of nan the last", "max_pool2d", ([[[1.0, nan], [nan, 9.0]]],), [[[nan]]], ([[[0, 0], [1, 0]]],), two),
        Edge("nothing but -inf", "max_pool2d", ([[[-inf] * 2] * 2],), [[[-inf]]], ([[[1, 0], [0, 0]]],), two),
        Edge(
            "padding is less than -inf", "max_pool2d", ([[[-inf] * 2] * 2],), [[[-inf]]], ([[[1, 0], [0, 0]]],), margin
        ),
        Edge(
            "padding is no 0", "max_pool2d", ([[[-3.0, -2.0], [-5.0, -4.0]]],), [[[-2]]], ([[[0, 1], [0, 0]]],), margin
        ),
        Edge("infinity", "max_pool2d", ([[[1.0, inf], [inf, 2.0]]],), [[[inf]]], ([[[0, 1], [0, 0]]],), two),
        Edge("what is left over is dropped", "max_pool2d", (RISING,), [[[5]]], ([[[0] * 3, [0, 1, 0], [0] * 3]],), two),
        Edge(
            "what is left over gets a window by ceil_mode",
            "max_pool2d",
            (RISING,),
            [[[5, 6], [8, 9]]],
            ([[[0, 0, 0], [0, 1, 1], [0, 1, 1]]],),
            {**two, "ceil_mode": True},
        ),
        Edge(
            "no window begins after the image",
            "max_pool2d",
            (IMAGE,),
            [[[4]]],
            ([[[0, 0], [0, 1]]],),
            {"kernel_size": 2, "stride": 3, "ceil_mode": True},
        ),
        Edge(
            "a window larger than the image",
            "max_pool2d",
            (IMAGE,),
            [[[4]]],
            ([[[0, 0], [0, 1]]],),
            {"kernel_size": 3, "ceil_mode": True},
        ),
        Edge(
            "gradients of windows that overlap are added",
            "max_pool2d",
            ([[[1.0, 9.0, 2.0], [3.0, 4.0, 5.0]]],),
            [[[9, 9]]],
            ([[[0, 5, 0], [0, 0, 0]]],),
            {"kernel_size": 2, "stride": 1},
            dy=[[[1.0, 4.0]]],
        ),
        Edge(
            "dilation",
            "max_pool2d",
            (RISING,),
            [[[9]]],
            ([[[0] * 3, [0] * 3, [0, 0, 1]]],),
            {"kernel_size": 2, "dilation": 2},
        ),
        Edge("no images", "max_pool2d", (NO_IMAGES,), np.empty((0, 1, 2, 2)), (NO_IMAGES,), two),
    ]


def _average() -> list[Edge]:
    quarter = [[[0.25, 0.25], [0.25, 0.25]]]
    corner = {"kernel_size": 2, "stride": 2, "padding": 1}
    ceil = {"kernel_size": 2, "ceil_mode": True}
    return [
        Edge("padding counts", "avg_pool2d", (IMAGE,), [[[0.25, 0.5], [0.75, 1]]], (quarter,), corner),
        Edge(
            "padding does not count",
            "avg_pool2d",
            (IMAGE,),
            [[[1, 2], [3, 4]]],
            ([[[1, 1], [1, 1]]],),
            {**corner, "count_include_pad": False},
        ),
        Edge(
            "what ceil_mode adds does not count",
            "avg_pool2d",
            (RISING,),
            [[[3, 4.5], [7.5, 9]]],
            ([[[0.25, 0.25, 0.5], [0.25, 0.25, 0.5], [0.5, 0.5, 1]]],),
            ceil,
        ),
        Edge(
            "nor what is beyond padding that does",
            "avg_pool2d",
            ([[[6.0] * 4]],),
            [[[4, 6, 3]]],
            ([[[1 / 3, 2 / 3, 1 / 3, 5 / 6]]],),
            {"kernel_size": (1, 3), "stride": (1, 2), "padding": (0, 1), "ceil_mode": True},
        ),
        Edge(
            "a divisor",
            "avg_pool2d",
            (IMAGE,),
            [[[-5]]],
            ([[[-0.5] * 2] * 2],),
            {"kernel_size": 2, "divisor_override": -2},
        ),
        Edge(
            "nan and infinity stay in their windows",
            "avg_pool2d",
            ([[[nan, inf, -inf, 3.0]]],),
            [[[nan, inf, -inf, 3]]],
            ([[[1] * 4]],),
            {"kernel_size": 1},
        ),
        Edge(
            "infinities of both signs",
            "avg_pool2d",
            ([[[inf, -inf]]],),
            [[[nan]]],
            ([[[0.5] * 2]],),
            {"kernel_size": (1, 2)},
        ),
        Edge("no images", "avg_pool2d", (NO_IMAGES,), np.empty((0, 1, 2, 2)), (NO_IMAGES,), {"kernel_size": 2}),
    ]


def _adaptive() -> list[Edge]:
    row = [[[1.0, 2.0, 4.0, 8.0, 16.0]]]
    return [
        Edge(
            "shares overlap where they do not come out even",
            "adaptive_avg_pool2d",
            (row,),
            [[[1.5, 14 / 3, 12]]],
            ([[[0.5, 0.5 + 1 / 3, 1 / 3, 0.5 + 1 / 3, 0.5]]],),
            {"output_size": (1, 3)},
        ),
        Edge(
            "more than there are",
            "adaptive_avg_pool2d",
            ([[[2.0, 4.0]]],),
            [[[2, 3, 4]]],
            ([[[1.5, 1.5]]],),
            {"output_size": (1, 3)},
        ),
        Edge(
            "None keeps the size",
            "adaptive_avg_pool2d",
            (IMAGE,),
            [[[1.5], [3.5]]],
            ([[[0.5] * 2] * 2],),
            {"output_size": (None, 1)},
        ),
        Edge(
            "nan stays in its windows",
            "adaptive_avg_pool2d",
            ([[[nan, inf, 1.0, 3.0]]],),
            [[[nan, 2]]],
            ([[[0.5] * 4]],),
            {"output_size": (1, 2)},
        ),
        Edge(
            "no images", "adaptive_avg_pool2d", (NO_IMAGES,), np.empty((0, 1, 3, 3)), (NO_IMAGES,), {"output_size": 3}
        ),
        Edge(
            "no channels",
            "adaptive_avg_pool2d",
            (np.empty((2, 0, 4, 4)),),
            np.empty((2, 0, 1, 1)),
            (np.empty((2, 0, 4, 4)),),
            {"output_size": 1},
        ),
    ]


EDGES = [*_max(), *_average(), *_adaptive()]

LARGER = {"kernel_size": 3}
REFUSALS = [
    *(
        refusal
        for name in ("max_pool2d", "avg_pool2d")
        for refusal in (
            Refusal("a kernel that does not fit", name, (IMAGE,), ValueError, RuntimeError, LARGER),
            Refusal("no kernel", name, (IMAGE,), ValueError, RuntimeError, {"kernel_size": 0}),
            Refusal("three kernel sizes", name, (IMAGE,), ValueError, RuntimeError, {"kernel_size": (1, 1, 1)}),
            Refusal("a fraction of a kernel", name, (IMAGE,), TypeError, TypeError, {"kernel_size": 1.5}),
            Refusal("no stride", name, (IMAGE,), ValueError, RuntimeError, {"kernel_size": 1, "stride": 0}),
            Refusal("padding below 0", name, (IMAGE,), ValueError, RuntimeError, {"kernel_size": 2, "padding": -1}),
            Refusal("more than half of padding", name, (IMAGE,), ValueError, RuntimeError, {**LARGER, "padding": 2}),
            Refusal("no channels", name, (np.empty((1, 0, 4, 4)),), ValueError, RuntimeError, {"kernel_size": 1}),
            Refusal("no height", name, (np.empty((1, 1, 0, 4)),), ValueError, RuntimeError, {"kernel_size": 1}),
            Refusal("five dimensions", name, ([[IMAGE]],), ValueError, RuntimeError, {"kernel_size": 1}),
        )
    ),
    Refusal("two dimensions", "max_pool2d", (IMAGE[0],), ValueError, RuntimeError, {"kernel_size": 1}),
    Refusal("two dimensions", "avg_pool2d", (IMAGE[0],), ValueError, IndexError, {"kernel_size": 1}),
    Refusal("no dilation", "max_pool2d", (IMAGE,), ValueError, RuntimeError, {"kernel_size": 1, "dilation": 0}),
    Refusal(
        "a divisor of 0", "avg_pool2d", (IMAGE,), ValueError, RuntimeError, {"kernel_size": 1, "divisor_override": 0}
    ),
    Refusal(
        "a fraction for a divisor",
        "avg_pool2d",
        (IMAGE,),
        TypeError,
        TypeError,
        {"kernel_size": 1, "divisor_override": 1.5},
    ),
    Refusal("two dimensions", "adaptive_avg_pool2d", (IMAGE[0],), ValueError, RuntimeError, {"output_size": 2}),
    Refusal(
        "no height", "adaptive_avg_pool2d", (np.empty((1, 1, 0, 4)),), ValueError, RuntimeError, {"output_size": 2}
    ),
    Refusal("a size below 0", "adaptive_avg_pool2d", (IMAGE,), ValueError, RuntimeError, {"output_size": -1}),
    Refusal("one size of two", "adaptive_avg_pool2d", (IMAGE,), ValueError, RuntimeError, {"output_size": (1,)}),
    Refusal("None for both", "adaptive_avg_pool2d", (IMAGE,), TypeError, TypeError, {"output_size": None}),
    Refusal("a fraction of a size", "adaptive_avg_pool2d", (IMAGE,), TypeError, TypeError, {"output_size": 1.5}),
]
