"""A Keras trainer whose learning rate is explicit, recorded and repeatable."""
