"""Bugs in similarity, neighbours and analogies, in word vectors, their files, and their evaluation."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

SIMILARITY, ANALOGY = "semantics/similarity.py", "semantics/analogy.py"
VECTORS, EVALUATION, FORMATS = "word2vec/vectors.py", "word2vec/evaluation.py", "word2vec/formats"

cosine = partial(Mutant, "semantics.cosine_similarity", SIMILARITY)
unit = partial(cosine, within="def unit")
nearest = partial(Mutant, "semantics.nearest_neighbours", SIMILARITY)
highest, top, without = (partial(nearest, within=f"def {name}") for name in ("highest", "_top", "_without"))
analogy = partial(Mutant, "semantics.analogy", ANALOGY)
vectors = partial(Mutant, "word2vec.WordVectors", VECTORS)
text = partial(Mutant, "word2vec.formats", f"{FORMATS}/text.py")
binary = partial(Mutant, "word2vec.formats", f"{FORMATS}/binary.py")
npz = partial(Mutant, "word2vec.formats", f"{FORMATS}/npz.py")
safetensors = partial(Mutant, "word2vec.formats", f"{FORMATS}/safetensors.py")
parts = partial(Mutant, "word2vec.formats", f"{FORMATS}/parts.py")
formats = partial(Mutant, "word2vec.formats", f"{FORMATS}/__init__.py")
analogies = partial(Mutant, "word2vec.evaluation.analogies", EVALUATION)
similarity = partial(Mutant, "word2vec.evaluation.similarity", EVALUATION)
spearman = partial(Mutant, "word2vec.correlation.spearman", "word2vec/correlation.py")

MUTANTS = [
    cosine("unit(a) @ unit(b).T", "a @ unit(b).T", "lengths of one side remain"),
    cosine("unit(a) @ unit(b).T", "unit(b) @ unit(a).T", "rows and columns swapped", within="def cosine_similarity"),
    unit("axis=-1, keepdims=True))", "axis=0, keepdims=True))", "lengths of columns"),
    unit("xp.sqrt((scaled * scaled).sum(axis=-1, keepdims=True))", "xp.abs(scaled).sum(axis=-1, keepdims=True)", "L1"),
    unit("vectors / xp.where(largest > 0, largest, 1)", "vectors", "squares that overflow or vanish"),
    unit("xp.where(length > 0, length, 1)", "length", "0 / 0 for a zero vector"),
    highest("(found > best[rows, -1:])", "(found > best[rows, :1])", "only what beats the nearest is looked at"),
    highest("columns + start", "columns", "places in the block, not in the whole"),
    highest("most = k + E", "most = k", "too few are kept where some are left out"),
    highest("slice(first, first + QUERIES)", "slice(first, first + QUERIES - 1)", "one query in 256 is forgotten"),
    highest("-xp.inf", "0.0", "negative similarities lose to nothing"),
    highest("start : start + max(block, most)", "start : start + block", "some are skipped where blocks are small"),
    top("equal.cumsum(axis=1)", "equal[:, ::-1].cumsum(axis=1)[:, ::-1]", "of equal ones the last"),
    top(
        "xp.argsort(-xp.take_along_axis(scores, columns, axis=1)",
        "xp.argsort(xp.take_along_axis(scores, columns, axis=1)",
        "the farthest first",
    ),
    top("xp.take_along_axis(places, columns, axis=1)", "columns", "columns for places"),
    without(
        'xp.argsort(out.astype("int8"), axis=1', 'xp.argsort(-out.astype("int8"), axis=1', "what was to be left out"
    ),
    without("out.astype", "(out & False).astype", "nothing is left out"),
    nearest("isfinite(vectors).all(axis=1)", "isfinite(vectors).any(axis=1)", "nan passes beside a number"),
    nearest("start + int(item(whole.argmin()))", "int(item(whole.argmin()))", "the row in the block is named"),
    analogy("eps: float = 1e-3", "eps: float = 1e-6", "gensim's eps"),
    analogy("k: int = 1", "k: int = 2", "a changed default"),
    analogy("positive) - _sum(", "positive) + _sum(", "negative terms are added"),
    analogy(
        'unit(finite("terms", terms[rows.ravel()]))',
        'finite("terms", terms[rows.ravel()])',
        "terms of all lengths",
    ),
    analogy("(asked @ near.T + 1) / 2", "(asked @ near.T)", "similarities that are not shifted"),
    analogy(
        "xp.concatenate([positive, negative], axis=1) if exclude", "positive if exclude", "negative words may answer"
    ),
    analogy("(product(against) + eps)", "product(against)", "eps is forgotten"),
    analogy("for_it / (1 + eps)", "for_it", "no negative word, no eps"),
    analogy("for_it / (product(against) + eps)", "product(against) / (for_it + eps)", "against for for"),
    vectors("zip(to_host(found)[0].tolist()", "zip(sorted(to_host(found)[0].tolist())", "answers out of order"),
    vectors("len(self), method), 1)", "len(self), method), 0)", "ranks from 0"),
    vectors(
        "sorted({self.index[term] for term in both",
        "sorted({self.index[term] for term in given[0]",
        "negative words answer",
    ),
    vectors("topn: int = 10,", "topn: int = 11,", "a changed default"),
    vectors("min(topn, len(self) - len(asked))", "min(topn, len(self) - len(asked) - 1)", "the last answer is lost"),
    vectors("freeze: bool = True", "freeze: bool = False", "the layer learns by default"),
    vectors(
        "        if len(self.index) != len(self.words):",
        "        if len(self.index) > len(self.words):",
        "a word twice",
    ),
    vectors("            method=method,\n", "", "always 3cosadd"),
    vectors("            terms=terms,\n", "", "rows of the vocabulary for the terms"),
    text('b"%.9g"', 'b"%.6g"', "digits too few"),
    text("wrong & ~np.isnan(rows)", "wrong & np.isnan(rows)", "a number that is read back as its neighbour"),
    text('b"\\n".join(lines) + b"\\n"', 'b"\\n".join(lines)', "two words in a line where chunks meet"),
    text('dtype or "float32"', '"float32"', "float64 is not kept"),
    text("if len(words) < V:", "if len(words) < V - 1:", "a row too few"),
    text("len(numbers) != D or not word", "len(numbers) < D or not word", "a row too long"),
    binary("at = space + 1 + 4 * D", "at = space + 4 * D", "the next word begins too early"),
    binary('.lstrip(b"\\n")', "", "the newline before a word"),
    binary('rows.astype("<f4")', 'rows.astype(">f4")', "written in the other byte order"),
    binary("if (data[at:] + file.read(2))", "if (data[at:at] + file.read(2))", "rows too many"),
    binary("if vectors.dtype != np.float32:", "if vectors.dtype == np.float16:", "float64 is cut to float32"),
    npz(
        'if "counts.npy" in archive.records else None',
        'if "counts.npy" not in archive.records else None',
        "counts lost",
    ),
    npz("if method != STORED:", "if method == STORED:", "only packed records are mapped"),
    safetensors('newbyteorder("<")', 'newbyteorder(">")', "read in the other byte order"),
    safetensors("if tensor.start != place:", "if tensor.start < place - 99:", "tensors that overlap"),
    safetensors("start + tensor.start, tensor.shape", "start, tensor.shape", "mapped from the first byte"),
    safetensors("if place != size - 8 - length:", "if place > size - 8 - length:", "bytes too many"),
    parts("if V * (least + each * D) - 1 > size - len(line):", "if V > size:", "memory for what is only promised"),
    parts("if index.setdefault(word, row) != row:", "if index.setdefault(word, row) > row:", "a word twice"),
    parts("at {place + error.start} of the", "at {error.start} of the", "the place in the word, not in the file"),
    parts("if not word or _WHITE.search(word)", "if _WHITE.search(word)", "an empty word is written"),
    formats("if mmap and not form.mapped:", "if mmap and form.mapped:", "mapped where it cannot be"),
    analogies("np.stack([b, c], axis=1), a[:, None]", "np.stack([a, c], axis=1), b[:, None]", "a - b + c"),
    analogies("asked = [rows[0] + rows[1] + rows[2] for", "asked = [rows[0] + rows[2] for", "b may be an answer"),
    analogies(
        "asked = [rows[0] + rows[1] + rows[2] for", "asked = [[r[0] for r in rows[:3]] for", "another spelling answers"
    ),
    analogies("answer in rows[3]", "answer == rows[3][0]", "another spelling of the answer is wrong"),
    analogies("top: int | None = 30_000", "top: int | None = 300_000", "another program's default"),
    analogies("1 if all(rows) or unknown", "1 if any(rows) or unknown", "unknown words count as wrong"),
    analogies(
        ".upper() if ignore_case else word, [])",
        " if ignore_case else word, [])",
        "small letters are others",
        within="class _Words",
    ),
    analogies(
        "self.vectors = vectors.vectors[: len(words)]", "self.vectors = vectors.vectors", "all words are candidates"
    ),
    similarity("(first[0], second[0])", "(first[0], second[-1])", "a rarer spelling"),
    similarity('unknown == "zero":', 'unknown == "skip":', "the two ways of the unknown swapped"),
    similarity("ours[places] = ", "ours[: len(places)] = ", "similarities of other pairs"),
    similarity(
        "unit(vectors[rows[:, 0]]) * unit(vectors[rows[:, 1]])", "vectors[rows[:, 0]] * vectors[rows[:, 1]]", "products"
    ),
    similarity('or text.startswith("#")', "", "a line of explanation is a pair"),
    spearman("2 * count.cumsum() - count + 1", "2 * count.cumsum()", "equal values share the highest rank"),
    spearman("2 * count.cumsum() - count + 1", "2 * np.arange(1, len(count) + 1)", "ranks without gaps"),
    spearman("- (len(values) + 1) for", "- len(values) for", "not about the mean"),
    spearman("and not np.isnan(x + y).any()", "", "nan has a rank"),
]
