"""The proof that numpy_nn and torch_nn agree."""
