"""Bugs in what is left out because nobody wants it, and in what is frozen."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

layer = partial(Mutant, "no_input_grad", "modules/layer.py")
module = partial(Mutant, "Module.freeze", "modules/module.py")
mode = partial(Mutant, "no_input_grad", "grad_mode.py")
optimizer = partial(Mutant, "optim.Optimizer", "optim/optimizer.py")
trainer = partial(Mutant, "optim.Optimizer", "training/trainer.py")
pull = partial(Mutant, "functional.linear", "functional/formula.py", within="def pull")
linear = partial(Mutant, "functional.linear", "functional/linear.py")

MUTANTS = [
    layer("    input_wanted = current.learning", "    input_wanted = True", "the first layer computes dx"),
    layer("input_wanted = current.learning", "input_wanted = self._learns()", "what learns is asked for its dx"),
    layer("current.learning |=", "current.learning =", "a frozen layer ends the learning"),
    layer(
        "if not current.learning:\n                p",
        "if not self._learns():\n                p",
        "what has no parameters passes nothing on",
    ),
    layer("without += _inputs(type(self).formula)", "pass", "the pullback is not told about x"),
    layer("if not parameter.requires_grad]", "if parameter.requires_grad]", "what learns is left out"),
    layer("if not parameter.requires_grad]", "if False]", "frozen weights get a gradient, which is thrown away"),
    layer("        if not input_wanted:\n            return None\n", "", "a dx that nobody wants is returned"),
    layer("if is_grad_enabled():", "if True:", "pullbacks are kept under no_grad"),
    layer("        if not current.learning:\n            raise", "        if False:\n            raise", "no error"),
    layer(
        "pullback = _nothing(type(self).__name__, current)",
        "pullback = lambda dy, kept=pullback: _nothing(type(self).__name__, current)(dy)",
        "what is not needed is kept all the same",
    ),
    mode("return Forward(learning=False)", "return _forward.get()", "ignored"),
    mode(
        "self._variable.set(self._before.pop())",
        "self._variable.set(self._variable is _enabled or None)",
        "it ends the pass around it",
    ),
    mode("_forward.get() or Forward(learning=True)", "_forward.get() or Forward(learning=False)", "always on"),
    Mutant(
        "no_input_grad",
        "modules/module.py",
        "        current_forward().learning |= self._learns()",
        "        pass",
        "a network's own parameters do not count",
    ),
    Mutant(
        "no_input_grad",
        "modules/module.py",
        " and is_grad_enabled():",
        ":",
        "a network's own parameters count under no_grad",
    ),
    Mutant("no_input_grad", "training/step.py", "with no_input_grad():", "if True:", "training asks for dx"),
    Mutant("no_input_grad", "training/evaluation.py", "with no_grad():", "if True:", "evaluation keeps pullbacks"),
    module("mode and not module._frozen", "mode", "train wakes what is frozen"),
    module("module._frozen = True", "self._frozen = True", "the parts of what is frozen are not"),
    module("self.eval().requires_grad_(False)", "self.eval()", "the parameters go on learning"),
    module("self.eval().requires_grad_(False)", "self.requires_grad_(False)", "the mode is left for the next train"),
    module("module._frozen = False", "self._frozen = False", "the parts stay frozen"),
    module("return self.requires_grad_()", "return self", "the parameters stay frozen"),
    module('if name == "requires_grad":', 'if name == "require_grad":', "requires_grad set on a module"),
    module('checks.option("requires_grad", requires_grad, True, False)', "pass", '"False" counts as true'),
    optimizer("return any(parameter.requires_grad", "return all(parameter.requires_grad", "all have to learn"),
    optimizer(
        "        if not self._learns():\n            raise ValueError", "        if False:\n            raise", "none"
    ),
    optimizer(
        "        if not self._learns():\n            raise RuntimeError", "        if False:\n            raise", "step"
    ),
    trainer("if parameter.requires_grad}", "}", "an optimizer of frozen parameters"),
    trainer("if learning.isdisjoint(held):", "if False:", "an optimizer of other parameters"),
    pull("return pullback(dy, without)", "return pullback(dy)", "the pullback is not told"),
    linear('None if "x" in without', 'None if "weight" in without', "dx left out for dweight"),
    linear('None if "weight" in without', "None if without", "dweight always left out"),
]
