"""Semantic spaces: meaning as a place among neighbours.

counts = cooccurrence(ids, num_words)       vectors = svd_vectors(ppmi(counts), 100)
indices, similarities = nearest_neighbours(vectors[:1], vectors, k=10)
"""

from numpy_nn.semantics.analogy import analogy
from numpy_nn.semantics.clustering import Clusters, kmeans, kmeans_plus_plus
from numpy_nn.semantics.cooccurrence import cooccurrence
from numpy_nn.semantics.hierarchy import leaf_order, linkage
from numpy_nn.semantics.pca import PCA, pca
from numpy_nn.semantics.ppmi import ppmi
from numpy_nn.semantics.similarity import cosine_similarity, nearest_neighbours
from numpy_nn.semantics.sparse import SparseCSR
from numpy_nn.semantics.svd import SVD, svd_lowrank, svd_vectors
from numpy_nn.semantics.tsne import Map, joint_probabilities, tsne, tsne_divergence

__all__ = [
    "PCA",
    "SVD",
    "Clusters",
    "Map",
    "SparseCSR",
    "analogy",
    "cooccurrence",
    "cosine_similarity",
    "joint_probabilities",
    "kmeans",
    "kmeans_plus_plus",
    "leaf_order",
    "linkage",
    "nearest_neighbours",
    "pca",
    "ppmi",
    "svd_lowrank",
    "svd_vectors",
    "tsne",
    "tsne_divergence",
]
