"""Bugs in the fast rules of optimizers, and in the choice between them and the readable ones."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

RULES = "kernels/cpu/optimizers.py"

sgd = partial(Mutant, "kernels.cpu.sgd", RULES, within="def sgd")
adam = partial(Mutant, "kernels.cpu.adam", RULES, within="def adam")
blocks = partial(Mutant, "kernels.cpu.sgd", RULES)
step = partial(Mutant, "kernels.cpu.sgd", "optim/optimizer.py")
choice = partial(Mutant, "kernels.cpu.sgd", "kernels/choice.py")

MUTANTS = [
    sgd("b *= momentum", "b *= lr", "the velocity fades with the learning rate"),
    sgd("np.copyto(b, g)", "np.multiply(g, fresh, b)", "dampening on the first step"),
    sgd("b += g if fresh == 1 else np.multiply(g, fresh, t)", "b += g", "dampening lost"),
    sgd("if decay != 0:", "if decay != 0 and momentum != 0:", "weight decay lost without momentum"),
    sgd(
        'state["momentum_buffer"] = empty_like(parameter)',
        'state["momentum_buffer"] = gradient',
        "the momentum is the gradient's own array",
    ),
    sgd("lr * momentum if", "momentum if", "a look ahead that does not know the learning rate"),
    sgd("p -= np.multiply(g, lr, t)", "p += np.multiply(g, lr, t)", "nesterov's gradient with a wrong sign"),
    sgd("lr * momentum if nesterov else lr", "lr", "nesterov's velocity does not fade"),
    sgd("np.add(g, np.multiply(p, decay, t), t)", "np.add(p, np.multiply(g, decay, t), t)", "decay of the gradient"),
    sgd(
        "np.add(g, np.multiply(p, decay, t), t)",
        "np.add(g, np.multiply(p, decay, t), g)",
        "weight decay is added to the gradient itself",
    ),
    sgd(
        "        if decay != 0:\n            g = np.add(g, np.multiply(p, decay, t), t)\n",
        "        if decay != 0:\n            p *= 1 - lr * decay\n",
        "weight decay past the momentum",
    ),
    adam("lr * root / (1 - beta1 ** state[", "lr * root / (1 - 0 * beta1 ** state[", "the running mean stays biased"),
    adam("root = sqrt(1 - beta2 **", "root = sqrt(1 - 0 * beta2 **", "the mean square stays biased"),
    adam('group["eps"] * root', 'group["eps"]', "eps before the correction"),
    adam("(beta1, beta2), lr,", "(beta2, beta1), lr,", "swapped betas"),
    adam("np.multiply(g, 1 - beta1, t)", "np.multiply(g, 1 - beta2, t)", "the other mean's weight"),
    adam(
        "np.multiply(np.multiply(g, 1 - beta2, t), g, t)", "np.multiply(g, 1 - beta2, t)", "a mean for the mean square"
    ),
    adam("np.maximum(largest, v, out=largest)", "np.copyto(largest, v)", "amsgrad forgets its maximum"),
    adam("np.sqrt(largest, t)", "np.sqrt(v, t)", "amsgrad does not use its maximum"),
    adam("1 - lr * decay", "1 - decay", "decoupled weight decay without lr"),
    adam('if group["decoupled_weight_decay"]', "if True", "weight decay is always decoupled"),
    adam("g = g + coupled * p", "g += coupled * p", "weight decay is added to the gradient itself"),
    adam('state["step"] += 1', 'state["step"] += 2', "two steps at a time"),
    adam(
        """        if shrunk != 1:
            p *= shrunk
        if coupled != 0:
            g = g + coupled * p
""",
        """        if coupled != 0:
            g = g + coupled * p
        g = g.copy()
        if shrunk != 1:
            p *= shrunk
""",
        "a gradient that is not shrunk with its own parameter",
    ),
    blocks(" and parameter.size >= LEAST", "", "small arrays too"),
    blocks("range(0, n, BLOCK)", "range(0, n - 1, BLOCK)", "a last value that is alone in its block stays as it was"),
    blocks("range(0, n, BLOCK)", "range(0, n - n % BLOCK, BLOCK)", "a last block that is not full stays as it was"),
    blocks("vector[begin : begin + BLOCK]", "vector[-BLOCK:][: n - begin]", "the last block again and again"),
    blocks("all(array.flags.c_contiguous for array in lying)", "True", "copies are changed instead of arrays"),
    blocks(
        "all(array.flags.c_contiguous for array in lying)",
        "lying[0].flags.c_contiguous",
        "a state that lies otherwise is copied, not changed",
    ),
    blocks(
        "[array.transpose(order) for array in arrays]",
        "[array if array.flags.c_contiguous else array.transpose(order) for array in arrays]",
        "a gradient in another order than its parameter",
    ),
    choice("elif fits(parameter.data, gradient):", "elif True:", "other libraries' arrays too"),
    choice('rule is None or _set.get() != "fast"', "rule is None", "the readable rule never runs"),
    choice("left.append((parameter, gradient, state))", "pass", "what no kernel takes is left out"),
    step("cls.fast_update = None", "pass", "a subclass steps by its parent's fast rule"),
    step(
        "array_module(parameter.data).empty_like(parameter.data)",
        "array_module(parameter.data).empty(parameter.shape, parameter.data.dtype)",
        "a loaded state lies otherwise",
    ),
]
