"""Measures times, and prints a line for each value."""

import time
from collections.abc import Callable


def timed(ask: Callable) -> tuple[float, object]:
    """Returns the seconds that an answer took, and the answer."""
    start = time.perf_counter()
    answer = ask()
    return time.perf_counter() - start, answer


def show(loader: str, what: str, value: float, unit: str, target: float = 0) -> None:
    """Prints a value, and what it should not exceed if that is not 0."""
    limit = f"(target: {target:g})" if target else ""
    print(f"{loader:7} {what:52} {value:10.1f} {unit:3} {limit}", flush=True)
