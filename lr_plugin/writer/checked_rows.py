"""Checks rows where they enter the writer, and puts them into arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lr_plugin import fields, schema

_MAX_NAME = 100
# Names are joined with these where several are written in one line.
_MARKS = (",", "+", ":")


def check_rows(rows: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Makes arrays of shape [num_rows] of a row's numbers, of lists or of arrays.

    Returns:
        `step` as int64, every other column with the type it has.

    Raises:
        ValueError: `step` or all measurements are missing, or a column holds something
            else than as many numbers as there are steps.
    """
    if not isinstance(rows, Mapping):
        raise ValueError(
            "`rows` must be a mapping from the names of columns to their values. "
            f"Received: {type(rows).__name__}."
        )
    for name in rows:
        check_column_name(name)
    if schema.STEP not in rows:
        raise ValueError(
            "`rows` must have a column `step`, which counts iterations from 0. "
            f"Received: {_name(rows)}."
        )
    if not schema.value_columns(rows):
        raise ValueError(
            "`rows` must have a column of measurements beside `step`, as "
            f"{', '.join(schema.VALUE_COLUMNS)} or one of your own. Received: "
            f"{_name(rows)}."
        )
    checked = {name: _to_array(name, values) for name, values in rows.items()}
    steps = checked[schema.STEP] = _check_steps(checked[schema.STEP])
    for name, values in checked.items():
        if len(values) != len(steps):
            raise ValueError(
                f"Column `{name}` must have a value for each of the {len(steps)} steps."
                f" Received: {len(values)} values."
            )
    return checked


def check_column_name(name: Any) -> None:
    """Checks the name of a column.

    Raises:
        ValueError: A file or the page could not tell it from other names.
    """
    if not (isinstance(name, str) and (_is_named_rate(name) or _is_plain(name))):
        raise ValueError(
            f"The name of a column must be a printable text of 1 to {_MAX_NAME} letters"
            f" without any of {' '.join(_MARKS)}; the rates of groups are named "
            f"`learning_rate:<group>`. Received: {str(name)[:200]!r}."
        )


def _is_named_rate(name: str) -> bool:
    # Optimizers are named by their programs, with whatever UTF-8 can hold.
    return name.startswith(schema.named_rate("")) and fields.NAME.can_hold(name)


def _is_plain(name: str) -> bool:
    is_short = 0 < len(name) <= _MAX_NAME
    return is_short and name.isprintable() and not any(mark in name for mark in _MARKS)


def _to_array(name: str, values: Any) -> np.ndarray:
    array = np.asarray(values)
    if array.dtype == np.object_:
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError):
            raise _column_error(name, "values that are no numbers") from None
    if array.ndim > 1:
        raise _column_error(name, f"shape {list(array.shape)}")
    # ml_dtypes' bfloat16 is of no kind that numpy knows, but is cast to one.
    if array.dtype.kind not in "biuf" and not np.can_cast(array.dtype, np.float64):
        raise _column_error(name, f"values of type {array.dtype}")
    return array.reshape(-1)


def _check_steps(steps: np.ndarray) -> np.ndarray:
    whole, is_valid = fields.find_whole(steps)
    if not is_valid.all():
        raise _column_error(
            schema.STEP, str(steps[~is_valid][0]), "whole numbers from 0 to 2**53"
        )
    return whole


def _column_error(name: str, received: str, what: str = "numbers") -> ValueError:
    return ValueError(
        f"Column `{name}` must hold {what}, one for each row. Received: {received}."
    )


def _name(rows: Mapping[str, Any]) -> str:
    return ", ".join(map(str, rows)) or "no columns"
