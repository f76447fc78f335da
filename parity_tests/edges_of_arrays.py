"""PyTorch at the edges of arithmetic, reductions and indexing: rows of edges.py."""

from __future__ import annotations

from math import inf, nan

import numpy as np

from parity_tests.edge import Edge, Refusal, classes

LN2 = 0.6931471805599453
LINE = [-inf, -2.0, -0.0, 0.0, 1.0, inf, nan]
ROWS = [[1.0, 1.0, 0.0], [nan, 1.0, nan], [inf, inf, -inf]]
TIES = [[1.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
EMPTY = np.empty((2, 0))
BOTH = (0, 1)


def _powers() -> list[Edge]:
    by_number = {
        0.0: ([1, 1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0, 0]),
        0.5: ([nan, nan, -0.0, 0, 1, inf, nan], [nan, nan, -inf, inf, 0.5, 0, nan]),
        -0.5: ([nan, nan, -inf, inf, 1, 0, nan], [0, nan, -inf, -inf, -0.5, 0, nan]),
        1.0: (LINE, [1, 1, 1, 1, 1, 1, 1]),
        2.0: ([inf, 4, 0, 0, 1, inf, nan], [-inf, -4, 0, 0, 2, inf, nan]),
        -1.0: ([-0.0, -0.5, -inf, inf, 1, 0, nan], [0, -0.25, -inf, -inf, -1, 0, nan]),
        1.5: ([inf, nan, 0, 0, 1, inf, nan], [nan, nan, 0, 0, 1.5, inf, nan]),
    }
    return [
        *(
            Edge(f"exponent {e}", "pow", (LINE,), y, (dx,), {"exponent": e}, signed=True)
            for e, (y, dx) in by_number.items()
        ),
        Edge(
            "base 0: the exponent's gradient is 0 from 0 on",
            "pow",
            ([0.0, 0.0, 0.0, 0.0, -0.0], [0.0, 2.0, -1.0, 0.5, 1.0]),
            [1, 0, inf, 0, -0.0],
            ([0, 0, -inf, inf, 1], [0, 0, -inf, 0, 0]),
            wrt=BOTH,
            signed=True,
        ),
        Edge(
            "base below 0: the exponent's gradient is nan",
            "pow",
            ([-2.0, -2.0, -inf, -inf], [2.0, 0.5, 0.5, 3.0]),
            [4, nan, inf, -inf],
            ([-4, nan, 0, inf], [nan, nan, nan, nan]),
            wrt=BOTH,
        ),
        Edge(
            "exponent 0, and beyond numbers",
            "pow",
            ([2.0, inf, nan, 1.0], [0.0, 0.5, 0.0, inf]),
            [1, inf, 1, 1],
            ([0, 0, 0, inf], [LN2, inf, nan, 0]),
            wrt=BOTH,
        ),
    ]


def _of_one() -> list[Edge]:
    nothing = [nan, nan, nan]
    e, e2 = 2.718281828459045, 0.1353352832366127
    return [
        Edge(
            "kink and below",
            "sqrt",
            (LINE,),
            [nan, nan, -0.0, 0, 1, inf, nan],
            ([nan, nan, -inf, inf, 0.5, 0, nan],),
            signed=True,
        ),
        Edge("pole and below", "log", (LINE,), [nan, nan, -inf, -inf, 0, inf, nan], ([0, -0.5, -inf, inf, 1, 0, nan],)),
        Edge("infinities", "exp", (LINE,), [0, e2, 1, 1, e, inf, nan], ([0, e2, 1, 1, e, inf, nan],)),
        Edge("zeros", "neg", ([0.0, -0.0, nan],), [-0.0, 0, nan], ([-1, -1, -1],), signed=True),
        *(
            Edge("the mean of nothing", "mean", (x,), y, (x,), options)
            for x, y, options in (([], nan, {}), (EMPTY, nothing[:2], {"dim": 1}))
        ),
        Edge("the sum of nothing", "sum", (EMPTY,), [0, 0], (EMPTY,), {"dim": -1}),
        Edge("no dimension", "sum", (3.0,), 3, (2,), {"dim": -1, "keepdim": True}, dy=2.0),
        Edge("an empty tuple is all", "sum", (TIES,), 3, ([[1] * 3] * 2,), {"dim": ()}),
        Edge("None keeps every dimension", "sum", (TIES,), [[3]], ([[1] * 3] * 2,), {"dim": None, "keepdim": True}),
    ]


def _choices() -> list[Edge]:
    third, lost = 1 / 3, [nan] * 3
    pairs = ([1.0, 1.0, nan, 1.0, 0.0, inf], [1.0, 2.0, 1.0, nan, -0.0, inf])
    winner, loser = [0.5, 1, 1, 1, 0.5, 0.5], [0.5, 0, 1, 1, 0.5, 0.5]
    return [
        Edge("ties and nan", "maximum", pairs, [1, 2, nan, nan, 0, inf], (loser, winner), wrt=BOTH),
        Edge("ties and nan", "minimum", pairs, [1, 1, nan, nan, 0, inf], (winner, loser), wrt=BOTH),
        Edge("ties and nan", "amax", (ROWS,), [1, nan, inf], ([[0.5, 0.5, 0], lost, [0.5, 0.5, 0]],), {"dim": 1}),
        Edge("ties and nan", "amin", (ROWS,), [0, nan, -inf], ([[0, 0, 1], lost, [0, 0, 1]],), {"dim": 1}),
        Edge("ties everywhere", "amax", (TIES,), 1, ([[third, third, 0], [third, 0, 0]],)),
        Edge("ties everywhere", "amin", (TIES,), 0, ([[0, 0, third], [0, third, third]],)),
        Edge("nothing, but along another dimension", "amax", (EMPTY,), [], (EMPTY,), {"dim": 0}),
        Edge(
            "what is not chosen leaves no trace",
            "where",
            (np.array([True, False, True]), [1.0, nan, nan], [inf, 2.0, 3.0]),
            [1, 2, nan],
            ([1, 0, 1], [0, 1, 0]),
            wrt=(1, 2),
        ),
    ]


def _operands() -> list[Edge]:
    return [
        Edge(
            "by 0 and infinity",
            "div",
            ([1.0, 0.0, -1.0, 1.0, inf], [0.0, 0.0, 0.0, inf, inf]),
            [inf, nan, -inf, 0, nan],
            ([inf, inf, inf, 0, 0], [-inf, nan, inf, 0, nan]),
            wrt=BOTH,
        ),
        Edge("by what has no square", "div", ([1e-30], [1e-30]), [1], ([1e30], [-1e30]), wrt=BOTH),
        Edge("by the number 0", "div", ([1.0, 0.0, -1.0],), [inf, nan, -inf], ([inf, inf, inf],), {"other": 0.0}),
        Edge("0 times infinity", "mul", ([0.0, inf], [inf, inf]), [nan, inf], ([inf, inf], [0, inf]), wrt=BOTH),
        Edge("infinity less itself", "sub", ([inf, 1.0], [inf, inf]), [nan, -inf], ([1, 1], [-1, -1]), wrt=BOTH),
        Edge("stretched", "add", ([[1.0], [2.0]], [3.0, 4.0]), [[4, 5], [5, 6]], ([[2], [2]], [2, 2]), wrt=BOTH),
        Edge("nothing to stretch over", "add", (EMPTY, [3.0]), EMPTY, (EMPTY, [0]), wrt=BOTH),
        Edge("no terms", "matmul", (EMPTY, np.empty((0, 3))), [[0] * 3] * 2, (EMPTY, np.empty((0, 3))), wrt=BOTH),
        Edge("two vectors", "matmul", ([1.0, 2.0], [3.0, 4.0]), 11, ([6, 8], [2, 4]), wrt=BOTH, dy=2.0),
    ]


def _indices() -> list[Edge]:
    x = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    return [
        Edge("an index twice", "getitem", ([1.0, 2.0], classes(1, 1, -1)), [2, 2, 2], ([0, 7],), dy=[1.0, 2.0, 4.0]),
        Edge("none", "getitem", (x, classes()), np.empty((0, 2)), ([[0, 0]] * 3,)),
        Edge("a mask", "getitem", (x, np.array([True, False, True])), [[1, 2], [5, 6]], ([[1, 1], [0, 0], [1, 1]],)),
        Edge("a mask of all dimensions", "getitem", ([[1.0, 2.0]], np.array([[False, True]])), [2], ([[0, 1]],)),
        Edge("no dimension left", "getitem", (x,), 4, ([[0, 0], [0, 2], [0, 0]],), {"index": (1, -1)}, dy=2.0),
        Edge("no dimension", "getitem", (3.0,), [3], (2,), {"index": None}, dy=[2.0]),
        Edge(
            "an array of no dimensions is an integer", "getitem", (x, np.array(-1)), [5, 6], ([[0, 0], [0, 0], [1, 1]],)
        ),
    ]


EDGES = [*_powers(), *_of_one(), *_choices(), *_operands(), *_indices()]

X = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
REFUSALS = [
    *(
        Refusal(f"{name} of nothing", name, (EMPTY,), ValueError, error, options)
        for name in ("amax", "amin")
        for options, error in (({}, RuntimeError), ({"dim": 1}, IndexError))
    ),
    *(
        Refusal("a dimension twice", name, (X,), ValueError, RuntimeError, {"dim": (0, -2)})
        for name in ("sum", "mean", "amax", "amin")
    ),
    *(
        Refusal("the only dimension twice", "sum", (1.0,), ValueError, RuntimeError, {"dim": dim})
        for dim in ((0, 0), (0, -1))
    ),
    Refusal("a dimension of none", "permute", (1.0,), ValueError, RuntimeError, {"dims": (0,)}),
    *(Refusal(f"dim {dim}", "sum", (X,), IndexError, IndexError, {"dim": dim}) for dim in (2, -3)),
    *(
        Refusal("shapes that do not fit", name, (X, [1.0, 2.0]), ValueError, RuntimeError)
        for name in ("add", "sub", "mul", "div", "pow", "maximum", "minimum", "matmul")
    ),
    *(Refusal("a number", name, (X,), TypeError, TypeError, {"other": 1.0}) for name in ("maximum", "minimum")),
    Refusal("no dimensions", "matmul", (1.0, [1.0]), ValueError, RuntimeError),
    Refusal("a condition of numbers", "where", (classes(1, 0, 1), X, X), TypeError, RuntimeError),
    *(
        Refusal(f"shape {shape}", "reshape", (X,), ValueError, RuntimeError, {"shape": shape})
        for shape in ((4, -1), (5,), (-1, -1), ())
    ),
    *(Refusal(f"index {i}", "getitem", (X,), IndexError, IndexError, {"index": i}) for i in (2, -3, (0, 0, 0))),
    *(Refusal(f"index [{i}]", "getitem", (X, classes(i)), IndexError, IndexError) for i in (2, -3)),
    Refusal("a slice backwards", "getitem", (X,), ValueError, ValueError, {"index": slice(None, None, -1)}),
    Refusal("a mask of another length", "getitem", (X, np.array([True])), ValueError, IndexError),
    Refusal("floats as an index", "getitem", (X, [1.0]), TypeError, IndexError),
    Refusal("int16 as an index", "getitem", (X, classes(1, dtype=np.int16)), TypeError, IndexError),
    *(
        Refusal(f"dims {dims}", "permute", (X,), ValueError, RuntimeError, {"dims": dims})
        for dims in ((0,), (0, 0), (0, 1, 0))
    ),
    Refusal("dim0 2", "transpose", (X,), IndexError, IndexError, {"dim0": 2, "dim1": 0}),
]
