"""Computes from the settings what every update of a run will use."""
