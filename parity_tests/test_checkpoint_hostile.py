"""Hostile and damaged files: refused with a clear message, in little time and memory, with nothing of them executed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numpy_nn import checkpoint
from numpy_nn.checkpoint.store import loads
from parity_tests import fuzz
from parity_tests.hostile import HOSTILE, SECONDS, Hostile, judged
from parity_tests.plain_data import same
from parity_tests.test_checkpoint import endings, saved

ROOT = Path(__file__).parent.parent
INPUTS = 4000


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What a process with little memory says of each."""
    canary = tmp_path_factory.mktemp("hostile") / "canary"
    command = [sys.executable, "-m", "parity_tests.hostile"]
    environment = {**os.environ, "CANARY": str(canary), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert not canary.exists()
    assert done.returncode == 0, done.stderr
    return {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}


def assert_harmless(case: Hostile, outcome: dict[str, Any]) -> None:
    assert outcome["deeds"] == []
    assert outcome["seconds"] < SECONDS
    if case.error is None:
        assert outcome["error"] is None, outcome["message"]
    else:
        assert outcome["error"] == "CheckpointError", outcome
        assert re.search(case.error, outcome["message"]), outcome["message"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused(name: str, outcomes: dict[str, dict[str, Any]]) -> None:
    assert_harmless(HOSTILE[name], outcomes[name])


def test_the_files_would_do_harm_elsewhere(tmp_path: Path) -> None:
    """The witness sees a deed, and the pickles are real: Python's own unpickler does what they say."""
    code = (
        f"import os, pickle\nfrom parity_tests.hostile import Touch\nos.environ['CANARY'] = {str(tmp_path / 'x')!r}\n"
    )
    code += "import sys\nseen = []\nsys.addaudithook(lambda event, _: seen.append(event))\n"
    code += "pickle.loads(pickle.dumps(Touch()))\nassert 'os.system' in seen"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    assert (tmp_path / "x").exists()


@endings
def test_every_file_that_is_cut_short_is_refused(ending: str) -> None:
    data = saved({"a": np.arange(3.0), "b": {"c": np.ones(2, np.int8)}, "n": None}, ending)
    for length in range(len(data)):
        with pytest.raises(checkpoint.CheckpointError):
            loads(data[:length], ending)


@pytest.mark.parametrize("ending", [".npz", ".pth"])
def test_every_flipped_bit_is_noticed_or_means_nothing(ending: str) -> None:
    """Records have checksums: what loads in spite of a flipped bit is what was saved, or has another name."""
    expected = {"a": np.arange(3.0), "b": {"c": np.ones(2, np.int8)}, "n": None}
    data = bytearray(saved(expected, ending))
    loaded = 0
    for place in range(8 * len(data)):
        data[place // 8] ^= 1 << place % 8
        try:
            assert same(loads(bytes(data), ending), expected)
            loaded += 1
        except checkpoint.CheckpointError:
            pass
        data[place // 8] ^= 1 << place % 8
    assert 0 < loaded < 8 * len(data)


def test_thousands_of_damaged_files_load_or_are_refused() -> None:
    report = fuzz.run(range(INPUTS), seed=0)
    assert report.failures == []
    assert set(report.outcomes) == set(fuzz.KINDS)
    for kind, outcome in report.outcomes.items():
        assert outcome.loaded > 0, kind
        assert sum(outcome.refusals.values()) > 0, kind


def test_an_input_of_the_fuzzer_is_always_the_same() -> None:
    assert fuzz.made(0, 17) == fuzz.made(0, 17)
    assert len({fuzz.made(0, number)[2] for number in range(100)}) > 90


def test_the_fuzzer_notices_what_is_neither(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def odd(data: bytes, ending: str) -> Any:
        if ending == ".npz":
            raise KeyError("a")
        return {"a": object()} if ending == ".pth" else os.listdir(".")

    fuzz.sound()
    monkeypatch.setattr(fuzz, "loads", odd)
    monkeypatch.setattr(fuzz, "_warm", lambda: None)
    assert fuzz.main(["--inputs", "60"]) == 1
    told = capsys.readouterr().out
    assert "KeyError: 'a'" in told
    assert "object is not plain" in told
    assert "did os.listdir" in told


def test_the_command_shows_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz.main(["--inputs", "200", "--seed", "3"]) == 0
    told = capsys.readouterr().out
    assert "every input was loaded or refused" in told
    assert ".pth, opcodes changed" in told


def test_one_case_by_itself() -> None:
    assert judged(HOSTILE["eval_2"], []).error == "CheckpointError"
