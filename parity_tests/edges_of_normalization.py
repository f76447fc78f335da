"""The edges of normalization: constant values, one value, no values, nan, and eps within the root."""

from __future__ import annotations

from math import inf, nan

import numpy as np

from parity_tests.edge import Edge, Refusal

LONG = 768

PAIR = [[-3.0], [3.0]]
"""Mean 0, variance 9: with eps 16 divided by 5, so that x̂ = ∓0.6."""

NONE = {"running_mean": None, "running_var": None}
BATCH = {**NONE, "training": True}
EMPTY = np.empty((0, 2))


def _batch() -> list[Edge]:
    return [
        Edge(
            "the running statistics by default",
            "batch_norm",
            ([[3.0], [-1.0]], [1.0], [3.0], [4.0], [7.0]),
            [[11], [3]],
            ([[2], [2]], [0], [2]),
            {"eps": 1.0},
            wrt=(0, 3, 4),
        ),
        Edge(
            "the batch's in training, its variance biased, eps within the root",
            "batch_norm",
            (PAIR, [1.0], [3.0]),
            [[-0.6], [0.6]],
            ([[0.064], [-0.064]],),
            {"training": True, "eps": 16.0},
            dy=[[1.0], [0.0]],
        ),
        Edge(
            "a constant channel is the bias",
            "batch_norm",
            ([[5.0], [5.0]], [0.0], [1.0], [2.0], [7.0]),
            [[7], [7]],
            ([[0.5], [-0.5]], [0], [1]),
            {"training": True, "eps": 4.0},
            wrt=(0, 3, 4),
            dy=[[1.0], [0.0]],
        ),
        Edge(
            "one value is enough in evaluation", "batch_norm", ([[5.0]], [1.0], [4.0]), [[2]], ([[0.5]],), {"eps": 0.0}
        ),
        Edge(
            "nan stays in its channel",
            "batch_norm",
            ([[-3.0, 1.0], [3.0, nan]],),
            [[-0.6, nan], [0.6, nan]],
            ([[0, nan], [0, nan]],),
            {**BATCH, "eps": 16.0},
        ),
        Edge("so does infinity", "batch_norm", ([[inf], [1.0]],), [[nan], [nan]], ([[nan], [nan]],), BATCH),
        Edge(
            "an empty batch",
            "batch_norm",
            (EMPTY, [0.0, 0.0], [1.0, 1.0], [1.0, 1.0], [0.0, 0.0]),
            EMPTY,
            (EMPTY, [0, 0], [0, 0]),
            {"training": True},
            wrt=(0, 3, 4),
        ),
        Edge("an empty batch in evaluation", "batch_norm", (EMPTY, [0.0] * 2, [1.0] * 2), EMPTY, (EMPTY,)),
        Edge("empty images", "batch_norm", (np.empty((2, 2, 0)),), np.empty((2, 2, 0)), (np.empty((2, 2, 0)),), BATCH),
        Edge("no channels", "batch_norm", (np.empty((3, 0)),), np.empty((3, 0)), (np.empty((3, 0)),), BATCH),
    ]


def _layer() -> list[Edge]:
    one = {"normalized_shape": (1,)}
    two = {"normalized_shape": (2,)}
    return [
        Edge(
            "a constant row is the bias",
            "layer_norm",
            ([[5.0, 5.0]], (2,), [2.0, 4.0], [7.0, 8.0]),
            [[7, 8]],
            ([[-0.5, 0.5]], [0, 0], [1, 1]),
            {"eps": 4.0},
            wrt=(0, 2, 3),
        ),
        Edge(
            "of a long row of one number nothing is left",
            "layer_norm",
            ([[1000.1] * LONG],),
            [[0] * LONG],
            ([[0] * LONG],),
            {"normalized_shape": (LONG,)},
        ),
        Edge("of one value nothing is left", "layer_norm", ([[5.0], [-2.0]],), [[0], [0]], ([[0], [0]],), one),
        Edge(
            "eps within the root",
            "layer_norm",
            ([[-3.0, 3.0]],),
            [[-0.6, 0.6]],
            ([[0.064, -0.064]],),
            {**two, "eps": 16.0},
            dy=[[1.0, 0.0]],
        ),
        Edge(
            "nan stays in its row",
            "layer_norm",
            ([[1.0, nan], [3.0, 3.0]],),
            [[nan] * 2, [0] * 2],
            ([[nan] * 2, [0] * 2],),
            two,
        ),
        Edge(
            "no rows",
            "layer_norm",
            (EMPTY, (2,), [1.0, 1.0], [0.0, 0.0]),
            EMPTY,
            (EMPTY, [0, 0], [0, 0]),
            wrt=(0, 2, 3),
        ),
        Edge(
            "rows of nothing",
            "layer_norm",
            (np.empty((2, 0)),),
            np.empty((2, 0)),
            (np.empty((2, 0)),),
            {"normalized_shape": (0,)},
        ),
    ]


