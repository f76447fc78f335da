"""PyTorch's behaviour at the edges: kinks, ties, infinities, nan and nothing at all, as literal numbers.

Each row is held against PyTorch and against numpy_nn, in float64 and float32. A list stands for a floating array, an
array (of integers) for itself. The upstream gradient is all ones unless a row gives another, because it then reads as
the derivative; the specification draws it.
"""

from __future__ import annotations

from math import inf, nan

import numpy as np

from parity_tests import (
    edges_of_activations,
    edges_of_arrays,
    edges_of_attention,
    edges_of_bags,
    edges_of_convolution,
    edges_of_normalization,
    edges_of_padding,
    edges_of_pooling,
    edges_of_similarity,
)
from parity_tests.edge import Edge, Refusal, classes

LN2 = 0.6931471805599453
STEEPEST = 1000000003995.8029
"""1 / float32(1e-12): the largest slope of the binary cross entropy."""


KINK = [-inf, -1.0, -0.0, 0.0, 1.0, inf, nan]
TABLE = [[1.0, 2.0], [3.0, 4.0], [6.0, 8.0]]
WRONG_OR_RIGHT = [0.0, 1.0, 1.0, 0.0]


def _elementwise() -> list[Edge]:
    e, s, t = 0.36787944117144233, 0.2689414213699951, 0.7615941559557649  # e⁻¹, σ(−1), tanh 1
    return [
        Edge("kink, -0, nan", "relu", (KINK,), [0, 0, -0.0, 0, 1, inf, nan], ([0, 0, 0, 0, 1, 1, 1],), signed=True),
        Edge(
            "the slope at 0 and nan",
            "leaky_relu",
            (KINK,),
            [-inf, -0.25, -0.0, 0, 1, inf, nan],
            ([0.25, 0.25, 0.25, 0.25, 1, 1, 0.25],),
            {"negative_slope": 0.25},
            signed=True,
        ),
        Edge("default slope", "leaky_relu", ([-1.0],), [-0.01], ([0.01],)),
        Edge(
            "slope 0",
            "leaky_relu",
            (KINK,),
            [nan, -0.0, -0.0, 0, 1, inf, nan],
            ([0, 0, 0, 0, 1, 1, 0],),
            {"negative_slope": 0.0},
            signed=True,
        ),
        Edge(
            "at 0 the negative branch",
            "elu",
            (KINK,),
            [-1, e - 1, -0.0, 0, 1, inf, nan],
            ([0, e, 1, 1, 1, 1, 1],),
            signed=True,
        ),
        Edge(
            "alpha is the slope at 0",
            "elu",
            (KINK,),
            [-2, 2 * (e - 1), -0.0, 0, 1, inf, nan],
            ([0, 2 * e, 2, 2, 1, 1, 1],),
            {"alpha": 2.0},
            signed=True,
        ),
        Edge(
            "infinities",
            "sigmoid",
            (KINK,),
            [0, s, 0.5, 0.5, 1 - s, 1, nan],
            ([0, s * (1 - s), 0.25, 0.25, s * (1 - s), 0, nan],),
        ),
        Edge(
            "infinities",
            "tanh",
            (KINK,),
            [-1, -t, -0.0, 0, t, 1, nan],
            ([0, 0.41997434161402614, 1, 1, 0.41997434161402614, 0, nan],),
            signed=True,
        ),
        Edge(
            "-inf is nan",
            "silu",
            ([-inf, -0.0, inf, nan],),
            [nan, -0.0, inf, nan],
            ([nan, 0.5, nan, nan],),
            signed=True,
        ),
        Edge("-inf is nan", "gelu", ([-inf, -0.0, nan],), [nan, -0.0, nan], ([nan, 0.5, nan],), signed=True),
        Edge(
            "-inf is nan, by tanh",
            "gelu",
            ([-inf, -0.0, inf, nan],),
            [nan, -0.0, inf, nan],
            ([nan, 0.5, nan, nan],),
            {"approximate": "tanh"},
            signed=True,
        ),
        Edge(
            "linear above 20",
            "softplus",
            ([-inf, 0.0, 20.0, 20.000000000000004, 21.0, inf, nan],),
            [0, LN2, 20.000000002061153, 20.000000000000004, 21, inf, nan],
            ([0, 0.5, 0.9999999979388464, 1, 1, 1, nan],),
        ),
        Edge(
            "linear where beta x > 20",
            "softplus",
            ([10.0, 10.5],),
            [10.000000001030577, 10.5],
            ([0.9999999979388464, 1],),
            {"beta": 2.0},
        ),
        Edge(
            "linear above a threshold",
            "softplus",
            ([1.0, 1.5],),
            [1.3132616875182228, 1.5],
            ([1 - s, 1],),
            {"threshold": 1.0},
        ),
    ]


