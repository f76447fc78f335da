"""Rows of the layers: each is tested on the cases of its formula."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from parity_tests.case import Case


@dataclass(frozen=True)
class LayerRow:
    """A layer, the formula whose cases it is tested on, and how a case of the formula becomes a layer.

    options(case): what the layer is constructed with.  parameters(case): what is loaded into it, by state_dict key.
    inputs(case): what it is called with.  parameters_first: the formula's gradients of parameters come before those of
    inputs.  takes(case): whether the layer can do what the formula does; other cases are passed over.
    """

    name: str
    formula: str
    options: Callable[[Case], dict[str, Any]] = lambda case: case.kwargs
    parameters: Callable[[Case], dict[str, np.ndarray]] = lambda case: {}
    inputs: Callable[[Case], tuple[np.ndarray | None, ...]] = lambda case: case.args
    parameters_first: bool = False
    takes: Callable[[Case], bool] = lambda case: True


def _linear_options(case: Case) -> dict[str, Any]:
    out_features, in_features = case.args[1].shape
    return {
        "in_features": in_features,
        "out_features": out_features,
        "bias": len(case.args) == 3,
        "dtype": case.dtype,
    }


def _embedding_options(case: Case) -> dict[str, Any]:
    num_embeddings, embedding_dim = case.args[1].shape
    return {"num_embeddings": num_embeddings, "embedding_dim": embedding_dim, "dtype": case.dtype, **case.kwargs}


HEADS = ("in_proj_weight", "in_proj_bias", "out_proj_weight", "out_proj_bias")
"""What of attention with several heads are parameters; in a state_dict the last two are out_proj's."""


def _heads_options(case: Case) -> dict[str, Any]:
    given = case.kwargs
    return {
        "embed_dim": case.args[0].shape[-1],
        "num_heads": given["num_heads"],
        "dropout": given.get("dropout_p", 0.0),
        "bias": given["in_proj_bias"] is not None,
        "dtype": case.dtype,
    }


def _heads_parameters(case: Case) -> dict[str, np.ndarray]:
    given = {name.replace("out_proj_", "out_proj."): case.kwargs[name] for name in HEADS}
    return {name: array for name, array in given.items() if array is not None}


def _heads_inputs(case: Case) -> tuple[Any, ...]:
    """The arguments of forward, in order; weights averaged, as by default."""
    given = case.kwargs
    padding, mask = given.get("key_padding_mask"), given.get("attn_mask")
    return (*case.args, padding, given.get("need_weights", True), mask, True, given.get("is_causal", False))


CALLED_WITH = ("offsets", "per_sample_weights")
"""What an EmbeddingBag is called with, beside the indices, and not constructed with."""


def _bag_options(case: Case) -> dict[str, Any]:
    return {name: value for name, value in _embedding_options(case).items() if name not in CALLED_WITH}


def _convolution(name: str, formula: str, transposed: bool = False) -> LayerRow:
    """The row of a convolution, whose channels are read off its weight."""

    def options(case: Case) -> dict[str, Any]:
        first, second, *kernel_size = case.args[1].shape
        second *= case.kwargs.get("groups", 1)
        channels = {"in_channels": second, "out_channels": first}
        if transposed:
            channels = {"in_channels": first, "out_channels": second}
        bias = len(case.args) == 3
        return {**channels, "kernel_size": tuple(kernel_size), "bias": bias, "dtype": case.dtype, **case.kwargs}

    return LayerRow(
        name,
        formula,
        options,
        lambda case: dict(zip(("weight", "bias"), case.args[1:], strict=False)),
        lambda case: case.args[:1],
    )


def _normalization(name: str, formula: str, affine: str = "affine", ndims: tuple[int, ...] = ()) -> LayerRow:
    """The row of a normalization. Its layer has no bias without a weight.  ndims: how many dimensions it takes."""

    def options(case: Case) -> dict[str, Any]:
        learned = "weight" in case.kwargs
        given = {k: v for k, v in case.kwargs.items() if k in ("eps", "momentum", "normalized_shape", "num_groups")}
        if formula == "batch_norm":
            given.update(num_features=case.args[0].shape[1], track_running_stats=len(case.args) > 1)
        if formula == "group_norm":
            given.update(num_channels=case.args[0].shape[1])
        if formula != "rms_norm":
            given.update(bias="bias" in case.kwargs)
        return {**given, affine: learned, "dtype": case.dtype}

    def parameters(case: Case) -> dict[str, np.ndarray]:
        learned = {key: case.kwargs[key] for key in ("weight", "bias") if key in case.kwargs}
        return learned | dict(zip(("running_mean", "running_var"), case.args[1:], strict=False))

    def takes(case: Case) -> bool:
        return ("weight" in case.kwargs or "bias" not in case.kwargs) and case.args[0].ndim in (ndims or range(9))

    return LayerRow(name, formula, options, parameters, lambda case: case.args[:1], takes=takes)


