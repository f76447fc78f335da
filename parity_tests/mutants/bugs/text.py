"""Bugs in reading and cutting text, in vocabularies, and in what word2vec draws."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

hangul = partial(Mutant, "data.text.hangul", "data/text/hangul.py")
tokenizers = partial(Mutant, "data.text.tokenizers", "data/text/tokenizers.py")
corpus = partial(Mutant, "data.text.Corpus", "data/text/corpus.py")
lines = partial(Mutant, "data.text.Corpus", "data/text/lines.py")
vocabulary = partial(Mutant, "word2vec.Vocabulary", "word2vec/vocabulary.py")
encoded = partial(Mutant, "word2vec.Encoded", "word2vec/encoded.py")
unknown = partial(Mutant, "word2vec.UnknownWordError", "word2vec/errors.py")
keep = partial(Mutant, "word2vec.sampling.keep_probability", "word2vec/sampling.py", within="def keep_probability")
noise = partial(Mutant, "word2vec.sampling.noise", "word2vec/sampling.py", within="def noise")
table = partial(Mutant, "word2vec.sampling.noise_table", "word2vec/sampling.py")
windows = partial(Mutant, "word2vec.sampling.windows", "word2vec/sampling.py")
matrix = partial(Mutant, "word2vec.sampling.context_matrix", "word2vec/sampling.py")
huffman = partial(Mutant, "word2vec.huffman.tree", "word2vec/huffman.py")

MUTANTS = [
    hangul("ord(final) - _FINAL if final else 0", "0", "the final consonant is lost"),
    hangul("_FINALS * (_VOWELS * (ord", "_VOWELS * (_FINALS * (ord", "swapped factors"),
    hangul(r"([\u11a8-\u11c2]?)", r"([\u11a7-\u11c2]?)", "no consonant counts as a final one"),
    hangul(r"([\u11a8-\u11c2]?)", r"([\u11a8-\u11c3]?)", "an old consonant counts as a final one"),
    hangul("divmod(place, _FINALS)", "divmod(place, _FINALS - 1)", "27 finals"),
    hangul("chr(_INITIAL + initial)", "chr(0x3131 + initial)", "compatibility letters"),
    hangul('if t else ""', 'if t > 1 else ""', "the first final is lost"),
    tokenizers(
        'text = normalize("NFC", text).replace("’", "\'")\n    return _word', "return _word", "words of raw text"
    ),
    tokenizers('normalize("NFC", text).split()', "text.split()", "whitespace of raw text"),
    tokenizers(
        'normalize("NFC", text).replace("’", "\'")\n    return _unit', "text\n    return _unit", "syllables of raw text"
    ),
    tokenizers('decompose(normalize("NFC", text)', "decompose(text", "letters of raw text"),
    tokenizers('text = normalize("NFC", text)\n    found', "found", "regular expressions on raw text"),
    tokenizers("words(text, lower=False)", "words(text)", "capitals lost"),
    tokenizers("_unit_pattern(JAMO)", "_unit_pattern(SYLLABLES)", "letters in one"),
    tokenizers("if not pattern.groups", "if True", "groups in place of matches"),
    tokenizers(" if word]", "]", "empty matches"),
    corpus("removesuffix", "removeprefix", "the end of the last line begins another"),
    corpus('            yield ""\n', "", "a file goes on in the next one"),
    corpus("elif document and not line.strip():", "elif document:", "a line without words ends a document"),
    corpus("sorted(inside)", "sorted(inside, reverse=True)", "files in another order"),
    corpus("for part in file.parts", "for part in file.parts[-1:]", "hidden folders are read"),
    corpus("file.suffix.lower() in ENDINGS", "file.suffix in ENDINGS", "capital endings are passed over"),
    corpus("(normalized(self.normalize, line)", '(normalized("NFC", line)', "one form for all"),
    corpus("elif isinstance(source, Iterator)", "elif False", "an iterator that is empty in the second pass"),
    corpus("if isinstance(found, str)", "if False", "letters for words"),
    corpus('"strict", "replace", "ignore")', '"strict", "replace", "ignore", "none")', "an unknown option is taken"),
    lines("offset + error.start", "error.start", "the place within the line"),
    lines("offset + piece.index", "piece.index", "the place of a NUL within the line"),
    lines('if b"\\0" in piece', "if False", "binary files are read"),
    lines('.rstrip("\\r\\n")', '.rstrip("\\n")', "a carriage return stays"),
    lines("text.removeprefix(_BYTE_ORDER_MARK)", "text", "the byte order mark is a letter"),
    lines(" or not goes_on", " or True", "the end of a line in pieces is an empty line"),
    lines(" or not goes_on", "", "empty lines are passed over"),
    lines("    if rest:\n        yield rest", "", "the end of the last line is lost"),
    lines("rest = piece[cut:]", 'rest = b""', "what is after the last space is lost"),
    lines("_LONGEST - len(rest)", "_LONGEST", "pieces longer than the limit"),
    lines('piece.rfind(b" ") + 1', "0", "cut inside words"),
    lines("& 0xC0 == 0x80", "& 0xC0 == 0xC0", "cut inside letters"),
    vocabulary("key=lambda item: -item[1]", "key=lambda item: item[1]", "the rarest first"),
    vocabulary(
        "key=lambda item: -item[1]",
        "key=lambda item: item[::-1], reverse=True",
        "of equals, the last word of the alphabet",
    ),
    vocabulary("if n >= min_count][", "if n > min_count][", "one occurrence more"),
    vocabulary("[:max_size]", "[-(max_size or 0):]", "the rarest are kept"),
    vocabulary(
        "sentences: Sentences, min_count: int = 5, max_size",
        "sentences: Sentences, min_count: int = 1, max_size",
        "a changed default",
    ),
    vocabulary("if second < min_count", "if highest < min_count", "one word is let through"),
    vocabulary("    yield chunk\n\n\ndef _only", "\n\ndef _only", "the last sentences are lost"),
    vocabulary("chunk, size = [], 0", "size = 0", "sentences are counted again"),
    vocabulary("flat.append(end)", "pass", "no ends of sentences"),
    vocabulary("ids[ids != unknown]", "ids", "unknown words stay"),
    vocabulary("again = self.counts + ", "again = 0 * self.counts + 1 + ", "the old counts are lost"),
    vocabulary("if n >= min_count and", "if n > min_count and", "a new word too few"),
    vocabulary(" and word not in self.index", "", "old words once more"),
    vocabulary("in _by_count(counts) if", "in counts.items() if", "new words in order of appearance"),
    vocabulary("advance(len(flat) - len(chunk))", "advance(len(flat))", "the bar counts ends"),
    vocabulary("self.counts.min() < 1", "self.counts.min() < 0", "counts of 0"),
    encoded("| (np.roll(ids, 1) >= 0)", "| True", "empty sentences"),
    encoded("np.roll(ids, 1)", "np.roll(ids, -1)", "the first word of a sentence for its end"),
    encoded("np.count_nonzero(ids >= 0)", "ids.size", "ends are counted as words"),
    encoded("_append(self._file, self._memory)", "pass", "the start of the file is lost"),
    encoded("self._size > self._limit", "self._size >= self._limit", "a file too early"),
    encoded(".toreadonly()", "", "numbers that can be changed"),
    unknown("decompose(word.lower())", "word.lower()", "syllables in place of letters"),
    unknown("decompose(word.lower())", "decompose(word)", "capitals are other letters"),
    unknown("min(2, len(asked) // 2)", "2", "short words are near to all"),
    unknown('kind="stable")[:count]', 'kind="stable")[::-1][:count]', "the farthest"),
    unknown("d[i - 2, j - 2] + 1)", "d[i - 2, j - 2])", "swapping is no slip"),
    unknown("(b[j - 2] == a[i - 1])", "True", "half a swap"),
    unknown("np.minimum(d[i - 1, j], d[i, j - 1])", "d[i, j - 1]", "no letter too many"),
    unknown("d[len(a), lengths,", "d[len(a), width,", "to the longest word"),
    keep("+ ratio,", ",", "the paper's formula"),
    keep("xp.minimum(xp.sqrt(ratio) + ratio, 1.0)", "xp.sqrt(ratio) + ratio", "above 1"),
    keep("counts / counts.sum()", "counts / counts.max()", "shares of the most frequent"),
    keep("sample: float = 1e-3", "sample: float = 1e-4", "a changed default"),
    keep("if sample == 0", "if False", "a sample of 0 keeps nothing"),
    noise("weight / weight.sum()", "weight", "not normalised"),
    noise("exponent: float = 0.75", "exponent: float = 1.0", "a changed default"),
    noise("** exponent ", "** abs(exponent) ", "no exponent below 0"),
    table("common = xp.where(rare, 0.0, p)", "common = p", "what the rare words have left is not shared out"),
    table("size - rare.sum()", "size", "more entries than there are"),
    table("+ 0.5)  # word", ")  # word", "rounded down"),
    table('side="right"', 'side="left"', "an entry too many for the first word"),
    table("(drawn >> bits << bits) | xp.arange(size)", "xp.arange(size)", "not shuffled"),
    table("random_(size, generator=generator)", "random_(size)", "the default stream"),
    table("xp.maximum(share, 1.0)", "share", "rare words have no entry"),
    table("TABLE_SIZE = 1 << 22", "TABLE_SIZE = 1 << 20", "a changed default"),
    windows("xp.arange(1, window + 1)", "xp.arange(1, window)", "the last word on the right"),
    windows("xp.abs(offsets) <= widths[:, None]", "xp.abs(offsets) < widths[:, None]", "windows one too narrow"),
    windows(
        "ids[there // max(contexts.shape[1], 1)], contexts.reshape(-1)[there]",
        "contexts.reshape(-1)[there], ids[there // max(contexts.shape[1], 1)]",
        "the two swapped",
    ),
    windows(" & (sentence[places] == sentence[:, None])", "", "windows across ends of sentences"),
    windows("xp.cumsum(ids < 0)", "xp.cumsum(ids < 1)", "the first word ends a sentence"),
    matrix("(places >= 0) & (places < ids.size)", "(places < ids.size)", "the first word before the start"),
    matrix("(places >= 0) & (places < ids.size)", "(places >= 0)", "the last word after the end"),
    matrix("(words >= 0) & (ids >= 0)[:, None] &", "(words >= 0) &", "contexts of an end"),
    matrix("low=1) + 1)\n", "low=1) + 2)\n", "a width beyond the window is taken"),
    huffman("count[order[word]] < count[inner]", "count[order[word]] <= count[inner]", "ties the other way"),
    huffman("count[made] += count[node]", "count[made] = count[node]", "a node's count is that of one branch"),
    huffman('kind="stable")[::-1]', 'kind="stable")', "the most frequent are joined first"),
    huffman('np.argsort(-counts, kind="stable")[::-1]', 'np.argsort(counts, kind="stable")', "ties of words"),
    huffman("for which in (0, 1)", "for which in (1, 0)", "the rarer has branch 1"),
    huffman("lengths[:, None] - 1 - np.arange(len(up))", "np.arange(len(up)) + 0 * lengths[:, None]", "the way up"),
    huffman("points = np.where(step >= 0, ", "points = np.where(step > -9, ", "points beyond the end"),
]