def _group() -> list[Edge]:
    return [
        Edge(
            "neighbouring channels are a group",
            "group_norm",
            ([[-3.0, 3.0, 5.0, 5.0]],),
            [[-0.6, 0.6, 0, 0]],
            ([[0.064, -0.064, 0, 0]],),
            {"num_groups": 2, "eps": 16.0},
            dy=[[1.0, 0.0, 1.0, 1.0]],
        ),
        Edge(
            "weight and bias are the channels'",
            "group_norm",
            ([[-3.0, 3.0]],),
            [[5.8, 10.4]],
            ([[-0.128, 0.128]], [-0.6, 0.6], [1, 1]),
            {"num_groups": 1, "weight": [2.0, 4.0], "bias": [7.0, 8.0], "eps": 16.0},
            wrt=(0, "weight", "bias"),
        ),
        Edge(
            "one value in a group of several",
            "group_norm",
            ([[5.0, 2.0]] * 2,),
            [[0, 0]] * 2,
            ([[0, 0]] * 2,),
            {"num_groups": 2},
        ),
        Edge("no examples", "group_norm", (EMPTY,), EMPTY, (EMPTY,), {"num_groups": 2}),
        Edge(
            "no channels", "group_norm", (np.empty((2, 0)),), np.empty((2, 0)), (np.empty((2, 0)),), {"num_groups": 2}
        ),
    ]


def _root_mean_square() -> list[Edge]:
    return [
        Edge(
            "eps within the root",
            "rms_norm",
            ([[3.0, 3.0]], (2,), [2.0, 5.0]),
            [[1.2, 3]],
            ([[0.148, 0.748]], [0.6, 0.6]),
            {"eps": 16.0},
            wrt=(0, 2),
        ),
        Edge(
            "zeros stay",
            "rms_norm",
            ([[0.0, -0.0]],),
            [[0, -0.0]],
            ([[0.5] * 2],),
            {"normalized_shape": (2,), "eps": 4.0},
            signed=True,
        ),
        Edge(
            "zeros without eps",
            "rms_norm",
            ([[0.0, 0.0]],),
            [[nan] * 2],
            ([[nan] * 2],),
            {"normalized_shape": (2,), "eps": 0.0},
        ),
        Edge(
            "nan stays in its row",
            "rms_norm",
            ([[1.0, nan], [3.0, 3.0]],),
            [[nan] * 2, [0.6] * 2],
            ([[nan] * 2, [0.128] * 2],),
            {"normalized_shape": (2,), "eps": 16.0},
        ),
        Edge("no rows", "rms_norm", (EMPTY, (2,), [1.0, 1.0]), EMPTY, (EMPTY, [0, 0]), wrt=(0, 2)),
        Edge(
            "rows of nothing",
            "rms_norm",
            (np.empty((2, 0)),),
            np.empty((2, 0)),
            (np.empty((2, 0)),),
            {"normalized_shape": (0,)},
        ),
    ]


EDGES = [*_batch(), *_layer(), *_group(), *_root_mean_square()]