LAYERS: dict[str, LayerRow] = {
    row.name: row
    for row in (
        LayerRow(
            "Linear",
            "linear",
            _linear_options,
            lambda case: dict(zip(("weight", "bias"), case.args[1:], strict=False)),
            lambda case: case.args[:1],
        ),
        _convolution("Conv1d", "conv1d"),
        _convolution("Conv2d", "conv2d"),
        _convolution("ConvTranspose2d", "conv_transpose2d", transposed=True),
        LayerRow(
            "Embedding",
            "embedding",
            _embedding_options,
            lambda case: {"weight": case.args[1]},
            lambda case: case.args[:1],
        ),
        LayerRow(
            "EmbeddingBag",
            "embedding_bag",
            _bag_options,
            lambda case: {"weight": case.args[1]},
            lambda case: (case.args[0], *map(case.kwargs.get, CALLED_WITH)),
            parameters_first=True,
        ),
        LayerRow("CosineSimilarity", "cosine_similarity"),
        LayerRow("MaxPool2d", "max_pool2d"),
        LayerRow("AvgPool2d", "avg_pool2d"),
        LayerRow("AdaptiveAvgPool2d", "adaptive_avg_pool2d"),
        _normalization("BatchNorm1d", "batch_norm", ndims=(2, 3)),
        _normalization("BatchNorm2d", "batch_norm", ndims=(4,)),
        _normalization("LayerNorm", "layer_norm", "elementwise_affine"),
        _normalization("GroupNorm", "group_norm"),
        _normalization("RMSNorm", "rms_norm", "elementwise_affine"),
        LayerRow("MultiheadAttention", "multi_head_attention", _heads_options, _heads_parameters, _heads_inputs),
        LayerRow("Dropout", "dropout", lambda case: {k: v for k, v in case.kwargs.items() if k == "p"}),
        LayerRow("Flatten", "flatten", lambda case: {"start_dim": 0, **case.kwargs}),
        LayerRow("ReLU", "relu"),
        LayerRow("LeakyReLU", "leaky_relu"),
        LayerRow("ELU", "elu"),
        LayerRow("Sigmoid", "sigmoid"),
        LayerRow("Tanh", "tanh"),
        LayerRow("Softplus", "softplus"),
        LayerRow("GELU", "gelu"),
        LayerRow("SiLU", "silu"),
        LayerRow("SELU", "selu"),
        LayerRow("CELU", "celu"),
        LayerRow(
            "PReLU",
            "prelu",
            lambda case: {"num_parameters": len(case.args[1]), "dtype": case.dtype},
            lambda case: {"weight": case.args[1]},
            lambda case: case.args[:1],
        ),
        LayerRow("RReLU", "rrelu", lambda case: {k: v for k, v in case.kwargs.items() if k != "training"}),
        LayerRow("GLU", "glu"),
        LayerRow("Hardtanh", "hardtanh"),
        LayerRow("ReLU6", "relu6"),
        LayerRow("Hardsigmoid", "hardsigmoid"),
        LayerRow("Hardswish", "hardswish"),
        LayerRow("Mish", "mish"),
        LayerRow("LogSigmoid", "logsigmoid"),
        LayerRow("Softsign", "softsign"),
        LayerRow("Threshold", "threshold"),
        LayerRow("Hardshrink", "hardshrink"),
        LayerRow("Softshrink", "softshrink"),
        LayerRow("Tanhshrink", "tanhshrink"),
        LayerRow("Softmax", "softmax"),
        LayerRow("LogSoftmax", "log_softmax"),
        LayerRow("Softmin", "softmin"),
        LayerRow("MSELoss", "mse_loss"),
        LayerRow("L1Loss", "l1_loss"),
        LayerRow("SmoothL1Loss", "smooth_l1_loss"),
        LayerRow("NLLLoss", "nll_loss"),
        LayerRow("CrossEntropyLoss", "cross_entropy"),
        LayerRow("BCELoss", "binary_cross_entropy"),
        LayerRow("BCEWithLogitsLoss", "binary_cross_entropy_with_logits"),
    )
}
