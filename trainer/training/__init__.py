"""Trains, keeps checkpoints, and goes on where it was."""
