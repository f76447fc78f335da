"""Word2Vec against gensim and PyTorch: python -m benchmarks word2vec CORPUS.

Every training has a process of its own (trial.py), on one core: no contender finds another's data in the cache, and
each one's peak of memory is its own. The parent (command.py) cuts and numbers the text once, sends the trainings off
one after the other, seeds in turn, and reports (tables.py, picture.py).
"""
