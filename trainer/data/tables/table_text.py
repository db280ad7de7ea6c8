"""Cuts a text file into the cells of a table: encoding, delimiter, comments, header."""

import codecs
import csv
import dataclasses
import itertools
import pathlib
from collections.abc import Sequence

from trainer.data.origin import Origin
from trainer.data.tables.number_text import ERRORS_OF_FORMULAS, MISSING, is_number
from trainer.errors import first_line

# What may separate columns. The comma comes last, because in half of the world it
# stands within numbers.
_DELIMITERS = "\t;|,"
_NUM_SAMPLED = 50
_RULE = "must be a text file with a table"
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NO_TEXTS = {
    b"PK\3\4": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
    b"PAR1": "a Parquet file",
}


@dataclasses.dataclass(frozen=True)
class TableText:
    """The cells of a table as text, without spaces around them.

    Attributes:
        names: Of the columns; their places, counted from 1, where the file has none.
        columns: The cells of each column, `[num_columns][num_rows]`.
        line_numbers: The line of the file in which each row ends.
        delimiter: What stands between two cells.
        notes: What was found or left out, for the user to read.
    """

    names: list[str]
    columns: list[Sequence[str]]
    line_numbers: list[int]
    delimiter: str
    notes: list[str]


def read_table_text(path: str, origin: Origin) -> TableText:
    """Reads a file in UTF-8, UTF-16 or Windows' code page 1252.

    Lines that are empty or begin with # are left out. A first line of names is told
    from a row by what stands below it; Excel's line `sep=;` is understood.

    Raises:
        ConfigError: It is no such file, or its rows are not of one length.
    """
    try:
        content = pathlib.Path(path).read_bytes()
        for mark, kind in _NO_TEXTS.items():
            if content.startswith(mark):
                raise origin.error(_RULE, kind, "Save the table as CSV.")
        text, notes = _decode(content)
        delimiter, numbered = _cut(text)
        rows, line_numbers, comments = _read_rows(numbered, delimiter)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise origin.error(_RULE, first_line(error)) from error
    if not rows:
        raise origin.error("must hold rows of two columns at least", "an empty file")
    if comments:
        count = "a line" if len(comments) == 1 else f"{len(comments)} lines"
        notes.append(f"Left out: {count} of comments (#).")
    header = None
    if not _is_data(rows):
        header, rows, line_numbers = rows[0], rows[1:], line_numbers[1:]
    elif comments and len(comments[-1]) == len(rows[0]):
        header = comments[-1]
    if header is not None and rows and len(header) == len(rows[0]) - 1:
        if all(len(row) == len(rows[0]) and not row[-1] for row in rows):
            # Every row ends with a delimiter, as some programs write it.
            rows = [row[:-1] for row in rows]
        else:
            # R names the columns, and not the numbers of the rows before them.
            header = ["", *header]
    width = len(header or (rows[0] if rows else []))
    if not rows or width < 2:
        raise origin.error(
            "must hold rows of two columns at least",
            f"{len(rows)} rows of {width} column{'' if width == 1 else 's'}",
            "Correct the file; commas, semicolons, tabs or | separate its columns.",
        )
    for row, line_number in zip(rows, line_numbers, strict=True):
        if len(row) != width:
            raise origin.error(
                "must hold rows of equal length",
                f"{len(row)} columns in line {line_number}, {width} before",
            )
    names = header or [str(place + 1) for place in range(width)]
    _check_names(names, origin)
    columns: list[Sequence[str]] = list(zip(*rows, strict=True))
    return TableText(names, columns, line_numbers, delimiter, notes)


def _decode(content: bytes) -> tuple[str, list[str]]:
    """Decodes a file's bytes; says what it took them for where that is a guess."""
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding), []
    start = content[:1000]
    if b"\0" in start:
        # Most letters of UTF-16 have a byte that is 0; its place tells the order.
        is_little = start[1::2].count(0) >= start[::2].count(0)
        return content.decode("utf-16-le" if is_little else "utf-16-be"), []
    try:
        return content.decode("utf-8"), []
    except UnicodeDecodeError:
        note = "Read as Windows-1252, because it is not UTF-8."
        return content.decode("cp1252", errors="replace"), [note]


def _cut(text: str) -> tuple[str, list[tuple[int, str]]]:
    """Finds the delimiter, and gives the lines with their numbers."""
    numbered = list(enumerate(text.splitlines(keepends=True), start=1))
    if numbered:
        first = numbered[0][1].strip().strip('"').lower()
        if first.startswith("sep=") and len(first) <= 5:
            return first[4:] or "\t", numbered[1:]
    lines = [line for _, line in numbered if line.strip() and not _is_marked(line)]
    sampled = lines[:_NUM_SAMPLED]
    for delimiter in _DELIMITERS:
        rows = list(csv.reader(sampled, delimiter=delimiter))
        if rows and len(rows[0]) > 1 and len(set(map(len, rows[-3:] + rows))) == 1:
            return delimiter, numbered
    first = sampled[0] if sampled else ""
    return max(",;\t|", key=first.count), numbered


def _read_rows(
    numbered: list[tuple[int, str]], delimiter: str
) -> tuple[list[list[str]], list[int], list[list[str]]]:
    """Cuts lines into rows; gives the rows, the line of each, and the comments."""
    marked = [line for _, line in numbered if _is_marked(line)]
    # Where most lines begin so, it belongs to the cells.
    has_comments = 2 * len(marked) < len(numbered)
    kept = [
        (number, line)
        for number, line in numbered
        if not (has_comments and _is_marked(line))
    ]
    reader = csv.reader(
        (line for _, line in kept), delimiter=delimiter, skipinitialspace=True
    )
    rows, line_numbers = [], []
    for row in reader:
        cells = [" ".join(cell.split()) for cell in row]
        if any(cells):
            rows.append(cells)
            line_numbers.append(kept[reader.line_num - 1][0])
    comments = [line.lstrip("#") for line in marked] if has_comments else []
    cut = csv.reader(comments, delimiter=delimiter, skipinitialspace=True)
    return rows, line_numbers, [[cell.strip() for cell in row] for row in cut]


def _is_marked(line: str) -> bool:
    """Tells whether a line is marked as a comment; #N/A is a cell."""
    return line[0] == "#" and not line.lower().startswith(ERRORS_OF_FORMULAS)


def _is_data(rows: Sequence[Sequence[str]]) -> bool:
    """Tells whether the first line is a row like those below it, not names."""
    first, below = rows[0], rows[1] if len(rows) > 1 else rows[0]
    if all(is_number(cell) for cell in first):
        return True
    if len(rows) < 2 or len(below) != len(first):
        return False
    pairs = [
        (is_number(cell), is_number(other))
        for cell, other in zip(first, below, strict=True)
        if cell.lower() not in MISSING and other.lower() not in MISSING
    ]
    words = [i for i, cell in enumerate(first) if not is_number(cell)]
    if len(words) == len(first) or any(cell != other for cell, other in pairs):
        return False
    # Names may be numbers, such as years, but no name comes again among the cells. The
    # last column may hold classes, some of which are rare.
    comes_again = any(
        len(row) > i and row[i] == first[i] for row in rows[1:] for i in words
    )
    return comes_again or words == [len(first) - 1]


def _check_names(names: Sequence[str], origin: Origin) -> None:
    """Refuses two columns of one name."""
    ordered = sorted(name for name in names if name)
    for name, other in itertools.pairwise(ordered):
        if name == other:
            raise origin.error(
                "must name each of its columns differently",
                f"{names.count(name)} columns called {name}",
                "Rename all but one of them.",
            )
