"""Word2Vec with negative sampling in large blocks: blocks.py has what is read, skip_gram.py what is computed."""

from numpy_nn.word2vec.fast.trainer import train

__all__ = ["train"]
