"""Builds the optimizer, or rebuilds that of the user's own model."""
