"""The vision transformer: the two wings from one seed, step by step, and torchvision's names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import numpy_nn as nn
import torch_nn
from numpy_nn import data, optim
from parity_tests.bounds import agree
from parity_tests.lockstep import FLOAT64_BOUND, difference
from parity_tests.strategies import dtypes, seeds

STEPS = 60
SIZES: dict[str, Any] = {"image_size": 8, "patch_size": 4, "hidden_dim": 16, "mlp_dim": 24, "num_heads": 2}
TINY: dict[str, Any] = {"image_size": 4, "patch_size": 2, "hidden_dim": 4, "mlp_dim": 5, "num_heads": 2}
RULES: dict[str, dict[str, Any]] = {"AdamW": {"lr": 1e-2, "eps": 1e-6}, "SGD": {"lr": 0.1, "momentum": 0.9}}
"""The keys' bias changes no weight of attention, so its gradient is 0 but for rounding, 1e-17: over Adam's usual eps of
1e-8 that would be a step of 1e-11."""
VIT_B_16 = {"image_size": 224, "patch_size": 16, "num_layers": 12, "num_heads": 12, "hidden_dim": 768, "mlp_dim": 3072}


def twins(seed: int, dtype: Any = np.float64, **sizes: Any) -> tuple[nn.VisionTransformer, torch_nn.VisionTransformer]:
    """The model of either wing, each from its own stream."""
    nn.manual_seed(seed)
    ours = nn.VisionTransformer(**sizes, dtype=dtype)
    torch.manual_seed(seed)
    return ours, torch_nn.VisionTransformer(**sizes, dtype=torch.from_numpy(np.empty(0, dtype)).dtype)


@pytest.mark.parametrize("rule", RULES)
def test_every_parameter_and_buffer_at_every_step(rule: str) -> None:
    images, target = data.digits(np.float64)
    images = images.reshape(-1, 1, 8, 8)
    ours, theirs = twins(11, **SIZES, dropout=0.1, attention_dropout=0.1)
    optimizer = getattr(optim, rule)(ours.parameters(), **RULES[rule])
    twin = getattr(torch.optim, rule)(theirs.parameters(), **RULES[rule])
    loader = data.DataLoader(data.TensorDataset(images, target), batch_size=24, shuffle=True)
    dataset = torch.utils.data.TensorDataset(torch.from_numpy(images), torch.from_numpy(target))
    their_loader = torch.utils.data.DataLoader(dataset, batch_size=24, shuffle=True)
    criterion, their_criterion = nn.CrossEntropyLoss(), torch.nn.CrossEntropyLoss()
    losses = []
    assert difference(ours.state_dict(), theirs.state_dict()) == 0
    for _, (x, t), (tx, tt) in zip(range(STEPS), loader, their_loader, strict=False):
        losses.append(nn.training.train_step(ours, x, t, optimizer, criterion))
        expected = torch_nn.training.train_step(theirs, tx, tt, twin, their_criterion)
        step = len(losses)
        assert abs(losses[-1] - expected) <= FLOAT64_BOUND, f"loss at step {step}"
        assert difference(ours.state_dict(), theirs.state_dict()) <= FLOAT64_BOUND, f"weights at step {step}"
        state, their_state = optimizer.state_dict()["state"], twin.state_dict()["state"]
        for number in their_state:
            for name, value in state[number].items():
                apart = np.abs(np.asarray(value) - their_state[number][name].numpy()).max()
                assert apart <= FLOAT64_BOUND, f"{name} of parameter {number} at step {step}"
    assert len(losses) == STEPS
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) - 0.2


def test_another_seed_is_another_run() -> None:
    """The comparison can fail."""
    ours, _ = twins(0, **TINY)
    _, theirs = twins(1, **TINY)
    assert difference(ours.state_dict(), theirs.state_dict()) > 1e-2


@settings(max_examples=100)  # two networks, four passes each
@given(seeds, dtypes, st.integers(1, 3), st.sampled_from([0.0, 0.4]), st.booleans())
def test_every_gradient_is_pytorchs(seed: int, dtype: Any, N: int, p: float, training: bool) -> None:
    """Those of the parameters, after two rounds that add up, and that of the images; names and print too."""
    random = np.random.default_rng(seed)
    options = {**TINY, "num_layers": int(random.integers(0, 3)), "in_channels": int(random.integers(1, 3))}
    ours, theirs = twins(seed, dtype, **options, dropout=p, attention_dropout=p / 2, num_classes=3)
    for parameter, twin in zip(ours.parameters(), theirs.parameters(), strict=True):
        parameter.data = (parameter.data + 0.3 * random.standard_normal(parameter.shape)).astype(dtype)
        twin.data = torch.from_numpy(parameter.data.copy())
    ours.train(training), theirs.train(training)
    x = random.standard_normal((N, options["in_channels"], 4, 4)).astype(dtype)
    dy = random.standard_normal((N, 3)).astype(dtype)
    leaf = torch.from_numpy(x).requires_grad_()
    for number in range(2):
        nn.manual_seed(number), torch.manual_seed(number)
        y = ours(x)
        dx = ours.backward(dy)
        leaf.grad = None
        expected = theirs(leaf)
        expected.backward(torch.from_numpy(dy))
    found = [y, dx, *(parameter.grad for parameter in ours.parameters())]
    wanted = [expected, leaf.grad, *(parameter.grad for parameter in theirs.parameters())]
    for number, (mine, his) in enumerate(zip(found, wanted, strict=True)):
        size = max(1.0, float(his.detach().abs().max()))
        agree(f"VisionTransformer {number}", mine, his.detach().numpy(), np.full(mine.shape, 100 * size), 256)
    assert [name for name, _ in ours.named_parameters()] == [name for name, _ in theirs.named_parameters()]
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_starts_as_pytorchs_from_the_seed(dtype: Any) -> None:
    ours, theirs = twins(5, dtype)
    for name, value in theirs.state_dict().items():
        np.testing.assert_array_equal(ours.state_dict()[name], value.numpy())
    assert nn.random.uniform(3).tolist() == torch.rand(3).tolist()


def test_its_keys_are_torchvisions() -> None:
    """Those of one block, and around it."""
    block = "encoder.layers.encoder_layer_0."
    layers = ("ln_1", "self_attention.in_proj_", "self_attention.out_proj", "ln_2", "mlp.0", "mlp.3")
    inside = [
        f"{block}{layer}{'' if layer.endswith('_proj_') else '.'}{part}"
        for layer in layers
        for part in ("weight", "bias")
    ]
    around = ["class_token", "conv_proj.weight", "conv_proj.bias", "encoder.pos_embedding"]
    end = ["encoder.ln.weight", "encoder.ln.bias", "heads.head.weight", "heads.head.bias"]
    assert list(nn.VisionTransformer(**TINY, num_layers=1).state_dict()) == [*around, *inside, *end]


def test_vit_b_16_has_torchvisions_number_of_parameters() -> None:
    """86,567,656: counted in PyTorch's wing, whose "meta" device has shapes alone; keys and shapes are ours."""
    model = torch_nn.VisionTransformer(**VIT_B_16, num_classes=1000, in_channels=3, device="meta")
    assert sum(parameter.numel() for parameter in model.parameters()) == 86_567_656
    shapes = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    assert shapes["encoder.pos_embedding"] == (1, 197, 768)


