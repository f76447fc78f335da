"""Text: where it comes from, and how it is cut into words."""

from numpy_nn.data.text import generated, hangul, tokenizers, topics
from numpy_nn.data.text.corpus import Corpus
from numpy_nn.data.text.tokenizers import TOKENIZERS

__all__ = ["TOKENIZERS", "Corpus", "generated", "hangul", "tokenizers", "topics"]
