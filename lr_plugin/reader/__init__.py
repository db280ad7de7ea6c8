"""Reads runs: from TensorBoard's memory, from event files, and those of others."""
