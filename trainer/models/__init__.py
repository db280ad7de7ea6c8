"""What is trained: built, loaded, compiled, frozen and saved."""
