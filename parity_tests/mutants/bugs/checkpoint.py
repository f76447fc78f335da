"""Bugs in checkpoints and in the writing of whole files."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

storages = partial(Mutant, "checkpoint.save", "checkpoint/storages.py")
plain = partial(Mutant, "checkpoint.save", "checkpoint/plain.py")
pickling = partial(Mutant, "checkpoint.save", "checkpoint/pickling.py")
packing = partial(Mutant, "checkpoint.save", "checkpoint/packing.py")
pth = partial(Mutant, "checkpoint.save", "checkpoint/pth.py")
structure = partial(Mutant, "checkpoint.save", "checkpoint/structure.py")
npz = partial(Mutant, "checkpoint.save", "checkpoint/npz.py")
tensors = partial(Mutant, "checkpoint.load", "checkpoint/tensors.py")
unpickling = partial(Mutant, "checkpoint.load", "checkpoint/unpickling.py")
archive = partial(Mutant, "checkpoint.load", "checkpoint/archive.py")
dtypes = partial(Mutant, "checkpoint.load", "checkpoint/dtypes.py")
npy = partial(Mutant, "checkpoint.load", "checkpoint/npy.py")
meant = partial(Mutant, "checkpoint.load", "checkpoint/structure.py")
safe = partial(Mutant, "checkpoint.load", "checkpoint/safe_tensors.py")
rows = partial(Mutant, "checkpoint.describe", "checkpoint/rows.py")
files = partial(Mutant, "files.whole", "files.py")

MUTANTS = [
    storages("offset = (byte_bounds(array)[0] - start) // array.itemsize", "offset = 0", "every offset 0"),
    storages("if groups and low < end", "if False", "sharing lost"),
    storages("end = max(end, high)", "end = high", "a storage ends with its last array"),
    storages(
        "            if array.nbytes > max(", "            if False and array.nbytes > max(", "any expansion written"
    ),
    storages("stride >= 0 and ", "", "negative strides written"),
    storages("stride // array.itemsize if", "stride if", "strides in bytes"),
    storages(
        "strides.append(stride // array.itemsize if size > 1 and array.size else following)",
        "strides.append(following)",
        "strides ignored",
    ),
    storages("low % sound[number].itemsize, low, high", "0, low, high", "a storage of arrays out of step"),
    plain("            return kind(self.of", "            return list(self.of", "tuple to list"),
    plain("            result[key] =", "            result[str(key)] =", "int keys turned into str"),
    plain("result = type(value)()", "result: Any = {}", "an OrderedDict and a Counter turned into a dict"),
    plain("return value.item()", "return float(value)", "NumPy's integers turned into floats"),
    plain("    if type(key) not in (str, int, bool):", "    if False:", "any key taken"),
    plain("        check_array(self.hosts[id(value)])\n", "", "arrays of objects taken"),
    pickling('struct.pack(">d", value)', 'struct.pack("<d", value)', "floats in the wrong byte order"),
    pickling(
        "                if isinstance(value, OrderedDict):",
        "                if False:",
        "an OrderedDict pickled as a dict",
    ),
    pth('run.astype(run.dtype.newbyteorder("<"), copy=False)', "run", "big-endian numbers written as they are"),
    pth("run.nbytes) if untyped", "len(run)) if untyped", "the length of an untyped storage in numbers"),
    structure(
        "return items if isinstance(value, list)",
        "return items if isinstance(value, list | tuple)",
        "tuples described as lists",
    ),
    structure("        while name in arrays:", "        while False:", "one array in the place of another of its name"),
    structure("{type(value).__name__: pairs}", '{"dict": pairs}', "an OrderedDict described as a dict"),
    plain("value.bit_length() > INTEGER_BITS", "False", "integers that PyTorch cannot read"),
    pickling("op.NEWTRUE if value else", "op.NEWFALSE if value else", "True written as False"),
    packing(") % ALIGNMENT", ") % 8", "records not aligned"),
    packing(
        "            crc = zlib.crc32(piece, crc)",
        "            crc = zlib.crc32(piece)",
        "the checksum of the last piece alone",
    ),
    structure('struct.pack(">d", value)', 'struct.pack(">d", abs(value))', "minus infinity as infinity"),
    structure(
        "type(data) is dict and", "isinstance(data, dict) and", "an OrderedDict of arrays written as a dict of them"
    ),
    tensors("if size * run.itemsize > max(run.nbytes, EXPANDED_MOST):", "if False:", "any expansion taken"),
    npz(
        "return is_plain(name) and ",
        "return ",
        "names that lead out of the archive",
    ),
    tensors("placed(run, (offset, shape, strides))", "placed(run, (0, shape, strides))", "the offset ignored"),
    tensors("if last >= len(run) if size", "if last > len(run) if size", "one number beyond the storage"),
    tensors(
        "        if last >= len(run) if size else offset > len(run):",
        "        if False:",
        "the bounds of the storage not checked",
    ),
    tensors("0 <= value < NUMBER_MOST", "value < NUMBER_MOST", "negative sizes"),
    tensors(
        "        if (key, dtype) not in self._runs:\n", "        if True:\n", "storages told apart, where that matters"
    ),
    tensors(
        "if length * itemsize != len(self._bytes[key])",
        "if length * itemsize > len(self._bytes[key])",
        "a storage longer than it says",
    ),
    tensors(
        "    if not all(flag is None or (type(flag) is dict and not flag) for flag in flags):",
        "    if False:",
        "a conjugated tensor read as it lies",
    ),
    tensors('(str(text), str("latin1"))', "(str(text), str())", "any codec"),
    tensors('f"{kind}:{number}"', "kind", "a device without its number"),
    unpickling("        if full not in self.names:", "        if False:", "the allow-list opened"),
    unpickling("        if self.place != len(self.data) or", "        if", "bytes after the end"),
    unpickling(
        "        if number not in self.memo:",
        "        if False:",
        "a missing memo entry",
    ),
    unpickling("range(2, 6)", "range(2, 5)", "protocol 5 refused"),
    unpickling(
        '        if length > len(self.data) - self.place:\n            raise self.wrong(f"{length} bytes"',
        '        if False:\n            raise self.wrong(f"{length} bytes"',
        "lengths not checked",
    ),
    unpickling(
        "        self.pop(dict)\n        self.stack.append(self.pop(OrderedDict))",
        "        vars(self.stack[-2]).update(self.pop(dict))",
        "attributes set as the file says",
    ),
    unpickling('line == "01"', "True", "protocol 1 reads False as True"),
    archive("        if zlib.crc32(data) != record.crc:", "        if False:", "the checksum not checked"),
    archive(
        "or starts[name] + record.compressed > end:",
        "or starts[name] + record.compressed > self._size:",
        "records may overlap",
    ),
    archive("        if len(self.records) != count:", "        if False:", "a record twice"),
    archive("    if not is_plain(name):", "    if False:", "names that lead out of the archive"),
    archive(
        "        if self._inflated_left < 0:",
        "        if False:",
        "no bound on what is inflated",
    ),
    archive("flags & _ENCRYPTED or ", "", "encrypted records read as they lie"),
    dtypes('    if stored.kind == "b" and len(data) and data.max() > 1:', "    if False:", "a bool of 7"),
    dtypes("<< np.uint32(16)", "<< np.uint32(15)", "bfloat16 in the wrong place"),
    dtypes(".newbyteorder(order)", "", "byte order ignored"),
    npy('order="F" if found[2] == b"True" else "C"', 'order="C"', "fortran_order ignored"),
    npy("    if len(body) != (declared :=", "    if 0 > (declared :=", "a length not checked"),
    meant("    if left:", "    if False:", "arrays left over"),
    meant("and key not in result", "", "a key twice"),
    safe("    if len(found := dict(pairs)) != len(pairs):", "    if (found := dict(pairs)) is None:", "a tensor twice"),
    rows("squares / count", "squares / max(count - 1, 1)", "the standard deviation divided by N − 1"),
    rows("yield wide[~np.isnan(wide)]", "yield wide", "nan not left out"),
    rows("zeros / array.size", "zeros / count", "zeros as a share of what is not nan"),
    rows('f"{name}/{key}" if name else str(key)', "str(key)", "a name without its path"),
    files("            os.fsync(file.fileno())\n", "", "not flushed to the disk"),
    files(
        "            os.fsync(file.fileno())\n            if fcntl is not None:\n",
        "            os.replace(unfinished, target)\n            os.fsync(file.fileno())\n            if False:\n",
        "renamed before it is on the disk",
    ),
    files("    _sync_folder(target.parent)\n", "", "the folder not flushed"),
    files("            file.flush()\n", "", "flushed to the disk before all is written"),
    files(
        "        unfinished.unlink(missing_ok=True)\n        raise",
        "        raise",
        "an unfinished file left after an error",
    ),
    files("    except BaseException:\n", "    except OSError:\n", "an unfinished file left after other errors"),
    files("os.fchmod(file.fileno(), stat.S_IMODE(target.stat().st_mode))", "pass", "permissions lost"),
    files("Path(os.path.realpath(path))", "Path(path)", "a link replaced by a file"),
    files("    _remove_unfinished(target)\n", "", "leftovers not removed"),
    files(
        "                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)\n                    leftover",
        "                    leftover",
        "files that are being written removed",
    ),
]
