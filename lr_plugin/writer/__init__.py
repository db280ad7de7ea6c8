"""Writes a run: rows, events, layers and range tests, into its own event files."""

from lr_plugin.writer.run_writer import RunWriter

__all__ = ["RunWriter"]
