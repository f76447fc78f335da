"""The edges of directions: zero vectors, short ones, infinities, ties, and pairs of which several mean the same."""

from __future__ import annotations

from math import inf, nan

import numpy as np

from parity_tests.edge import Edge, Refusal, classes

LN2 = 0.6931471805599453
PAIRS = [[3.0, 0.0], [0.0, 2.0]]
"""Two directions at a right angle: cosines are 1 and 0."""


def _normalize() -> list[Edge]:
    dy = [[1.0, 2.0]]
    lost = [[nan, nan]]
    return [
        Edge("zeros stay", "normalize", ([[0.0, -0.0]],), [[0, -0.0]], ([[1e12, 2e12]],), dy=dy, signed=True),
        Edge(
            "below eps the length is eps and has no slope",
            "normalize",
            ([[3.0, 4.0]],),
            [[0.3, 0.4]],
            ([[0.1, 0.2]],),
            {"eps": 10.0},
            dy=dy,
        ),
        Edge(
            "at eps it has one",
            "normalize",
            ([[0.0, -2.0]],),
            [[0, -1]],
            ([[0.5, 0]],),
            {"eps": 2.0},
            dy=[[1.0, 4.0]],
        ),
        Edge("eps 0", "normalize", ([[0.0, 0.0]],), lost, (lost,), {"eps": 0.0}, dy=dy),
        Edge("infinity", "normalize", ([[inf, 1.0]],), [[nan, 0]], (lost,), dy=dy),
        Edge("nan", "normalize", ([[nan, 1.0]],), lost, (lost,), dy=dy),
        Edge(
            "no slope at 0 for p = 1",
            "normalize",
            ([[0.0, -2.0]],),
            [[0, -1]],
            ([[0.5, 0]],),
            {"p": 1.0},
            dy=[[1.0, 4.0]],
        ),
        Edge(
            "ties share for p = inf",
            "normalize",
            ([[4.0, -4.0, 2.0]],),
            [[1, -1, 0.5]],
            ([[0.375, 0.875, 1]],),
            {"p": inf},
            dy=[[1.0, 4.0, 4.0]],
        ),
        Edge("no dimension", "normalize", (-3.0,), -1, (0,), {"dim": 0}, dy=2.0),
        Edge(
            "all dimensions",
            "normalize",
            ([[2.0], [0.0]],),
            [[1], [0]],
            ([[0], [2]],),
            {"dim": None},
            dy=[[1.0], [4.0]],
        ),
        Edge("vectors of no numbers", "normalize", (np.empty((2, 0)),), np.empty((2, 0)), (np.empty((2, 0)),)),
    ]


def _cosine() -> list[Edge]:
    return [
        Edge(
            "a zero vector",
            "cosine_similarity",
            ([[0.0, 0.0]], [[0.0, 2.0]]),
            [0],
            ([[0, 1e8]], [[0, 0]]),
            wrt=(0, 1),
        ),
        Edge("two zero vectors", "cosine_similarity", ([[0.0, 0.0]],) * 2, [0], ([[0, 0]], [[0, 0]]), wrt=(0, 1)),
        Edge(
            "below eps a slope that the value has not",
            "cosine_similarity",
            ([[3.0, 4.0]], [[0.0, 2.0]]),
            [0.125],
            ([[-0.009375, 0.01875]], [[0.046875, 0.046875]]),
            {"eps": 8.0},
            wrt=(0, 1),
        ),
        Edge(
            "one vector against two",
            "cosine_similarity",
            ([0.0, 2.0], [[3.0, 4.0], [-3.0, 4.0]]),
            [0.8, 0.8],
            ([0, 0], [[-0.096, 0.072], [0.096, 0.072]]),
            wrt=(0, 1),
        ),
        Edge("infinity", "cosine_similarity", ([[inf, 1.0]], [[1.0, 1.0]]), [nan], ([[nan] * 2],) * 2, wrt=(0, 1)),
        Edge("no dimension", "cosine_similarity", (-3.0, 2.0), -1, (0, 0), {"dim": 0}, wrt=(0, 1)),
        Edge(
            "vectors of no numbers",
            "cosine_similarity",
            (np.empty((2, 0)), np.empty((2, 0))),
            [0, 0],
            (np.empty((2, 0)),) * 2,
            wrt=(0, 1),
        ),
    ]


def _contrastive() -> list[Edge]:
    one = {"scale": 1.0}
    empty = np.empty((0, 2))
    flat = [[0, 0], [0, 0]]
    return [
        Edge(
            "one pair has nothing to choose",
            "contrastive_loss",
            ([[1.0, 2.0]], [[0.0, 1.0]]),
            0,
            ([[0, 0]],) * 2,
            wrt=(0, 1),
        ),
        Edge(
            "zero vectors are as near to the one as to the other",
            "contrastive_loss",
            (PAIRS, [[0.0, 0.0], [0.0, 0.0]]),
            LN2,
            (flat, [[-2.5e11, 2.5e11], [2.5e11, -2.5e11]]),
            one,
            wrt=(0, 1),
        ),
        Edge(
            "a scale of 0 knows no difference, but learns",
            "contrastive_loss",
            (PAIRS, [[0.0, 1.0], [5.0, 0.0]], 0.0),
            LN2,
            (flat, flat, 0.5),
            wrt=(0, 1, 2),
        ),
        Edge(
            "with one label for all every answer is as right",
            "contrastive_loss",
            (PAIRS, PAIRS, 1.0, classes(7, 7)),
            0.8132616875182228,
            (*[[[0, -0.038509763105000816], [-0.057764644657501224, 0]]] * 2, 0.2310585786300049),
            wrt=(0, 1, 2),
        ),
        Edge(
            "nan spreads",
            "contrastive_loss",
            (PAIRS, [[nan, 0.0], [0.0, 5.0]]),
            nan,
            ([[nan] * 2] * 2,) * 2,
            one,
            wrt=(0, 1),
        ),
        *(
            Edge(
                f"empty, {reduction}",
                "contrastive_loss",
                (empty,) * 2,
                y,
                (empty,) * 2,
                {"reduction": reduction},
                wrt=(0, 1),
            )
            for reduction, y in (("mean", nan), ("sum", 0), ("none", []))
        ),
    ]


EDGES = [*_normalize(), *_cosine(), *_contrastive()]

REFUSALS = [
    Refusal("a row by default", "normalize", ([1.0, 2.0],), IndexError, IndexError),
    Refusal("no largest of nothing", "normalize", (np.empty((2, 0)),), ValueError, RuntimeError, {"p": inf}),
    Refusal("a row by default", "cosine_similarity", ([1.0], [1.0]), IndexError, IndexError),
    Refusal("shapes that do not fit", "cosine_similarity", ([[1.0] * 2], [[1.0] * 3]), ValueError, RuntimeError),
    Refusal("eps below 0", "cosine_similarity", (PAIRS, PAIRS), ValueError, RuntimeError, {"eps": -1.0}),
    Refusal("a text too many", "contrastive_loss", (PAIRS, [*PAIRS, PAIRS[0]]), ValueError, ValueError),
    Refusal("no batch", "contrastive_loss", ([1.0], [1.0]), ValueError, IndexError),
    Refusal(
        "a reduction that is none", "contrastive_loss", (PAIRS, PAIRS), ValueError, ValueError, {"reduction": "max"}
    ),
]
