"""Optimizers against their twins over random histories: steps, missing and zero gradients, new rates, save and load."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import numpy_nn as nn
from numpy_nn.backend import is_array, to_device, to_host
from numpy_nn.kernels.cpu import optimizers
from parity_tests.bounds import Mismatch, Worst, agree
from parity_tests.case import resolve
from parity_tests.specification.optimizers import OptimizerRow
from parity_tests.strategies import dtypes, laid_out, layouts, seeds, values
from torch_nn.twins import TWINS

SHAPES = ((3, 2), (4,), ())
ROUNDINGS = 8


def machine(row: OptimizerRow, worst: Worst | None = None, device: str = "cpu") -> type[RuleBasedStateMachine]:
    """The state machine of one optimizer. worst: keeps the comparison nearest to its bound. device: where ours is."""

    class OptimizerMachine(RuleBasedStateMachine):
        """After every step parameters and buffers agree within one step's bound; the next starts from equal bits."""

        @initialize(seed=seeds, dtype=dtypes, options=row.options, groups=st.booleans(), layout=layouts)
        def start(self, seed: int, dtype: Any, options: dict[str, Any], groups: bool, layout: str) -> None:
            arrays = [values(seed + i, shape, dtype) for i, shape in enumerate(SHAPES)]
            self.options = options
            self.ours = [nn.Parameter(to_device(laid_out(array.copy(), layout), device)) for array in arrays]
            self.theirs = [torch.nn.Parameter(torch.from_numpy(array.copy())) for array in arrays]
            self.split = groups
            self.optimizer, self.twin = self._fresh()
            self.dtype = np.dtype(dtype)

        def _fresh(self) -> tuple[Any, Any]:
            made = []
            for parameters, cls in ((self.ours, resolve(row.optimizer)), (self.theirs, TWINS[row.name])):
                groups = [{"params": parameters[:1]}, {"params": parameters[1:], "lr": 0.05}]
                made.append(cls(groups if self.split else parameters, **self.options))
            return made[0], made[1]

        @rule()
        def zero_grad(self) -> None:
            self.optimizer.zero_grad()
            self.twin.zero_grad()

        @rule(lr=st.sampled_from([1e-3, 0.02, 0.5, -0.1]))
        def change_lr(self, lr: float) -> None:
            """To any rate: a schedule may go below 0."""
            for optimizer in (self.optimizer, self.twin):
                optimizer.param_groups[-1]["lr"] = lr

        @rule(
            seed=seeds,
            scale=st.sampled_from([1.0, 1e-6, 1e-8, 1e3]),
            missing=st.sets(st.integers(0, len(SHAPES) - 1), max_size=1),
            zero=st.sets(st.integers(0, len(SHAPES) - 1), max_size=1),
            layout=layouts,
        )
        def step(self, seed: int, scale: float, missing: set[int], zero: set[int], layout: str) -> None:
            for i, (ours, theirs) in enumerate(zip(self.ours, self.theirs, strict=True)):
                gradient = values(seed + i, ours.shape, self.dtype, 0.0 if i in zero else scale)
                ours.grad = None if i in missing else to_device(laid_out(gradient.copy(), layout), device)
                theirs.grad = None if i in missing else torch.from_numpy(gradient)
            self.step_again()

        @rule()
        def step_again(self) -> None:
            """A step with the gradients as they are."""
            before = [to_host(parameter.data).copy() for parameter in self.ours]
            oracle = self._oracle()
            with nn.use_kernels(row.kernels), pytest.MonkeyPatch.context() as patch:
                patch.setattr(optimizers, "LEAST", 0)
                self.optimizer.step()
            self.twin.step()
            for i, (ours, theirs) in enumerate(zip(self.ours, self.theirs, strict=True)):
                self._compare(i, before[i], ours, theirs, oracle)
            self._synchronise()

        @rule()
        def save_and_load(self) -> None:
            """Each takes over the other's state, and goes on as before."""
            saved, theirs = self.optimizer.state_dict(), self.twin.state_dict()
            self.optimizer, self.twin = self._fresh()
            self.optimizer.load_state_dict(theirs)
            self.twin.load_state_dict(_tensors(saved))
            for ours, loaded in zip(self.optimizer.state.values(), theirs["state"].values(), strict=True):
                if any(np.shares_memory(to_host(ours[name]), loaded[name].numpy()) for name in ours if name != "step"):
                    raise Mismatch(f"{row.name}: loaded state shares memory with the state_dict")

        @invariant()
        def groups_agree(self) -> None:
            for ours, theirs in zip(self.optimizer.param_groups, self.twin.param_groups, strict=True):
                for name in ours:
                    if name != "params" and ours[name] != theirs[name]:
                        raise Mismatch(f"{row.name} {name}: {ours[name]}, expected {theirs[name]}")

        def _oracle(self) -> list[tuple[np.ndarray, dict[str, Any]]] | None:
            """What PyTorch makes of the same step in float64; None where everything is float64 already."""
            if self.dtype == np.float64:
                return None
            exact = [torch.nn.Parameter(theirs.detach().double()) for theirs in self.theirs]
            groups = [{"params": exact[:1]}, {"params": exact[1:], "lr": 0.05}]
            twin = TWINS[row.name](groups if self.split else exact, **self.options)
            twin.load_state_dict(deepcopy(self.twin.state_dict()))  # PyTorch would share the tensors
            for wide, theirs in zip(exact, self.theirs, strict=True):
                wide.grad = None if theirs.grad is None else theirs.grad.double()
            twin.step()
            return [(wide.detach().numpy(), _arrays(twin.state.get(wide, {}))) for wide in exact]

        def _compare(self, i: int, before: np.ndarray, ours: Any, theirs: Any, oracle: Any) -> None:
            state, expected = at_home(self.optimizer.state.get(ours, {})), _arrays(self.twin.state.get(theirs, {}))
            data, grad = (array if array is None else to_host(array) for array in (ours.data, ours.grad))
            if set(state) != set(expected):
                raise Mismatch(f"{row.name} state: {sorted(state)}, expected {sorted(expected)}")
            if any(np.shares_memory(state[name], grad) for name in state if name != "step" and grad is not None):
                raise Mismatch(f"{row.name}: a buffer is the gradient's own array")
            pairs = {"parameter": (data, theirs.detach().numpy())}
            pairs |= {name: (np.asarray(state[name]), expected[name]) for name in state if name != "step"}
            if "step" in state and state["step"] != expected["step"]:
                raise Mismatch(f"{row.name} step: {state['step']}, expected {expected['step']}")
            if grad is None:
                if not np.array_equal(data, before):
                    raise Mismatch(f"{row.name}: a parameter without gradient moved")
                return
            group = next(group for group in self.optimizer.param_groups if any(p is ours for p in group["params"]))
            wide = {name: array.astype(np.float64) for name, array in expected.items()}
            S = row.scale(before.astype(np.float64), grad.astype(np.float64), wide, group)
            exact = {} if oracle is None else {"parameter": oracle[i][0], **oracle[i][1]}
            for name, (mine, his) in pairs.items():
                nearest = agree(f"{row.name} {name}", mine, his, S[name], ROUNDINGS, exact.get(name))
                if worst is not None:
                    worst.take(nearest)

        def _synchronise(self) -> None:
            """Both sides go on from our bits, so that every step is judged by itself."""
            for ours, theirs in zip(self.ours, self.theirs, strict=True):
                theirs.data = torch.from_numpy(to_host(ours.data).copy())
            self.twin.load_state_dict(_tensors(self.optimizer.state_dict()))

    return OptimizerMachine


def _arrays(state: dict[str, Any]) -> dict[str, np.ndarray]:
    return {name: np.asarray(value) for name, value in state.items() if value is not None}


def at_home(state: dict[str, Any]) -> dict[str, Any]:
    """A parameter's state, its arrays NumPy's."""
    return {name: to_host(value) if is_array(value) else value for name, value in state.items()}


def _tensors(state_dict: dict[str, Any]) -> dict[str, Any]:
    """Our state_dict as PyTorch holds one."""
    state = {
        number: {name: torch.tensor(value) for name, value in at_home(values).items()}
        for number, values in state_dict["state"].items()
    }
    return {**state_dict, "state": state}
