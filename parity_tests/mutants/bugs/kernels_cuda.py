"""Bugs in the kernels for a GPU, in their C and in how it is launched; test_cuda_bugs kills them, with a compiler."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

FOLDER = "kernels/cuda"
launch = partial(Mutant, "kernels.cuda.launch", f"{FOLDER}/launch.py")
choice = partial(Mutant, "kernels.cuda.launch", "kernels/choice.py")
every = partial(Mutant, "kernels.cuda.elementwise", f"{FOLDER}/elementwise.cu")
python = partial(Mutant, "kernels.cuda.elementwise", f"{FOLDER}/elementwise.py", within="def elementwise")
gelu_c = partial(Mutant, "kernels.cuda.gelu", f"{FOLDER}/elementwise.cu")
entropy_c = partial(Mutant, "kernels.cuda.cross_entropy", f"{FOLDER}/classification.cu")
entropy = partial(Mutant, "kernels.cuda.cross_entropy", f"{FOLDER}/classification.py")
scatter = partial(Mutant, "kernels.cuda.embedding", f"{FOLDER}/embedding.cu")
embedding = partial(Mutant, "kernels.cuda.embedding", f"{FOLDER}/embedding.py")
sgd_c = partial(Mutant, "kernels.cuda.sgd", f"{FOLDER}/optimizers.cu")
adam_c = partial(Mutant, "kernels.cuda.adam", f"{FOLDER}/optimizers.cu")
sgd = partial(Mutant, "kernels.cuda.sgd", f"{FOLDER}/optimizers.py")
adam = partial(Mutant, "kernels.cuda.adam", f"{FOLDER}/optimizers.py")


def activation(name: str, old: str, new: str, what: str) -> Mutant:
    """A bug in one of the activations' expressions."""
    return Mutant(f"kernels.cuda.{name}", f"{FOLDER}/elementwise.py", old, new, what, within=f"def {name}")


