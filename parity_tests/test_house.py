"""The walls that no import linter sees: what an import brings with it, and that the README's code runs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import torch

import torch_nn

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


def test_a_first_prediction_imports_only_what_it_needs(tmp_path: Path):
    path = tmp_path / "weights.pth"
    torch.save(torch_nn.SimpleNet().state_dict(), path)
    script = """
import sys, numpy
before = set(sys.modules)
import numpy_nn
model = numpy_nn.SimpleNet()
model.load_state_dict(numpy_nn.checkpoint.load(sys.argv[1]))
with numpy_nn.no_grad():
    model(numpy.zeros((1, 784), numpy.float32))
print(*(set(sys.modules) - before))
"""
    run = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    costly = {"numpy.random", "numpy.ma", "numpy.typing", "dataclasses", "_hashlib", "secrets", "json", "zipfile"}
    assert loaded & costly == set()
    assert {name for name in loaded if name.startswith("numpy_nn.kernels.")} == {
        "numpy_nn.kernels.choice",
        "numpy_nn.kernels.sizes",
    }


PACKAGES = ["", "functional", "functional.activations", "functional.losses", "modules", "modules.activations", "models"]


@pytest.mark.parametrize("place", [*PACKAGES, "kernels", "checkpoint"])
def test_what_is_imported_later_is_what_the_type_checker_is_told(place: str):
    package = import_module(f"numpy_nn.{place}".rstrip("."))
    told = {}
    for node in ast.walk(ast.parse(Path(package.__file__).read_text())):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            imports = [line for line in node.body if isinstance(line, ast.ImportFrom)]
            told |= {alias.name: line.module for line in imports for alias in line.names}
    public = told.keys() & set(package.__all__)
    assert public
    for name in public:
        module = told[name]
        own = import_module(f"{module}.{name}") if module == package.__name__ else getattr(import_module(module), name)
        assert getattr(package, name) is own
    assert set(package.__all__) <= set(dir(package))
    with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no attribute 'nothing'"):
        package.nothing  # noqa: B018


def test_a_function_hides_the_module_that_is_called_the_same():
    script = """
import numpy_nn.summary, numpy_nn.functional.attention
from numpy_nn import functional as F
print(numpy_nn.summary.__name__, F.dropout.__name__, F.matmul.__name__, F.attention.attend.__name__)
import numpy_nn.functional.linear
print(F.linear.__module__)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["summary dropout matmul attend", "numpy_nn.functional.linear"]
