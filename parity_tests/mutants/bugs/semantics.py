"""Bugs in semantic spaces: counts, what they say, projections, clusters, trees and maps."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant


def of(name: str, file: str, within: str) -> partial[Mutant]:
    return partial(Mutant, f"semantics.{name}", f"semantics/{file}.py", within=f"def {within}")


count, weights, blocks = (of("cooccurrence", "cooccurrence", name) for name in ("cooccurrence", "_weights", "_blocks"))
pairs, mirrored = (of("cooccurrence", "cooccurrence", name) for name in ("_pairs", "_mirrored"))
ppmi = of("ppmi", "ppmi", "ppmi")
coo, transposed, sums, product, summed, row = (
    of("SparseCSR", "sparse", name) for name in ("from_coo", "t", "sum", "__matmul__", "summed", "row")
)
svd, signed, vectors = (
    of(name, "svd", within)
    for name, within in (("svd_lowrank", "svd_lowrank"), ("svd_lowrank", "signed"), ("svd_vectors", "svd_vectors"))
)
pca, transform, inverse = (of("pca", "pca", name) for name in ("pca", "transform", "inverse_transform"))
kmeans, nearest, lloyd, means, refilled = (
    of("kmeans", "clustering", name) for name in ("kmeans", "_nearest", "_lloyd", "_means", "_refilled")
)
plus_plus = of("kmeans_plus_plus", "clustering", "kmeans_plus_plus")
tree, merges, numbered = (of("linkage", "hierarchy", name) for name in ("linkage", "_merges", "_numbered"))
average, ward, single, complete = (
    of("linkage", "hierarchy", f"_{name}") for name in ("average", "ward", "single", "complete")
)
apart = of("linkage", "points", "distances")
leaves = of("leaf_order", "hierarchy", "leaf_order")
joint = of("joint_probabilities", "tsne", "joint_probabilities")
divergence, similarity, gradient = (
    of("tsne_divergence", "tsne", name) for name in ("tsne_divergence", "_similarity", "_gradient")
)
tsne, places, step = (of("tsne", "tsne", name) for name in ("tsne", "first_places", "step"))

MUTANTS = [
    count("window: int = 5", "window: int = 4", "a changed default"),
    count('weighting: str = "flat"', 'weighting: str = "linear"', "another changed default"),
    count("counts / unit", "counts", "counted in the unit"),
    weights("range(1, window + 1)", "range(1, window)", "the furthest neighbours lost"),
    weights("float(window + 1 - d)", "float(window - d)", "each weight a step less"),
    weights("common if common < 2**53 else 1", "1", "halves and thirds rounded as they are added"),
    weights("[unit / d for", "[unit / (d + 1) for", "distances from 2"),
    blocks("words[-window:]", "part[-window:]", "only the last block before is looked back on"),
    blocks("words[-window:]", "words[1 - window :]", "a word too few looked back on"),
    blocks("before = words[-window:]", "before = None", "no pair across a cut"),
    pairs("& (sentence[left] == sentence[right])", "", "neighbours in the next sentence"),
    pairs("(words[left] >= 0) & ", "", "the end of a sentence taken for a word"),
    pairs("max(n - new, distance)", "distance", "old pairs counted again"),
    pairs("counts * weight", "(counts > 0) * weight", "repeated pairs lost"),
    pairs("xp.minimum(a, b) * V", "a * V", "a pair the other way round is another one"),
    mirrored("2 * counts", "counts", "a word beside itself counted once"),
    mirrored("high[apart] * V + low[apart]", "low[apart] * V + high[apart]", "not symmetric"),
    ppmi("alpha: float = 0.75", "alpha: float = 1.0", "a changed default"),
    ppmi("shift: float = 1.0", "shift: float = 5.0", "another changed default"),
    ppmi("pmi -= math.log(shift)", "pmi += math.log(shift)", "shifted up"),
    ppmi("xp.log(context) * alpha", "xp.log(context)", "no smoothing"),
    ppmi("xp.exp(smooth), 0).sum()", "context, 0).sum()", "smoothed, but the sum is not"),
    ppmi("word = xp.log(counts.sum(1))", "word = xp.log(counts.sum(0)[: counts.shape[0]])", "words taken for contexts"),
    ppmi("xp.flatnonzero(pmi > 0)", "xp.flatnonzero(pmi > -1)", "negative ones kept"),
    ppmi("pmi > 0", "pmi >= 0", "zeros kept"),
    coo("* M + columns", "* N + columns", "rows as long as there are rows"),
    transposed("rows[order]", "rows", "rows not moved along"),
    transposed("self.values[order]", "self.values", "values not moved along"),
    sums("(self.col_indices, self.row_indices)", "(self.row_indices, self.col_indices)", "dims swapped"),
    sums("minlength=self.shape[1 - axis]", "minlength=0", "empty rows at the end lost"),
    product("start < stop", "start + 1 < stop", "rows of one number lost"),
    summed("keys[1:] != keys[:-1]", "keys[1:] == keys[:-1]", "new where it is the same"),
    summed("weights=values[order]", "weights=values", "values summed in their old order"),
    row("self.values[start:stop]", "self.values[start : stop - 1]", "the last of each row lost"),
    svd("niter: int = 5", "niter: int = 2", "a changed default"),
    svd("oversampling: int = 10", "oversampling: int = 5", "another changed default"),
    svd("range(niter)", "range(niter + 1)", "an iteration more"),
    svd(
        "Q, _ = xp.linalg.qr(flat @ Q)\n        Q, _ = xp.linalg.qr(tall @ Q)",
        "Q, _ = xp.linalg.qr(tall @ (flat @ tall @ Omega))",
        "the same iteration again and again",
    ),
    svd("Q @ W.T[:, :q]", "Q @ W[:, :q]", "W not transposed"),
    svd("S[:q]", "S[:q] ** 2", "eigenvalues"),
    svd("U, V = signed(U, V)", "signed(U, V)", "whatever sign"),
    signed("largest < 0, -1, 1", "largest < 0, 1, -1", "the other sign"),
    signed("U * sign", "U", "only one turned round"),
    signed("abs(V).argmax", "V.argmax", "the largest, not of the largest magnitude"),
    vectors("p: float = 0.5", "p: float = 1.0", "a changed default"),
    vectors('S ** checks.number("p", p, low=0)', "S", "not weighted"),
    vectors("U * S", "U / S", "divided"),
    pca("n_components: int = 2", "n_components: int = 3", "a changed default"),
    pca("(len(x) - 1)", "len(x)", "the biased variance"),
    pca("svd(x - mean", "svd(x", "not centred"),
    pca("variance[:k] / total", "variance[:k] / variance[:k].sum()", "a share of what is kept"),
    pca("signed(U, Vt.T)", "(U, Vt.T)", "whatever sign"),
    pca("x.mean(axis=0)", "x.mean()", "one mean for all"),
    transform("(x - self.mean)", "x", "not centred there"),
    inverse("+ self.mean", "- self.mean", "the mean taken away again"),
    kmeans("n_init: int = 10", "n_init: int = 1", "a changed default"),
    kmeans("found.inertia < best", "found.inertia > best", "the worst"),
    kmeans("best.centers + mean", "best.centers", "centres not put back"),
    kmeans("(centred * centred).mean()", "(x * x).mean()", "a looser end far from 0"),
    kmeans("first - mean", "first", "a start elsewhere"),
    nearest("argmin(axis=1)", "argmax(axis=1)", "the furthest centre"),
    nearest("squares - 2 *", "squares -", "half the product"),
    lloyd("_refilled(x, labels, centers)", "labels", "empty clusters stay empty"),
    lloyd("steps < max_iter", "steps <= max_iter", "a step more"),
    lloyd("shift <= enough or ", "", "the tolerance forgotten"),
    lloyd("shift <= enough", "shift <= enough * x.size", "the tolerance of all numbers together"),
    means("sums +=", "sums =", "only the last block"),
    means("counts > 0, sums", "counts >= 0, sums", "an empty cluster at the origin"),
    refilled("argsort(-distance", "argsort(distance", "the nearest points"),
    refilled("xp.where(distance[furthest] > 0, empty, labels[furthest])", "empty", "points taken from where they are"),
    plus_plus("xp.minimum(nearest,", "xp.maximum(nearest,", "the furthest before it"),
    plus_plus("share <= draw * total", "share < draw", "no proportion"),
    plus_plus(
        "xp.minimum(nearest, _squared_distance(x, x[chosen[-1]]))",
        "_squared_distance(x, x[chosen[-1]])",
        "only the last before it",
    ),
    plus_plus(
        "_squared_distance(x, x[chosen[0]])", "_squared_distance(x, x[chosen[0]]) ** 0.5", "distances not squared"
    ),
    plus_plus("u[0] * len(x)", "u[0] * (len(x) - 1)", "never the last point first"),
    tree('method: str = "average"', 'method: str = "single"', "a changed default"),
    single("minimum", "maximum", "single is complete"),
    complete("maximum", "minimum", "complete is single"),
    average("(na * a + nb * b) / (na + nb)", "(a + b) / 2", "the sizes forgotten"),
    ward("- n * height * height", "", "the last term lost"),
    ward("sqrt(squared)", "abs(squared)", "squares"),
    merges("points[b] += points[a]", "points[b] += 1", "clusters too small"),
    merges("d[b], d[:, b]", "d[b], d[:, a]", "only the row changed"),
    numbered("sorted(merges, key=lambda merge: merge[2])", "merges", "in the order of the chain"),
    numbered("sorted((top(a), top(b)))", "(top(a), top(b))", "the parts in any order"),
    numbered("above[first] = above[second] = N + t", "above[first] = N + t", "half the cluster left behind"),
    apart("squared_distances(unit(x)) / 2", "squared_distances(unit(x))", "twice the cosine's distance"),
    apart("xp.sqrt(squared_distances(x))", "squared_distances(x)", "squared distances"),
    leaves("[::-1]", "", "the second cluster first"),
    leaves("waiting.pop()", "waiting.pop(0)", "level by level"),
    leaves("cluster < N", "cluster <= N", "a cluster taken for a point"),
    joint("(2 * N)", "N", "a sum of 2"),
    joint("(p + p.T)", "(2 * p)", "not symmetric"),
    joint("math.log(perplexity)", "math.log2(perplexity)", "bits for nats"),
    joint("xp.where(excess > 0, beta, low)", "xp.where(excess < 0, beta, low)", "the wrong half"),
    joint("range(BISECTIONS)", "range(20)", "ends too early"),
    joint("p /= total[:, None]", "p /= total[None, :]", "shared along the wrong axis"),
    divergence("(p * log_ratio).sum() + xp.log(s.sum())", "(p * log_ratio).sum()", "q not normalised"),
    divergence("xp.log(xp.where(p > 0, p, 1)) - ", "", "the entropy lost"),
    divergence("dC * _gradient", "_gradient", "the upstream gradient forgotten"),
    similarity("xp.fill_diagonal(s, 0)", "xp.fill_diagonal(s, 1)", "a point near itself"),
    similarity("difference *= difference", "difference *= difference * difference", "a cube"),
    gradient("4 * (", "2 * (", "half the gradient"),
    gradient("w *= s", "w *= 1", "no heavy tail"),
    gradient("w.sum(axis=1)[:, None] * y - w @ y", "w @ y - w.sum(axis=1)[:, None] * y", "uphill"),
    gradient("s / s.sum()", "1 * s", "q not normalised there"),
    tsne("early_exaggeration: float = 12.0", "early_exaggeration: float = 4.0", "a changed default"),
    tsne("early_iterations: int = 250", "early_iterations: int = 100", "another changed default"),
    tsne("0.5 if early else 0.8", "0.8", "one momentum"),
    tsne("exaggerated if early else p", "p", "no exaggeration"),
    tsne("N / (4 * e)", "N / e", "another rate of many points"),
    tsne("min(N / 8, 50.0)", "50.0", "few points thrown about"),
    tsne("min(N / 8, 50.0)", "N / 8", "another rate of some hundreds"),
    places("1e-4 /", "1 /", "a wide start"),
    step("gradient * v < 0", "gradient * v > 0", "gains the wrong way round"),
    step("gain + 0.2", "gain * 1.2", "gains grow by a factor"),
    step("momentum * v -", "v -", "no friction"),
    step("rate * gain * gradient", "rate * gradient", "gains unused"),
    step("y - y.mean(axis=0)", "y", "drifts away"),
]
