"""Reads a table from a CSV file; one of its columns is to be predicted."""

import collections
import dataclasses
import re
from collections.abc import Mapping, Sequence

import numpy as np

from trainer.data.origin import Origin
from trainer.data.tables.number_text import (
    MISSING,
    Decimal,
    NumberColumn,
    UndecidedError,
    is_in_thousands,
    is_number,
    parse_numbers,
)
from trainer.data.tables.table_text import TableText, read_table_text
from trainer.data.tables.word_columns import inputs_of_words
from trainer.data.target import is_finite_float32
from trainer.errors import ConfigError
from trainer.nearest import nearest

_WHOLE = re.compile(r"[+-]?\d+")
_LARGEST_WHOLE = 2**62
# What a column that counts the rows is called, by pandas, by R and by people.
_INDEX_NAMES = ("", "unnamed: 0", "id", "index", "row", "no", "nr", "#", "rownames")
_NUM_NAMED = 12


@dataclasses.dataclass(frozen=True)
class Table:
    """A table as numbers.

    Attributes:
        x: The inputs, float32 `[num_rows, num_inputs]`.
        y: What is to be predicted, `[num_rows]`: integers or floats.
        class_names: The words that `y` numbers; empty if the file has numbers.
        input_names: What each input is, such as "area" or "side=north".
        lines: What was found and done, for the user to read.
    """

    x: np.ndarray
    y: np.ndarray
    class_names: tuple[str, ...]
    input_names: tuple[str, ...]
    lines: tuple[str, ...]


def load_csv(
    path: str,
    origin: Origin,
    *,
    target_column: str | None = None,
    ignore_columns: Sequence[str] = (),
    decimal: Decimal | None = None,
) -> Table:
    """Reads a table; each of its words becomes an input of its own, 0 or 1.

    Gaps in the inputs are filled with the median of their column; rows without a value
    to predict are left out.

    Args:
        target_column: Its name, or its place counted from 1; the last column if None.
        ignore_columns: Names or places of columns that are left out.
        decimal: How numbers are written; found from the columns if None.

    Raises:
        ConfigError: The file holds something else; the message names line and column.
    """
    return _TableReader(read_table_text(path, origin), origin, decimal).read(
        target_column, ignore_columns
    )