def _softmax() -> list[Edge]:
    row = {"dim": -1}
    dy = [[1.0, 2.0, 4.0]]
    lost = [[nan, nan, nan]]
    return [
        Edge("a row of -inf", "softmax", ([[-inf] * 3],), lost, (lost,), row, dy=dy),
        Edge("a row with +inf", "softmax", ([[inf, 0.0, 1.0]],), lost, (lost,), row, dy=dy),
        Edge("one -inf", "softmax", ([[-inf, 0.0, 0.0]],), [[0, 0.5, 0.5]], ([[0, -0.5, 0.5]],), row, dy=dy),
        Edge("far apart", "softmax", ([[-1e4, 0.0, 1e4]],), [[0, 0, 1]], ([[0, 0, 0]],), row, dy=dy),
        Edge("no dimension", "softmax", (3.0,), 1, (0,), row, dy=2.0),
        Edge("no rows", "softmax", (np.empty((0, 3)),), np.empty((0, 3)), (np.empty((0, 3)),), row),
        Edge("a row of -inf", "log_softmax", ([[-inf] * 3],), lost, (lost,), row, dy=dy),
        Edge("a row with +inf", "log_softmax", ([[inf, 0.0, 1.0]],), lost, (lost,), row, dy=dy),
        Edge("one -inf", "log_softmax", ([[-inf, 0.0, 0.0]],), [[-inf, -LN2, -LN2]], ([[1, -1.5, 0.5]],), row, dy=dy),
        Edge("far apart", "log_softmax", ([[-1e4, 0.0, 1e4]],), [[-2e4, -1e4, 0]], ([[1, 2, -3]],), row, dy=dy),
        Edge("no dimension", "log_softmax", (3.0,), 0, (0,), row, dy=2.0),
    ]


def _classification() -> list[Edge]:
    even = [[0.0, 0.0], [0.0, 0.0]]
    none = [[0, 0], [0, 0]]
    ignored = classes(-100, -100)
    rows = []
    for name in ("cross_entropy", "nll_loss"):
        scores = [[0.5, 1.5], [2.0, 3.0]]
        empty = np.empty((0, 3))
        for reduction, all_ignored, nothing in (("mean", nan, nan), ("sum", 0, 0), ("none", [0, 0], np.empty(0))):
            option = {"reduction": reduction}
            rows += [
                Edge(f"all ignored, {reduction}", name, (scores, ignored), all_ignored, (none,), option),
                Edge(f"empty, {reduction}", name, (empty, classes()), nothing, (empty,), option),
            ]
    return [
        *rows,
        Edge("uint8 target", "nll_loss", ([[2.0, 3.0]], classes(1, dtype=np.uint8)), -3, ([[0, -1]],)),
        Edge("uint8 target", "cross_entropy", ([[0.0, 0.0]], classes(1, dtype=np.uint8)), LN2, ([[0.5, -0.5]],)),
        Edge(
            "mean over weights of targets",
            "nll_loss",
            ([[-2.0, -9.0], [-9.0, -4.0]], classes(0, 1)),
            3.5,
            ([[-0.25, 0], [0, -0.75]],),
            {"weight": [1.0, 3.0]},
        ),
        Edge(
            "mean over weights of targets",
            "cross_entropy",
            (even, classes(0, 1)),
            LN2,
            ([[-0.125, 0.125], [0.375, -0.375]],),
            {"weight": [1.0, 3.0]},
        ),
        Edge(
            "mean over targets not ignored",
            "cross_entropy",
            (even, classes(0, 1)),
            LN2,
            ([[-0.5, 0.5], [0, 0]],),
            {"weight": [1.0, 3.0], "ignore_index": 1},
        ),
        Edge(
            "all ignored, smoothed",
            "cross_entropy",
            ([[0.5, 1.5], [2.0, 3.0]], ignored),
            nan,
            (none,),
            {"label_smoothing": 0.5},
        ),
        Edge(
            "smoothing with weights",
            "cross_entropy",
            (even, classes(0, 0)),
            1.25 * LN2,
            ([[-0.0625, 0.0625], [-0.0625, 0.0625]],),
            {"weight": [1.0, 2.0], "label_smoothing": 0.5},
        ),
        Edge(
            "soft targets: divided by N even with weights",
            "cross_entropy",
            (even, [[1.0, 0.0], [0.0, 1.0]]),
            2 * LN2,
            ([[-0.25, 0.25], [0.75, -0.75]],),
            {"weight": [1.0, 3.0]},
        ),
        Edge("soft targets need not sum to 1", "cross_entropy", ([[0.0, 0.0]], [[2.0, 4.0]]), 6 * LN2, ([[1, -1]],)),
        Edge(
            "smoothing with a -inf logit",
            "cross_entropy",
            ([[0.0, -inf]], classes(0)),
            inf,
            ([[0.25, -0.25]],),
            {"label_smoothing": 0.5},
        ),
        Edge("a -inf logit elsewhere", "cross_entropy", ([[0.0, -inf]], classes(0)), 0, ([[0, 0]],)),
        Edge("a -inf logit at the target", "cross_entropy", ([[0.0, -inf]], classes(1)), inf, ([[1, -1]],)),
        Edge("one class", "cross_entropy", ([[3.0], [4.0]], classes(0, 0)), 0, ([[0], [0]],)),
    ]


