"""What every optimizer does besides its rule: parameter groups, zero_grad, and a state that can be saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from numpy_nn import kernels
from numpy_nn.backend import Array, array_module, as_array, device_of, item, silent, to_device
from numpy_nn.capturing import stepping
from numpy_nn.functional import checks
from numpy_nn.functional.watching import note
from numpy_nn.parameter import Parameter

State = dict[str, Any]

SCHEDULED = ("initial_lr", "max_lr", "min_lr", "max_momentum", "base_momentum")
"""What a scheduler keeps in the groups of its optimizer."""


class Optimizer:
    """Holds parameters in groups, each with its own options, and applies a rule to every one that has a gradient.

    params: parameters, or groups such as {"params": [...], "lr": 0.1}.  defaults: the options of a group that does not
    say otherwise. An optimizer defines `update(parameter, gradient, state, group)`; state starts as an empty dict.
    fast_update: the same rule once more, on arrays, which takes over where the "fast" kernels are in use and parameter
    and gradient are NumPy's and large, and its counterpart in kernels.cuda where they are CuPy's; a subclass with a
    rule of its own has none unless it says so.
    Raises ValueError for no parameters, none that learns, a parameter given twice, or options out of range, TypeError
    for anything but parameters or groups of them, or an option that is no number.
    """

    fast_update: ClassVar[staticmethod[[Array, Array, State, dict[str, Any]], None] | None] = None

    def __init_subclass__(cls) -> None:
        if "update" in vars(cls) and "fast_update" not in vars(cls):
            cls.fast_update = None

    def __init__(self, params: Iterable[Parameter] | Iterable[dict[str, Any]], defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self.param_groups: list[dict[str, Any]] = []
        self.state: dict[Parameter, State] = {}
        self.stepped: bool | None = None  # None until a scheduler asks to be told
        if isinstance(params, Parameter | dict) or not isinstance(params, Iterable):
            raise TypeError(f"params: expected parameters, or groups of them, in a list, got {type(params).__name__}")
        groups: list[Any] = list(params)
        if not groups:
            raise ValueError("params: expected at least one parameter, got none")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)
        if not self._learns():
            raise ValueError(
                f"params: expected at least one parameter that learns, got {len(self._numbers())} with "
                "requires_grad=False; unfreeze some with requires_grad_() or unfreeze()"
            )

    def add_param_group(self, group: dict[str, Any]) -> None:
        """Add a group of parameters with options of their own. Raises what the constructor raises."""
        if not isinstance(group, dict):
            raise TypeError(f'params: expected groups such as {{"params": [...]}}, got {type(group).__name__}')
        if "params" not in group:
            raise ValueError(f'params: expected "params" in the group, got {", ".join(map(str, group)) or "nothing"}')
        params = group["params"]
        if not isinstance(params, Parameter | Iterable):
            raise TypeError(f"params: expected parameters, got {type(params).__name__}")
        params = [params] if isinstance(params, Parameter) else list(params)
        known = {id(parameter) for other in self.param_groups for parameter in other["params"]}
        for parameter in params:
            if not isinstance(parameter, Parameter):
                raise TypeError(f"params: expected parameters, got {type(parameter).__name__}")
            if id(parameter) in known:
                raise ValueError(f"params: a parameter of shape {parameter.shape} is given twice")
            known.add(id(parameter))
        group = {**self.defaults, **group, "params": params}
        self.check(group)
        self.param_groups.append(group)

    def check(self, group: dict[str, Any], loaded: bool = False) -> None:
        """Raise ValueError where an option of a group is out of range, TypeError where it is no number.

        loaded: the group was in use, where a schedule may have driven the rate, or β₁, out of range.
        """
        for name in ("lr", "eps", "weight_decay", "momentum", *SCHEDULED):
            if name in group:
                checks.number(name, group[name], low=None if loaded and name == "lr" else 0)
        checks.option("maximize", group.get("maximize", False), True, False)

    def check_state(self, names: set[str], group: dict[str, Any]) -> None:
        """Raise ValueError where the names in a saved state of a parameter are not those of this optimizer."""

    def update(self, parameter: Parameter, gradient: Array, state: State, group: dict[str, Any]) -> None:
        """Change one parameter in place by the rule."""
        raise NotImplementedError(f"{type(self).__name__} does not define update")

    def step(self) -> None:
        """Apply the rule to every parameter that has a gradient; one without is left alone, state and all.

        Raises RuntimeError where every parameter has been frozen.
        """
        if not self._learns():
            raise RuntimeError("step: nothing learns, as every parameter of this optimizer has requires_grad=False")
        stepping(self)
        self.stepped = None if self.stepped is None else True
        with silent():
            for group in self.param_groups:
                given = []
                for parameter in group["params"]:
                    if (gradient := parameter.grad) is not None:
                        gradient = -gradient if group["maximize"] else gradient
                        given.append((parameter, gradient, self.state.setdefault(parameter, {})))
                for parameter, gradient, state in kernels.stepped(self.fast_update, given, group):
                    note(self.update)
                    self.update(parameter, gradient, state, group)

    def zero_grad(self) -> None:
        """Forget every gradient."""
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.grad = None

    def state_dict(self) -> dict[str, Any]:
        """The state and the options, with parameters numbered in order, as PyTorch writes it.

        The arrays are the optimizer's own, not copies; numbers and groups are copied.
        """
        numbers = self._numbers()
        return {
            "state": {numbers[id(parameter)]: dict(state) for parameter, state in self.state.items()},
            "param_groups": [
                {**group, "params": [numbers[id(parameter)] for parameter in group["params"]]}
                for group in self.param_groups
            ],
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over a state_dict of this optimizer's kind, ours or PyTorch's.

        Arrays are copied; options that only PyTorch has are passed over.
        Raises ValueError where groups, parameters, shapes or names do not fit, TypeError where something is of another
        type; nothing is changed then.
        """
        saved_groups, saved_state = _parts(state_dict)
        sizes = [len(group["params"]) for group in self.param_groups]
        saved_sizes = [len(group["params"]) for group in saved_groups]
        if sizes != saved_sizes:
            raise ValueError(f"param_groups: expected groups of {sizes} parameters, got {saved_sizes}")
        groups = [
            {
                name: number_of(saved.get(name, option)) if name != "params" else option
                for name, option in group.items()
                if name not in SCHEDULED
            }
            | {name: number_of(saved[name]) for name in SCHEDULED if name in saved}
            for group, saved in zip(self.param_groups, saved_groups, strict=True)
        ]
        for group in groups:
            self.check(group, loaded=True)
        places = dict(
            zip(
                (number for group in saved_groups for number in group["params"]),
                ((parameter, group) for group in groups for parameter in group["params"]),
                strict=True,
            )
        )
        state = {}
        for number, saved in saved_state.items():
            if number not in places:
                raise ValueError(f"state: expected parameters numbered {list(places)}, got {number}")
            parameter, group = places[number]
            given = {name: value for name, value in saved.items() if value is not None}
            if given:
                self.check_state(set(given), group)
            state[parameter] = {name: _copied(name, value, parameter) for name, value in given.items()}
        self.state, self.param_groups = state, groups

    def _learns(self) -> bool:
        """Whether there is a parameter that is not frozen."""
        return any(parameter.requires_grad for group in self.param_groups for parameter in group["params"])

    def _numbers(self) -> dict[int, int]:
        everyone = (parameter for group in self.param_groups for parameter in group["params"])
        return {id(parameter): number for number, parameter in enumerate(everyone)}

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join([*lines, ")"])


