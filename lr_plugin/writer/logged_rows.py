"""Rows that come one at a time, from whatever loop, until they are written together."""

import collections
import math
import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from lr_plugin import fields, schema
from lr_plugin.writer.checked_rows import check_column_name

# Where one of these is missing in some rows, it would look as if it had been NaN there.
_ALL_OR_NEVER = (schema.LEARNING_RATE, schema.LOSS)


class LoggedRows:
    """Takes a row at a time, on one thread, and gives them back together, on any."""

    def __init__(self) -> None:
        self._rows: collections.deque[tuple[int, float, dict[str, float]]] = (
            collections.deque()
        )
        self._names: dict[str, None] = {}
        self._steady: tuple[str, ...] | None = None

    def add(self, step: Any, values: dict[str, Any]) -> None:
        """Adds a row.

        Args:
            values: Numbers, or what `float` makes one of, by column.

        Raises:
            ValueError: A value is no number, a column cannot have this name, or there
                is a rate or a loss where there was none in the first row, or none where
                there was one.
        """
        if type(step) is not int or not 0 <= step <= fields.MAX_STEP:
            step = _to_step(step)
        for name, value in values.items():
            if type(value) is not float:
                values[name] = _to_float(name, value)
            if name not in self._names:
                check_column_name(name)
        if not values.keys() - {schema.APPLIED}:
            raise ValueError(
                "`log` must be given at least one measurement, as `learning_rate` or "
                f"`loss`. Received: none at step {step}."
            )
        steady = tuple(name for name in _ALL_OR_NEVER if name in values)
        if steady != self._steady:
            self._check_steady(step, steady)
        self._names.update(dict.fromkeys(values))
        self._rows.append((step, time.time(), values))

    @property
    def first_step(self) -> int | None:
        """The step of the first row that was not taken yet; None if there is none."""
        return self._rows[0][0] if self._rows else None

    def take(self) -> tuple[dict[str, np.ndarray], float]:
        """Takes all rows, of which there must be one, and the moment of the last."""
        taken = [self._rows.popleft() for _ in range(len(self._rows))]
        steps, times, values = zip(*taken, strict=True)
        # All that there were so far: a column must not come and go.
        rows = {name: _to_column(name, values) for name in tuple(self._names)}
        return {schema.STEP: np.array(steps, np.int64), **rows}, times[-1]

    def _check_steady(self, step: int, steady: tuple[str, ...]) -> None:
        if self._steady is not None:
            now, before = (
                " and ".join(each) or "neither" for each in (steady, self._steady)
            )
            raise ValueError(
                "`learning_rate` and `loss` must be logged at every step or at none, "
                "all of one iteration in one call. Received: "
                f"{now} at step {step}, {before} before."
            )
        self._steady = steady


def _to_step(step: Any) -> int:
    if isinstance(step, bool | np.bool_ | str | bytes):
        raise _step_error(step)
    try:
        return fields.WHOLE.check("step", float(step))
    except (TypeError, ValueError):
        raise _step_error(step) from None


def _to_float(name: str, value: Any) -> float:
    """Makes a number of one of any library; one on a device is waited for."""
    is_flat = not getattr(value, "ndim", 0)
    if is_flat and not isinstance(value, str | bytes | bytearray):
        try:
            # PyTorch warns of `float` where gradients are kept, and not of this.
            return float(value.item() if hasattr(value, "item") else value)
        except (TypeError, ValueError, OverflowError, RuntimeError):
            pass
    shown = repr(value)
    if not is_flat:
        shown = f"{type(value).__name__} of shape {list(value.shape)}"
    raise ValueError(
        f"`{name}` must be a number, or an array of shape []. Received: {shown[:80]}."
    )


def _to_column(name: str, rows: Iterable[Mapping[str, float]]) -> np.ndarray:
    missing = 1.0 if name == schema.APPLIED else math.nan
    return np.array([row.get(name, missing) for row in rows], np.float64)


def _step_error(step: Any) -> ValueError:
    return ValueError(
        "`step` must be a whole number, 0 or more, which counts iterations. Received: "
        f"{repr(step)[:80]}."
    )
