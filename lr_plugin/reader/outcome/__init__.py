"""What a run came to: its final and its lowest loss, where it diverged, its best epoch.

Each word has one definition, in the docstring of the function that finds it, for every
place that says it.
"""
