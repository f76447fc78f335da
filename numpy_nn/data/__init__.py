"""Data: datasets, the loader that shuffles and batches them, and where real ones come from."""

from numpy_nn.data.dataset import Dataset, TensorDataset
from numpy_nn.data.digits import digits
from numpy_nn.data.idx import idx_images, read_idx
from numpy_nn.data.loader import DataLoader

__all__ = ["DataLoader", "Dataset", "TensorDataset", "digits", "idx_images", "read_idx"]
