"""Writes a run: rows, events, layers and range tests, into event files of its own."""

from lr_plugin.writer.run_writer import RunWriter

__all__ = ["RunWriter"]
