"""Bugs in the built-in texts: the generated one no longer true to what it claims, the topics no longer prose."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

generated = partial(Mutant, "data.text.generated", "data/text/generated.py")
topics = partial(Mutant, "data.text.topics", "data/text/topics.py")

MUTANTS = [
    generated("if name not in places:", "if True:", "each slot of a sentence is about another word of its grid"),
    generated("grid.rows[cue].split()[row]", "grid.rows[cue].split()[row - 1]", "cues of the row before"),
    generated(
        "options = grid.columns[cue].split()[column]", "options = grid.columns[cue].split()[0]", "one column's cues"
    ),
    generated("second[left], second[right])", "second[right], second[left])", "analogies the wrong way round"),
    generated("permutations(range(len(first)), 2)", "[(0, 1)]", "half of the analogies"),
    generated("permutations(grid.table, 2)", "permutations(grid.table[1:], 2)", "a row without analogies"),
    generated("% len(grid.table), next", "% (len(grid.table) - 1), next", "the last row is never said"),
    generated("options = part.classes[name].split()", "options = part.classes[name].split()[:-1]", "a word never said"),
    generated("final == 8 and", "final == 9 and", "으로 after ㄹ"),
    generated("final == 0 or", "final != 0 or", "particles the wrong way round"),
    generated("return particle\n", 'return ""\n', "particles of one form are lost"),
    generated("random.Generator(seed)", "random.Generator(0)", "one text whatever the seed"),
    generated("next(numbers) % len(parts)", "0", "one language"),
    generated('" ".join("".join(unit)', '" ".join(" ".join(unit)', "particles apart where they are written"),
    generated("patterns[next(numbers) % len(patterns)]", "patterns[next(numbers) % 20]", "no sentences of the grids"),
    topics("if NO_PROSE.search(paragraph):", "if False:", "code is taken for prose"),
    topics("if sentence not in seen]", "]", "what is said twice is there twice"),
    topics('MARKS.sub("", sentence)', "sentence", "marks are left"),
    topics("if BULLET.match(line) and lines:", "if False:", "items of a list run together"),
    topics(">= SHORTEST", ">= 0", "headings are taken for prose"),
    topics('re.sub(r"(?<=\\w)- (?=[a-z])", "-", ', 're.sub(r"(?<=\\w)- (?=[a-z])", "- ", ', "words stay divided"),
    topics("if docstrings:", "if not docstrings:", "docstrings where none were asked for"),
    topics('[*dict.fromkeys(found), ""] if found', "[*dict.fromkeys(found)] if found", "no end of a document"),
]
