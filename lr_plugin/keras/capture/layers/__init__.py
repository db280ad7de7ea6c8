"""Samples how far each layer's weights move."""
