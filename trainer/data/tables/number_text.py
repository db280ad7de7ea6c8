"""Numbers as people write them: 900,25 and 1,234.5 and $12.50."""

import dataclasses
import re
from collections.abc import Sequence
from typing import Literal

import numpy as np

Decimal = Literal["dot", "comma"]

# What spreadsheets write where a formula has no result.
ERRORS_OF_FORMULAS = (
    "#n/a",
    "#div/0!",
    "#value!",
    "#ref!",
    "#name?",
    "#num!",
    "#null!",
)
# What stands for a value that is not known, in lower case.
_UNKNOWN = ("", "na", "n/a", "nan", "null", "none", "missing", "-", "--", "?", ".")
MISSING = frozenset((*_UNKNOWN, *ERRORS_OF_FORMULAS))

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
# The same with a decimal comma, and with thousands apart from each other.
_COMMA = re.compile(r"[+-]?(\d+,?\d*|,\d+)(e[+-]?\d+)?", re.IGNORECASE)
_COMMA_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
_DOT_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d*)?")
_SIGNS = r"(?:[$€£¥₹]|USD|EUR|GBP|CHF|JPY|INR)"
_CURRENCY = re.compile(rf"^([+-]?)\s*{_SIGNS}\s*|\s*(?:{_SIGNS}|%)$")
# Between thousands: spaces of all widths, and the apostrophe of Switzerland.
_GAPS = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f'\u2019](?=\d{3}(?!\d))")


class UndecidedError(ValueError):
    """The comma may be a decimal comma or stand between thousands."""


@dataclasses.dataclass(frozen=True)
class NumberColumn:
    """The cells of a column as numbers.

    Attributes:
        values: float64 `[num_rows]`; NaN where the cell is missing.
        decimal: "comma" where only that makes numbers of the cells.
        example: The first cell that Python would not read so, "900,25 = 900.25"; empty
            if there is none.
    """

    values: np.ndarray
    decimal: Decimal
    example: str = ""


def is_number(cell: str) -> bool:
    """Tells whether a cell alone is a number, in any of the ways of writing one."""
    text = _strip(cell)
    patterns = (_PLAIN, _COMMA, _COMMA_THOUSANDS, _DOT_THOUSANDS)
    return any(pattern.fullmatch(text) for pattern in patterns)


def parse_numbers(
    cells: Sequence[str], *, delimiter: str, decimal: Decimal | None
) -> NumberColumn | None:
    """Reads a column of numbers; what its commas and dots mean follows from all of it.

    Args:
        delimiter: Of the table. A comma before three digits, as in 1,234, is one
            between thousands where commas also stand between the columns, and a
            decimal comma where semicolons do.
        decimal: Decides instead, where it is known.

    Returns:
        None where a cell is neither a number nor missing.

    Raises:
        UndecidedError: It may mean both.
    """
    if decimal != "comma":
        try:
            return NumberColumn(np.array(cells, np.float64), "dot")
        except ValueError:
            pass
    texts = [None if cell.lower() in MISSING else _strip(cell) for cell in cells]
    known = [text for text in texts if text is not None]
    way = _choose(known, delimiter, decimal) if known else None
    if way is None:
        return None
    group, point = (".", ",") if way == "comma" else (",", ".")
    values, example = np.full(len(cells), np.nan), ""
    for i, text in enumerate(texts):
        if text is None:
            continue
        plain = text.replace(group, "").replace(point, ".")
        values[i] = float(plain)
        if not example and plain != cells[i]:
            example = f"{cells[i]} = {values[i]:.10g}"
    return NumberColumn(values, way, example)


def is_in_thousands(cells: Sequence[str]) -> bool:
    """Tells whether all cells are as 1.234, a number or, with commas, a thousand."""
    known = [_strip(cell) for cell in cells if cell.lower() not in MISSING]
    return bool(known) and _fit(known, (_DOT_THOUSANDS,))


def _choose(
    texts: Sequence[str], delimiter: str, decimal: Decimal | None
) -> Decimal | None:
    """Chooses what is the decimal sign of these numbers; None if some are none."""
    fits_dot = _fit(texts, (_PLAIN, _COMMA_THOUSANDS))
    fits_comma = _fit(texts, (_COMMA, _DOT_THOUSANDS))
    if decimal is not None:
        return decimal if (fits_comma if decimal == "comma" else fits_dot) else None
    if not (fits_dot and fits_comma):
        return "dot" if fits_dot else "comma" if fits_comma else None
    if not any("," in text for text in texts):
        return "dot"
    # Only numbers such as 1,234 are left, which may be both.
    if delimiter == ",":
        return "dot"
    if delimiter == ";":
        return "comma"
    raise UndecidedError(next(text for text in texts if "," in text))


def _fit(texts: Sequence[str], patterns: tuple[re.Pattern[str], ...]) -> bool:
    return all(any(p.fullmatch(text) for p in patterns) for text in texts)


def _strip(cell: str) -> str:
    """Takes off what stands around a number, and between its thousands."""
    text = cell.strip().replace("\u2212", "-")
    if text.startswith("(") and text.endswith(")"):
        # As accountants write what is below 0.
        text = f"-{text[1:-1].strip()}"
    return _GAPS.sub("", _CURRENCY.sub(r"\1", text))
