"""numpy_nn and PyTorch side by side on the clock: python -m benchmarks. Nothing is timed that fails parity.

What is timed: formulas.py, images.py, optimizers.py, steps.py (of networks.py), scaling.py; memory.py and start.py
measure whole processes, training.py a whole training; word2vec/ has a command of its own. A thing and the backends that
do it is a Contest (contest.py), which timing.py makes rows of; results.py keeps rows, tables.py, pictures.py and
page.py show them, documents.py holds the READMEs to them, comparison.py compares two reports. command.py is the
command.
"""
