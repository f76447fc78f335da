"""PyTorch's behaviour at the edges of the activations: kinks, both zeros, infinities and nan.

The rows are short, because in long arrays PyTorch works in vectors, whose gradient at nan is another (nan or 0) than
that of a number by itself, for elu, selu, celu, hardtanh, relu6, hardswish, hardshrink and softshrink.
"""

from __future__ import annotations

from math import inf, nan

import numpy as np

from parity_tests.edge import Edge, Refusal

LN2 = 0.6931471805599453
SCALE, SLOPE = 1.0507009873554805, 1.7580993408473766
"""SELU's λ, and λα."""

KINK = [-inf, -1.0, -0.0, 0.0, 1.0, inf, nan]
X = [1.0, -2.0, 3.0]


def _exponential() -> list[Edge]:
    below, slope = -0.7869386805747332, 0.6065306597126334  # 2 (e^−½ − 1), e^−½
    return [
        Edge(
            "at 0 the negative branch",
            "selu",
            (KINK,),
            [-SLOPE, -1.1113307378125625, -0.0, 0, SCALE, inf, nan],
            ([0, 0.646768603034814, SLOPE, SLOPE, SCALE, SCALE, SCALE],),
            signed=True,
        ),
        Edge(
            "no jump of the slope at 0",
            "celu",
            (KINK,),
            [-2, below, -0.0, 0, 1, inf, nan],
            ([0, slope, 1, 1, 1, 1, 1],),
            {"alpha": 2.0},
            signed=True,
        ),
        Edge(
            "alpha below 0",
            "celu",
            (KINK,),
            [-inf, -1.2974425414002564, -0.0, 0, 1, inf, nan],
            ([inf, 1.6487212707001282, 1, 1, 1, 1, 1],),
            {"alpha": -2.0},
            signed=True,
        ),
    ]


def _hard() -> list[Edge]:
    sixth = 1 / 6
    return [
        Edge(
            "gradient 0 at either bound",
            "hardtanh",
            ([-inf, -1.0, -0.0, 1.0, inf, nan],),
            [-1, -1, -0.0, 1, 1, nan],
            ([0, 0, 1, 0, 0, 1],),
            signed=True,
        ),
        Edge(
            "a bound at 0",
            "hardtanh",
            ([-0.0, 0.0, 0.25, 0.5, 1.0],),
            [-0.0, 0, 0.25, 0.5, 0.5],
            ([0, 0, 1, 0, 0],),
            {"min_val": 0.0, "max_val": 0.5},
            signed=True,
        ),
        Edge(
            "bounds alike",
            "hardtanh",
            ([-1.0, 0.0, 1.0],),
            [0, 0, 0],
            ([0, 0, 0],),
            {"min_val": 0.0, "max_val": 0.0},
        ),
        Edge(
            "gradient 0 at 0 and 6",
            "relu6",
            ([-inf, -0.0, 0.0, 1.0, 6.0, inf, nan],),
            [0, -0.0, 0, 1, 6, 6, nan],
            ([0, 0, 0, 1, 0, 0, 1],),
            signed=True,
        ),
        Edge(
            "gradient 0 at -3, at 3 and at nan",
            "hardsigmoid",
            ([-inf, -3.0, 0.0, 3.0, inf, nan],),
            [0, 0, 0.5, 1, 1, nan],
            ([0, 0, sixth, 0, 0, 0],),
        ),
        Edge(
            "gradient 0 at -3, 1 at 3; -inf is nan",
            "hardswish",
            ([-inf, -3.0, -0.0, 3.0, inf, nan],),
            [nan, -0.0, -0.0, 3, inf, nan],
            ([0, 0, 0.5, 1, 1, 1],),
            signed=True,
        ),
    ]


def _shrinking() -> list[Edge]:
    ends = [-inf, -0.5, -0.0, 0.5, 1.0, inf, nan]
    slopes = ([1, 0, 0, 0, 1, 1, 1],)
    zeros, passed = [-1.0, -0.0, 0.0, 0.5, nan], [-1, 0, 0, 0.5, nan]
    rows = []
    for name, one, signed in (("hardshrink", 1, True), ("softshrink", 0.5, False)):  # the 0 of softshrink has any sign
        rows += [
            Edge("0 at lambd, nan passes", name, (ends,), [-inf, 0, 0, 0, one, inf, nan], slopes, signed=signed),
            Edge("lambd 0", name, (zeros,), passed, ([1, 0, 0, 1, 1],), {"lambd": 0.0}, signed=signed),
        ]
    return [
        *rows,
        Edge(
            "lambd below 0 is the identity",
            "hardshrink",
            (zeros,),
            zeros,
            ([1, 1, 1, 1, 1],),
            {"lambd": -1.0},
            signed=True,
        ),
        Edge(
            "the value at the threshold",
            "threshold",
            ([-inf, -0.0, 0.5, 1.0, inf, nan],),
            [20, 20, 20, 1, inf, nan],
            ([0, 0, 0, 1, 1, 1],),
            {"threshold": 0.5, "value": 20.0},
        ),
        Edge(
            "infinities",
            "tanhshrink",
            ([-inf, -0.0, 0.0, inf, nan],),
            [-inf, 0, 0, inf, nan],
            ([1, 0, 0, 1, nan],),
            signed=True,
        ),
    ]


