"""Rows of batch_norm, layer_norm, group_norm and rms_norm."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from hypothesis import strategies as st

from parity_tests.bounds import Scale
from parity_tests.case import Case
from parity_tests.specification.arithmetic import summed_to
from parity_tests.specification.row import Row
from parity_tests.strategies import awkward, dtypes, dy_scales, laid_out, layouts, scales, seeds, values

AFFINE = [("weight", "bias"), ("weight", "bias"), ("weight",), (), ("bias",)]
EPS = [1e-3, 0.3, 2.0]


def offset_values(
    random: np.random.Generator, shape: tuple[int, ...], dtype: Any, scale: float, special: tuple[float, ...]
) -> np.ndarray:
    """Normal values round a mean of any size, which is not the same for all: no mean is 0 by itself."""
    mean = scale * random.choice([0, 0, 3, -20]) * random.random([n if i < 2 else 1 for i, n in enumerate(shape)])
    x = values(int(random.integers(2**32)), shape, np.float64, scale, special)
    return np.asarray(x + (0 if special else mean), dtype=dtype)


def affine(random: np.random.Generator, names: tuple[str, ...], shape: tuple[int, ...], dtype: Any) -> dict[str, Any]:
    """Weight and bias, or one, or none; some weights are 0."""
    return {name: values(int(random.integers(2**32)), shape, dtype, 1.0, (0.0,) * (name == "weight")) for name in names}


@st.composite
def batch_norm_cases(draw: st.DrawFn) -> Case:
    """Training with running statistics and without, and evaluation; constant channels among the kinks.

    Running statistics that change are real, so that the complex step does without them. One image lies in memory in
    the order of its axes: of others PyTorch 2.13 takes some for channels_last, and its gradient is then wrong.
    """
    dtype, seed, special = draw(dtypes), draw(seeds), draw(st.booleans())
    random, mode = np.random.default_rng(seed), draw(st.sampled_from(["tracked", "batch", "eval"]))
    training = mode != "eval"
    C = int(random.integers(1, 5)) if random.random() < 0.95 else 0
    shape = (int(random.integers(1, 6)), C, *map(int, random.integers(1, 4, random.choice([0, 0, 1, 2, 2, 3]))))
    if training and shape[0] * prod(shape[2:]) == 1:
        shape = (2, *shape[1:])
    if random.random() < 0.05:
        shape = (0, *shape[1:])
    x = offset_values(random, shape, dtype, draw(scales), awkward(dtype) if special else ())
    if special and C:
        x[:, random.integers(C)] = random.choice([0.0, 1.0, -2.0])
    names = AFFINE[random.integers(len(AFFINE))] if C else ()  # of no channels PyTorch takes no weight
    kwargs: dict[str, Any] = affine(random, names, (C,), dtype)
    kwargs["training"] = training
    if random.random() < 0.5:
        kwargs["eps"] = float(random.choice(EPS))
    if random.random() < 0.5:
        kwargs["momentum"] = float(random.choice([0.0, 0.3, 1.0]))
    layout = draw(layouts)
    args = [laid_out(x, "C" if shape[0] == 1 and layout in ("F", "permuted") else layout)]
    if mode == "batch":
        kwargs.update(running_mean=None, running_var=None)
    else:
        args += [values(seed, (C,), dtype), values(seed + 1, (C,), dtype) ** 2]
    return Case(
        tuple(args),
        kwargs,
        wrt=(0, *names),
        seed=seed,
        dy_scale=draw(dy_scales),
        smooth=mode != "tracked",
        changes=(1, 2) if mode == "tracked" else (),
    )


def batch_norm_scale(case: Case, dy: np.ndarray) -> Scale:
    """In training as any standardization; otherwise a difference, a product and a sum."""
    x, *running = case.args
    beside = (1, -1) + (1,) * (x.ndim - 2)
    eps = case.kwargs.get("eps", 1e-5)
    if case.kwargs["training"]:
        return standard_scale(case, x, (0, *range(2, x.ndim)), beside, eps, dy)
    mean, var = (array.reshape(beside) for array in running)
    weight, bias = (np.abs(case.kwargs.get(name, default)) for name, default in (("weight", 1.0), ("bias", 0.0)))
    weight, bias = (array.reshape(beside) if array.ndim else array for array in (weight, bias))
    inverse, dy = 1 / np.sqrt(var + eps), np.abs(dy)
    xhat = (np.abs(x) + np.abs(mean)) * inverse
    return learned(case, xhat * weight + bias, dy * weight * inverse, dy * xhat, dy, beside, 16 + 4 * x.size)


def standard_scale(
    case: Case, x: np.ndarray, axes: tuple[int, ...], beside: tuple[int, ...], eps: float, dy: np.ndarray
) -> Scale:
    """What a mean of n terms is off by makes x̂ wrong at once and by way of the variance, and both the gradient.

    With A the mean of |x|: x − μ is off by |x| + A, in units of n u; the variance, relatively, by mean|x̂| A / σ, so x̂
    by (|x| + A) / σ + |x̂| mean|x̂| A / σ. beside: the shape of weight and bias beside x, −1 for what is left.
    """
    if not x.size:
        return learned(case, np.abs(x), np.abs(x), np.abs(x), np.abs(dy), beside, 1)

    def mean(array: np.ndarray) -> np.ndarray:
        return np.asarray(array.mean(axis=axes, keepdims=True))

    inverse = 1 / np.sqrt(x.var(axis=axes, keepdims=True) + eps)
    xhat, A = np.abs(x - mean(x)) * inverse, mean(np.abs(x))
    weight, bias = (np.abs(case.kwargs.get(name, default)) for name, default in (("weight", 1.0), ("bias", 0.0)))
    weight, bias = (array.reshape(beside) if array.ndim else array for array in (weight, bias))
    relative = mean(xhat) * A * inverse
    error = (np.abs(x) + A) * inverse + xhat * relative
    dy = np.abs(dy)
    g = dy * weight
    dx = (g + mean(g) + xhat * mean(g * xhat)) * (1 + relative) + error * mean(g * xhat) + xhat * mean(g * error)
    return learned(case, error * weight + bias, inverse * dx, dy * error, dy, beside, 24 + 4 * x.size)


def learned(
    case: Case,
    y: np.ndarray,
    dx: np.ndarray,
    dweight: np.ndarray,
    dbias: np.ndarray,
    beside: tuple[int, ...],
    factor: float,
) -> Scale:
    """S of y, dx and of what is learned, summed to its shape."""
    gradients = [dx]
    for name, each in (("weight", dweight), ("bias", dbias)):
        if name in case.kwargs:
            shape = case.kwargs[name].shape
            stretched = tuple(shape[0] if n == -1 else n for n in beside)
            gradients.append(summed_to(each, stretched).reshape(shape))
    return Scale(np.asarray(y), tuple(gradients), factor)


@st.composite
def layer_norm_cases(draw: st.DrawFn, bias: bool) -> Case:
    """One dimension or several from the end, of length 1 too, and none; constant examples among the kinks.

    bias: whether there may be one. Without it, for rms_norm, float32 gets an eps: its default is not float64's.
    """
    dtype, seed, special = draw(dtypes), draw(seeds), draw(st.booleans())
    random = np.random.default_rng(seed)
    sides = [int(n) for n in random.integers(1, 5, random.integers(1, 4))]
    count = int(random.integers(1, len(sides) + 1))
    if random.random() < 0.06:
        sides[random.integers(len(sides))] = 0
    shape, normalized = tuple(sides), tuple(sides[-count:])
    x = offset_values(random, shape, dtype, draw(scales), awkward(dtype) if special else ())
    if special and shape[0]:
        x[random.integers(shape[0])] = random.choice([0.0, 1.0, -2.0])
    names = AFFINE[random.integers(len(AFFINE))] if bias else AFFINE[2:4][random.integers(2)]
    kwargs = {"normalized_shape": normalized, **affine(random, names, normalized, dtype)}
    if random.random() < 0.6 or (dtype == np.float32 and not bias):
        kwargs["eps"] = float(random.choice(EPS))
    wrt = (0, *names)
    return Case((laid_out(x, draw(layouts)),), kwargs, wrt=wrt, seed=seed, dy_scale=draw(dy_scales))


def layer_norm_scale(case: Case, dy: np.ndarray) -> Scale:
    """As any standardization."""
    (x,), normalized = case.args, case.kwargs["normalized_shape"]
    axes = tuple(range(x.ndim - len(normalized), x.ndim))
    return standard_scale(case, x, axes, normalized, case.kwargs.get("eps", 1e-5), dy)


@st.composite
def group_norm_cases(draw: st.DrawFn) -> Case:
    """From one group to as many as channels; none and constant groups among them."""
    dtype, seed, special = draw(dtypes), draw(seeds), draw(st.booleans())
    random = np.random.default_rng(seed)
    groups, each = (int(n) for n in random.integers(1, 4, 2))
    shape = (int(random.integers(1, 4)), groups * each, *map(int, random.integers(1, 4, random.integers(0, 3))))
    if prod(shape) == groups:
        shape = (2, *shape[1:])
    if random.random() < 0.06:
        shape = (0, *shape[1:])
    x = offset_values(random, shape, dtype, draw(scales), awkward(dtype) if special else ())
    if special:
        x[:, : random.integers(1, groups * each + 1)] = random.choice([0.0, 1.0, -2.0])
    names = AFFINE[random.integers(4)]  # with a bias alone PyTorch's backward fails
    kwargs = {"num_groups": groups, **affine(random, names, (groups * each,), dtype)}
    if random.random() < 0.5:
        kwargs["eps"] = float(random.choice(EPS))
    wrt = (0, *names)
    return Case((laid_out(x, draw(layouts)),), kwargs, wrt=wrt, seed=seed, dy_scale=draw(dy_scales))


def group_norm_scale(case: Case, dy: np.ndarray) -> Scale:
    """As any standardization, with the channels split into groups and back."""
    (x,), groups = case.args, case.kwargs["num_groups"]
    N, C, *rest = x.shape
    split = (N, groups, C // groups, *rest)
    beside = (1, groups, C // groups) + (1,) * len(rest)
    names = [name for name in ("weight", "bias") if name in case.kwargs]
    inner = Case((x,), {name: case.kwargs[name].reshape(beside) for name in names})
    axes = tuple(range(2, len(split)))
    scale = standard_scale(inner, x.reshape(split), axes, beside, case.kwargs.get("eps", 1e-5), dy.reshape(split))
    dx, *others = scale.gradients
    others = [array.reshape(C) for array in others]
    return Scale(scale.y.reshape(x.shape), (dx.reshape(x.shape), *others), scale.factor)


def rms_norm_scale(case: Case, dy: np.ndarray) -> Scale:
    """A mean of squares, a root, and products."""
    (x,), normalized = case.args, case.kwargs["normalized_shape"]
    axes = tuple(range(x.ndim - len(normalized), x.ndim))
    eps = case.kwargs.get("eps") or float(np.finfo(x.dtype).eps)
    if not x.size:
        return learned(case, np.abs(x), np.abs(x), np.abs(x), np.abs(dy), normalized, 1)
    inverse = 1 / np.sqrt((x * x).mean(axis=axes, keepdims=True) + eps)
    xhat, dy = np.abs(x) * inverse, np.abs(dy)
    weight = np.abs(case.kwargs.get("weight", 1.0))
    g = dy * weight
    dx = inverse * (g + xhat * (g * xhat).mean(axis=axes, keepdims=True))
    return learned(case, xhat * weight, dx, dy * xhat, dy, normalized, 16 + 4 * x.size)


def large(shape: tuple[int, ...], features: int, **options: Any) -> Case:
    """A float32 call with weight and bias."""
    learnt = {name: values(i, (features,), np.float32) for i, name in enumerate(("weight", "bias"))}
    return Case((values(2, shape, np.float32),), {**learnt, **options}, wrt=(0, "weight", "bias"))


def large_rms_norm() -> Case:
    """Activations of a transformer."""
    weight = values(0, (512,), np.float32)
    options = {"weight": weight, "normalized_shape": (512,), "eps": 1e-6}
    return Case((values(2, (32, 128, 512), np.float32),), options, wrt=(0, "weight"))


ROWS = [
    Row(
        "functional.batch_norm",
        batch_norm_cases(),
        batch_norm_scale,
        lambda: large((64, 64, 28, 28), 64, training=True, running_mean=None, running_var=None),
    ),
    Row(
        "functional.layer_norm",
        layer_norm_cases(bias=True),
        layer_norm_scale,
        lambda: large((32, 128, 512), 512, normalized_shape=(512,)),
    ),
    Row(
        "functional.group_norm",
        group_norm_cases(),
        group_norm_scale,
        lambda: large((64, 64, 28, 28), 64, num_groups=8),
    ),
    Row("functional.rms_norm", layer_norm_cases(bias=False), rms_norm_scale, large_rms_norm),
]
