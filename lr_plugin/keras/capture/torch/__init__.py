"""Takes the rows out of PyTorch's step, which runs operation by operation."""
