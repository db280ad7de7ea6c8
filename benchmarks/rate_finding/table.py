"""Prints rows of the tables: a median, a spread, and how often there is no answer."""

from collections.abc import Callable

import numpy as np


def log_or_nan(rate: float | None) -> float:
    return np.nan if rate is None else float(np.log10(rate))


def print_row(name: str, values: np.ndarray, show: Callable[[float], str]) -> None:
    """Prints the median and how far the 5 % and the 95 % quantile lie apart.

    Args:
        values: Logarithms of rates, or differences of these; NaN is no answer.
        show: Turns the median into text.
    """
    known = values[np.isfinite(values)]
    missing = f"{1 - len(known) / len(values):.0%}"
    if not len(known):
        print(f"   {name:42s} {'-':>9s} {'-':>7s} {missing:>10s}")
        return
    median = show(float(np.median(known)))
    print(f"   {name:42s} {median:>9s} {spread(known):7.2f} {missing:>10s}")


def spread(values: np.ndarray) -> float:
    low, high = np.nanquantile(values, (0.05, 0.95))
    return float(high - low)
