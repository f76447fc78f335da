"""Word2Vec with negative sampling in large blocks: read in blocks.py, computed in skip_gram.py and cbow.py."""

from numpy_nn.word2vec.fast.trainer import train

__all__ = ["train"]
