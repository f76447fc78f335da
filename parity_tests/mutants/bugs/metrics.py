"""Bugs in the metrics."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant


def of(name: str) -> partial[Mutant]:
    return partial(Mutant, f"metrics.{name}", "metrics.py", within=f"def {name}")


accuracy, top_k = of("accuracy"), of("top_k_accuracy")
confusion, precision = of("confusion_matrix"), of("precision_recall")
share = partial(Mutant, "metrics.precision_recall", "metrics.py", within="def _share")

MUTANTS = [
    accuracy("argmax(axis=-1)", "argmin(axis=-1)", "the lowest score"),
    accuracy("classes == target", "classes >= target", "higher classes count as right"),
    accuracy("/ target.size", "/ len(target)", "divided by the first axis alone"),
    top_k("k: int = 5", "k: int = 3", "a changed default"),
    top_k("(rank < k)", "(rank <= k)", "k + 1 classes"),
    top_k("xp.arange(C) < place", "xp.arange(C) > place", "of equal scores the higher class first"),
    top_k(" | (xp.isnan(scores) & ~xp.isnan(own))", "", "nan is not the highest score"),
    top_k("scores > own", "scores >= own", "all equal scores rank higher"),
    confusion(
        'target.astype("int64").ravel() * C + predicted.astype("int64").ravel()',
        'predicted.astype("int64").ravel() * C + target.astype("int64").ravel()',
        "rows predicted",
    ),
    confusion("ravel() * C", "ravel() * (C - 1)", "rows too short"),
    confusion('.astype("int64", copy=False)', '.astype("float64")', "floating counts"),
    precision(
        "confusion.sum(axis=0), confusion.sum(axis=1)",
        "confusion.sum(axis=1), confusion.sum(axis=0)",
        "precision and recall swapped",
    ),
    precision("2 * found", "found", "half the f1"),
    precision('    confusion = confusion.astype("int64")', "    confusion = confusion", "bytes overflow"),
    precision("taken + support), support)", "taken + support), taken)", "the support is what was predicted"),
    share(".maximum(whole, 1)", ".maximum(whole, 2)", "a class of one sample counts as two"),
]