class _TableReader:
    """Reads one table, and remembers what the user should know of it."""

    def __init__(self, text: TableText, origin: Origin, decimal: Decimal | None):
        self._text = text
        self._origin = origin
        self._names = [
            name or f"column {place}" for place, name in enumerate(text.names, 1)
        ]
        self._lines = list(text.notes)
        self._examples: list[str] = []
        self._numbers = self._parse_columns(decimal)

    def read(self, target_column: str | None, ignore_columns: Sequence[str]) -> Table:
        left = self._choose_columns(target_column, ignore_columns)
        target = self._find_target(target_column, left)
        left.remove(target)
        y, class_names = self._read_target(target)
        kept = np.flatnonzero(~np.isnan(y))
        if len(kept) == 0:
            raise self._origin.error(
                f"must hold values in column {self._names[target]}, which is to be "
                "predicted",
                "nothing in every row",
                "Choose another with --target_column.",
            )
        if len(kept) < len(y):
            self._lines.append(
                f"Left out: {len(y) - len(kept)} of {len(y)} rows, without a value of "
                f"{self._names[target]}."
            )
        if not class_names and np.ptp(y[kept]) == 0:
            raise self._origin.error(
                f"must hold different numbers in the target {self._names[target]}",
                f"{y[kept][0]:g} in every row",
                "Choose another with --target_column.",
            )
        by_column = self._read_inputs(left, kept)
        names = [name for name, inputs in by_column.items() if inputs]
        shown = ", ".join(names[:_NUM_NAMED])
        if len(names) > _NUM_NAMED:
            shown += f", ... ({len(names)} columns)"
        if self._examples:
            shown_examples = "; ".join(self._examples[:_NUM_NAMED])
            self._lines.append(f"Numbers are read as {shown_examples}.")
        self._lines.insert(
            0, f"Column {self._names[target]} is predicted from {shown}."
        )
        inputs = {
            name: values for each in by_column.values() for name, values in each.items()
        }
        if not inputs:
            raise self._origin.error(
                "must hold a column to learn from", "columns in which nothing changes"
            )
        x = np.stack(list(inputs.values()), axis=1).astype(np.float32)
        y = y[kept]
        is_whole = bool(class_names) or self._is_whole(target)
        return Table(
            x,
            y.astype(np.int64) if is_whole else y,
            class_names,
            tuple(inputs),
            tuple(self._lines),
        )

    def _parse_columns(self, decimal: Decimal | None) -> list[NumberColumn | None]:
        """Reads each column that holds numbers alone."""
        columns, delimiter = self._text.columns, self._text.delimiter
        found: list[NumberColumn | None] = []
        for name, cells in zip(self._names, columns, strict=True):
            try:
                found.append(parse_numbers(cells, delimiter=delimiter, decimal=decimal))
            except UndecidedError as error:
                raise self._origin.error(
                    "must show what the comma in its numbers means",
                    f"{error} and the like in column {name}",
                    "Add --decimal=comma, or --decimal=dot where it stands between "
                    "thousands.",
                ) from None
        if decimal is None and any(c and c.decimal == "comma" for c in found):
            # Then 1.234 in another column is a thousand and more, as in 1.234,50.
            for i, cells in enumerate(columns):
                if is_in_thousands(cells):
                    found[i] = parse_numbers(
                        cells, delimiter=delimiter, decimal="comma"
                    )
        return found

    def _choose_columns(
        self, target_column: str | None, ignore_columns: Sequence[str]
    ) -> list[int]:
        """Leaves out the columns that are ignored, empty, or only count the rows."""
        ignored = {
            self._find(name, "ignore_columns", "Correct it.") for name in ignore_columns
        }
        left = [i for i in range(len(self._names)) if i not in ignored]
        for i in [i for i in left if self._is_empty(i) or self._counts_rows(i)]:
            if self._names[i] == target_column or len(left) <= 2:
                continue
            left.remove(i)
            name = self._text.names[i] or f"{i + 1} without a name"
            why = "is empty" if self._is_empty(i) else "counts the rows"
            self._lines.append(f"Left out: column {name}, which {why}.")
        if len(left) < 2:
            raise self._origin.error(
                "must hold rows of two columns at least",
                f"{len(left)} that {'is' if len(left) == 1 else 'are'} not left out",
                "Leave fewer out.",
            )
        return left

    def _is_empty(self, i: int) -> bool:
        return all(cell.lower() in MISSING for cell in self._text.columns[i])

    def _counts_rows(self, i: int) -> bool:
        numbers, name = self._numbers[i], self._text.names[i].lower()
        if numbers is None or name not in _INDEX_NAMES:
            return False
        values = numbers.values
        return bool(values[0] in (0, 1) and (np.diff(values) == 1).all())

    def _find_target(self, wanted: str | None, left: list[int]) -> int:
        if wanted is None:
            return left[-1]
        target = self._find(
            wanted, "target_column", "Leave it out for the last column."
        )
        if target not in left:
            raise ConfigError(
                "`--ignore_columns` must leave the column that is predicted. Received: "
                f"--target_column={wanted}, which is among them. Change one of the two."
            )
        return target

    def _find(self, wanted: str, flag: str, advice: str) -> int:
        """Finds a column by its name, or its place counted from 1."""
        names = self._names
        if wanted in names:
            return names.index(wanted)
        if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
            return int(wanted) - 1
        shown = names if len(names) <= 20 else [*names[:20], "..."]
        raise ConfigError(
            f"`--{flag}` must be one of {', '.join(shown)}{nearest(wanted, names)}, "
            f"or a place from 1 to {len(names)}. Received: --{flag}={wanted}. {advice}"
        )

    def _read_target(self, i: int) -> tuple[np.ndarray, tuple[str, ...]]:
        """Reads numbers as they are, words as places in a list; NaN where missing."""
        numbers = self._numbers[i]
        if numbers is not None:
            self._check_finite(i, numbers.values)
            self._tell_example(i, numbers)
            return numbers.values, ()
        cells = self._text.columns[i]
        odd = self._find_odd_cell(i)
        if odd is not None:
            raise self._odd_error(i, odd, "choose another --target_column")
        classes = sorted({cell for cell in cells if cell.lower() not in MISSING})
        place = {cell: float(number) for number, cell in enumerate(classes)}
        return np.array([place.get(cell, np.nan) for cell in cells]), tuple(classes)

    def _is_whole(self, i: int) -> bool:
        """Tells whether all numbers are written without decimals, and are not huge."""
        numbers, cells = self._numbers[i], self._text.columns[i]
        assert numbers is not None
        known = [cell for cell in cells if cell.lower() not in MISSING]
        return all(_WHOLE.fullmatch(cell) for cell in known) and bool(
            np.nanmax(np.abs(numbers.values)) < _LARGEST_WHOLE
        )

    def _read_inputs(
        self, columns: Sequence[int], kept: np.ndarray
    ) -> Mapping[str, Mapping[str, np.ndarray]]:
        """Reads the inputs that each column makes, by its name; of some it is none."""
        inputs: dict[str, np.ndarray] = {}
        words: dict[str, list[str]] = {}
        gaps: list[str] = []
        for i in columns:
            numbers, name = self._numbers[i], self._names[i]
            if numbers is None:
                odd = self._find_odd_cell(i)
                if odd is not None:
                    raise self._odd_error(i, odd, f"add --ignore_columns={name}")
                words[name] = [self._text.columns[i][row] for row in kept]
                # Keeps its place among the inputs.
                inputs[name] = np.empty(0)
                continue
            self._check_finite(i, numbers.values)
            self._tell_example(i, numbers)
            values = numbers.values[kept]
            is_gap = np.isnan(values)
            if is_gap.all():
                values = np.zeros(len(values))
            elif is_gap.any():
                values = np.where(is_gap, np.nanmedian(values), values)
            if is_gap.any():
                gaps.append(f"{int(is_gap.sum())} of {name}")
            inputs[name] = values
        if gaps:
            self._lines.append(
                f"Filled with the median of their column: {', '.join(gaps)}."
            )
        of_words = inputs_of_words(words, self._origin, self._lines)
        return {
            name: of_words.get(name, {name: values}) for name, values in inputs.items()
        }

    def _find_odd_cell(self, i: int) -> int | None:
        """Finds, in a column of numbers, the row of a text that occurs only once."""
        cells = self._text.columns[i]
        texts = collections.Counter(
            cell
            for cell in cells
            if cell.lower() not in MISSING and not is_number(cell)
        )
        if 2 * texts.total() >= len(cells):
            return None
        return next((cells.index(c) for c, times in texts.items() if times == 1), None)

    def _odd_error(self, i: int, row: int, advice: str) -> ConfigError:
        return self._origin.error(
            f"must hold numbers, or words, in every row of column {self._names[i]}",
            f"{self._text.columns[i][row]} in line {self._text.line_numbers[row]}, "
            "among numbers",
            f"Write it as a number, empty the cell, or {advice}.",
        )

    def _check_finite(self, i: int, values: np.ndarray) -> None:
        is_right = is_finite_float32(values) | np.isnan(values)
        if not is_right.all():
            row = int(np.argmin(is_right))
            raise self._origin.error(
                f"must hold finite numbers in column {self._names[i]}",
                f"{self._text.columns[i][row]} in line {self._text.line_numbers[row]}",
                "Correct it, or empty the cell.",
            )

    def _tell_example(self, i: int, numbers: NumberColumn) -> None:
        if numbers.example:
            self._examples.append(f"{self._names[i]} {numbers.example}")
