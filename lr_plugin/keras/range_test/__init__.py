"""What the learning rate range test is made of; see `range_test.range_test`."""