MUTANTS = [
    launch("count // THREADS + 1", "count // THREADS", "the last block left out"),
    launch('"float" if x.dtype.char == "f"', '"double" if x.dtype.char == "f"', "float32 read as float64"),
    launch(" and array.dtype == given[0].dtype", "", "dtypes mixed"),
    launch("x.dtype.type(arg) if type(arg) is float else arg", "arg", "a float64 passed for a float32"),
    launch("array_module(x).ascontiguousarray(x.reshape(-1))", "x.reshape(-1)", "strides forgotten"),
    choice("_cuda().FAST.get(formula, formula) if is_array(x) else formula", "formula", "a GPU runs the formula"),
    choice(" if _cuda().fits(parameter, gradient, state) else None", "", "gaps in a parameter overlooked"),
    choice("_cuda().RULES.get(rule)", "None", "a GPU runs the readable rule"),
    every("if (i < n) {\n        REAL x = xs[i];", "if (i <= n) {\n        REAL x = xs[i];", "a value too many"),
    every(
        "if (i < n) {\n        REAL x = xs[i], dy", "if (i < n - 1) {\n        REAL x = xs[i], dy", "a slope too few"
    ),
    every(
        "blockDim.x + threadIdx.x;\n    if (i < n) {\n        REAL x = xs[i], dy",
        "THREADS / 2 + threadIdx.x;\n    if (i < n) {\n        REAL x = xs[i], dy",
        "half of each block done twice, the end left out",
    ),
    every("dy = dys[i]", "dy = dys[0]", "one slope for all"),
    python("flat(dy), dx", "dy, dx", "the strides of dy forgotten"),
    python("values, y, a, n", "values, y, 0.01, n", "the option forgotten"),
    activation("relu", '"x <= 0 ? 0 : dy"', '"x < 0 ? 0 : dy"', "the gradient passes at 0"),
    activation("relu", '"x < 0 ? 0 : x"', '"x > 0 ? x : 0"', "nan and −0 do not pass"),
    activation("relu", '"x <= 0 ? 0 : dy"', '"x > 0 ? dy : 0"', "the gradient of nan does not pass"),
    activation("leaky_relu", "x > 0 ? dy", "x >= 0 ? dy", "the gradient at 0 is 1"),
    activation("leaky_relu", "a * dy", "dy", "backward is the identity"),
    activation("leaky_relu", "x > 0 ? x", "x > 1 ? x", "the kink elsewhere"),
    activation("elu", "a * expm1(x)", "a * (exp(x) - 1)", "digits lost near 0"),
    activation("elu", "x <= 0 ? dy", "x < 0 ? dy", "the gradient at 0 is 1"),
    activation("elu", "(a * exp(x))", "exp(x)", "alpha forgotten"),
    activation("sigmoid", "(1 - logistic(x)))", "(1 - x))", "a wrong slope"),
    activation("sigmoid", "dy * (", "dy * REAL(1.0005) * (", "a gradient off by 0.05 %"),
    Mutant("kernels.cuda.sigmoid", f"{FOLDER}/elementwise.cu", "1 + exp(-x)", "1 + exp(x)", "a wrong sign"),
    activation("tanh", "tanh(x) * tanh(x)", "tanh(x)", "1 − y"),
    activation("tanh", "dy * (1 -", "dy * (1 +", "a wrong sign"),
    activation("tanh", '"tanh(x)"', '"x"', "the value is x"),
    activation("silu", "x * (1 - logistic(x))", "(1 - logistic(x))", "a factor of x missing"),
    activation("silu", "(1 + x *", "(REAL(1.0005) + x *", "a gradient off by 0.05 %"),
    activation("silu", '"x * logistic(x)"', '"logistic(x)"', "the gate alone"),
    activation("gelu", 'approximate == "none":\n', 'approximate != "none":\n', "the forms exchanged"),
    activation("gelu", "x * normal_pdf(x)", "normal_pdf(x)", "a factor of x missing"),
    activation("gelu", "(1 - {gate})", "(1 + {gate})", "a wrong sign by tanh"),
    gelu_c("0.70710678118654752", "0.7071", "a constant of four digits"),
    gelu_c("0.39894228040143268", "0.4", "a density off by 0.3 %"),
    gelu_c("REAL(0.134145)", "REAL(0.044715)", "a third of the cubic's slope"),
    gelu_c("REAL(-0.5) * x", "REAL(0.5) * x", "a density that grows"),
    entropy_c("mine;\n    __syncthreads();", "mine;", "no barrier before the fold"),
    entropy_c("}\n        __syncthreads();", "}", "no barrier within the fold"),
    entropy_c("    __syncthreads(); /*", "    /*", "no barrier after the fold"),
    entropy_c("half > 0;", "half > 1;", "the last fold left out"),
    entropy_c("half = THREADS / 2", "half = THREADS / 4", "the first fold left out"),
    entropy_c("thread < half", "thread <= half", "a thread too many folds"),
    entropy_c("m = x[c] > m ? x[c] : m", "m = x[c] < m ? x[c] : m", "the smallest in place of the largest"),
    entropy_c("REAL m = x[0]", "REAL m = 0", "no largest below 0"),
    entropy_c("s += exp", "s = exp", "a thread keeps its last class alone"),
    entropy_c("const REAL *x = logits + sample * C;\n    REAL m", "const REAL *x = logits;\n    REAL m", "one sample"),
    entropy_c("w * (log(s)", "(log(s)", "the loss without its weight"),
    entropy_c("bool ignored = t == ignore", "bool ignored = t == -100", "another class to ignore"),
    entropy_c("shares[sample] = w", "shares[sample] = 1", "the gradient without its weight"),
    entropy_c("t == ignore ? 0 : c == t", "c == t", "0 times infinity where a sample is ignored"),
    entropy_c("p - scale", "p + scale", "a wrong sign"),
    entropy_c("dlosses[sample * step]", "dlosses[0]", "one slope for all samples"),
    entropy_c("/ totals[sample]", "", "e^x for p"),
    entropy('int(reduction == "none")', 'int(reduction != "none")', "a slope for each sample where there is one"),
    entropy("xp.where(target == ignore_index, 0, target)", "target", "what is ignored is out of range"),
    entropy("xp.where(target == ignore_index, 0, target)", "xp.zeros_like(target)", "targets out of range taken"),
    entropy("threads //= 2", "threads //= 3", "a block that is no power of two"),
    entropy('shares.sum() if reduction == "mean"', 'losses.size if reduction == "mean"', "ignored ones counted"),
    entropy("int(weight is not None)", "0", "weights forgotten"),
    entropy("        and label_smoothing == 0\n", "", "smoothing forgotten"),
    entropy("1 <= logits.ndim <= 2", "1 <= logits.ndim", "classes looked for along the last axis of an image"),
    scatter("indices[i / D]", "indices[i % D]", "another index"),
    scatter("row * D + i % D", "row * D + i / D", "another column"),
    scatter("if (row != padding)", "if (row >= 0)", "padding gets a gradient"),
    scatter("atomicAdd(&dweight[row * D + i % D], dy[i])", "dweight[row * D + i % D] = dy[i]", "a lost repetition"),
    scatter("atomicAdd(&dweight[row * D + i % D], dy[i])", "dweight[row * D + i % D] += dy[i]", "no atomic addition"),
    scatter("if (i < n)", "if (i < n - 1)", "the last number left out"),
    embedding("padding_idx % V", "padding_idx", "a padding counted from the end"),
    embedding("xp.zeros(", "xp.ones(", "it starts at 1"),
    embedding(" or scale_grad_by_freq", "", "frequencies forgotten"),
    embedding("indices.astype(xp.int64)", "indices", "int32 read as int64"),
    sgd_c("+ fresh * g;\n        velocity", "+ g;\n        velocity", "no dampening"),
    sgd_c("first ? g :", "first ? fresh * g :", "the first step dampened"),
    sgd_c("nesterov ? g + momentum * b", "nesterov ? b + momentum * b", "a step too far ahead"),
    sgd_c("p - lr * g", "p - lr * g * REAL(1.0005)", "a rate off by 0.05 %"),
    sgd_c("velocity[i] = b;", "", "the velocity forgotten"),
    sgd_c("g += decay * p;\n    if (momentum", "g -= decay * p;\n    if (momentum", "a wrong sign"),
    sgd("float(1 - group[", "float(group[", "dampening the wrong way round"),
    sgd("int(first)", "0", "a first velocity out of nowhere"),
    sgd("flat(array.transpose(*order))", "flat(array)", "a copy is changed"),
    sgd("for array in (parameter, *buffers)", "for array in (parameter,)", "a state in another order"),
    adam_c("g += decay * p;\n    REAL m", "g -= decay * p;\n    REAL m", "a wrong sign"),
    adam_c("fresh * g * g", "fresh * fabs(g)", "no square"),
    adam_c("* m / (sqrt(v) / root + eps)", "* m / (sqrt(v + eps) / root)", "eps in the root"),
    adam_c("largest[i] > v ?", "largest[i] < v ?", "the smallest so far"),
    adam_c("largest[i] = v;", "square[i] = largest[i] = v;", "the largest kept as the mean"),
    adam_c("shrink * p", "p", "no decoupled decay"),
    adam_c("rest * (g - m)", "beta1 * (g - m)", "a mean the wrong way round"),
    adam_c("mean[i] = m;", "", "the mean forgotten"),
    adam("(1 - lr * decay, 0) if decoupled", "(1 - decay, 0) if decoupled", "decay without the rate"),
    adam("1 - beta1 ** state", "1 - beta2 ** state", "the other correction"),
    adam('state["step"] += 1', 'state["step"] = 1', "no counting"),
    adam("zeros_like", "ones_like", "means that start at 1"),
    adam("[: 3 if amsgrad else 2]", "[:3]", "state that nobody asked for"),
]
