"""A file is whole: the old content or the new one, whenever the process dies, and nothing else is left in its way."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from numpy_nn.files import whole
from parity_tests.killing import save, version
from parity_tests.test_checkpoint import endings

ROOT = Path(__file__).parent.parent


def leftovers(folder: Path) -> list[str]:
    return [name for name in os.listdir(folder) if name.endswith(".part")]


def test_what_is_written_takes_the_place_of_the_old_when_it_is_done(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with whole(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
        assert len(leftovers(tmp_path)) == 1
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a"]


def fail_in_the_middle(path: Path, error: type[BaseException]) -> None:
    with whole(path) as file:
        file.write(b"new")
        raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_leaves_the_old_file_and_nothing_else(error: type[BaseException], tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(error):
        fail_in_the_middle(path, error)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_a_new_file_has_the_permissions_of_the_umask_and_a_replaced_one_its_own(mask: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        with whole(tmp_path / "a") as file:
            file.write(b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o666 & ~mask
    (tmp_path / "a").chmod(0o640)
    with whole(tmp_path / "a") as file:
        file.write(b"")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_a_link_stays_and_what_it_points_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder" / "a")
    for content in (b"1", b"2"):
        with whole(tmp_path / "link") as file:
            file.write(content)
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "folder" / "a").read_bytes() == content


def test_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="expected the name of a file, got a folder"), whole(tmp_path):
        pass
    with pytest.raises(FileNotFoundError, match=r"expected a folder .*, found none"), whole(tmp_path / "a" / "b"):
        pass


def test_a_leftover_is_removed_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a"
    (tmp_path / ".a.0123456789abcdef.part").write_bytes(b"left")
    (tmp_path / ".b.0123456789abcdef.part").write_bytes(b"another's")
    with whole(path) as slow:
        slow.write(b"slow")
        with whole(path) as fast:
            fast.write(b"fast")
        assert path.read_bytes() == b"fast"
        assert len(leftovers(tmp_path)) == 2  # that of b, and the slow one's own
    assert path.read_bytes() == b"slow"
    assert sorted(os.listdir(tmp_path)) == [".b.0123456789abcdef.part", "a"]


def test_several_may_write_at_once(tmp_path: Path) -> None:
    """The last one wins; every one is whole, and none disturbs another."""
    problems: list[BaseException] = []

    def save_often(number: int) -> None:
        try:
            for _ in range(20):
                save(number, tmp_path / "a.npz")
                assert version(tmp_path / "a.npz") in range(4)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=save_often, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert os.listdir(tmp_path) == ["a.npz"]


def test_what_is_written_reaches_the_disk_before_its_name_does(tmp_path: Path) -> None:
    """The order of a careful writer: all bytes, fsync of the file, rename, fsync of the folder."""
    done: list[Any] = []

    def noted(name: str, note: Callable[..., Any]) -> None:
        real = getattr(os, name)
        patch.setattr(os, name, lambda *args: (done.append(note(*args)), real(*args))[1])

    def synced(descriptor: int) -> tuple[Any, ...]:
        status = os.fstat(descriptor)
        return ("folder",) if stat.S_ISDIR(status.st_mode) else ("file", status.st_size)

    with pytest.MonkeyPatch.context() as patch:
        noted("fsync", synced)
        noted("replace", lambda source, target: ("replace", Path(target).name))
        with whole(tmp_path / "a") as file:
            file.write(b"12345")
    assert done == [("file", 5), ("replace", "a"), ("folder",)]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Any]]:
    """What processes leave that are killed while they save a file of some ending."""

    @cache
    def found(ending: str) -> dict[str, Any]:
        path = tmp_path_factory.mktemp("killed") / f"a{ending}"
        command = [sys.executable, "-m", "parity_tests.killing", str(path)]
        return json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)

    return found


@endings
def test_killed_at_any_step_the_file_is_all_old_or_all_new(
    ending: str, killed: Callable[[str], dict[str, Any]]
) -> None:
    steps = killed(ending)["steps"]
    found = [step["version"] for step in steps]
    assert found == sorted(found)
    assert {0, 1} == set(found)
    assert found[:-1].count(1) == 3  # killed after the renaming: before closing, opening the folder and flushing it
    assert found.count(0) >= 7  # opening, locking, permissions, writing, flushing, flushing to the disk, renaming
    assert [step["left"] for step in steps] == [0] * len(steps)  # what the last one left is cleaned by the next save


@endings
def test_killed_at_any_moment_no_save_is_lost(ending: str, killed: Callable[[str], dict[str, Any]]) -> None:
    moments = killed(ending)["moments"]
    assert len(moments) >= 40
    for moment in moments:
        assert moment["version"] in (moment["last"], moment["last"] + 1)
        assert moment["left"] <= 1
    assert sum(moment["left"] for moment in moments) > 0  # some were killed in the middle
