"""Builds the optimizer, or rebuilds the one that the user's model was compiled with."""
