"""Reads a recorded run back: value by value without the reader, or its rows with it."""

import glob
import os

import numpy as np
from tensorboard.backend.event_processing import event_file_loader
from tensorboard.util import tensor_util

from lr_plugin import metadata, read_run, schema


def load_values(logdir):
    """Loads every value of the run, in order of writing: [(tag, event, value)]."""
    values = []
    for path in sorted(glob.glob(os.path.join(logdir, "learning_rate", "*"))):
        for event in event_file_loader.LegacyEventFileLoader(path).Load():
            values += [(value.tag, event, value) for value in event.summary.value]
    return values


def load_texts(logdir, tag):
    """Loads the JSON texts of a tag, in order of writing."""
    return [
        tensor_util.make_ndarray(value.tensor).item()
        for found, _, value in load_values(logdir)
        if found == tag
    ]


def load_events(logdir, kind):
    """Loads the events of a kind, in order of writing."""
    texts = load_texts(logdir, metadata.events_tag(kind))
    return [schema.from_json(schema.Event, text) for text in texts]


def load_blocks(logdir):
    """Loads (first step, rows) of every block, in order of writing."""
    blocks = []
    for tag, event, value in load_values(logdir):
        if tag.startswith("iterations/"):
            content = value.metadata.plugin_data.content
            columns = metadata.parse_plugin_content(content)["columns"]
            tensor = tensor_util.make_ndarray(value.tensor)
            rows = schema.unpack_block(event.step, tensor, columns)
            blocks.append((event.step, rows))
    return blocks


def read_rows(logdir):
    """Reads a list of rows without the reader, to test the writer.

    A block replaces all rows from its first step on.
    """
    kept = []
    for first_step, block in load_blocks(logdir):
        kept = [row for row in kept if row["step"] < first_step]
        kept += [
            {name: values[i] for name, values in block.items()}
            for i in range(len(block["step"]))
        ]
    return kept


def read_columns(logdir):
    """Reads the rows as arrays by column; none where nothing was recorded yet."""
    try:
        return read_run(logdir).columns
    except (FileNotFoundError, ValueError):
        return {}


def load_overview(logdir):
    """Loads the overview's buckets, absolute steps in the first column."""
    buckets = []
    for tag, event, value in load_values(logdir):
        if tag.startswith("overview/"):
            tensor = tensor_util.make_ndarray(value.tensor).astype(np.float64)
            tensor[:, 0] += event.step
            buckets = [bucket for bucket in buckets if bucket[0] < event.step]
            buckets += list(tensor)
    return np.array(buckets)
