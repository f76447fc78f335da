"""Semantic spaces as a PyTorch user writes them: torch.sparse, torch.linalg, torch.cdist, autograd."""

from torch_nn.semantics.clustering import kmeans, kmeans_plus_plus
from torch_nn.semantics.counting import cooccurrence, ppmi
from torch_nn.semantics.hierarchy import leaf_order, linkage
from torch_nn.semantics.projection import pca, svd_lowrank, svd_vectors
from torch_nn.semantics.similarity import analogy, cosine_similarity, nearest_neighbours
from torch_nn.semantics.tsne import joint_probabilities, tsne, tsne_divergence

__all__ = [
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
