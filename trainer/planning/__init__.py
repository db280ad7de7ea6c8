"""Resolves the settings into what every update of a run will use."""
