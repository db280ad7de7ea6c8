"""Flags and settings: what may be given, and what must hold; needs no TensorFlow."""
