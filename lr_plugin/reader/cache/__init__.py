"""Keeps what was read for as long as it is of use."""