def _smooth() -> list[Edge]:
    row = {"dim": -1}
    dy = [[1.0, 2.0, 4.0]]
    lost = [[nan, nan, nan]]
    return [
        Edge("-inf is nan", "mish", ([-inf, -0.0, inf, nan],), [nan, -0.0, inf, nan], ([nan, 0.6, nan, nan],)),
        Edge(
            "infinities are nan",
            "softsign",
            ([-inf, -1.0, -0.0, 1.0, inf, nan],),
            [nan, -0.5, -0.0, 0.5, nan, nan],
            ([nan, 0.25, 1, 0.25, nan, nan],),
            signed=True,
        ),
        Edge(
            "infinities",
            "logsigmoid",
            ([-inf, -1000.0, -0.0, 0.0, 1000.0, inf, nan],),
            [-inf, -1000, -LN2, -LN2, 0, 0, nan],
            ([1, 1, 0.5, 0.5, 0, 0, nan],),
        ),
        Edge("a row of inf", "softmin", ([[inf] * 3],), lost, (lost,), row, dy=dy),
        Edge("one inf", "softmin", ([[inf, 0.0, 0.0]],), [[0, 0.5, 0.5]], ([[0, 0.5, -0.5]],), row, dy=dy),
        Edge("no dimension", "softmin", (3.0,), 1, (0,), row, dy=2.0),
    ]


def _gated() -> list[Edge]:
    both = (0, 1)
    empty = np.empty((0, 2))
    return [
        Edge(
            "the slope at 0 and nan",
            "prelu",
            (KINK, [0.25]),
            [-inf, -0.25, -0.0, 0, 1, inf, nan],
            ([0.25, 0.25, 0.25, 0.25, 1, 1, 0.25], [nan]),
            wrt=both,
            signed=True,
        ),
        Edge(
            "a slope for each channel",
            "prelu",
            ([[-1.0, -2.0], [0.0, 3.0], [-4.0, -0.0]], [0.25, 0.5]),
            [[-0.25, -1], [0, 3], [-1, -0.0]],
            ([[0.25, 1], [1, 8], [4, 16]], [-65, -4]),
            wrt=both,
            dy=[[1.0, 2.0], [4.0, 8.0], [16.0, 32.0]],
        ),
        Edge(
            "gradient 1 at nan in training",
            "rrelu",
            (KINK,),
            [-inf, -0.25, -0.0, 0, 1, inf, nan],
            ([0.25, 0.25, 0.25, 0.25, 1, 1, 1],),
            {"lower": 0.25, "upper": 0.25, "training": True},
            signed=True,
        ),
        Edge(
            "the mean slope without training",
            "rrelu",
            (KINK,),
            [-inf, -0.375, -0.0, 0, 1, inf, nan],
            ([0.375, 0.375, 0.375, 0.375, 1, 1, 0.375],),
            {"lower": 0.25, "upper": 0.5},
            signed=True,
        ),
        Edge("a slope of no dimension", "prelu", ([-2.0, 3.0], 0.5), [-1, 3], ([0.5, 1], -2), wrt=both),
        Edge("no dimension", "prelu", (-2.0, [0.5]), -1, (0.5, [-2]), wrt=both),
        Edge("empty batch", "prelu", (empty, [0.25, 0.5]), empty, (empty, [0, 0]), wrt=both),
        Edge(
            "infinities",
            "glu",
            ([1.0, 2.0, -inf, 0.0, 0.0, inf, nan, -inf],),
            [0.5, 2, nan, 0],
            ([0.5, 1, nan, 0, 0.25, 0, nan, 0],),
        ),
        Edge("empty batch", "glu", (np.empty((0, 4)),), empty, (np.empty((0, 4)),)),
    ]


EDGES = [*_exponential(), *_hard(), *_shrinking(), *_smooth(), *_gated()]

ROWS = [[1.0, -2.0, 3.0], [0.0, 1.0, 2.0]]
REFUSALS = [
    Refusal("alpha 0", "celu", (X,), ValueError, RuntimeError, {"alpha": 0.0}),
    Refusal("min_val above max_val", "hardtanh", (X,), ValueError, ValueError, {"min_val": 1.0, "max_val": 0.0}),
    *(Refusal(f"lambd {x}", "softshrink", (X,), ValueError, RuntimeError, {"lambd": x}) for x in (-1.0, nan)),
    *(
        Refusal(f"slopes from {a} to {b}", "rrelu", (X,), ValueError, RuntimeError, {"lower": a, "upper": b})
        for a, b in ((0.5, 0.25), (nan, 1.0), (0.0, inf))
    ),
    Refusal("an odd length", "glu", (X,), ValueError, RuntimeError),
    Refusal("no dimension", "glu", (3.0,), ValueError, RuntimeError),
    Refusal("dim out of range", "glu", ([1.0, 2.0],), IndexError, IndexError, {"dim": 1}),
    Refusal("two slopes for three channels", "prelu", (ROWS, [0.5, 0.5]), ValueError, RuntimeError),
    Refusal("three slopes for one channel", "prelu", (X, [0.5, 0.5, 0.5]), ValueError, RuntimeError),
    Refusal("a table of slopes", "prelu", (X, [[0.5]]), ValueError, RuntimeError),
    Refusal("many slopes for one number", "prelu", (3.0, [0.5, 0.5]), ValueError, RuntimeError),
]
