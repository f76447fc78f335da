"""Bugs in the random stream."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

generator = partial(Mutant, "Generator", "random.py")
engine = partial(Mutant, "Generator", "mersenne_twister.py")
uniform = partial(Mutant, "random.uniform", "random.py")
normal = partial(Mutant, "random.normal", "random.py")
bernoulli = partial(Mutant, "random.bernoulli", "random.py", within="def bernoulli")
random_ = partial(Mutant, "random.random_", "random.py", within="def random_")
randint = partial(Mutant, "random.randint", "random.py", within="def randint")
randperm = partial(Mutant, "random.randperm", "random.py", within="def randperm")
swapped = partial(Mutant, "random.randperm", "random.py", within="def _swapped")

MUTANTS = [
    generator("words[-1] >> 30", "words[-1] >> 29", "the seed spread by another shift"),
    generator("67280421310721", "5489", "Matsumoto's default seed for PyTorch's"),
    generator(
        "self._normal: float | None = None",
        'self._normal = getattr(self, "_normal", None)',
        "a waiting normal value survives a new seed",
    ),
    generator(
        'self._normal = float(record["normal"]) if record["has_normal"] else None',
        'self._normal = float(record["normal"]) or None',
        "a waiting normal value of 0 is lost",
    ),
    engine("high, low = self", "low, high = self", "halves swapped"),
    engine(
        "np.random.Generator(self._numpys).integers(2**64, size=count, dtype=np.uint64)",
        "self._numpys.random_raw(2 * count).reshape(count, 2) @ np.array([1, 2**32], np.uint64)",
        "halves swapped where much is drawn",
    ),
    engine('"little"), "<u4"', '"big"), ">u4"', "the last word first"),
    engine(
        "            self.restart(words, place)\n        return", "        return", "NumPy's begins at its own seed"
    ),
    uniform("return start == 0 or max(s, b) + 1 - min(s - 48, b - 24) <= 53", "return True", "two roundings"),
    uniform("(24, self._words)", "(23, self._words)", "23 random bits for 24"),
    uniform("np.where(y == stop, start, y)", "y", "the upper bound is drawn"),
    uniform("fused_multiply_add(u, span, start)", "u * span + start", "rounded twice"),
    normal(
        "u1, u2 = generator._unit(2, np.float64).tolist()",
        "u2, u1 = generator._unit(2, np.float64).tolist()",
        "radius before angle",
    ),
    normal("[radius * cosine, radius * sine]", "[radius * sine, radius * cosine]", "sine before cosine"),
    normal("if count < 16:", "if count <= 16:", "<= for <"),
    normal(
        "y[-16:] = _box_muller(generator._unit(16, dtype), mean, std)",
        "y[-(count % 16) :] = _box_muller(generator._unit(16, dtype), mean, std)[-(count % 16) :]",
        "only the incomplete block is drawn anew",
    ),
    bernoulli(") < bound", ") <= bound", "<= for <"),
    bernoulli("ceil(p * 2**53)", "floor(p * 2**53)", "a value just below p counts as p"),
    bernoulli("generator._wide(count)", "(generator._words(count) << np.uint64(21))", "one word a value"),
    random_("2**63 - 1", "2**62 - 1", "62 bits for 63"),
    randint("span < 2**28", "span < 2**32", "one word for spans from 2^28 on"),
    randint("span < 2**28", "span <= 2**28", "<= for <"),
    randint("% span + base", "% (span + np.uint64(span < 2**20)) + base", "the upper bound is drawn"),
    randperm("% remaining", "% (remaining - np.uint64(1)) + np.uint64(0)", "the last place never chosen"),
    randperm("np.arange(n, 1, -1", "np.arange(n, 0, -1", "a word too many"),
    swapped("held[partners[swaps]] = swaps", "held[partners[swaps][::-1]] = swaps[::-1]", "the first swap counts"),
    swapped("    while (held != (before := held[held])).any():\n        held = before\n", "", "followed one step back"),
    swapped("order[swap[again + 1]] = held", "order[swap[again + 1]] = 0 * held", "a place twice"),
    swapped(
        "np.where(partners == places, held, partners)", "partners.copy()", "what stays put is what it was at first"
    ),
]
