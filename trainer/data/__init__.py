"""What is trained with: loaded, checked, split, ordered and augmented."""