SQUARE = [[1.0, 2.0], [3.0, 4.0]]
RUNNING = ([0.0, 0.0], [1.0, 1.0])
THREE = [1.0, 1.0, 1.0]
REFUSALS = [
    Refusal("one value per channel", "batch_norm", ([[1.0, 2.0]],), ValueError, ValueError, BATCH),
    Refusal("one value per channel of an image", "batch_norm", ([[[1.0], [2.0]]],), ValueError, ValueError, BATCH),
    Refusal("no statistics in evaluation", "batch_norm", (SQUARE,), ValueError, RuntimeError, NONE),
    Refusal(
        "a mean without a variance",
        "batch_norm",
        (SQUARE, RUNNING[0]),
        ValueError,
        ValueError,
        {"running_var": None, "training": True},
    ),
    Refusal(
        "a mean without a variance in evaluation",
        "batch_norm",
        (SQUARE, RUNNING[0]),
        ValueError,
        RuntimeError,
        {"running_var": None},
    ),
    Refusal(
        "a variance without a mean",
        "batch_norm",
        (SQUARE,),
        ValueError,
        ValueError,
        {"running_mean": None, "running_var": RUNNING[1], "training": True},
    ),
    Refusal("statistics of other channels", "batch_norm", (SQUARE, THREE, THREE), ValueError, RuntimeError),
    Refusal("a weight of other channels", "batch_norm", (SQUARE, *RUNNING, THREE), ValueError, RuntimeError),
    Refusal("a bias of other channels", "batch_norm", (SQUARE, *RUNNING), ValueError, RuntimeError, {"bias": THREE}),
    Refusal("one dimension", "batch_norm", ([1.0, 2.0], [0.0], [1.0]), ValueError, RuntimeError),
    Refusal("eps 0 in training", "batch_norm", (SQUARE,), ValueError, ValueError, {**BATCH, "eps": 0.0}),
    Refusal("eps below 0", "batch_norm", (SQUARE, *RUNNING), ValueError, ValueError, {"eps": -1.0}),
    Refusal("no momentum", "batch_norm", (SQUARE, *RUNNING), TypeError, TypeError, {"momentum": None}),
    *(
        refusal
        for name in ("layer_norm", "rms_norm")
        for refusal in (
            Refusal("another size", name, (SQUARE, (3,)), ValueError, RuntimeError),
            Refusal("no size", name, (SQUARE, ()), ValueError, RuntimeError),
            Refusal("an integer for sizes", name, (SQUARE,), TypeError, TypeError, {"normalized_shape": 2}),
            Refusal("a weight of another size", name, (SQUARE, (2,), THREE), ValueError, RuntimeError),
        )
    ),
    Refusal("more sizes than dimensions", "layer_norm", (SQUARE, (1, 2, 2)), ValueError, RuntimeError),
    Refusal("more sizes than dimensions", "rms_norm", (SQUARE, (1, 2, 2)), ValueError, ValueError),
    Refusal("a bias of another size", "layer_norm", (SQUARE, (2,)), ValueError, RuntimeError, {"bias": THREE}),
    Refusal(
        "groups that do not divide",
        "group_norm",
        ([[1.0, 2.0, 3.0, 4.0]] * 2,),
        ValueError,
        RuntimeError,
        {"num_groups": 3},
    ),
    Refusal("no groups", "group_norm", (SQUARE,), ValueError, ZeroDivisionError, {"num_groups": 0}),
    Refusal("fewer groups than none", "group_norm", (SQUARE,), ValueError, RuntimeError, {"num_groups": -1}),
    Refusal("one dimension", "group_norm", ([1.0, 2.0],), ValueError, RuntimeError, {"num_groups": 1}),
    Refusal("one value per group", "group_norm", ([[1.0, 2.0]],), ValueError, ValueError, {"num_groups": 2}),
    Refusal(
        "a weight of other channels",
        "group_norm",
        (SQUARE,),
        ValueError,
        RuntimeError,
        {"num_groups": 1, "weight": THREE},
    ),
    Refusal(
        "a bias of other channels", "group_norm", (SQUARE,), ValueError, RuntimeError, {"num_groups": 1, "bias": THREE}
    ),
]
