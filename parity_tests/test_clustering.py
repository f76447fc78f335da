"""Clusters and trees of clusters: by scikit-learn, SciPy and PyTorch, from the same start."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import scipy.cluster.hierarchy
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans

import numpy_nn as nn
import torch_nn.semantics
from numpy_nn.backend import to_device, to_host
from numpy_nn.semantics import Clusters, kmeans, kmeans_plus_plus, leaf_order, linkage
from parity_tests.bounds import unit, within
from parity_tests.strategies import dtypes, seeds

METHODS = st.sampled_from(["single", "complete", "average", "ward"])
KS = st.integers(1, 5)


def drawn_points(seed: int, dtype: type = np.float64, N: int = 30, D: int = 3) -> np.ndarray:
    """Points around four places, far from 0, so that clusters have a shape and no two distances are equal."""
    random = np.random.default_rng(seed)
    return (random.standard_normal((N, D)) + 3 * random.integers(0, 4, (N, 1)) + 50).astype(dtype)


def drawn_start(seed: int, x: np.ndarray, k: int, empty: bool) -> np.ndarray:
    """Some of the points, the last replaced by one that is nobody's nearest where one is to stay empty."""
    start = x[np.random.default_rng(seed).permutation(len(x))[:k]].copy()
    if empty and k > 1:
        start[-1] += 1000
    return start


def same_clusters(ours: Clusters, labels: np.ndarray, centers: np.ndarray, inertia: float, x: np.ndarray) -> None:
    np.testing.assert_array_equal(ours.labels, labels)
    off = 4 * len(x) * unit(x.dtype) * np.abs(x).max()  # a mean of N numbers
    within("centers", ours.centers, centers, off)
    D = x.shape[1]
    spread = np.abs(x - ours.centers[ours.labels]).max() + off
    within(
        "inertia", np.array(ours.inertia), np.array(inertia), 4 * len(x) * D * spread * (2 * off + D * unit(x.dtype))
    )


@given(seeds, KS, dtypes, st.booleans(), st.sampled_from([300, 1, 2]))
def test_from_the_same_start_the_clusters_are_pytorchs(seed, k, dtype, empty, max_iter):
    x = drawn_points(seed, dtype)
    start = drawn_start(seed, x, k, empty)
    ours = kmeans(x, k, start=start, max_iter=max_iter)
    theirs = torch_nn.semantics.kmeans(torch.from_numpy(x), k, start=torch.from_numpy(start), max_iter=max_iter)
    assert (ours.centers.dtype, ours.labels.dtype, type(ours.inertia)) == (dtype, np.int64, float)
    assert ours.iterations == theirs.iterations
    same_clusters(ours, theirs.labels.numpy(), theirs.centers.numpy(), theirs.inertia, x)


@given(seeds, KS, st.booleans(), st.sampled_from([300, 1, 3]), st.sampled_from([1e-4, 0.0, 1e-1]))
def test_from_the_same_start_the_clusters_are_scikit_learns(seed, k, empty, max_iter, tol):
    x = drawn_points(seed)
    start = drawn_start(seed, x, k, empty)
    ours = kmeans(x, k, start=start, max_iter=max_iter, tol=tol)
    with_theirs = KMeans(k, init=start, n_init=1, max_iter=max_iter, tol=tol, algorithm="lloyd")
    theirs = quietly(with_theirs, x)
    same_clusters(ours, theirs.labels_, theirs.cluster_centers_, theirs.inertia_, x)


