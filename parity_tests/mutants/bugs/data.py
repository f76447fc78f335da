"""Bugs in what loads data."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

loader = partial(Mutant, "data.DataLoader", "data/loader.py")
workers = partial(Mutant, "data.DataLoader's workers", "data/workers.py")
default_stream = partial(Mutant, "random.default_stream", "random.py")
multinomial = partial(Mutant, "random.multinomial", "random.py", within="def multinomial")
random_sampler = partial(Mutant, "data.RandomSampler", "data/samplers.py", within="class RandomSampler")
subset_sampler = partial(Mutant, "data.SubsetRandomSampler", "data/samplers.py", within="class SubsetRandomSampler")
weighted = partial(Mutant, "data.WeightedRandomSampler", "data/samplers.py", within="class WeightedRandomSampler")
batch_sampler = partial(Mutant, "data.BatchSampler", "data/samplers.py", within="class BatchSampler")
collate = partial(Mutant, "data.default_collate", "data/collate.py")
subset = partial(Mutant, "data.Subset", "data/parts.py", within="class Subset")
subset_rows = partial(Mutant, "data.Subset", "data/fetch.py")
concat = partial(Mutant, "data.ConcatDataset", "data/parts.py", within="class ConcatDataset")
concat_rows = partial(Mutant, "data.ConcatDataset", "data/fetch.py")
split = partial(Mutant, "data.random_split", "data/parts.py", within="def random_split")
transformed = partial(Mutant, "data.TransformedDataset", "data/dataset.py", within="class TransformedDataset")


def transform(name: str, *, within: bool = True) -> partial[Mutant]:
    """A bug in a transform, or in what several of them call."""
    return partial(Mutant, f"data.transforms.{name}", "data/transforms.py", within=f"class {name}" if within else None)


download = partial(Mutant, "data.download", "data/download.py")
mnist = partial(Mutant, "data.mnist", "data/mnist.py")
memmap_npy = partial(Mutant, "data.memmap_npy", "data/memory_map.py")
read_idx = partial(Mutant, "data.read_idx", "data/idx.py")
csv = partial(Mutant, "data.csv", "data/tables.py")
npz = partial(Mutant, "data.npz", "data/tables.py", within="def npz")

MUTANTS = [
    loader("int(random_((), generator=self.generator))", "0", "no word drawn at the start of a pass"),
    loader("random_((), generator=self.generator)", "random_(())", "the workers' seed from the default stream"),
    loader("RandomSampler(dataset, generator=generator)", "RandomSampler(dataset)", "shuffled by another generator"),
    loader("batch_size: int | None = 1,", "batch_size: int | None = 32,", "a changed default"),
    loader("= 2 if num_workers", "= 3 if num_workers", "a changed default of what is made ahead"),
    loader("BatchSampler(sampler, batch_size, drop_last)", "BatchSampler(sampler, batch_size, False)", "no drop_last"),
    loader("iter(self._order), self.num_workers", "order, self.num_workers", "the sampler is not begun again"),
    loader(
        "if self.collate_fn is default_collate and (batch",
        "if (batch",
        "a function of one's own is passed over",
    ),
    workers("seed + number)", "seed)", "one seed for all workers"),
    workers("with default_stream(Generator(seed)):", "if Generator(seed):", "workers draw from the main stream"),
    workers("        self._received += 1\n        self._send()", "        self._received += 1", "nothing more is sent"),
    workers("range(workers * ahead)", "range(workers)", "one batch ahead"),
    workers("results.put((None, error))", "results.put((error, None))", "an error is handed out as a batch"),
    workers("finalize(self, _end, self._tasks)", "lambda: _end(self._tasks)", "threads of a dropped pass go on"),
    workers("            del error  #", "            pass  #", "an error holds the threads"),
    workers(
        "target=copy_context().run,\n                args=(_work, ",
        "target=_work,\n                args=(",
        "workers without the settings of who began the pass",
    ),
    default_stream("        _stream.reset(token)", "        pass", "the stream stays after the with"),
    default_stream("return _stream.get().manual_seed", "return default_generator.manual_seed", "seeds the main stream"),
    default_stream("_stream.get().get_state()", "default_generator.get_state()", "tells the main stream's state"),
    default_stream("_stream.get().set_state(state)", "default_generator.set_state(state)", "sets the main stream"),
    multinomial("        share /= share[-1]\n", "", "shares of more than one"),
    multinomial("np.argsort(-keys", "np.argsort(keys", "the smallest first"),
    multinomial("if replacement and count > 1:", "if replacement:", "one draw by the first rule"),
    multinomial("-math.log1p(-value)", "-math.log1p(-value) ** 2", "another distribution"),
    random_sampler(
        "        yield from draw(self.num_samples % at_once)",
        "        if self.num_samples % at_once:\n            yield from draw(self.num_samples % at_once)",
        "the unused permutation is not drawn",
    ),
    random_sampler("or Generator(int(random_(())))", "or None", "drawn from the default stream itself"),
    random_sampler("at_once = 32", "at_once = 16", "16 at a time"),
    random_sampler(".tolist()[:count]", ".tolist()", "a whole permutation for the rest"),
    subset_sampler("yield self.indices[place]", "yield place", "places for indices"),
    subset_sampler(
        "generator=self.generator)", "generator=self.generator or Generator(int(random_(()))))", "a seed in between"
    ),
    subset_sampler(", generator=self.generator)", ")", "its generator is not used"),
    weighted("replacement: bool = True", "replacement: bool = False", "a changed default"),
    weighted("self.replacement, generator", "False, generator", "never with replacement"),
    weighted(", generator=self.generator)", ")", "its generator is not used"),
    batch_sampler("if batch and not self.drop_last", "if batch", "drop_last is not heeded"),
    batch_sampler("full + (rest > 0 and not self.drop_last)", "full + (rest > 0)", "counts the dropped batch"),
    batch_sampler(
        "== self.batch_size:\n            yield batch",
        "== self.batch_size:\n            yield batch[::-1]",
        "turned round",
    ),
    batch_sampler("numbers = iter(self.sampler)", "numbers = iter(list(self.sampler))", "asks for all at once"),
    collate("dtype = np.dtype(np.float64)", "dtype = np.dtype(np.float32)", "floats in single precision"),
    collate("(int, np.int64)", "(int, np.int32)", "small integers"),
    collate("(float, np.float32)", "(float, np.float64)", "doubles for floats among integers"),
    collate("*(floating or dtypes)", "*dtypes", "NumPy's common dtype"),
    collate("else parts\n", "else tuple(parts)\n", "a tuple stays a tuple"),
    collate("= copy(first)", "= type(first)()", "what a mapping carries is lost"),
    subset("return self.dataset[self.indices[index]]", "return self.dataset[index]", "the dataset's own numbers"),
    subset("[self.indices[place] for place in index]", "list(index)", "the dataset's own numbers for many"),
    subset_rows(
        "return take(dataset.dataset, [dataset.indices[index] for index in indices])",
        "return take(dataset.dataset, indices)",
        "the dataset's own rows",
    ),
    subset_rows("if type(dataset) is TensorDataset", "if isinstance(dataset, TensorDataset)", "a subclass's rows"),
    concat("self.cumulative_sizes, index)", "self.cumulative_sizes, index - 1)", "the part before at the border"),
    concat("index %= N", "index = abs(index)", "a negative index mirrored"),
    concat("self.cumulative_sizes[part - 1]", "self.cumulative_sizes[part]", "places counted from the end of the part"),
    concat("self.cumulative_sizes[part - 1]", "self.cumulative_sizes[1 - part]", "places counted from another part"),
    concat("if index < -N:", "if index <= -N:", "<= for <"),
    concat_rows('np.argsort(np.argsort(part_of, kind="stable"))', 'np.argsort(part_of, kind="stable")', "rows mixed"),
    concat_rows('side="right"', 'side="left"', "rows of the part before at the border"),
    concat_rows("- starts[part]", "", "rows counted from the start of all"),
    concat_rows(
        "return piece.dtype, piece.shape", "return piece.shape", "NumPy's common dtype for parts of different dtypes"
    ),
    split("sizes[place % len(sizes)] += 1", "sizes[-1 - place % len(sizes)] += 1", "what remains goes to the last"),
    split("sizes[place % len(sizes)] += 1", "sizes[0] += 1", "what remains goes to the first"),
    split("randperm(N, generator=generator)", "randperm(N)", "its generator is not used"),
    split("if size == 0:", "if size < 0:", "no warning"),
    split("order[stop - size : stop]", "sorted(order[stop - size : stop])", "sorted parts"),
    transformed(
        "others[0] = self.target_transform(others[0])", "others[-1] = self.target_transform(others[-1])", "last"
    ),
    transformed("        x = self.transform(x)\n", "", "not transformed"),
    transformed("isinstance(sample, tuple)", "isinstance(sample, list)", "the whole tuple is transformed"),
    transform("Compose")(
        "in self.transforms:\n            x", "in self.transforms[::-1]:\n            x", "turned round"
    ),
    transform("Compose")("x = transform(x)", "transform(x)", "not transformed"),
    transform("Compose")(
        "in self.transforms:\n            x", "in self.transforms[1:]:\n            x", "not the first"
    ),
    transform("Pad", within=False)(
        "left, top, right, bottom = sides", "left, right, top, bottom = sides", "the sides in PyTorch's order"
    ),
    transform("Pad", within=False)("((top, bottom), (left, right))", "((left, right), (top, bottom))", "axes swapped"),
    transform("Pad", within=False)('"reflect": 1', '"reflect": 0', "too wide a border"),
    transform("Pad", within=False)('{"constant_values": fill}', "{}", "always zeros"),
    transform("CenterCrop")("round((have - want) / 2)", "(have - want) // 2", "rounded down"),
    transform("CenterCrop")(
        "(beside // 2, below // 2, (beside + 1) // 2, (below + 1) // 2)",
        "((beside + 1) // 2, (below + 1) // 2, beside // 2, below // 2)",
        "the odd zero on the other side",
    ),
    transform("CenterCrop")("self.size[1] - width", "self.size[0] - width", "height for width"),
    transform("RandomCrop")(
        "(int(randint(0, pixels + 1, ())) if pixels else 0", "(int(randint(0, pixels + 1, ()))", "drawn always"
    ),
    transform("RandomCrop")("pixels + 1", "pixels", "the last place never drawn"),
    transform("RandomCrop")("y, x = (", "x, y = (", "the left before the top"),
    transform("RandomCrop")("height + 2 * below", "height + below", "padded less than needed"),
    transform("RandomHorizontalFlip")("rand(1)[0] < self.p", "rand(1)[0] > self.p", "flipped where it should not"),
    transform("RandomHorizontalFlip")("[..., ::-1]", "[..., ::-1, :]", "upside down"),
    transform("RandomHorizontalFlip")("rand(1)[0]", "rand(1, dtype=np.float64)[0]", "drawn in float64"),
    transform("RandomHorizontalFlip")("rand(1)[0] <", "float(rand(1)[0]) <", "compared in float64"),
    transform("ToDtype")("y *= 1 / np.iinfo(image.dtype).max", "y /= np.iinfo(image.dtype).max", "rounded once"),
    transform("ToDtype")("if self.scale and", "if", "always scaled"),
    transform("ToDtype")('in "iu"', 'in "u"', "signed integers not scaled"),
    transform("Normalize")("(image - mean) / std", "(image - mean) * (1 / std)", "times the inverse"),
    transform("Normalize")("(image - mean) / std", "image / std - mean", "the mean of the wrong numbers"),
    transform("Normalize")("not self.std.all()", "not self.std.any()", "one std may be 0"),
    download("    if (found := _md5(part)) == md5:", "    if found := _md5(part):", "the checksum is not looked at"),
    download(
        "(size := part.stat().st_size) < total", "(size := part.stat().st_size) < 0", "what broke off is thrown away"
    ),
    download("    part.unlink()\n", "    if resumed:\n        part.unlink()\n", "what is wrong is kept"),
    download('f"bytes={start}-"', 'f"bytes={start + 1}-"', "continued a byte too late"),
    download('"ab" if start else "wb"', '"ab"', "what was there is kept before a whole file"),
    download("            continue\n", "            break\n", "one place is asked"),
    download("{_reason(error)}", "no", "no reason given"),
    mnist('"train-" if train else "t10k-"', '"t10k-" if train else "train-"', "the other half is fetched"),
    mnist('file.removesuffix(".gz"))', "file)", "unzipped files are not seen"),
    mnist("if missing and not fetch:", "if False:", "fetched without being asked to"),
    memmap_npy('mode="r"', 'mode="r+"', "the file may be written"),
    memmap_npy("return np.asarray(mapped)", "return mapped", "a class of its own"),
    memmap_npy(" or not mapped.dtype.isnative", "", "the other byte order"),
    read_idx('dtype, "r", start, shape', 'dtype, "r", start - 1, shape', "a byte too early"),
    read_idx("if dtype.itemsize > 1:", "if dtype.itemsize > 2:", "two bytes in the other order"),
    read_idx("start + declared != size", "start + declared > size", "more bytes than declared"),
    csv("rows = rows[1:] if header else rows", "rows = rows", "the names are a row"),
    csv("return sorted(names, key=int)", "return names", "integers by the alphabet"),
    csv("return place % len(first)", "return len(first) - 1", "always the last column"),
    csv("number if math.isfinite(number) and", "number if", "nan is a number"),
    csv("rows = [(lines.line_num, ", "rows = [(1, ", "another line is named"),
    csv("return bool(cell)", "return True", "names are seen where a cell is empty"),
    csv("(rows := rows[1:] if header else rows)", "rows", "the names are a row of a file without classes"),
    npz("_classes(labels) if classes is None else list(classes)", "_classes(labels)", "other classes than asked for"),
    npz("not np.isfinite(x).all():", "np.isnan(x).any():", "infinity is a number"),
    npz('y.dtype.kind not in "iuU"', 'y.dtype.kind not in "iuUf"', "floats are classes"),
]
