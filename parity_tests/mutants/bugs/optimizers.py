"""Bugs in the optimizers and in gradient clipping."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

OPTIMIZER = "optim/optimizer.py"
EXAMPLES = 400  # histories; most of the short ones never step with a gradient

sgd = partial(Mutant, "optim.SGD", "optim/sgd.py", examples=EXAMPLES)
sgd_base = partial(Mutant, "optim.SGD", OPTIMIZER, examples=EXAMPLES)
adam = partial(Mutant, "optim.Adam", "optim/adam.py", within="class Adam", examples=EXAMPLES)
adam_base = partial(Mutant, "optim.Adam", OPTIMIZER, examples=EXAMPLES)
adamw_rule = partial(Mutant, "optim.AdamW", "optim/adam.py", within="class Adam", examples=EXAMPLES)
adamw = partial(Mutant, "optim.AdamW", "optim/adam.py", within="class AdamW", examples=EXAMPLES)
clip_grad_norm_ = partial(Mutant, "optim.clip_grad_norm_", "optim/clip.py", within="def clip_grad_norm_")
clip_grad_value_ = partial(Mutant, "optim.clip_grad_value_", "optim/clip.py", within="def clip_grad_value_")

MUTANTS = [
    sgd(
        "array_module(g).array(g)", 'array_module(g).array((1 - group["dampening"]) * g)', "dampening on the first step"
    ),
    sgd("array_module(g).array(g)", "array_module(g).asarray(g)", "the momentum is the gradient's own array"),
    sgd("g + momentum * b", "momentum * g + b", "nesterov's terms swapped"),
    sgd('(1 - group["dampening"]) * g', "g", "dampening lost"),
    sgd("b *= momentum", "b *= 1", "a momentum that never fades"),
    sgd(
        'g = g + group["weight_decay"] * parameter.data',
        'parameter.data *= 1 - group["lr"] * group["weight_decay"]',
        "weight decay past the momentum",
    ),
    sgd(
        'g = g + group["weight_decay"]',
        'g = g + (-1 if group["maximize"] else 1) * group["weight_decay"]',
        "weight decay grows weights under maximize",
    ),
    sgd("lr: float = 1e-3", "lr: float = 1e-2", "a changed default"),
    sgd('parameter.data -= group["lr"]', 'parameter.data -= self.defaults["lr"]', "one learning rate for all groups"),
    sgd_base(
        "(gradient := parameter.grad) is not None",
        "(gradient := parameter.grad) is not None and gradient.any()",
        "zero gradients are skipped",
    ),
    sgd_base('-gradient if group["maximize"] else gradient', "gradient", "maximize minimises"),
    sgd_base("    copy[...] = to_device(", "    copy = to_device(", "state aliased on load"),
    adam(
        'xp.sqrt(v) / sqrt(1 - beta2**t) + group["eps"]',
        'xp.sqrt(v / (1 - beta2**t) + group["eps"])',
        "eps inside the root",
    ),
    adam(
        'xp.sqrt(v) / sqrt(1 - beta2**t) + group["eps"]',
        '(xp.sqrt(v) + group["eps"]) / sqrt(1 - beta2**t)',
        "eps before the correction",
    ),
    adam("1 - beta1**t", "1", "the running mean stays biased"),
    adam("(1 - beta2) * g * g", "(1 - beta2) * gradient * gradient", "v without weight decay"),
    adam("(1 - beta2) * g * g", "(1 - beta2) * (g - m) * (g - m)", "a variance for the mean square"),
    adam(', out=state["max_exp_avg_sq"]', "", "amsgrad forgets its maximum"),
    adam("eps: float = 1e-8", "eps: float = 1e-7", "a changed default"),
    adam("(0.9, 0.999)", "(0.9, 0.99)", "another changed default"),
    adam('gradient + group["weight_decay"]', 'gradient - group["weight_decay"]', "weight decay with a wrong sign"),
    adam_base("    copy[...] = to_device(", "    copy = to_device(", "state aliased on load"),
    adam_base(
        "if (gradient := parameter.grad) is not None:\n",
        "if (gradient := parameter.grad) is None:\n"
        '                        if "step" in self.state.get(parameter, {}):\n'
        '                            self.state[parameter]["step"] += 1\n'
        "                    else:\n",
        "a missing gradient counts as a step",
    ),
    adam("decoupled_weight_decay: bool = False", "decoupled_weight_decay: bool = True", "a third changed default"),
    adam_base('low=None if loaded and name == "lr" else 0', "low=0", "a rate below 0 is never taken over again"),
    adam_base("return int(item(array))", "return int(item(array)) + 1", "the step off by one after loading"),
    adamw("weight_decay: float = 1e-2", "weight_decay: float = 0", "a changed default"),
    adamw_rule('1 - group["lr"] * group["weight_decay"]', '1 - group["weight_decay"]', "weight decay without lr"),
    adamw_rule("return gradient\n", 'return gradient + group["weight_decay"] * parameter.data\n', "weight decay twice"),
    adamw("decoupled_weight_decay=True", "decoupled_weight_decay=False", "weight decay through the running means"),
    adamw_rule('1 - group["lr"]', '1 - (-1 if group["maximize"] else 1) * group["lr"]', "weights grow under maximize"),
    clip_grad_norm_("norm + 1e-6", "norm + 1e-8", "a smaller guard in the quotient"),
    clip_grad_norm_("xp.linalg.norm(norms, ord=norm_type)", "xp.linalg.norm(norms)", "the 2-norm of the norms"),
    clip_grad_norm_("xp.linalg.norm(norms, ord=norm_type)", "norms.max()", "the largest norm, not that of all"),
    clip_grad_norm_("factor if not factor >= 1 else 1.0", "factor", "short gradients are stretched"),
    clip_grad_norm_("    return norm\n", "    return min(norm, max_norm)\n", "the norm after clipping"),
    clip_grad_value_("-clip_value, clip_value,", "None, clip_value,", "no bound from below"),
    clip_grad_value_("-clip_value, clip_value,", "-clip_value, None,", "no bound from above"),
]
