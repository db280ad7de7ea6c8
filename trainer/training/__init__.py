"""Trains a model, writes checkpoints, and goes on from them."""
