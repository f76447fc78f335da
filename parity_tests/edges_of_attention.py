"""PyTorch's behaviour at the edges of attention: queries that may see nothing, no keys at all, infinities."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import numpy as np

from parity_tests.edge import Edge, Refusal

QUERY, KEYS, VALUES = [[0.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]], [[1.0, 2.0], [3.0, 4.0]]
SLOPE = 1.0606601717798212
"""1.5 / √2: by how much a value fits dy better than their mean does, times its weight and the scale."""
NOTHING, NOWHERE = [[0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]
LOST, EVERYWHERE = [[nan, nan]], [[nan, nan], [nan, nan]]
NONE = np.empty((0, 2))


def attention(what: str, y: Any, gradients: tuple[Any, ...], *mask: Any, **options: Any) -> Edge:
    """One query over two keys, or what is given as args."""
    args, dy = options.pop("args", (QUERY, KEYS, VALUES)), options.pop("dy", [[1.0, 2.0]])
    return Edge(what, "scaled_dot_product_attention", (*args, *mask), y, gradients, options, (0, 1, 2), dy)


def _attention() -> list[Edge]:
    alike = ([[-SLOPE, SLOPE]], NOWHERE, [[0.5, 1.0], [0.5, 1.0]])
    first = (NOTHING, NOWHERE, [[1.0, 2.0], [0.0, 0.0]])
    unseen = (NOTHING, NOWHERE, NOWHERE)
    return [
        attention("a query of 0 sees all keys alike", [[2, 3]], alike),
        attention("the slope has the scale", [[2, 3]], ([[-0.375, 0.375]], *alike[1:]), scale=0.25),
        attention("scale 0", [[2, 3]], (NOTHING, *alike[1:]), scale=0.0),
        attention("True is seen", [[1, 2]], first, np.array([[True, False]])),
        attention("-inf is not seen", [[1, 2]], first, [[0.0, -inf]]),
        attention("a number is added", [[1, 2]], first, [[1e4, 0.0]]),
        attention("one column for all keys", [[2, 3]], alike, np.array([[True]])),
        attention("no key seen", [[0, 0]], unseen, np.array([[False, False]])),
        attention("no key seen, by -inf", [[0, 0]], unseen, [[-inf, -inf]]),
        attention("causal", [[1, 2]], first, is_causal=True),
        attention(
            "causal: a later query sees more",
            [[1, 2], [2, 3], [2, 3]],
            ([[0, 0], alike[0][0], [0, 0]], NOWHERE, [[1.5, 3], [0.5, 1]]),
            args=([[0.0, 0.0]] * 3, KEYS, VALUES),
            dy=[[1.0, 2.0], [1.0, 2.0], [0.0, 0.0]],
            is_causal=True,
        ),
        attention("no keys", [[0, 0]], (NOTHING, NONE, NONE), args=(QUERY, NONE, NONE)),
        attention("no queries", NONE, (NONE, NOWHERE, NOWHERE), args=(NONE, KEYS, VALUES), dy=NONE),
        attention(
            "no features: all keys alike",
            [[2, 3]],
            (np.empty((1, 0)), np.empty((2, 0)), alike[2]),
            args=(np.empty((1, 0)), np.empty((2, 0)), VALUES),
        ),
        attention("p = 1", [[0, 0]], unseen, dropout_p=1.0),
        attention("a mask of +inf", LOST, (LOST, EVERYWHERE, EVERYWHERE), [[inf, 0.0]]),
        attention(
            "a value of inf is not hidden",
            [[nan, 2]],
            (LOST, EVERYWHERE, first[2]),
            np.array([[True, False]]),
            args=(QUERY, KEYS, [[1.0, 2.0], [inf, 4.0]]),
        ),
    ]


def heads(what: str, y: Any, gradients: tuple[Any, ...], **options: Any) -> Edge:
    """One head of one feature, all but the last projection 1 and without bias, over two keys; no batch."""
    args = ([[0.0]], [[1.0], [2.0]], [[1.0], [3.0]], [[1.0]] * 3, [0.0] * 3, [[2.0]], [10.0])
    return Edge(what, "multi_head_attention", args, y, gradients, {"num_heads": 1, **options}, tuple(range(7)))


def _heads() -> list[Edge]:
    alike = ([[1]], [[0], [0]], [[1], [1]], [[0], [0], [4]], [1, 0, 2], [[2]], [1])
    first = ([[0]], [[0], [0]], [[2], [0]], [[0], [0], [2]], [0, 0, 2], [[1]], [1])
    unseen = ([[0]], [[0], [0]], [[0], [0]], [[0], [0], [0]], [0, 0, 0], [[0]], [1])
    lost = ([[nan]], [[nan]] * 2, [[nan]] * 2, [[nan]] * 3, [nan] * 3, [[nan]], [1])
    rows: list[Edge] = []
    for weights, nothing, gradients in ((True, nan, lost), (False, 10, unseen)):
        how = {"need_weights": weights}
        with_or_without = "with weights" if weights else "without weights"
        rows += [
            heads(f"keys alike, {with_or_without}", [[14]], alike, **how),
            heads(f"a key masked, {with_or_without}", [[12]], first, attn_mask=[[0.0, -inf]], **how),
            heads(f"a key of padding, {with_or_without}", [[12]], first, key_padding_mask=[0.0, -inf], **how),
            heads(f"no key seen, {with_or_without}", [[nothing]], gradients, attn_mask=[[-inf, -inf]], **how),
            heads(f"padding alone, {with_or_without}", [[nothing]], gradients, key_padding_mask=[-inf, -inf], **how),
            heads(
                f"masks add up, {with_or_without}",
                [[nothing]],
                gradients,
                attn_mask=[[-inf, 0.0]],
                key_padding_mask=[0.0, -inf],
                **how,
            ),
        ]
    return [
        *rows,
        heads("with weights by default", [[nan]], lost, attn_mask=[[-inf, -inf]]),
        heads("p = 1", [[10]], unseen, dropout_p=1.0),
        heads("p = 1, not training", [[14]], alike, dropout_p=1.0, training=False),
    ]


def no_attention(what: str, theirs: type[Exception], *args: Any, ours: type[Exception] = ValueError, **more: Any):
    """What scaled_dot_product_attention takes on neither side; args: instead of the first of QUERY, KEYS, VALUES."""
    return Refusal(what, "scaled_dot_product_attention", args, ours, theirs, more)


def no_heads(what: str, theirs: type[Exception], ours: type[Exception] = ValueError, **more: Any) -> Refusal:
    """What multi_head_attention does not take; args: up to seven instead of those of two heads of one feature."""
    own = (QUERY, KEYS, VALUES, [[1.0, 0.0]] * 6, [0.0] * 6, KEYS, [0.0] * 2)
    args = more.pop("args", ())
    return Refusal(what, "multi_head_attention", (*args, *own[len(args) :]), ours, theirs, {"num_heads": 2, **more})


EDGES = [*_attention(), *_heads()]
REFUSALS = [
    no_attention("one dimension", RuntimeError, [1.0], [1.0], [1.0]),
    no_attention("keys of other features", RuntimeError, QUERY, [[1.0]], [[1.0]]),
    no_attention("fewer values than keys", RuntimeError, QUERY, KEYS, QUERY),
    no_attention("other batches", RuntimeError, [QUERY] * 3, [KEYS] * 2, [VALUES] * 2),
    no_attention("keys of other numbers", RuntimeError, QUERY, np.eye(2, dtype=np.int64), VALUES, ours=TypeError),
    no_attention("a mask of integers", RuntimeError, QUERY, KEYS, VALUES, np.eye(1, 2, dtype=np.int64), ours=TypeError),
    no_attention("a mask of another shape", RuntimeError, QUERY, KEYS, VALUES, [[0.0, 0.0, 0.0]]),
    no_attention("a mask of more batches", RuntimeError, QUERY, KEYS, VALUES, [[[0.0, 0.0]]] * 3),
    no_attention("a mask, and causal", RuntimeError, QUERY, KEYS, VALUES, [[0.0, 0.0]], is_causal=True),
    no_attention("p = 1.5", RuntimeError, QUERY, KEYS, VALUES, dropout_p=1.5),
    no_heads("one dimension", AssertionError, args=([0.0, 0.0],)),
    no_heads("a batch of queries alone", AssertionError, args=([QUERY],)),
    no_heads("keys of other features", RuntimeError, args=(QUERY, [[1.0]], [[1.0]])),
    no_heads("fewer values than keys", AssertionError, args=(QUERY, KEYS, QUERY)),
    no_heads("batches of other sizes", RuntimeError, args=([QUERY], [KEYS] * 2, [VALUES] * 2)),
    no_heads("heads that do not divide", AssertionError, num_heads=3),
    no_heads("weights of another size", RuntimeError, args=(QUERY, KEYS, VALUES, [[1.0, 0.0]] * 5)),
    no_heads(
        "a last weight of another size", RuntimeError, args=(QUERY, KEYS, VALUES, [[1.0, 0.0]] * 6, [0.0] * 6, [[1.0]])
    ),
    no_heads("a mask of another shape", RuntimeError, attn_mask=[[0.0], [0.0]]),
    no_heads("a mask of other heads", AssertionError, attn_mask=[[[0.0, 0.0]]] * 3),
    no_heads("padding of another shape", AssertionError, key_padding_mask=[[0.0, 0.0]]),
    no_heads("causal without a mask", RuntimeError, is_causal=True),
    no_heads("p = 1.5", ValueError, dropout_p=1.5),
]
