"""What other rates would have done, and what follows from it."""
