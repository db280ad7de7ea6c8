"""Tables in text files: their cells, numbers and words."""
