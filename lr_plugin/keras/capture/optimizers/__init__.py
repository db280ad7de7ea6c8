"""Reads from Keras' optimizers what their next update will use."""