def _parts(state_dict: Mapping[str, Any]) -> tuple[list[Any], Mapping[Any, Any]]:
    """The groups and the state of an optimizer's state_dict, if it looks like one."""
    if not isinstance(state_dict, Mapping):
        raise TypeError(f'state_dict: expected "state" and "param_groups", got {type(state_dict).__name__}')
    if not {"state", "param_groups"} <= state_dict.keys():
        raise ValueError(f'state_dict: expected "state" and "param_groups", got {", ".join(map(str, state_dict))}')
    groups, state = state_dict["param_groups"], state_dict["state"]
    for group in groups if isinstance(groups, list) else [groups]:
        if not isinstance(group, Mapping) or not isinstance(group.get("params"), list):
            raise TypeError(f'param_groups: expected a list of groups with "params" numbered, got {group!r}')
    for saved in [state, *state.values()] if isinstance(state, Mapping) else [state]:
        if not isinstance(saved, Mapping):
            raise TypeError(f"state: expected names and values for each parameter, got {type(saved).__name__}")
    return groups, state


def number_of(option: Any) -> Any:
    """An option as it is, but a number that PyTorch keeps in a tensor, alone or in a pair, as a number."""
    if type(option) in (tuple, list):
        return type(option)(map(number_of, option))
    array = as_array(option) if hasattr(option, "ndim") else None
    return item(array) if array is not None and array.ndim == 0 and array.dtype.kind in "fiu" else option


def _copied(name: str, value: Any, parameter: Parameter) -> Any:
    """A saved value of a parameter's state: the step as a number, anything else as an array of its own."""
    array = as_array(value)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"state {name}: expected numbers, got {value!r}")
    if name == "step":
        if array.size != 1 or not item(array) >= 0 or item(array) % 1:
            raise ValueError(f"state step: expected a whole number of at least 0, got {value!r}")
        return int(item(array))
    if array.shape != parameter.shape:
        raise ValueError(f"state {name}: expected shape {parameter.shape} like the parameter, got {array.shape}")
    copy = array_module(parameter.data).empty_like(parameter.data)  # which lies in memory as the parameter does
    copy[...] = to_device(array, device_of(parameter.data))
    return copy
