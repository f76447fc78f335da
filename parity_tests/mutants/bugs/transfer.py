"""Bugs in transfer learning and in the command that compares it."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

moves = partial(Mutant, "transfer.Transfer", "transfer.py")
images = partial(Mutant, "command_line.transfer", "command_line/transfer/images.py")
comparison = partial(Mutant, "command_line.transfer", "command_line/transfer/comparison.py")
report = partial(Mutant, "command_line.transfer", "command_line/transfer/report.py")

MUTANTS = [
    moves("deepcopy(pretrained).freeze()", "deepcopy(pretrained)", "nothing is frozen"),
    moves("deepcopy(pretrained).freeze()", "pretrained.freeze()", "the pretrained network is changed"),
    moves('{"params": rest, "lr": self.tuning * self.lr}', '{"params": rest}', "one rate for all"),
    moves("        setattr(model, name, Sequential())\n        try", "        try", "the features are the scores"),
    moves("            setattr(model, name, head)", "            pass", "the head is lost"),
    moves(
        "        model.unfreeze()\n",
        "        getattr(model, self.head[0]).unfreeze()\n",
        "nothing but the head is tuned",
    ),
    moves("-(-steps // len(loader))", "max(1, steps // len(loader))", "steps rounded down"),
    moves("drop_last=len(x) > self.batch_size", "drop_last=False", "a last batch that is not full"),
    moves("self.features(model, x), target, steps)", "self.features(model, x), target[::-1].copy(), steps)", "classes"),
    images(
        "order[kept:]), images.chosen(order[:kept])", "order), images.chosen(order[:kept])", "tested on what is known"
    ),
    images("order[self.target[order] == c][:number]", "np.flatnonzero(self.target == c)[:number]", "the first ones"),
    images(
        "generator=Generator(seed))\n        rows", "generator=Generator(0))\n        rows", "the same images always"
    ),
    images("np.searchsorted(classes, target[rows])", "target[rows]", "classes keep their numbers"),
    images("(x - MEAN) / STD if channels == 3 else x", "x", "colours as they are"),
    images("factor = side // largest", "factor = 1", "never enlarged"),
    comparison(
        "seed + repeat)\n                model, start",
        "seed)\n                model, start",
        "one draw for all repeats",
    ),
    comparison('self.accuracy["tuned"] - self.accuracy["scratch"]', 'self.accuracy["tuned"]', "the gain on nothing"),
    report("(sign * gain > 0).all()", "(sign * gain > 0).any()", "a gain in some repeat"),
    report("if not gain.any()]", "if not gain.all()]", "a tie in some repeat"),
    report("std(ddof=1)", "std()", "the deviation too small"),
]
