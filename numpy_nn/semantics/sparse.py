"""A matrix of which only what is not zero is kept, row after row."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

from numpy_nn.backend import Array, DTypeLike, array_module, device_of, item, to_device, to_host
from numpy_nn.functional import checks


@dataclass(frozen=True, eq=False)
class SparseCSR:
    """A matrix in compressed rows, under the names of torch.sparse_csr_tensor.

    A[i, col_indices[j]] = values[j]   for crow_indices[i] ≤ j < crow_indices[i + 1];   0 elsewhere

    crow_indices: (N + 1,) int64, from 0 up to nnz.  col_indices: (nnz,) int64 or int32, increasing within each row.
    values: (nnz,), float32 or float64.  shape: (N, M).  All on one device.
    Raises TypeError for other dtypes, ValueError for other shapes or devices and for rows or columns out of order,
    IndexError for a column that is not there.
    """

    crow_indices: Array
    col_indices: Array
    values: Array
    shape: tuple[int, int]

    def __post_init__(self) -> None:
        """Check that the parts make a matrix."""
        N, M = (checks.integer("shape", length, low=0) for length in self.shape)
        xp = checks.floating(values=self.values)
        if self.values.ndim != 1:
            raise ValueError(f"values: expected shape (nnz,), got {self.values.shape}")
        checks.indices("crow_indices", self.crow_indices, "int64")
        checks.indices("col_indices", self.col_indices, "int64", "int32")
        for name in ("crow_indices", "col_indices"):
            if device_of(getattr(self, name)) != self.device:
                raise ValueError(f"{name}: expected an array on {self.device} like values")
        checks.shape("crow_indices", self.crow_indices, (N + 1,), "where each row starts, and where the last one ends")
        checks.shape("col_indices", self.col_indices, (self.nnz,), "a column for each of values")
        checks.in_range("col_indices", self.col_indices, M)
        starts = to_host(self.crow_indices)
        if starts[0] != 0 or starts[-1] != self.nnz or (starts[1:] < starts[:-1]).any():
            raise ValueError(f"crow_indices: expected numbers that rise from 0 to {self.nnz}, the length of values")
        drops = xp.flatnonzero(self.col_indices[1:] <= self.col_indices[:-1]) + 1
        if not item(xp.isin(drops, self.crow_indices).all()):
            raise ValueError("col_indices: expected to increase within each row")

    @classmethod
    def from_coo(cls, rows: Array, columns: Array, values: Array, shape: tuple[int, int]) -> Self:
        """The matrix with so much at so many places; what falls on one place is added up, in float64.

        rows, columns: (n,) int64 or int32.  values: (n,), floating.  shape: (N, M).
        Raises as the class does, and IndexError for a row that is not there. torch.sparse_coo_tensor(…).coalesce().
        """
        N, M = (checks.integer("shape", length, low=0) for length in shape)
        for name, indices, size in (("rows", rows, N), ("columns", columns, M)):
            checks.indices(name, indices, "int64", "int32")
            checks.shape(name, indices, values.shape, "like values")
            checks.in_range(name, indices, size)
        keys, sums = summed(rows.astype("int64") * M + columns, values)
        return cls.from_keys(keys, sums.astype(values.dtype), (N, M))

    @classmethod
    def from_keys(cls, keys: Array, values: Array, shape: tuple[int, int]) -> Self:
        """The matrix whose places are numbered row by row: keys i M + j, increasing.  keys: (nnz,) int64."""
        N, M = shape
        xp = array_module(keys)
        starts = xp.searchsorted(keys, xp.arange(N + 1) * M)
        return cls(starts.astype("int64"), (keys % max(M, 1)).astype("int32" if M < 2**31 else "int64"), values, shape)

    @classmethod
    def from_dense(cls, x: Array) -> Self:
        """The matrix of a dense one.  x: (N, M), floating. Raises ValueError for another shape."""
        xp = checks.floating(x=x)
        if x.ndim != 2:
            raise ValueError(f"x: expected shape (N, M), got {x.shape}")
        keys = xp.flatnonzero(x)
        return cls.from_keys(keys, x.ravel()[keys], x.shape)

    @property
    def nnz(self) -> int:
        """How many numbers are kept."""
        return len(self.values)

    @property
    def dtype(self) -> Any:
        """What the values are."""
        return self.values.dtype

    @property
    def device(self) -> str:
        """Where the parts lie."""
        return device_of(self.values)

    @property
    def row_indices(self) -> Array:
        """The row of each value, (nnz,) int64."""
        xp = array_module(self.values)
        return xp.searchsorted(self.crow_indices, xp.arange(self.nnz), side="right") - 1

    def row(self, i: int) -> tuple[Array, Array]:
        """The columns and the values of a row.  Raises IndexError for a row that is not there."""
        if not 0 <= checks.integer("i", i) < self.shape[0]:
            raise IndexError(f"i: expected a row in [0, {self.shape[0]}), got {i}")
        start, stop = to_host(self.crow_indices[i : i + 2]).tolist()
        return self.col_indices[start:stop], self.values[start:stop]

    def with_values(self, values: Array) -> Self:
        """Other numbers at the same places."""
        return type(self)(self.crow_indices, self.col_indices, values, self.shape)

    def astype(self, dtype: DTypeLike) -> Self:
        """The same numbers as float32 or float64."""
        return self.with_values(self.values.astype(checks.floating_dtype(dtype), copy=False))

    def to(self, device: str) -> Self:
        """The same matrix on a device."""
        crow, col, values = (to_device(x, device) for x in (self.crow_indices, self.col_indices, self.values))
        return type(self)(crow, col, values, self.shape)

    def to_dense(self) -> Array:
        """The whole matrix, (N, M)."""
        dense = array_module(self.values).zeros(self.shape, dtype=self.dtype)
        dense[self.row_indices, self.col_indices] = self.values
        return dense

    def t(self) -> Self:
        """The transposed matrix, (M, N): columns in order, and the rows within each of them."""
        xp, (N, M) = array_module(self.values), self.shape
        order = xp.argsort(self.col_indices, kind="stable")
        counts = xp.bincount(self.col_indices, minlength=M)
        starts = xp.concatenate([xp.zeros(1, dtype="int64"), xp.cumsum(counts)])
        rows = self.row_indices.astype("int32" if N < 2**31 else "int64")
        return type(self)(starts.astype("int64", copy=False), rows[order], self.values[order], (M, N))

    def sum(self, dim: int) -> Array:
        """The sums over the rows (dim 0), (M,), or over the columns (dim 1), (N,); float64."""
        (axis,) = checks.dimension(dim, 2)
        along = (self.col_indices, self.row_indices)[axis]
        sums = array_module(self.values).bincount(along, weights=self.values, minlength=self.shape[1 - axis])
        return sums.astype("float64", copy=False)  # of nothing, NumPy's are integers

    def __matmul__(self, x: Array) -> Array:
        """The product with a dense matrix, row by row: (A X)[i] = Σ_j A[i, j] X[j] over what is kept.

        x: (M, K), of the dtype and device of A.  Returns (N, K).
        Raises ValueError for another shape or device, TypeError for another dtype.
        """
        xp = checks.floating(values=self.values, x=x)
        if x.ndim != 2 or x.shape[0] != self.shape[1]:
            raise ValueError(f"x: expected shape ({self.shape[1]}, K), got {x.shape}")
        y = xp.zeros((self.shape[0], x.shape[1]), dtype=x.dtype)
        starts = to_host(self.crow_indices).tolist()
        for i, (start, stop) in enumerate(pairwise(starts)):
            if start < stop:
                y[i] = self.values[start:stop] @ x[self.col_indices[start:stop]]
        return y


def summed(keys: Array, values: Array) -> tuple[Array, Array]:
    """The distinct keys, increasing, and the sum of the values of each, in float64 and in their order.

    keys: (n,) int64.  values: (n,).
    """
    xp = array_module(keys)
    order = xp.argsort(keys, kind="stable")
    keys = keys[order]
    new = xp.ones(len(keys), dtype=bool)
    new[1:] = keys[1:] != keys[:-1]
    sums = xp.bincount(xp.cumsum(new) - 1, weights=values[order])
    return keys[xp.flatnonzero(new)], sums.astype("float64", copy=False)
