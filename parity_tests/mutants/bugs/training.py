"""Bugs in the training loop."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

trainer = partial(Mutant, "training.Trainer", "training/trainer.py")
step = partial(Mutant, "training.Trainer", "training/step.py")
position = partial(Mutant, "training.Trainer", "training/position.py")
evaluation = partial(Mutant, "training.Trainer", "training/evaluation.py")
callbacks = partial(Mutant, "training.Trainer", "training/callbacks.py")

MUTANTS = [
    trainer("self.criterion, 1 / self.accumulate)", "self.criterion)", "accumulated gradients summed, not averaged"),
    trainer("                if not waiting:\n                    self.optimizer.zero_grad()\n", "", "no zero_grad"),
    trainer("        if waiting:\n            self._update()\n", "", "the last batches of an epoch never used"),
    trainer("clip_grad_norm_(self.model.parameters(), self.max_norm)", "pass", "gradients not clipped"),
    trainer('and self.schedule_per == "step":', 'and self.schedule_per != "step":', "the schedule at the wrong time"),
    trainer("loss if epoch.validation_loss is None else epoch.validation_loss", "loss", "plateau of the wrong loss"),
    trainer("self._total / self.step", "self._total", "the sum of the losses for their mean"),
    trainer("        random.set_rng_state(stream)\n", "", "the stream left where the repeated batches put it"),
    trainer("        self._start.restore(self.loader)\n        batches", "        batches", "other batches repeated"),
    trainer("range(self.step)", "range(self.step - 1)", "one batch too many after a stop"),
    trainer(
        'float(state_dict["loss"])',
        "0.0",
        "the loss of an epoch without the part before the stop",
        within="class Trainer",
    ),
    trainer("        self.model.train()\n", "", "left in evaluation mode"),
    trainer(
        "history = [dict(record) for record in state_dict",
        "history = [] and [dict(record) for record in state_dict",
        "the history forgotten",
    ),
    step("None if share == 1 else", "None if True else", "the share of the gradient forgotten"),
    position(
        "(generator.get_state() for generator in _generators(loader))", "()", "the loader's own generator not saved"
    ),
    position("for owner in owners]", "for owner in owners[1:]]", "the generator of a loader of one's own not saved"),
    position('("sampler", "batch_sampler",', '("batch_sampler",', "the generator of a sampler not saved"),
    position('"batch_sampler", "dataset")', '"dataset")', "the generator of a batch sampler not saved"),
    position('"batch_sampler", "dataset")', '"batch_sampler")', "the generator of a dataset not saved"),
    trainer("                self._between = False\n", "", "what an error left is saved"),
    position("as_array(generator) for", "generator for", "the twin's tensor kept as a generator's state"),
    position('cls(as_array(state["start"]), saved)', 'cls(state["start"], saved)', "the twin's tensor kept"),
    step("abs(value)", "value", "a loss of -inf taken for a good one"),
    step('< float("inf")', '<= float("inf")', "an infinite loss taken for a good one"),
    trainer('param_groups[0]["lr"]', 'param_groups[-1]["lr"]', "the last group's learning rate in the account"),
    trainer("x, VALIDATION_BATCH)", "x)", "the whole validation set at once"),
    trainer(
        "[dict(record) for record in state_dict", "[record for record in state_dict", "history shared after loading"
    ),
    evaluation("if len(x) <= size:", "if True:", "everything at once, whatever the batch size"),
    evaluation("scores(model, x, batch_size).argmax", "scores(model, x).argmax", "predict forgets the batch size"),
    evaluation("predict(model, x, batch_size) ==", "predict(model, x) ==", "evaluate forgets the batch size"),
    callbacks("best - self.min_delta", "best + self.min_delta", "early stopping by any loss that is near the best"),
    callbacks("        trainer.check_finite()\n", "", "a good checkpoint overwritten by a bad one"),
    callbacks(" and not trainer.at_end", "", "the last batch of an epoch saved twice"),
    callbacks("since >= self.patience", "since > self.patience", "early stopping an epoch late"),
    callbacks("trainer.step % self.every == 0", "trainer.step % self.every == 1", "checkpoints at other steps"),
]
