"""MNIST and Fashion-MNIST, from a folder or from where they are published."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from numpy_nn.backend import Array
from numpy_nn.data.download import cache_folder, download
from numpy_nn.data.idx import idx_images

MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
MNIST_MD5 = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}
FASHION_MIRRORS = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
)
FASHION_MD5 = {
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
}


def mnist(
    root: str | os.PathLike[str] | None = None, train: bool = True, download: bool = False
) -> tuple[Array, Array]:
    """Handwritten digits: images (N, 28, 28) and labels (N,) in [0, 10), both uint8; N is 60,000, and 10,000 to test.

    root: the folder with the four files as published, zipped or not; `cache_folder()`/mnist if None.
    train: which half.
    download: fetch what is missing, checked by its published checksum.
    Raises FileNotFoundError where a file is missing and cannot be had, ValueError where one is damaged.
    LeCun, Cortes and Burges, The MNIST database; checksums as in torchvision.datasets.MNIST.
    """
    return _images("mnist", root, train, download, MNIST_MIRRORS, MNIST_MD5)


def fashion_mnist(
    root: str | os.PathLike[str] | None = None, train: bool = True, download: bool = False
) -> tuple[Array, Array]:
    """Pictures of clothes in the form of MNIST, see there.

    root: `cache_folder()`/fashion-mnist if None.
    Classes: T-shirt/top, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot.
    Xiao, Rasul and Vollgraf 2017.
    """
    return _images("fashion-mnist", root, train, download, FASHION_MIRRORS, FASHION_MD5)


def _images(
    name: str,
    root: str | os.PathLike[str] | None,
    train: bool,
    fetch: bool,
    mirrors: Sequence[str],
    md5: Mapping[str, str],
) -> tuple[Array, Array]:
    folder = cache_folder() / name if root is None else Path(root)
    half = "train-" if train else "t10k-"
    missing = [
        file
        for file in md5
        if file.startswith(half) and not any((folder / known).is_file() for known in (file, file.removesuffix(".gz")))
    ]
    if missing and not fetch:
        raise FileNotFoundError(f"{folder}: expected {' and '.join(missing)}, not found; download=True fetches them")
    for file in missing:
        download([mirror + file for mirror in mirrors], folder / file, md5[file])
    return idx_images(folder, train)
