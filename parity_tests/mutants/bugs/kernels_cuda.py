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
entropy_calls = partial(Mutant, "kernels.cuda.cross_entropy", "kernels/class_indices.py")
linear_c = partial(Mutant, "kernels.cuda.linear", f"{FOLDER}/linear.cu")
linear = partial(Mutant, "kernels.cuda.linear", f"{FOLDER}/linear.py")
scatter = partial(Mutant, "kernels.cuda.embedding", f"{FOLDER}/embedding.cu")
embedding = partial(Mutant, "kernels.cuda.embedding", f"{FOLDER}/embedding.py")
sgd_c = partial(Mutant, "kernels.cuda.sgd", f"{FOLDER}/optimizers.cu")
skip_gram_c = partial(Mutant, "kernels.cuda.skip_gram", f"{FOLDER}/skipgram.cu")
skip_gram = partial(Mutant, "kernels.cuda.skip_gram", f"{FOLDER}/skipgram.py")
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
    choice(
        "    return _cuda().FAST.get(formula, formula)", "    return formula", "a GPU runs the formula of an affine map"
    ),
    choice("_cuda().FAST.get(formula, formula) if is_array(x) else formula", "formula", "a GPU runs the formula"),
    choice(" and _cuda().fits(parameter, gradient, state)", "", "gaps in a parameter overlooked"),
    choice("type(parameter.data) is not np.ndarray and", "False and", "a GPU runs the readable rule"),
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
    entropy("target, C, ignored=ignore_index)", "target, C)", "what is ignored is out of range"),
    entropy("target, C, ignored=ignore_index)", "target * 0, C, ignored=ignore_index)", "targets out of range taken"),
    entropy("threads //= 2", "threads //= 3", "a block that is no power of two"),
    entropy('shares.sum() if reduction == "mean"', 'losses.size if reduction == "mean"', "ignored ones counted"),
    entropy("int(weight is not None)", "0", "weights forgotten"),
    entropy_calls("label_smoothing == 0)", "True)", "smoothing forgotten"),
    entropy_calls("1 <= logits.ndim <= 2", "1 <= logits.ndim", "classes looked for along the last axis of an image"),
    linear_c(": 0;\n        __syncthreads();", ": 0;", "no barrier before a tile is read"),
    linear_c("a_column == 1 ? fast : slow;", "fast;", "a factor turned"),
    linear_c("biased ? total + bias[j]", "biased ? total + bias[i]", "another bias"),
    linear_c("total += part", "total = part", "the last tile alone"),
    linear_c("sum += row", "sum = row", "the bias's gradient of the last tile alone"),
    linear_c("if (summed && i < M && j == 0)", "if (summed && j == 0)", "sums of rows that are not there"),
    linear("-(-M // TILE) * -(-N // TILE)", "(M // TILE + 1) * (N // TILE)", "the last tiles left out"),
    linear("(out, 1), matrix, (into, 1)", "(out, 1), matrix, (1, out)", "W turned"),
    linear("slopes, dx = flat(dy), None", "slopes, dx = dy.reshape(-1), None", "the strides of dy forgotten"),
    linear(" < LARGE", " < LARGE + 1", "a product for cuBLAS"),
    linear('if "x" not in without:', "if True:", "what nobody wants is multiplied"),
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
    sgd_c("+ fresh * g;\n            velocity", "+ g;\n            velocity", "no dampening"),
    sgd_c("first ? g :", "first ? fresh * g :", "the first step dampened"),
    sgd_c("nesterov ? g + momentum * b", "nesterov ? b + momentum * b", "a step too far ahead"),
    sgd_c("p - lr * g", "p - lr * g * REAL(1.0005)", "a rate off by 0.05 %"),
    sgd_c("velocity[i] = b;", "", "the velocity forgotten"),
    sgd_c("g += decay * p;\n        if (momentum", "g -= decay * p;\n        if (momentum", "a wrong sign"),
    sgd_c(
        "bool first = number(chunk.row + 5) != 0",
        "bool first = number(table.cells + 5) != 0",
        "all at their first step",
    ),
    sgd("float(1 - group[", "float(group[", "dampening the wrong way round"),
    sgd("float(first)", "0.0", "a first velocity out of nowhere"),
    sgd("gradient.strides == parameter.strides", "gradient.size", "a gradient in another order"),
    sgd("for array in (parameter, *buffers)", "for array in (parameter,)", "a state in another order"),
    sgd("blocks += size // CHUNK + 1", "blocks += size // CHUNK", "the last numbers of each left out"),
    adam_c("g += decay * p;\n        REAL m", "g -= decay * p;\n        REAL m", "a wrong sign"),
    adam_c("fresh * g * g", "fresh * fabs(g)", "no square"),
    adam_c("* m / (sqrt(v) / root + eps)", "* m / (sqrt(v + eps) / root)", "eps in the root"),
    adam_c("largest[i] > v ?", "largest[i] < v ?", "the smallest so far"),
    adam_c("largest[i] = v;", "square[i] = largest[i] = v;", "the largest kept as the mean"),
    adam_c("shrink * p", "p", "no decoupled decay"),
    adam_c("rest * (g - m)", "beta1 * (g - m)", "a mean the wrong way round"),
    adam_c("mean[i] = m;", "", "the mean forgotten"),
    adam_c("<= block", "< block", "a tensor's first block is the last one's of the one before"),
    adam_c("high - low > 1", "high - low > 2", "the halving ended early"),
    adam_c("end < row[1] ? end : row[1]", "end", "beyond the end of a tensor"),
    adam_c("(block - row[0]) * CHUNK", "block * CHUNK", "every tensor begins with the first block"),
    adam_c(": number(chunk.row + 8)", ": number(table.cells + 8)", "the first tensor's correction for all"),
    adam("(1 - lr * decay, 0) if group", "(1 - decay, 0) if group", "decay without the rate"),
    adam("1 - beta1 ** state", "1 - beta2 ** state", "the other correction"),
    adam('state["step"] += 1', 'state["step"] = 1', "no counting"),
    adam("zeros_like", "ones_like", "means that start at 1"),
    adam("[: 3 if amsgrad else 2]", "[:3]", "state that nobody asked for"),
    adam("_counted(state, group)) for", "_counted(states[0], group)) for", "the first one's steps count for all"),
    adam("told[arrays[0].dtype][k]", "told[arrays[0].dtype][0]", "in a graph the first one's steps count for all"),
    adam("    for array in told:\n", "    for array in list(told)[:1]:\n", "in a graph one dtype is told nothing"),
    adam_c("place(chunk.row[7])[1]", "place(chunk.row[7])[0]", "in a graph one correction for both"),
    adam("if row[0][0].dtype == dtype", "", "both dtypes in one table"),
    adam("range(0, len(alike), most)", "range(0, most, most)", "one table, and no other"),
    skip_gram_c("distance <= window", "distance < window", "the window a word too small"),
    skip_gram_c("sentences[place] == sentences[k] ?", "true ?", "pairs across sentences"),
    skip_gram_c("place = j + window", "place = j", "another context is the centre's own"),
    skip_gram_c("center = k - window", "center = k", "noise held against the words before"),
    skip_gram_c("? 1 - tanh(s[i])", "? 1 + tanh(s[i])", "centres pushed away"),
    skip_gram_c(": 1 + tanh(s[i])", ": REAL(1.0005) + tanh(s[i])", "a gradient off by 0.05 %"),
    skip_gram_c("column < D;", "column < SLICE;", "the first columns alone"),
    skip_gram_c("        __syncthreads(); /*", "        /*", "no barrier before columns are overwritten"),
    skip_gram_c("        __syncthreads();\n", "", "no barrier before columns are read"),
    skip_gram_c("first == 0", "first > L", "the outputs not kept"),
    skip_gram_c("    sentences += (begin + block) * L;", "    sentences += block * L;", "the first step's sentences"),
    skip_gram_c("REAL(0.25) * rate", "rate", "four steps of the output in one"),
    skip_gram_c("rate * input_factors[word]", "rate", "frozen words move"),
    skip_gram_c("* output_factors[word]", "", "too frequent words learn at the full rate"),
    skip_gram_c("atomicAdd(&target[d], scale * sum)", "target[d] += scale * sum", "no atomic addition"),
    skip_gram_c("atomicAdd(&target[d], scale * sum)", "target[d] = scale * sum", "rows overwritten"),
    skip_gram_c(
        "slope * others[i * D + d]",
        "slope * (is_context ? output + outputs[(begin + block) * OUTPUTS + i] * D"
        " : input + contexts[(begin + block) * L + i] * D)[d]",
        "rows as other blocks have left them, not as they were before the step",
    ),
    skip_gram("-self.negative / (M - T)", "-self.negative / M", "the share of noise a word has"),
    skip_gram("-(-L // SPAN)", "(L // SPAN)", "the last contexts left out"),
    skip_gram("number * B, L, self.window", "0, L, self.window", "the first step over and over"),
    skip_gram("if factors is None else", "if True else", "factors forgotten"),
    skip_gram("B * (L + M)", "B * L", "rows at the end that do not move"),
    skip_gram(" and input.flags.c_contiguous and output.flags.c_contiguous", "", "any order taken"),
]
