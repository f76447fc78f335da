"""Real handwritten digits without a download."""

from __future__ import annotations

import numpy as np

from numpy_nn.backend import Array, DTypeLike


def digits(dtype: DTypeLike = np.float32) -> tuple[Array, Array]:
    """1,797 handwritten digits of 8×8 pixels, from the files that come with scikit-learn.

    dtype: floating; TypeError otherwise.  Returns images (1797, 64) of dtype, in [0, 1] by sixteenths, and targets
    (1797,) of int64, in [0, 10).
    Raises ImportError without scikit-learn. Alpaydin and Kaynak 1998, UCI repository, the test half.
    """
    if np.dtype(dtype).kind != "f":
        raise TypeError(f"dtype: expected a floating dtype, got {np.dtype(dtype)}")
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ImportError('digits needs scikit-learn: pip install "numpy_nn[data]"') from error
    images, targets = load_digits(return_X_y=True)
    return (images / 16).astype(dtype), targets.astype(np.int64)
