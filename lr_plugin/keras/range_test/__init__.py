"""The parts of the learning rate range test; see `range_test.range_test`."""
