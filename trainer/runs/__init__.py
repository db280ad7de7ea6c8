"""The folder of a run: its name, how it goes on, and what is left in it."""
