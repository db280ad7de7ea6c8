"""The flags: what the user may give, and what must hold. Needs no TensorFlow."""