def _other_losses() -> list[Edge]:
    rows = []
    for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits"):
        for reduction, y in (("mean", nan), ("sum", 0), ("none", [])):
            rows.append(Edge(f"empty, {reduction}", name, ([], []), y, ([],), {"reduction": reduction}))
    each = {"reduction": "none"}
    slopes = ([-STEEPEST, STEEPEST, 0, 0],)
    return [
        *rows,
        Edge(
            "0 and 1: logs end at -100, slopes at 1e12",
            "binary_cross_entropy",
            (WRONG_OR_RIGHT, [1.0, 0.0, 1.0, 0.0]),
            [100, 100, 0, 0],
            slopes,
            each,
        ),
        Edge(
            "0 and 1 with a soft target",
            "binary_cross_entropy",
            ([0.0, 1.0], [0.5, 0.5]),
            [50, 50],
            ([-STEEPEST / 2, STEEPEST / 2],),
            each,
        ),
        Edge(
            "large logits",
            "binary_cross_entropy_with_logits",
            ([-1000.0, 1000.0, -1000.0, 1000.0], [1.0, 1.0, 0.0, 0.0]),
            [1000, 0, 0, 1000],
            ([-1, 0, 0, 1],),
            each,
        ),
        Edge(
            "infinite logits",
            "binary_cross_entropy_with_logits",
            ([-inf, inf, nan], [1.0, 0.0, 0.0]),
            [nan, inf, nan],
            ([-1, 1, nan],),
            each,
        ),
        Edge(
            "at 0, beyond it and at nan",
            "l1_loss",
            ([0.0, 1.0, 2.0, nan, inf], [1.0, 1.0, 1.0, 1.0, inf]),
            [1, 0, 1, nan, nan],
            ([-1, 0, 1, 0, 0],),
            each,
        ),
        Edge(
            "beta 0 is L1",
            "smooth_l1_loss",
            ([-2.0, 0.0, 2.0, nan], [0.0] * 4),
            [2, 0, 2, nan],
            ([-1, 0, 1, 0],),
            {"beta": 0.0, **each},
        ),
        Edge(
            "where the parts meet",
            "smooth_l1_loss",
            ([-1.0, 1.0, 0.5, 0.0, nan, inf], [0.0] * 6),
            [0.5, 0.5, 0.125, 0, nan, inf],
            ([-1, 1, 0.5, 0, nan, 1],),
            each,
        ),
        Edge(
            "huber(beta) / beta",
            "smooth_l1_loss",
            ([-1.0, 2.0, 3.0, 0.5], [0.0] * 4),
            [0.25, 1, 2, 0.0625],
            ([-0.5, 1, 1, 0.25],),
            {"beta": 2.0, **each},
        ),
    ]


