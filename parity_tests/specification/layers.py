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
    inputs.
    """

    name: str
    formula: str
    options: Callable[[Case], dict[str, Any]] = lambda case: case.kwargs
    parameters: Callable[[Case], dict[str, np.ndarray]] = lambda case: {}
    inputs: Callable[[Case], tuple[np.ndarray | None, ...]] = lambda case: case.args
    parameters_first: bool = False


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


CALLED_WITH = ("offsets", "per_sample_weights")
"""What an EmbeddingBag is called with, beside the indices, and not constructed with."""


def _bag_options(case: Case) -> dict[str, Any]:
    return {name: value for name, value in _embedding_options(case).items() if name not in CALLED_WITH}


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
        LayerRow("Softmax", "softmax"),
        LayerRow("LogSoftmax", "log_softmax"),
        LayerRow("MSELoss", "mse_loss"),
        LayerRow("L1Loss", "l1_loss"),
        LayerRow("SmoothL1Loss", "smooth_l1_loss"),
        LayerRow("NLLLoss", "nll_loss"),
        LayerRow("CrossEntropyLoss", "cross_entropy"),
        LayerRow("BCELoss", "binary_cross_entropy"),
        LayerRow("BCEWithLogitsLoss", "binary_cross_entropy_with_logits"),
    )
}
