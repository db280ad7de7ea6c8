"""Events of an overview."""

import numpy as np

from lr_plugin import schema
from lr_plugin.reader.overview import TensorEvent


def event_of(first, last, *, time, loss, columns=("loss",)):
    """Summarizes the rows with `first <= step < last`, in buckets of 256."""
    buckets = []
    for begin in range(first, last, 256):
        steps = np.arange(begin, min(begin + 256, last))
        rows = {"step": steps, **{name: np.full(len(steps), loss) for name in columns}}
        buckets.append(schema.summarize(rows, first_step=first))
    names = schema.overview_columns(columns)
    return TensorEvent(first, time, np.stack(buckets), names)