def test_what_is_frozen_is_not_differentiated_and_the_rest_gets_the_same_gradients() -> None:
    """From the head alone to everything, layer by layer: what learns gets PyTorch's gradients, what does not, none."""
    x, dy = np.random.default_rng(0).standard_normal((3, 1, 4, 4)), np.random.default_rng(1).standard_normal((3, 10))
    names = [name for name, _ in twins(0, **TINY)[0].named_parameters()]
    for first in range(0, len(names), 3):
        ours, theirs = twins(0, **TINY)
        for number, (parameter, twin) in enumerate(zip(ours.parameters(), theirs.parameters(), strict=True)):
            parameter.requires_grad = number >= first
            twin.requires_grad_(number >= first)
        with nn.no_input_grad():
            ours(x)
        ours.backward(dy)
        theirs(torch.from_numpy(x)).backward(torch.from_numpy(dy))
        for name, parameter, twin in zip(names, ours.parameters(), theirs.parameters(), strict=True):
            assert (parameter.grad is None) == (twin.grad is None), f"{name}, all from {names[first]} on learning"
            if twin.grad is not None:
                agree(name, parameter.grad, twin.grad.numpy(), np.full(parameter.shape, 100.0), 64)


def test_images_of_another_size_are_refused() -> None:
    model = nn.VisionTransformer(**TINY)
    for shape in ((2, 1, 4, 6), (2, 3, 4, 4), (1, 4, 4)):
        with pytest.raises(ValueError, match=r"^x: expected shape \(N, 1, 4, 4\), got \("):
            model(np.zeros(shape, np.float32))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"patch_size": 3}, "patch_size: expected a divisor of image_size 28, got 3"),
        ({"num_heads": 5}, "num_heads: expected a divisor of embed_dim 64, got 5"),
        ({"num_layers": -1}, "num_layers: expected at least 0, got -1"),
        ({"dropout": 1.5}, "p: expected a number between 0 and 1, got 1.5"),
        ({"attention_dropout": -1}, "dropout: expected a number between 0 and 1, got -1"),
    ],
)
def test_impossible_sizes_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        nn.VisionTransformer(**options)