def _layers() -> list[Edge]:
    rows = [[1, 2], [6, 8], [6, 8]]
    looked_up = (classes(0, 2, 2), TABLE)
    dy = [[1.0, 2.0], [4.0, 8.0], [16.0, 32.0]]
    empty = np.empty((0, 2))
    return [
        Edge(
            "p = 1: 0, but inf and nan are nan",
            "dropout",
            ([1.0, -1.0, inf, nan, -0.0],),
            [0, -0.0, nan, nan, -0.0],
            ([0] * 5,),
            {"p": 1.0},
            signed=True,
        ),
        Edge("p = 0", "dropout", ([1.0, inf, nan],), [1, inf, nan], ([1, 1, 1],), {"p": 0.0}),
        Edge("not training", "dropout", ([1.0, inf, nan],), [1, inf, nan], ([1, 1, 1],), {"p": 1.0, "training": False}),
        Edge("an index twice", "embedding", looked_up, rows, ([[1, 2], [0, 0], [20, 40]],), wrt=(1,), dy=dy),
        Edge(
            "padding_idx -1 is the last row",
            "embedding",
            looked_up,
            rows,
            ([[1, 2], [0, 0], [0, 0]],),
            {"padding_idx": -1},
            wrt=(1,),
            dy=dy,
        ),
        Edge(
            "scale_grad_by_freq",
            "embedding",
            looked_up,
            rows,
            ([[1, 2], [0, 0], [10, 20]],),
            {"scale_grad_by_freq": True},
            wrt=(1,),
            dy=dy,
        ),
        Edge("no indices", "embedding", (classes(), TABLE), empty, ([[0, 0]] * 3,), wrt=(1,)),
        Edge(
            "empty batch",
            "linear",
            (empty, TABLE, [1.0, 2.0, 3.0]),
            np.empty((0, 3)),
            (empty, [[0, 0]] * 3, [0, 0, 0]),
            wrt=(0, 1, 2),
        ),
        Edge(
            "no features: the bias alone",
            "linear",
            (np.empty((2, 0)), np.empty((3, 0)), [1.0, 2.0, 3.0]),
            [[1, 2, 3]] * 2,
            (np.empty((2, 0)), np.empty((3, 0)), [2, 2, 2]),
            wrt=(0, 1, 2),
        ),
        Edge("no dimension", "flatten", (3.0,), [3], (2,), dy=[2.0]),
    ]


EDGES = [
    *(*_elementwise(), *_softmax(), *_classification(), *_other_losses(), *_layers()),
    *edges_of_activations.EDGES,
    *edges_of_arrays.EDGES,
    *edges_of_attention.EDGES,
    *edges_of_bags.EDGES,
    *edges_of_convolution.EDGES,
    *edges_of_padding.EDGES,
    *edges_of_normalization.EDGES,
    *edges_of_pooling.EDGES,
    *edges_of_similarity.EDGES,
]

SCORES = [[0.0, 0.0]]
REFUSALS = [
    *edges_of_activations.REFUSALS,
    *edges_of_arrays.REFUSALS,
    *edges_of_attention.REFUSALS,
    *edges_of_bags.REFUSALS,
    *edges_of_convolution.REFUSALS,
    *edges_of_padding.REFUSALS,
    *edges_of_normalization.REFUSALS,
    *edges_of_pooling.REFUSALS,
    *edges_of_similarity.REFUSALS,
    *(
        Refusal(f"target {target}", name, (SCORES, classes(target)), IndexError, IndexError)
        for name in ("cross_entropy", "nll_loss")
        for target in (-1, 2)
    ),
    *(
        Refusal(f"{dtype.__name__} target", name, (SCORES, classes(0, dtype=dtype)), TypeError, RuntimeError)
        for name in ("cross_entropy", "nll_loss")
        for dtype in (np.int32, np.int16, np.bool_)
    ),
    Refusal(
        "ignore_index with soft targets",
        "cross_entropy",
        (SCORES, [[0.5, 0.5]]),
        ValueError,
        RuntimeError,
        {"ignore_index": 0},
    ),
    *(
        Refusal(f"{x} for {target}", "binary_cross_entropy", ([x], [target]), ValueError, RuntimeError)
        for x, target in ((1.5, 1.0), (-0.5, 1.0), (nan, 1.0), (0.5, 1.5), (0.5, nan))
    ),
    *(
        Refusal(f"beta {beta}", "smooth_l1_loss", ([1.0], [0.0]), ValueError, RuntimeError, {"beta": beta})
        for beta in (-1.0, nan)
    ),
    *(Refusal(f"index {index}", "embedding", (classes(index), TABLE), IndexError, IndexError) for index in (-1, 3)),
    *(Refusal(f"p = {p}", "dropout", ([1.0],), ValueError, ValueError, {"p": p}) for p in (-0.1, 1.1)),
]
