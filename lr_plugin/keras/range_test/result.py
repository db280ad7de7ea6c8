"""The result of a range test, and its picture."""

import base64
import dataclasses
import html
import os
from typing import TYPE_CHECKING

from lr_plugin import schema
from lr_plugin.keras.range_test.plot import draw_range_test

if TYPE_CHECKING:
    import matplotlib.figure


@dataclasses.dataclass(frozen=True, repr=False)
class RangeTest(schema.RangeTestRecord):
    """The result of a range test; see `RangeTestRecord` for its fields.

    The interval says how the suggestion changes with other batches, dropout masks and
    augmentation, but not with other initial weights: all repeats start from the same.

    As the last value of a notebook's cell it shows its plot and the reason.
    """

    def __repr__(self) -> str:
        return (
            f"RangeTest(suggestion={_format(self.suggestion)}, "
            f"interval={_format(self.interval)}, reason={self.reason!r})"
        )

    def _repr_html_(self) -> str | None:
        try:
            png = self._repr_png_()
        except ImportError:
            # The notebook then shows the text alone.
            return None
        picture = base64.b64encode(png).decode("ascii")
        text = html.escape(self.reason)
        return (
            f'<p>{text}</p><img alt="Losses of the range test over its rates. {text}" '
            f'src="data:image/png;base64,{picture}">'
        )

    def _repr_png_(self) -> bytes:
        return draw_range_test(self)._repr_png_()

    def plot(
        self, path: str | os.PathLike[str] | None = None
    ) -> "matplotlib.figure.Figure":
        """Draws losses, suggestion, interval and usable band; saves it to `path`."""
        figure = draw_range_test(self)
        if path is not None:
            figure.savefig(path)
        return figure


def _format(value: float | tuple[float, float] | None) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_format, value))})"
    return "None" if value is None else f"{value:.3g}"
