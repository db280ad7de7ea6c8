"""Takes the rows out of TensorFlow's compiled step, with a ring on the device."""
