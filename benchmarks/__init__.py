"""numpy_nn and PyTorch side by side on the clock: python -m benchmarks. Nothing is timed that fails parity."""
