"""Bugs in how a training step is captured as a graph; test_cuda_bugs kills them, with a compiler."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

capture = partial(Mutant, "training.capture", "training/capture.py")
capturing = partial(Mutant, "training.capture", "capturing.py")

MUTANTS = [
    capture("            buffer[...] = array\n", "            pass\n", "every replay is of the first batch"),
    capture("return before[0] == now[0] and ", "return ", "another learning rate overlooked"),
    capture(" and list(map(id, before[1])) == list(map(id, now[1]))", "", "parameters put elsewhere overlooked"),
    capture("        return _copied(self._result)", "        return self._result", "every loss is the last one"),
    capture(
        "                holds(arrays[place])",
        "                holds(self._buffers[place])",
        "the batch before looked at",
    ),
    capture("        self._check_alike(arrays)\n", "", "a smaller batch spread over the buffer"),
    capture("x.dtype.name, device_of(x)) for", "'', device_of(x)) for", "another dtype taken"),
    capture("                group.update(options)", "                pass", "a rate that no step had"),
    Mutant(
        "training.capture",
        "optim/lr_scheduler/scheduler.py",
        '    stay_on_device("a step of a schedule")\n',
        "",
        "a schedule that stands still",
    ),
    capture("if _counts(optimizer) != count:", "if False:", "Adam's correction frozen"),
    capture("            prepare()\n", "            pass\n", "steps that no one counts"),
    capture("filter(is_array, state.values())", "state.values()", "every step captured anew"),
    capture("        p._grad = old\n", "        pass\n", "gradients from before the step lost"),
    capture(
        "            if not done or p._grad is old:", "            if p._grad is old:", "gradients that no one computed"
    ),
    capture("                optimizer.state = state", "                pass", "states that no one computed"),
    capture("            stream.end_capture()\n        if", "            pass\n        if", "a stream left capturing"),
    capture(
        "xp.cuda.using_allocator(self._pool.malloc), self._stream:\n                graph",
        "self._stream:\n                graph",
        "memory that anyone gets",
    ),
    capture("        current.wait_event(self._stream.record())\n", "", "nobody waits for the first step"),
    capturing("                self.checks.append((place, check))\n", "", "classes never looked at"),
    capturing("            if array is argument:", "            if True:", "another argument looked at"),
    Mutant(
        "training.capture", "backend.py", '    stay_on_device("an array for the host")\n', "", "waits for the device"
    ),
]
