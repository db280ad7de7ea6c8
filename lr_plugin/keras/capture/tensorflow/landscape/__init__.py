"""Measures the loss along an update, on the batch that comes next."""
