"""Writes a run: rows, events, layers and range tests, into event files of its own."""
