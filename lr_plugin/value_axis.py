"""Where values in a picture want a logarithmic axis."""

from typing import Any

import numpy as np

# From here on a linear axis shows most values as one.
_LARGEST_RATIO = 30
# Of the values, so many may leave a logarithmic axis: the last ones of a cosine that
# falls to nothing take more decades than all others.
_SHARE_BELOW = 0.01


def make_logarithmic(axes: Any, values: np.ndarray) -> bool:
    """Makes the y axis of matplotlib's `axes` logarithmic where values span decades.

    Returns:
        Whether it did.
    """
    finite = values[np.isfinite(values)]
    if not len(finite) or finite.min() <= 0:
        return False
    if finite.max() / finite.min() <= _LARGEST_RATIO:
        return False
    axes.set_yscale("log")
    bottom = np.quantile(finite, _SHARE_BELOW) / 2
    if bottom > finite.min():
        axes.set_ylim(bottom=bottom)
    return True
