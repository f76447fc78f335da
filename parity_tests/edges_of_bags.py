"""PyTorch's behaviour at the edges of embedding_bag: nothing in the bag, padding, ties and nan."""

from __future__ import annotations

from math import inf, nan

import numpy as np

from parity_tests.edge import Edge, Refusal, classes

TABLE = [[1.0, 2.0], [3.0, 4.0], [6.0, 8.0]]


def _edges() -> list[Edge]:
    bags = (classes(0, 2, 1), TABLE, classes(0, 0, 2, 3))  # nothing, rows 0 and 2, row 1, nothing
    dy = [[1.0, 2.0], [4.0, 8.0], [16.0, 32.0], [64.0, 128.0]]
    table = [[nan, 1.0], [2.0, nan], [2.0, -inf], [nan, -inf]]
    padding = (np.array([[0, 2], [2, 2]]), [[1.0, 2.0], [3.0, 4.0], [nan, inf]])
    last = {"padding_idx": -1}
    return [
        Edge(
            "the mean by default, 0 for an empty bag",
            "embedding_bag",
            bags,
            [[0, 0], [3.5, 5], [3, 4], [0, 0]],
            ([[2, 4], [16, 32], [2, 4]],),
            wrt=(1,),
            dy=dy,
        ),
        Edge(
            "an empty bag has no maximum",
            "embedding_bag",
            bags,
            [[0, 0], [6, 8], [3, 4], [0, 0]],
            ([[0, 0], [16, 32], [4, 8]],),
            {"mode": "max"},
            wrt=(1,),
            dy=dy,
        ),
        Edge(
            "padding is not in the denominator",
            "embedding_bag",
            padding,
            [[1, 2], [0, 0]],
            ([[1, 2], [0, 0], [0, 0]],),
            last,
            wrt=(1,),
            dy=dy[:2],
        ),
        *(
            Edge(
                f"padding is not in the {mode}",
                "embedding_bag",
                padding,
                [[1, 2], [0, 0]],
                ([[1, 2], [0, 0], [0, 0]],),
                {"mode": mode, **last},
                wrt=(1,),
                dy=dy[:2],
            )
            for mode in ("sum", "max")
        ),
        Edge(
            "an index twice",
            "embedding_bag",
            (np.array([[2, 2], [0, 1]]), TABLE),
            [[12, 16], [4, 6]],
            ([[16, 32], [16, 32], [2, 4]],),
            {"mode": "sum"},
            wrt=(1,),
            dy=[[1.0, 2.0], [16.0, 32.0]],
        ),
        Edge(
            "the first of equal maxima, and nan where it is first",
            "embedding_bag",
            (np.array([[1, 2], [2, 1], [0, 1], [3, 2]]), table),
            [[2, nan], [2, -inf], [nan, 1], [nan, -inf]],
            ([[16, 32], [1, 2], [4, 8], [64, 128]],),
            {"mode": "max"},
            wrt=(1,),
            dy=[[1.0, 2.0], [4.0, 8.0], [16.0, 32.0], [64.0, 128.0]],
        ),
        Edge(
            "no bags",
            "embedding_bag",
            (classes(), TABLE, classes()),
            np.empty((0, 2)),
            ([[0, 0]] * 3,),
            wrt=(1,),
        ),
    ]


EDGES = _edges()
REFUSALS = [
    *(
        Refusal(f"index {index}", "embedding_bag", (classes(index, 0), TABLE, classes(0)), IndexError, RuntimeError)
        for index in (-1, 3)
    ),
    *(
        Refusal(f"offsets {offsets}", "embedding_bag", (classes(0, 1), TABLE, classes(*offsets)), ValueError, error)
        for offsets, error in (((1,), RuntimeError), ((0, 3), RuntimeError))
    ),
    Refusal("no offsets", "embedding_bag", (classes(0, 1), TABLE), ValueError, ValueError),
    Refusal("rows and offsets", "embedding_bag", (classes(0, 1)[None], TABLE, classes(0)), ValueError, ValueError),
    Refusal(
        "weights for a mean",
        "embedding_bag",
        (classes(0, 1)[None], TABLE),
        ValueError,
        NotImplementedError,
        {"per_sample_weights": [[1.0, 1.0]]},
    ),
    Refusal("another mode", "embedding_bag", (classes(0, 1)[None], TABLE), ValueError, ValueError, {"mode": "min"}),
]
