"""What is to c as b is to a, by arithmetic on vectors."""

from __future__ import annotations

from collections.abc import Callable

from numpy_nn.backend import Array, array_module
from numpy_nn.functional import checks
from numpy_nn.semantics.similarity import BLOCK, finite, highest, nearest_neighbours, unit

METHODS = ("3cosadd", "3cosmul")
_MOST_SIMILARITIES = 1 << 24


def analogy(
    vectors: Array,
    positive: Array,
    negative: Array,
    k: int = 1,
    *,
    method: str = "3cosadd",
    terms: Array | None = None,
    exclude: Array | None = None,
    eps: float = 1e-3,
    block: int = BLOCK,
) -> tuple[Array, Array]:
    """The k vectors that answer each question best: near to its positive terms and far from its negative ones.

    3cosadd:  cos(x, Σ_p p − Σ_n n),  p and n scaled to length 1
    3cosmul:  Π_p s(x, p) / (Π_n s(x, n) + eps),  s = (1 + cos) / 2, between 0 and 1

    "man is to king as woman to …": positive king and woman, negative man. Levy and Goldberg 2014, Linguistic
    Regularities in Sparse and Explicit Word Representations, equations 1 and 4; their eps is 0.001, gensim's 1e-6.

    vectors: (V, D), floating, among which the answer is looked for.  positive: (Q, P), at least one, and negative:
    (Q, N), int64 or int32, rows of terms.  terms: (U, D), of the same dtype; vectors itself where it is None, and then
    the rows a question is asked with are left out of its answer unless exclude says otherwise.  exclude, block: see
    nearest_neighbours.
    Returns indices (Q, k) int64 and scores (Q, k), best first, of equal ones the lower index.
    Raises TypeError, ValueError and IndexError as nearest_neighbours does, ValueError for another method.
    """
    checks.option("method", method, *METHODS)
    checks.number("eps", eps, low=0)
    checks.floating(vectors=vectors, optional={"terms": terms})
    xp = array_module(vectors)
    for name, array in (("positive", positive), ("negative", negative)):
        checks.indices(name, array, "int64", "int32")
        if array.ndim != 2 or len(array) != len(positive) or array_module(array) is not xp:
            raise ValueError(f"{name}: expected a row for each question, beside the vectors, got shape {array.shape}")
        checks.in_range(name, array, len(vectors if terms is None else terms))
    if not positive.shape[1]:
        raise ValueError("positive: expected at least one term, got none")
    if terms is None:
        terms = vectors
        exclude = xp.concatenate([positive, negative], axis=1) if exclude is None else exclude
    if method == "3cosmul":
        return _product(vectors, positive, negative, k, terms, exclude, eps, block)
    queries = _sum(terms, positive) - _sum(terms, negative)
    return nearest_neighbours(queries, vectors, k, exclude=exclude, block=block)


def _sum(terms: Array, rows: Array) -> Array:
    """The sum of each question's terms, scaled to length 1: rows (Q, P) -> (Q, D)."""
    units = unit(finite("terms", terms[rows.ravel()]))
    return units.reshape(*rows.shape, terms.shape[1]).sum(axis=1)


def _product(
    vectors: Array,
    positive: Array,
    negative: Array,
    k: int,
    terms: Array,
    exclude: Array | None,
    eps: float,
    block: int,
) -> tuple[Array, Array]:
    """3cosmul. The similarities of each term are calculated once, however many questions it stands in."""
    xp, P = array_module(vectors), positive.shape[1]
    used, number = xp.unique(xp.concatenate([positive, negative], axis=1).ravel(), return_inverse=True)
    number = number.reshape(len(positive), P + negative.shape[1])
    asked = unit(finite("terms", terms[used]))
    block = min(block, max(_MOST_SIMILARITIES // max(len(used), 1), 1))

    def scores(near: Array) -> Callable[[slice], Array]:
        shifted = (asked @ near.T + 1) / 2  # (U, B)

        def product(questions: Array) -> Array:
            result = shifted[questions[:, 0]]
            for column in range(1, questions.shape[1]):
                result = result * shifted[questions[:, column]]
            return result

        def scored(rows: slice) -> Array:
            for_it, against = product(number[rows, :P]), number[rows, P:]
            return for_it / (product(against) + eps) if against.shape[1] else for_it / (1 + eps)

        return scored

    return highest(scores, vectors, len(positive), k, exclude, block)
