"""Word2Vec by hand: from text to vectors with meaning."""

from numpy_nn.word2vec import evaluation, huffman, sampling
from numpy_nn.word2vec.encoded import Encoded
from numpy_nn.word2vec.errors import UnknownWordError
from numpy_nn.word2vec.model import Word2Vec, train
from numpy_nn.word2vec.objectives import block_loss, hierarchical_softmax_loss, negative_sampling_loss, softmax_loss
from numpy_nn.word2vec.settings import Settings
from numpy_nn.word2vec.vectors import WordVectors
from numpy_nn.word2vec.vocabulary import Vocabulary

__all__ = [
    "Encoded",
    "Settings",
    "UnknownWordError",
    "Vocabulary",
    "Word2Vec",
    "WordVectors",
    "block_loss",
    "evaluation",
    "hierarchical_softmax_loss",
    "huffman",
    "negative_sampling_loss",
    "sampling",
    "softmax_loss",
    "train",
]
