"""The folder of a run: its name, how a run goes on, and what is left in it."""
