"""Bugs in the summary of a model."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

rule = partial(Mutant, "summary", "summary/multiply_adds.py")
passing = partial(Mutant, "summary", "summary/passing.py")
tree = partial(Mutant, "summary", "summary/tree.py")
table = partial(Mutant, "summary", "summary/table.py")

MUTANTS = [
    rule("y.size * layer.in_features", "layer.weight.data.size", "the batch forgotten"),
    rule("y.size * prod(layer.weight.shape[1:])", "y.size * prod(layer.weight.shape[2:])", "the channels forgotten"),
    rule(
        "y.size * prod(layer.weight.shape[1:])",
        "y.size * layer.in_channels * prod(layer.weight.shape[2:])",
        "the groups forgotten",
    ),
    rule("inputs[0].size * prod(", "y.size * prod(", "a transposed convolution counted as a convolution"),
    rule("2 * query.size * S", "query.size * S", "the values forgotten"),
    rule("3 * prod(np", "prod(np", "the lengths forgotten"),
    rule("1 if layer.batch_first and key.ndim == 3 else 0", "0", "the batch for the keys"),
    rule("else None\n", "else 0\n", "a layer without a rule takes none"),
    passing("deepcopy(model).eval()", "model.eval()", "the model itself is run"),
    passing("deepcopy(model).eval()", "deepcopy(model)", "in training mode"),
    passing("with no_grad():", "if True:", "a pass under way counts the copy's parameters"),
    passing("random.set_rng_state(stream)", "pass", "the stream is not put back"),
    passing(
        "given = signature(forward).bind(*inputs, **options).args", "given = inputs", "what was given by name forgotten"
    ),
    tree("if p is not None and id(p) not in counted", "if p is not None", "a tied parameter twice"),
    tree("for p in own if not p.requires_grad", "for p in own", "what is trainable is frozen, too"),
    tree("sum(term or 0 for term in terms)", "(terms or [0])[-1]", "the last call alone"),
    tree("pending.pop(id(module), None)", "pending.get(id(module))", "a shared module's calls in every place"),
    table('< 1000 or prefix == "T"', '<= 1000 or prefix == "T"', "1000 k"),
]
