"""The parts of the callback that multiplies the rate on a plateau."""
