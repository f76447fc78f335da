"""Bugs in the schedulers."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

FOLDER = "optim/lr_scheduler/"
EXAMPLES = 200  # histories of up to twenty rules each

Planted = partial(Mutant, examples=EXAMPLES)


def of(name: str, file: str) -> partial[Mutant]:
    return partial(Planted, f"optim.lr_scheduler.{name}", FOLDER + file, within=f"class {name}")


base = partial(Planted, "optim.lr_scheduler.StepLR", FOLDER + "scheduler.py")
step, multi = of("StepLR", "decay.py"), of("MultiStepLR", "decay.py")
exponential, function = of("ExponentialLR", "decay.py"), of("LambdaLR", "decay.py")
constant, linear = of("ConstantLR", "warmup.py"), of("LinearLR", "warmup.py")
cosine, restarts = of("CosineAnnealingLR", "cosine.py"), of("CosineAnnealingWarmRestarts", "cosine.py")
one_cycle = of("OneCycleLR", "one_cycle.py")
phases = partial(Planted, "optim.lr_scheduler.OneCycleLR", FOLDER + "one_cycle.py")
loading = partial(Planted, "optim.lr_scheduler.OneCycleLR", FOLDER + "scheduler.py")
plateau = of("ReduceLROnPlateau", "plateau.py")
sequential, chained = of("SequentialLR", "composite.py"), of("ChainedScheduler", "composite.py")
composite = partial(Planted, "optim.lr_scheduler.SequentialLR", FOLDER + "composite.py", within="class Composite")

MUTANTS = [
    step("gamma: float = 0.1", "gamma: float = 0.5", "a changed default"),
    step("self.last_epoch == 0 or ", "", "a cut at epoch 0"),
    step("% self.step_size", "% (self.step_size + 1)", "an epoch too late"),
    step("lr * self.gamma for lr in self._rates()", "lr * self.gamma for lr in self._bases()", "forgets earlier cuts"),
    step("self.last_epoch // self.step_size", "-(-self.last_epoch // self.step_size)", "the closed form rounds up"),
    base(
        'group.setdefault("initial_lr", group["lr"])',
        'group["initial_lr"] = group["lr"]',
        "starts from the rate of now",
    ),
    base('group["initial_lr"]) for group', 'group["lr"]) for group', "resumes from the rate of now"),
    base("self._step_count == 1 and not self.optimizer.stepped", "False", "no warning of a lost first rate"),
    base("self._step_count == 1 and not self.optimizer.stepped", "self._step_count == 1", "a warning too many"),
    base("            holder.update(before)\n", "", "an error leaves nothing behind"),
    base("self.last_epoch + 1 if epoch is None else epoch", "self.last_epoch + 1", "step(epoch) does not jump"),
    base(
        "rate in zip(groups, rates, strict=True)",
        "rate in zip(groups, [rates[0]] * len(rates), strict=True)",
        "one rate for all groups",
    ),
    multi("gamma ** self.milestones[self.last_epoch]", "gamma", "a milestone given twice counts once"),
    multi("gamma: float = 0.1", "gamma: float = 0.5", "a changed default"),
    multi("bisect_right(sorted", "len(self.milestones) - bisect_right(sorted", "milestones to come are counted"),
    multi("self.gamma**passed", "self.gamma**min(passed, 1)", "only the first milestone in the closed form"),
    exponential("self._rates() if self._is_initial else ", "", "a cut at epoch 0"),
    exponential("self.gamma**self.last_epoch", "self.gamma**(self.last_epoch + 1)", "the closed form an epoch ahead"),
    exponential("for lr in self._rates()", "for lr in self._bases()", "always from the initial rate"),
    function("base * factor(self.last_epoch)", "base * factor(self.last_epoch + 1)", "an epoch ahead"),
    function("zip(self._bases()", "zip(self._rates()", "from the rate of now"),
    function("_attributes(factor) for factor", "None for factor", "what a callable object knows is not saved"),
    function("            if attributes:\n", "            if False:\n", "what a callable object knew is not loaded"),
    constant("factor: float = 1.0 / 3", "factor: float = 0.3", "a changed default"),
    constant("total_iters: int = 5", "total_iters: int = 4", "another changed default"),
    constant("lr * (1.0 / self.factor)", "lr / self.factor", "a quotient for the product with the inverse"),
    constant("self.last_epoch >= self.total_iters", "self.last_epoch > self.total_iters", "an epoch late if it jumps"),
    constant("if self.last_epoch != self.total_iters", "if self.last_epoch < self.total_iters", "grows for ever"),
    linear("start_factor: float = 1.0 / 3", "start_factor: float = 0.1", "a changed default"),
    linear("total_iters: int = 5", "total_iters: int = 6", "another changed default"),
    linear("(self.last_epoch - 1) * rise", "self.last_epoch * rise", "divides by the next factor"),
    linear("self._is_initial or ", "", "a resumed one moves at once"),
    linear("self.last_epoch > self.total_iters", "self.last_epoch >= self.total_iters", "stops an epoch early"),
    linear("min(self.total_iters, self.last_epoch)", "self.last_epoch", "the closed form goes on rising"),
    cosine("up = 1 - cos(pi / T)", "up = 1 - cos(2 * pi / T)", "begins to rise too fast"),
    cosine("ratio * (lr - self.eta_min) + self.eta_min", "ratio * lr", "down to zero, not to eta_min"),
    cosine(
        "return [ratio * (lr - self.eta_min) + self.eta_min for lr in self._rates()]",
        "return self._get_closed_form_lr()",
        "the closed form for the chained one",
    ),
    cosine("eta_min: float = 0.0", "eta_min: float = 1e-5", "a changed default"),
    cosine("height = 1 + cos", "height = 1 - cos", "upside down if it jumps"),
    restarts("T_mult: int = 1", "T_mult: int = 2", "a changed default"),
    restarts("self.T_cur >= self.T_i", "self.T_cur > self.T_i", "restarts an epoch late"),
    restarts("self.T_i *= self.T_mult", "self.T_i = self.T_0 * self.T_mult", "the periods grow only once"),
    restarts("self.T_mult**n - 1", "self.T_mult**n", "jumps to a wrong place in the period"),
    restarts("floor(epoch)", "int(-(-epoch // 1))", "counts a begun epoch"),
    restarts(
        "self.T_cur += 1",
        "self.T_cur = int(self.T_cur) + 1",
        "fractions of an epoch get lost",
    ),
    one_cycle("div_factor: float = 25.0", "div_factor: float = 10.0", "a changed default"),
    one_cycle("base_momentum: float | list[float] = 0.85", "base_momentum: float | list[float] = 0.8", "another one"),
    one_cycle("pct_start: float = 0.3", "pct_start: float = 0.25", "a third one"),
    one_cycle("(start - end) / 2.0 * (cos", "(start - end) * 0.5 * (-cos", "the cosine turned round"),
    one_cycle("if self.last_epoch > self.total_steps", "if self.last_epoch >= self.total_steps", "ends a step early"),
    one_cycle('(momentum, *group["betas"][1:])', '(group["betas"][0], momentum)', "cycles the other beta"),
    one_cycle("self.last_epoch <= phase", "self.last_epoch < phase", "the phase changes a step early"),
    one_cycle("group.update(end)", "group.update(ends[0])", "all groups as the first"),
    loading("deepcopy(state_dict[name])", "state_dict[name]", "state aliased on load"),
    phases("2 * pct_start * total_steps - 2", "2 * pct_start * total_steps - 1", "the second phase a step longer"),
    phases("highest / div_factor / final_div_factor", "highest / final_div_factor", "a higher end"),
    plateau("self.num_bad_epochs > self.patience", "self.num_bad_epochs >= self.patience", "cuts a bad epoch early"),
    plateau("1.0 - self.threshold", "1.0 + self.threshold", "worse counts as better"),
    plateau("self.best - self.threshold", "self.best", "an absolute threshold not heeded"),
    plateau("self.best, self.num_bad_epochs = current, 0", "self.best = current", "bad epochs are never forgotten"),
    plateau("                self.cooldown_counter -= 1\n", "", "a cooldown that never ends"),
    plateau("old - new > self.eps", "old - new >= self.eps", "cuts a rate by as little as eps"),
    plateau(
        'self.best * (self.threshold + 1.0) if self.threshold_mode == "rel" else self.best + self.threshold',
        "self.best + self.threshold",
        "a relative threshold taken for an absolute one, upwards",
    ),
    plateau(
        'self.best * (1.0 - self.threshold) if self.threshold_mode == "rel" else self.best - self.threshold',
        "self.best * (1.0 - self.threshold)",
        "an absolute threshold taken for a relative one, downwards",
    ),
    plateau("return current > (", "return current >= (", "what is as good counts as better"),
    plateau("> self.eps", ">= self.eps * 2", "spares cuts that are large enough"),
    plateau("max(old * self.factor, lowest)", "old * self.factor", "no lowest rate"),
    plateau("threshold: float = 1e-4", "threshold: float = 1e-3", "a changed default"),
    plateau("patience: int = 10", "patience: int = 9", "another changed default"),
    plateau("self.mode_worse = -inf if", "self.mode_worse = inf if", "the worst is the best"),
    sequential("scheduler._update_lr(0)", "scheduler.step()", "no closed form at a milestone"),
    sequential("scheduler.last_epoch -= 1", "pass", "the first steps are not undone"),
    sequential("self._milestones[index - 1] == self.last_epoch", "False", "a milestone is like any step"),
    sequential('                group["lr"] = group["initial_lr"]\n', "", "the rates are not put back"),
    sequential(
        "bisect_right(self._milestones, self.last_epoch)",
        "min(bisect_right(self._milestones, self.last_epoch + 1), len(self._milestones))",
        "an epoch early",
    ),
    composite(
        "                scheduler.load_state_dict(state)\n", "                pass\n", "the members are not loaded"
    ),
    chained("scheduler.step()", "scheduler.step()\n                break", "only the first one steps"),
    chained("for scheduler in self._schedulers:", "for scheduler in reversed(self._schedulers):", "in the wrong order"),
    chained(
        "            self._last_lr = self._rates()\n",
        "",
        "the last rates are not noted",
    ),
]
