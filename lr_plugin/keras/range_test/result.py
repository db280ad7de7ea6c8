"""The result of a range test, and its picture."""

import dataclasses
import os
from typing import TYPE_CHECKING

from lr_plugin import schema
from lr_plugin.keras.range_test.plot import draw_range_test

if TYPE_CHECKING:
    import matplotlib.figure


@dataclasses.dataclass(frozen=True)
class RangeTest(schema.RangeTestRecord):
    """The result of a range test; see `RangeTestRecord` for its fields.

    The interval says how the suggestion changes with other batches, dropout masks and
    augmentation, but not with other initial weights: all repeats start from the same.
    """

    def plot(
        self, path: str | os.PathLike[str] | None = None
    ) -> "matplotlib.figure.Figure":
        """Draws losses, suggestion, interval and usable band; saves it to `path`."""
        figure = draw_range_test(self)
        if path is not None:
            figure.savefig(path)
        return figure
