"""python -m benchmarks: measure suites, report results, compare two."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import comparison, documents, environment, page, profile, results, suites, tables
from benchmarks.backends import BACKENDS, available, here
from benchmarks.word2vec import command as word2vec
from numpy_nn.command_line import places
from numpy_nn.files import write_text

QUIET = 0.5
"""A load above this, before anything is measured, is somebody else's."""


def main(argv: Sequence[str] | None = None) -> int:
    """What is asked for; 1 where something was refused or became slower, else 0."""
    argv = sys.argv[1:] if argv is None else list(argv)
    others = {"word2vec": word2vec.main, "report": report, "compare": compare, "profile": profile.main}
    if argv and argv[0] in others:
        return others[argv[0]](argv[1:])
    return measure(argv)


def measure(argv: Sequence[str]) -> int:
    """Run suites one after the other; each is shown and saved when it is done."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="numpy_nn against PyTorch, on one core. Nothing is timed that fails parity.",
        epilog="Also: python -m benchmarks report, python -m benchmarks compare OLD NEW, python -m benchmarks profile, "
        "and, for word vectors and against gensim too, python -m benchmarks word2vec CORPUS; each has --help.",
    )
    default = results.FOLDER / f"{environment.slug()}.json"
    add = parser.add_argument
    add("suites", nargs="*", metavar="suite", help=f"{', '.join(suites.SUITES)}; all of them by default")
    add("--backends", nargs="+", default=list(here()), metavar="NAME", help=f"of {', '.join(BACKENDS)}")
    add("--min-time", type=float, default=0.2, metavar="SECONDS", help="for each backend of a row (default 0.2)")
    add(
        "--only",
        nargs="+",
        default=[],
        metavar="TEXT",
        help="rows whose names hold one of these; kept only with --json",
    )
    add("--json", type=Path, metavar="FILE", help=f"where results are kept (benchmarks/results/{default.name})")
    add("--html", type=Path, metavar="FILE", help="write the page")
    arguments = parser.parse_args(argv)
    path = default if arguments.json is None and not arguments.only else arguments.json
    try:
        check(arguments)
        kept = results.load(path) if path is not None and path.is_file() else results.Report(environment.slug())
        if kept.machine != environment.slug():
            raise ValueError(f"--json: expected a new file, or results of {environment.slug()}, got {kept.machine}'s")
        places.writable("--json", path)
        places.writable("--html", arguments.html)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if environment.load() > QUIET:
        print(f"warning: other work is running here (load {environment.load():.1f}); it will show", file=sys.stderr)
    refused = False
    for name in arguments.suites or suites.SUITES:
        found = suites.run(name, arguments.backends, arguments.min_time, arguments.only)
        if not found.rows:
            continue
        kept.suites[name] = found
        shown(kept, name)
        noisy = sum(row.noisy for row in found.rows)
        if noisy:
            print(f"warning: the machine was not quiet for {noisy} of {len(found.rows)} rows", file=sys.stderr)
        refused |= any(problem.startswith("refused") for row in found.rows for problem in row.problems.values())
        if path is not None:
            results.save(kept, path)
    if not kept.suites:
        parser.error(f"--only: expected a part of a row's name, got {' '.join(arguments.only)!r}")
    if arguments.html is not None:
        write_text(arguments.html, page.page(kept))
    return int(refused)


def check(arguments: argparse.Namespace) -> None:
    """Raise ValueError, naming the argument, before anything is measured."""
    for name in arguments.suites:
        if name not in suites.SUITES:
            raise ValueError(f"suite: expected one of {', '.join((*suites.SUITES, 'word2vec'))}, got {name!r}")
    for name in arguments.backends:
        if name not in BACKENDS:
            raise ValueError(f"--backends: expected some of {', '.join(BACKENDS)}, got {name!r}")
        if not available(name):
            raise ValueError(f"--backends: {name} needs a GPU and its driver" + ", and CuPy" * name.startswith("cupy"))
    if not 0 <= arguments.min_time < math.inf:
        raise ValueError(f"--min-time: expected a number of seconds, got {arguments.min_time}")


def report(argv: Sequence[str]) -> int:
    """Show a result file, write its page, bring the READMEs up to date."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks report", description="Show results that are there.")
    default = results.FOLDER / f"{environment.slug()}.json"
    add = parser.add_argument
    add("--json", type=Path, default=default, metavar="FILE", help=f"(benchmarks/results/{default.name})")
    add("--html", type=Path, metavar="FILE", help="write the page")
    add("--write", action="store_true", help="bring the tables of the READMEs and docs/speed-*.png up to date")
    arguments = parser.parse_args(argv)
    try:
        found = results.load(arguments.json)
        places.writable("--html", arguments.html)
        if arguments.html is not None:
            write_text(arguments.html, page.page(found))
        changed = documents.write(found) if arguments.write else []
    except (OSError, ValueError) as error:
        parser.error(str(error))
    for name in found.suites:
        shown(found, name)
    tables.machine(found).show()
    for path in changed:
        print(f"written: {path.relative_to(documents.ROOT)}")
    return 0


def compare(argv: Sequence[str]) -> int:
    """Say what changed from one result file to another; 1 where something became slower."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks compare", description=comparison.__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("old", type=Path, metavar="OLD", help="a result file")
    parser.add_argument("new", type=Path, metavar="NEW", help="a later one")
    arguments = parser.parse_args(argv)
    try:
        old, new = results.load(arguments.old), results.load(arguments.new)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if old.machine != new.machine:
        print(f"warning: {old.machine} and {new.machine} are two machines", file=sys.stderr)
    found = comparison.changes(old, new)
    comparison.table(found).show()
    return int(any(each.told and each.change > 1 for each in found))


def shown(found: results.Report, suite: str) -> None:
    """The tables of a suite: what was measured on a GPU has one of its own."""
    for table in (tables.tables(found, suite), tables.on_gpu(suite, found.suites[suite])):
        if table is not None:
            table.show()
