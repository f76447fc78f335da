"""The walls that no import linter sees: what an import brings with it, and that the README's code runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def loaded_by(statement: str) -> set[str]:
    """The top-level modules that a fresh Python has loaded after a statement."""
    code = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_numpy_nn_needs_numpy_alone():
    libraries = {"torch", "cupy", "rich", "matplotlib", "sklearn", "scipy", "gensim", "hypothesis"}
    assert loaded_by("import numpy_nn") & {*libraries, "torch_nn", "parity_tests"} == set()


def test_torch_nn_is_independent():
    assert "numpy_nn" not in loaded_by("import torch_nn, torch_nn.twins")


@pytest.mark.parametrize("readme", ["README.md", "README.ko.md"])
def test_the_readmes_example_runs(readme: str):
    examples = re.findall(r"```python\n(import .*?)```", (ROOT / readme).read_text(), re.DOTALL)
    assert len(examples) == 1
    scope: dict = {}
    exec(examples[0], scope)
    assert float(scope["loss"]) < 2.0  # log 10 = 2.3 before training


@pytest.mark.parametrize("readme", ["README.md", "README.ko.md"])
def test_the_readmes_files_exist(readme: str):
    text = (ROOT / readme).read_text()
    for path in re.findall(r"\]\(((?!http)[^)]+)\)", text):
        assert (ROOT / path).exists(), f"{readme} names {path}"
    for path in re.findall(r"`((?:numpy_nn|torch_nn|parity_tests|benchmarks)/[\w./]*)`", text):
        assert (ROOT / path).exists(), f"{readme} names {path}"
    for name in re.findall(r"`(test_\w+\.py)`", text):
        assert (ROOT / "parity_tests" / name).exists(), f"{readme} names {name}"


@pytest.mark.parametrize("readme", ["README.md", "README.ko.md"])
def test_the_readmes_formula_is_the_real_one(readme: str):
    shown = re.search(r"```python\n(@formula.*?)```", (ROOT / readme).read_text(), re.DOTALL)
    source = (ROOT / "numpy_nn/functional/activations/rectified.py").read_text()
    for part in shown[1].split("    …\n"):
        assert part.strip("\n") in source


@pytest.mark.parametrize("readme", ["README.md", "README.ko.md"])
def test_the_readmes_residual_block_is_the_real_one(readme: str):
    shown = re.search(r"```python\n(    def backward.*?)```", (ROOT / readme).read_text(), re.DOTALL)
    assert shown[1] in (ROOT / "numpy_nn/models/resnet.py").read_text()


def test_a_subpackage_is_imported_when_it_is_first_asked_for():
    script = """
import sys, numpy_nn
loaded = lambda: [name for name in numpy_nn._LATER if f"numpy_nn.{name}" in sys.modules]
print(loaded(), *({"ssl", "json", "zipfile"} & set(sys.modules)))
print(numpy_nn.metrics.accuracy.__name__, loaded(), all(map(dir(numpy_nn).__contains__, numpy_nn.__all__)))
from numpy_nn import *
print(loaded() == list(numpy_nn._LATER))
numpy_nn.nothing
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.stdout.splitlines() == ["[]", "accuracy ['metrics'] True", "True"]
    assert run.stderr.splitlines()[-1] == "AttributeError: module 'numpy_nn' has no attribute 'nothing'"
