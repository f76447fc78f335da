"""Data: datasets, the loader that shuffles and batches them, and where real ones come from."""

from numpy_nn.data import transforms
from numpy_nn.data.collate import default_collate, default_convert
from numpy_nn.data.dataset import Dataset, TensorDataset, TransformedDataset
from numpy_nn.data.digits import digits
from numpy_nn.data.download import cache_folder
from numpy_nn.data.idx import idx_images, read_idx
from numpy_nn.data.loader import DataLoader
from numpy_nn.data.memory_map import memmap_npy
from numpy_nn.data.mnist import fashion_mnist, mnist
from numpy_nn.data.parts import ConcatDataset, Subset, random_split
from numpy_nn.data.samplers import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from numpy_nn.data.tables import Table, csv, npz, unlabelled_csv

__all__ = [
    "BatchSampler",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "Subset",
    "SubsetRandomSampler",
    "Table",
    "TensorDataset",
    "TransformedDataset",
    "WeightedRandomSampler",
    "cache_folder",
    "csv",
    "default_collate",
    "default_convert",
    "digits",
    "fashion_mnist",
    "idx_images",
    "memmap_npy",
    "mnist",
    "npz",
    "random_split",
    "read_idx",
    "transforms",
    "unlabelled_csv",
]
