"""Bugs in the tape, and in the check of its gradients."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

graph = partial(Mutant, "autograd.Tensor", "autograd/graph.py")
tensor = partial(Mutant, "autograd.Tensor", "autograd/tensor.py")
arguments = partial(Mutant, "autograd.Tensor", "autograd/arguments.py")
operators = partial(Mutant, "autograd.Tensor", "autograd/operators.py")
grad_mode = partial(Mutant, "autograd.Tensor", "grad_mode.py")
gradcheck = partial(Mutant, "autograd.gradcheck", "autograd/gradcheck.py")

MUTANTS = [
    graph(
        "array_module(dx).asarray(gradients[place] + dx) if place in gradients else dx",
        "dx",
        "the last use of a node overwrites the others",
    ),
    graph(
        "    gradients = {root: gradient}\n",
        "    nodes = nodes[:1] + nodes[:0:-1]\n"
        "    zeros = array_module(gradient).zeros\n"
        "    gradients = {node: zeros(node.shape, dtype=gradient.dtype) for node in nodes} | {root: gradient}\n",
        "the oldest operations first",
    ),
    graph("zip(self.inputs, found, strict=False)", "zip(self.inputs, found[::-1], strict=False)", "inputs exchanged"),
    graph("if not retain_graph:", "if True:", "the graph is freed although it is retained"),
    graph("if not retain_graph:", "if False:", "the graph is never freed"),
    graph("dx.copy()", "dx", "two leaves share one array"),
    graph("tensor.retain(dy.copy())", "tensor.retain(dy)", "what is kept is the caller's own array"),
    graph(
        "array_module(dx).asarray(gradients[place] + dx)",
        "gradients[place] + dx",
        "the gradient of a number is a number",
    ),
    graph("raise no_gradient(self.name, argument)", "continue", "a gradient that there is none of is dropped"),
    graph("retained.append((tensor, dy))", "retained.append((tensor, 2 * dy))", "twice the gradient is retained"),
    tensor(
        "gradient if self._grad is None else array_module(gradient).asarray(self._grad + gradient)",
        "gradient",
        "a second backward overwrites the first",
    ),
    tensor("return Tensor(self.data)\n", "return self\n", "detach detaches nothing"),
    tensor("if not is_grad_enabled():", "if False:", "operations are recorded under no_grad"),
    tensor("if is_grad_enabled():", "if False:", "a leaf is changed in place while it is recorded"),
    tensor(
        "return self.grad_fn or self._parameter or self if",
        "return self.grad_fn or self if",
        "a parameter gets nothing",
    ),
    tensor(
        "        if self.requires_grad:\n            self._grad",
        "        if True:\n            self._grad",
        "a frozen leaf goes on learning",
    ),
    grad_mode("        return False\n", "        return True\n", "no_grad is ignored"),
    grad_mode(
        "if isgeneratorfunction(function):", "if False:", "a generator is begun in the mode, and goes on outside of it"
    ),
    arguments("for name in _parameters(formula):", "for name in given:", "gradients in the order of the call"),
    arguments("if places.pop(name) is not None:", "if places.pop(name) is ...:", "a target's gradient is dropped"),
    arguments("return value if value.requires_grad else None", "return value", "a frozen parameter is on the tape"),
    operators("self.data <= held(other)", "self.data < held(other)", "<= is <"),
    operators("F.sub, self._beside(other), self", "F.sub, self, other", "2 − x is x − 2"),
    operators("F.matmul, other, self", "F.matmul, self, other", "a matrix from the left goes to the right"),
    gradcheck("TOLERANCES[analytic] * max(", "1e-3 * max(", "a tolerance of 0.1 %"),
    gradcheck(
        'drawn = (random.normal(y.shape, dtype="float64", generator=generator) for',
        "drawn = (y.data.real * 0 + 1 for",
        "an upstream gradient of ones",
    ),
    gradcheck("leaf.data * 0 if", "leaf.data * 0 + 1 if", "no gradient is one of 1"),
    gradcheck('order="C", ', "", "the coordinates of a transposed array are moved in a copy"),
    gradcheck("reversed(x.shape)", "x.shape", "the coordinates of another shape are named"),
    gradcheck("    if not wrong:\n", "    if True:\n", "nothing is ever wrong"),
    gradcheck("key=lambda i: errors[i]", "key=lambda i: -errors[i]", "the best of the wrong coordinates is named"),
]
