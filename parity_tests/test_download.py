"""Downloads arrive whole and checked, from whichever place has them, or not at all."""

from __future__ import annotations

import gzip
import hashlib
import os
import socket
import threading
from contextlib import contextmanager
from http.client import BadStatusLine
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import torch_nn.data
from numpy_nn import data
from numpy_nn.data.download import cache_folder, download
from parity_tests.loaders import same
from parity_tests.test_idx import idx

CONTENT = np.random.default_rng(0).bytes(200_000)
MD5 = hashlib.md5(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Files under / whole or in parts, under /plain/ whole only, under /wrong/ changed …; notes each request."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.files = {"file": CONTENT}
        self.asked = []

    def url(self, path):
        return f"http://127.0.0.1:{self.server_address[1]}/{path}"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        kind, _, name = self.path[1:].rpartition("/")
        content = self.server.files.get(name)
        wanted = self.headers.get("Range")
        self.server.asked.append((kind, wanted))
        if content is None or kind == "gone":
            self.send_error(404)
            return
        if kind == "wrong":
            content = content[:-1] + bytes([content[-1] ^ 1])
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and kind != "plain" else 0
        if start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start and kind == "elsewhere":
            start -= 1
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if kind != "unmeasured":
            self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        stop = len(content) // 2 if kind == "half" else len(content)
        self.wfile.write(content[start:stop])

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with serving() as running:
        yield running


@contextmanager
def serving():
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield running
        finally:
            running.shutdown()
            thread.join()


def unused_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "folder" / "file"


def fetch(server, file, *kinds):
    return download([server.url(f"{kind}/file" if kind else "file") for kind in kinds], file, MD5)


def only(file):
    """Whether the file is there with all it should hold, and nothing beside it."""
    return file.read_bytes() == CONTENT and list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("kind", ["", "plain", "unmeasured"])
def test_a_file_arrives_whole(server, file, kind):
    assert fetch(server, file, kind) == file
    assert only(file)
    assert server.asked == [(kind, None)]


@pytest.mark.parametrize("kind", ["", "unmeasured"])
def test_what_broke_off_is_continued_by_the_next_place(server, file, kind):
    fetch(server, file, "half", kind)
    assert only(file)
    assert server.asked == [("half", None), (kind, "bytes=100000-")]


def test_what_broke_off_is_continued_by_the_next_call(server, file):
    with pytest.raises(FileNotFoundError, match="expected 200000 bytes, got 100000"):
        fetch(server, file, "half")
    assert [path.name for path in file.parent.iterdir()] == ["file.part"]
    fetch(server, file, "")
    assert only(file)
    assert server.asked[1:] == [("", "bytes=100000-")]


@pytest.mark.parametrize("kind", ["plain", "elsewhere"])
def test_a_server_that_gives_another_part_is_read_from_the_start(server, file, kind):
    if kind == "plain":
        fetch(server, file, "half", kind)
        assert server.asked[1:] == [(kind, "bytes=100000-")]
    else:
        fetch(server, file, "half", kind, "")
        assert server.asked[1] == (kind, "bytes=100000-")
    assert only(file)


@pytest.mark.parametrize("left", [b"something else", CONTENT + b"more", CONTENT[:-1] + b"?", b""])
def test_what_was_left_by_something_else_is_thrown_away(server, file, left):
    file.parent.mkdir()
    file.with_name("file.part").write_bytes(left)
    fetch(server, file, "")
    assert only(file)


def test_a_whole_part_is_taken_without_asking(server, file):
    file.parent.mkdir()
    file.with_name("file.part").write_bytes(CONTENT)
    fetch(server, file, "")
    assert only(file)
    assert server.asked == []


def test_a_file_with_another_checksum_is_thrown_away_and_the_next_place_asked(server, file):
    fetch(server, file, "wrong", "")
    assert only(file)
    assert server.asked == [("wrong", None), ("", None)]
    file.unlink()
    with pytest.raises(FileNotFoundError, match=f"expected MD5 {MD5}, got [0-9a-f]{{32}}"):
        fetch(server, file, "wrong")
    assert list(file.parent.iterdir()) == []


def test_places_without_the_file_are_passed_over(server, file):
    nowhere = f"http://127.0.0.1:{unused_port()}/file"
    download([server.url("gone/file"), nowhere, server.url("file")], file, MD5)
    assert only(file)


def test_an_answer_that_is_no_http_is_passed_over(server, file, monkeypatch):
    module = import_module("numpy_nn.data.download")
    urlopen = module.urlopen

    def broken_at_first(request, timeout):
        monkeypatch.setattr(module, "urlopen", urlopen)
        raise BadStatusLine("nonsense")

    monkeypatch.setattr(module, "urlopen", broken_at_first)
    download([server.url("file"), server.url("file")], file, MD5)
    assert only(file)


def test_a_file_that_nobody_has_is_refused_with_all_that_was_tried(server, file):
    refused = f"http://127.0.0.1:{unused_port()}/file"
    urls = [server.url("gone/file"), refused, "http://nowhere.invalid/file", server.url("wrong/file")]
    with pytest.raises(FileNotFoundError) as caught:
        download(urls, file, MD5)
    first, *tried, last = str(caught.value).splitlines()
    assert first == f"{file}: expected to fetch it from one of"
    assert [line.split(": ")[0].strip() for line in tried] == urls
    assert "404" in tried[0]
    assert "refused" in tried[1]
    assert "MD5" in tried[3]
    assert last == f"put it into {file.parent} by hand"
    assert list(file.parent.iterdir()) == []


def test_a_file_that_was_there_stays_until_the_new_one_is_whole(server, file):
    file.parent.mkdir()
    file.write_bytes(b"before")
    with pytest.raises(FileNotFoundError):
        fetch(server, file, "half", "wrong")
    assert file.read_bytes() == b"before"


def test_progress_counts_every_byte_once(server, file, monkeypatch):
    bars = []

    @contextmanager
    def bar(what, total, unit):
        bars.append([what, total, unit, 0])
        yield lambda n: bars[-1].__setitem__(3, bars[-1][3] + n)

    monkeypatch.setattr(import_module("numpy_nn.data.download"), "bar", bar)
    fetch(server, file, "half", "")
    assert bars == [["file", 200_000, "B", 100_000], ["file", 200_000, "B", 200_000]]


def test_the_cache_is_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMPY_NN_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("NUMPY_NN_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    for system, variable, default in (
        ("linux", "XDG_CACHE_HOME", ".cache/numpy_nn"),
        ("darwin", None, "Library/Caches/numpy_nn"),
        ("win32", "LOCALAPPDATA", ".cache/numpy_nn"),
    ):
        monkeypatch.setattr("sys.platform", system)
        if variable:
            monkeypatch.setenv(variable, str(tmp_path / "named"))
            assert cache_folder() == tmp_path / "named" / "numpy_nn"
            monkeypatch.delenv(variable)
        assert cache_folder() == tmp_path / default


SETS = [("mnist", "MNIST", "mnist"), ("fashion_mnist", "FASHION", "fashion-mnist")]


@pytest.fixture
def published(server, monkeypatch, tmp_path):
    return publish(server, monkeypatch, tmp_path)


def publish(server, monkeypatch, folder):
    """Small sets of images in the place of the real ones, and an empty cache: its path."""
    monkeypatch.setenv("NUMPY_NN_CACHE", str(folder / "cache"))
    module = import_module("numpy_nn.data.mnist")
    rng = np.random.default_rng(0)
    checksums = {}
    for name in module.MNIST_MD5:
        shape = (5 if name.startswith("train") else 2, *((3, 4) if "images" in name else ()))
        server.files[name] = gzip.compress(idx(rng.integers(0, 10, shape, np.uint8)), mtime=0)
        checksums[name] = hashlib.md5(server.files[name]).hexdigest()
    for prefix in ("MNIST", "FASHION"):
        monkeypatch.setattr(module, f"{prefix}_MIRRORS", (server.url("gone/"), server.url("")))
        monkeypatch.setattr(module, f"{prefix}_MD5", checksums)
    return folder / "cache"


@pytest.mark.parametrize(("name", "prefix", "folder"), SETS)
def test_images_are_downloaded_once_and_the_same_in_both_wings(server, published, name, prefix, folder):
    load = getattr(data, name)
    with pytest.raises(FileNotFoundError, match=r"t10k-images-idx3-ubyte.gz and t10k-labels.*download=True"):
        load(train=False)
    for train, N in ((True, 5), (False, 2)):
        images, labels = load(train=train, download=True)
        assert (images.shape, labels.shape, images.dtype, labels.dtype) == ((N, 3, 4), (N,), np.uint8, np.uint8)
        twins = getattr(torch_nn.data, name)(published / folder, train)
        assert same(images, twins[0])
        assert same(labels, twins[1])
    asked = len(server.asked)
    assert asked == 8
    assert load()[0].shape == (5, 3, 4)
    assert load(published / folder, train=False, download=True)[0].shape == (2, 3, 4)
    assert len(server.asked) == asked


def test_what_lies_unzipped_in_a_folder_is_not_fetched(server, published, tmp_path):
    for name, content in server.files.items():
        if name.startswith("train"):
            (tmp_path / name.removesuffix(".gz")).write_bytes(gzip.decompress(content))
    assert data.mnist(str(tmp_path), download=True)[1].shape == (5,)
    assert server.asked == []


@pytest.mark.skipif(
    "NN_DATA" not in os.environ, reason="needs the real files: set NN_DATA to the folder with mnist/*.gz"
)
@pytest.mark.parametrize(("name", "prefix", "folder"), SETS)
def test_the_published_checksums_are_those_of_the_real_files(name, prefix, folder):
    files = list(Path(os.environ["NN_DATA"], folder).glob("*.gz"))
    assert files
    checksums = getattr(import_module("numpy_nn.data.mnist"), f"{prefix}_MD5")
    assert {file.name: hashlib.md5(file.read_bytes()).hexdigest() for file in files}.items() <= checksums.items()
    images, labels = getattr(data, name)(files[0].parent, train=False)
    assert (images.shape, labels.shape) == ((10000, 28, 28), (10000,))