def quietly(estimator: KMeans, x: np.ndarray) -> KMeans:
    """Fitted, without the advice that few iterations may not be enough."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return estimator.fit(x)


@given(seeds, KS, dtypes)
def test_from_one_seed_the_starts_are_pytorchs(seed, k, dtype):
    x = drawn_points(seed, dtype)
    ours = kmeans_plus_plus(x, k, generator=nn.Generator(seed))
    theirs = torch_nn.semantics.kmeans_plus_plus(torch.from_numpy(x), k, generator=torch.Generator().manual_seed(seed))
    np.testing.assert_array_equal(ours, theirs.numpy(), strict=True)
    assert len(set(ours.tolist())) == k


@given(seeds, KS, st.integers(1, 3))
def test_from_one_seed_the_best_clusters_are_pytorchs(seed, k, n_init):
    x = drawn_points(seed)
    ours = kmeans(x, k, n_init=n_init, generator=nn.Generator(seed))
    theirs = torch_nn.semantics.kmeans(
        torch.from_numpy(x), k, n_init=n_init, generator=torch.Generator().manual_seed(seed)
    )
    same_clusters(ours, theirs.labels.numpy(), theirs.centers.numpy(), theirs.inertia, x)
    again = kmeans(x, k, n_init=n_init, generator=nn.Generator(seed))
    assert all(np.array_equal(one, other) for one, other in zip(ours, again, strict=True))


def test_the_default_stream_is_drawn_from_and_ten_starts_are_tried():
    x = drawn_points(5)
    nn.manual_seed(3)
    ours = kmeans(x, 4)
    assert ours.inertia == kmeans(x, 4, n_init=10, generator=nn.Generator(3)).inertia
    drawn = nn.random.rand(1)
    nn.manual_seed(3)
    nn.random.rand(10 * 4, dtype=np.float64)
    assert drawn == nn.random.rand(1)


def test_points_are_drawn_in_proportion_to_their_squared_distance():
    x = np.array([[0.0], [1.0], [3.0]])  # from the first, 0, 1 and 9 in ten; from the second, 1, 0 and 4 in five
    counts = np.zeros((3, 3), int)
    generator = nn.Generator(0)
    for _ in range(3000):
        first, second = kmeans_plus_plus(x, 2, generator=generator)
        counts[first, second] += 1
    expected = 3000 * np.array([[0, 0.1, 0.9], [0.2, 0, 0.8], [9 / 13, 4 / 13, 0]]) / 3
    assert np.all(np.abs(counts - expected) <= 5 * np.sqrt(expected))  # five deviations; what cannot be, never is


def test_a_point_between_two_centres_goes_to_the_first():
    found = kmeans(np.array([[0.0], [1.0], [2.0]]), 2, start=np.array([[0.0], [2.0]]), max_iter=1)
    assert found.labels.tolist() == [0, 0, 1]
    assert found.centers.tolist() == [[0.5], [2.0]]


def test_empty_clusters_take_the_furthest_points_in_order():
    x = np.array([[0.0], [1.0], [5.0], [9.0]])
    found = kmeans(x, 3, start=np.array([[0.0], [100.0], [-100.0]]), max_iter=1)
    assert found.centers.tolist() == [[0.5], [9.0], [5.0]]
    assert found.inertia == 0.5


def test_more_centres_than_places_leave_some_where_they_were():
    found = kmeans(np.ones((4, 2)), 2, start=np.array([[1.0, 1], [7, 7]]))
    assert found.centers.tolist() == [[1, 1], [7, 7]]
    assert (found.labels.tolist(), found.inertia) == ([0] * 4, 0)


def test_as_many_centres_as_points_are_the_points():
    x = drawn_points(0, N=5)
    found = kmeans(x, 5, generator=nn.Generator(0))
    assert sorted(found.labels.tolist()) == [0, 1, 2, 3, 4]
    within("centers", found.centers[found.labels], x, 4 * unit(x.dtype) * np.abs(x).max())


def test_many_points_are_taken_block_by_block():
    x = drawn_points(0, N=9000)
    found = kmeans(x, 4, start=x[:4])
    theirs = torch_nn.semantics.kmeans(torch.from_numpy(x), 4, start=torch.from_numpy(x[:4]))
    np.testing.assert_array_equal(found.labels, theirs.labels.numpy())


# Trees


@given(seeds, st.integers(2, 20), METHODS, dtypes)
def test_the_tree_is_scipys(seed, N, method, dtype):
    x = drawn_points(seed, dtype, N)
    ours, theirs = linkage(x, method), scipy.cluster.hierarchy.linkage(x.astype(np.float64), method)
    np.testing.assert_array_equal(ours[:, [0, 1, 3]], theirs[:, [0, 1, 3]], strict=True)
    # A distance is off by some roundings of the coordinates, and each merge adds a few of the largest distance
    off = 8 * (x.shape[1] + N) * unit(np.dtype(np.float64)) * ours[-1, 2]
    within("distances", ours[:, 2], theirs[:, 2], off * ours[-1, 2] / ours[0, 2])
    order = leaf_order(ours)
    np.testing.assert_array_equal(order, scipy.cluster.hierarchy.leaves_list(theirs))
    assert order.dtype == np.int64


@given(seeds, st.sampled_from(["single", "complete", "average"]))
def test_the_tree_of_cosines_is_scipys(seed, method):
    x = np.random.default_rng(seed).standard_normal((12, 4))
    ours, theirs = linkage(x, method, "cosine"), scipy.cluster.hierarchy.linkage(x, method, "cosine")
    np.testing.assert_array_equal(ours[:, [0, 1, 3]], theirs[:, [0, 1, 3]], strict=True)
    within("distances", ours[:, 2], theirs[:, 2], 8 * 16 * unit(x.dtype) * np.ones(11))


@given(seeds, st.integers(2, 8), METHODS)
def test_the_tree_is_that_of_the_definition_in_pytorch(seed, N, method):
    x = drawn_points(seed, N=N)
    ours, theirs = linkage(x, method), torch_nn.semantics.linkage(torch.from_numpy(x), method).numpy()
    np.testing.assert_array_equal(ours[:, [0, 1, 3]], theirs[:, [0, 1, 3]])
    off = 8 * (x.shape[1] + N) * unit(x.dtype) * np.abs(x).max()
    within("distances", ours[:, 2], theirs[:, 2], off * ours[-1, 2] / ours[0, 2])
    np.testing.assert_array_equal(leaf_order(ours), torch_nn.semantics.leaf_order(torch.from_numpy(theirs)).numpy())


@given(seeds, st.integers(2, 12), METHODS)
def test_equal_distances_end_in_a_tree(seed, N, method):
    """Of points on a grid, where many trees are right; the distances of single linkage are one set all the same."""
    x = np.random.default_rng(seed).integers(0, 3, (N, 2)).astype(float)
    tree = linkage(x, method)
    assert sorted(leaf_order(tree).tolist()) == list(range(N))
    assert (np.diff(tree[:, 2]) >= 0).all()
    assert tree[-1, 3] == N
    if method == "single":
        np.testing.assert_array_equal(tree[:, 2], scipy.cluster.hierarchy.linkage(x, "single")[:, 2])


def test_trees_are_average_and_euclidean_by_default():
    x = drawn_points(0)
    np.testing.assert_array_equal(linkage(x), linkage(x, "average", "euclidean"), strict=True)


def test_a_tree_of_two_points():
    assert linkage(np.array([[0.0], [3.0]])).tolist() == [[0, 1, 3, 2]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_array_double_gives_the_same(dtype):
    x = drawn_points(0, dtype)
    there, start = to_device(x, "strict"), drawn_start(1, x, 4, True)
    runs = [(kmeans(there, 3, generator=nn.Generator(1)), kmeans(x, 3, generator=nn.Generator(1)))]
    runs += [(kmeans(there, 4, start=to_device(start, "strict")), kmeans(x, 4, start=start))]
    for ours, expected in runs:
        np.testing.assert_array_equal(to_host(ours.centers), expected.centers, strict=True)
        np.testing.assert_array_equal(to_host(ours.labels), expected.labels, strict=True)
        assert ours[2:] == expected[2:]
    np.testing.assert_array_equal(linkage(there), linkage(x), strict=True)
    tree = to_device(linkage(x), "strict")
    np.testing.assert_array_equal(to_host(leaf_order(tree)), leaf_order(linkage(x)), strict=True)


x = drawn_points(0, N=4)
tree = linkage(x)
REFUSED = {
    "kmeans, a list": (TypeError, "x: expected an array", lambda: kmeans([[1.0]], 1)),
    "kmeans, whole": (TypeError, "x: expected float32", lambda: kmeans(x.astype(int), 1)),
    "kmeans, a row": (ValueError, r"x: expected shape \(N, D\)", lambda: kmeans(x[0], 1)),
    "kmeans, nan": (ValueError, "x: expected finite", lambda: kmeans(x * np.nan, 1)),
    "kmeans, huge": (ValueError, "x: expected numbers up to 2e", lambda: kmeans(x * 1e160, 1)),
    "kmeans, none": (ValueError, "x: expected at least 1 points", lambda: kmeans(x[:0], 1)),
    "kmeans, k": (ValueError, "k: expected at most 4, the number of points, got 5", lambda: kmeans(x, 5)),
    "kmeans, k = 0": (ValueError, "k: expected at least 1", lambda: kmeans(x, 0)),
    "kmeans, the same point": (ValueError, "at least k = 2 points that differ, got 1", lambda: kmeans(x * 0, 2)),
    "kmeans, start": (ValueError, r"start: expected shape \(2, 3\)", lambda: kmeans(x, 2, start=x)),
    "kmeans, start, nan": (ValueError, "start: expected finite", lambda: kmeans(x, 4, start=x + np.nan)),
    "kmeans, start, float32": (
        TypeError,
        "start: expected float64 like x",
        lambda: kmeans(x, 4, start=x.astype(np.float32)),
    ),
    "kmeans, n_init": (ValueError, "n_init: expected at least 1", lambda: kmeans(x, 2, n_init=0)),
    "kmeans, max_iter": (ValueError, "max_iter: expected at least 1", lambda: kmeans(x, 2, max_iter=0)),
    "kmeans, tol": (ValueError, "tol: expected a number of at least 0", lambda: kmeans(x, 2, tol=-1.0)),
    "kmeans++, k": (ValueError, "k: expected at most 4", lambda: kmeans_plus_plus(x, 5)),
    "linkage, one": (ValueError, "x: expected at least 2 points", lambda: linkage(x[:1])),
    "linkage, nan": (ValueError, "x: expected finite", lambda: linkage(x * np.inf)),
    "linkage, method": (ValueError, "method: expected one of 'single'", lambda: linkage(x, "centroid")),
    "linkage, metric": (ValueError, "metric: expected one of 'euclidean'", lambda: linkage(x, metric="city")),
    "linkage, ward": (ValueError, "metric: expected 'euclidean' for ward", lambda: linkage(x, "ward", "cosine")),
    "linkage, no cosine": (ValueError, "x: expected points other than 0", lambda: linkage(x * 0, metric="cosine")),
    "leaves, shape": (ValueError, r"tree: expected shape \(N - 1, 4\)", lambda: leaf_order(x)),
    "leaves, none": (ValueError, r"tree: expected shape \(N - 1, 4\)", lambda: leaf_order(tree[:0])),
    "leaves, twice": (ValueError, "tree: expected each cluster", lambda: leaf_order(tree * 0)),
    "leaves, too early": (ValueError, "tree: expected each cluster", lambda: leaf_order(tree[::-1])),
    "leaves, nan": (ValueError, "tree: expected finite", lambda: leaf_order(tree * np.nan)),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_has_no_clusters_is_refused(what: str) -> None:
    error, message, call = REFUSED[what]
    with pytest.raises(error, match=message):
        call()
