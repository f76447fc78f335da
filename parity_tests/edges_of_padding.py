"""The edges of padding: how far each mode can go, and what is cut off."""

from __future__ import annotations

from math import inf, nan

import numpy as np

from parity_tests.edge import Edge, Refusal

FOUR = [[1.0, 2.0, 3.0, 4.0]]
ONES_AND_TENS = [[1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6]]
EMPTY = np.empty((0, 1, 3))

EDGES = [
    Edge(
        "a mirror at the border does not repeat it",
        "pad",
        (FOUR,),
        [[4, 3, 2, 1, 2, 3, 4]],
        ([[1000, 10100, 100010, 1000001]],),
        {"pad": (3, 0), "mode": "reflect"},
        dy=ONES_AND_TENS,
    ),
    Edge(
        "the border again and again",
        "pad",
        (FOUR,),
        [[1, 1, 1, 2, 3, 4, 4]],
        ([[111, 1000, 1e4, 1100000]],),
        {"pad": (2, 1), "mode": "replicate"},
        dy=ONES_AND_TENS,
    ),
    Edge(
        "once round",
        "pad",
        (FOUR,),
        [[2, 3, 4, 1, 2, 3, 4]],
        ([[1000, 10001, 100010, 1000100]],),
        {"pad": (3, 0), "mode": "circular"},
        dy=ONES_AND_TENS,
    ),
    Edge(
        "as far as once round", "pad", ([[1.0, 2.0]],), [[1, 2] * 3], ([[3, 3]],), {"pad": (2, 2), "mode": "circular"}
    ),
    Edge("nothing to mirror but itself", "pad", ([[5.0]],), [[5]], ([[1]],), {"pad": (0, 0), "mode": "reflect"}),
    Edge(
        "what is cut off leaves no trace",
        "pad",
        ([[nan, 1.0, inf]],),
        [[1], [7]],
        ([[0, 1, 0]],),
        {"pad": (-1, -1, 0, 1), "value": 7.0},
    ),
    Edge("all cut off", "pad", (FOUR,), np.empty((1, 0)), ([[0, 0, 0, 0]],), {"pad": (-2, -2)}),
    Edge("no dimension", "pad", (3.0,), 3, (1,), {"pad": ()}),
    Edge("no batch", "pad", (EMPTY,), np.empty((0, 1, 5)), (EMPTY,), {"pad": (1, 1), "mode": "reflect"}),
    Edge("values out of nothing", "pad", (np.empty((1, 0)),), [[0, 0]], (np.empty((1, 0)),), {"pad": (1, 1)}),
]

REFUSALS = [
    *(
        Refusal(f"{mode} {pad}", "pad", (FOUR,), ValueError, RuntimeError, {"pad": pad, "mode": mode})
        for mode, pad in (("reflect", (4, 0)), ("reflect", (0, 4)), ("circular", (5, 0)), ("circular", (0, 5)))
    ),
    *(
        Refusal(f"{mode} of {what}", "pad", (x,), ValueError, NotImplementedError, {"pad": pad, "mode": mode})
        for mode in ("reflect", "replicate", "circular")
        for what, x, pad in (
            ("one axis", [1.0, 2.0], (1, 1)),
            ("all axes", FOUR, (1, 1, 0, 0)),
            ("three axes before", np.zeros((1, 1, 2, 3)), (1, 1)),
            ("no axis", FOUR, ()),
        )
    ),
    *(
        Refusal(
            f"{mode} with a value", "pad", (FOUR,), ValueError, RuntimeError, {"pad": (1, 1), "mode": mode, "value": 7}
        )
        for mode in ("reflect", "replicate", "circular")
    ),
    *(
        Refusal(
            f"{mode} of nothing", "pad", (np.zeros((1, 1, 0)),), ValueError, RuntimeError, {"pad": (1, 1), "mode": mode}
        )
        for mode in ("reflect", "replicate", "circular")
    ),
    Refusal("three numbers", "pad", (FOUR,), ValueError, RuntimeError, {"pad": (1, 1, 1)}),
    Refusal("more axes than there are", "pad", (FOUR,), ValueError, RuntimeError, {"pad": (1,) * 6}),
    Refusal("more cut off than there is", "pad", (FOUR,), ValueError, RuntimeError, {"pad": (-3, -2)}),
    Refusal("another mode", "pad", (FOUR,), ValueError, NotImplementedError, {"pad": (1, 1), "mode": "mirror"}),
    Refusal("a fraction", "pad", (FOUR,), TypeError, TypeError, {"pad": (1.5, 1)}),
]
