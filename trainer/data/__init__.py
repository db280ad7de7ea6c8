"""The data: loaded, checked, split, ordered and augmented."""
