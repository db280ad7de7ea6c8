"""A figure of matplotlib that notebooks show, also where pyplot was never imported."""

import io

from matplotlib.figure import Figure


class ShownFigure(Figure):
    """Shows itself as the last value of a cell.

    Made without pyplot, which would open windows and has a global state; but without it
    IPython would show the name of a plain Figure only.
    """

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png")
        return buffer.getvalue()
