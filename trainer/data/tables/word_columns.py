"""Turns columns of words into inputs: one for two words, else one for each."""

from collections.abc import Mapping, Sequence

import numpy as np

from trainer.data.origin import Origin
from trainer.data.tables.number_text import MISSING

# More words than this are names or dates: each would be learned by heart.
_MAX_WORDS = 50
_NUM_NAMED = 6


def inputs_of_words(
    columns: Mapping[str, Sequence[str]], origin: Origin, lines: list[str]
) -> dict[str, dict[str, np.ndarray]]:
    """Makes the inputs of each column, by its name, and names each of them.

    Two words are 0 and 1 in the order of the alphabet, so no and yes, FALSE and TRUE.
    Of more, each has an input that is 1 in its rows; all are 0 where the cell is empty.

    Args:
        columns: The cells of each column.
        lines: Gets a line for each column, for the user to read.

    Raises:
        ConfigError: A column has more than 50 words, or a new one in most rows.
    """
    words = {
        name: sorted({cell for cell in cells if cell.lower() not in MISSING})
        for name, cells in columns.items()
    }
    many = [
        name
        for name, found in words.items()
        if len(found) > min(_MAX_WORDS, max(2, len(columns[name]) // 2))
    ]
    if many:
        listed = ", ".join(f"{name} with {len(words[name])}" for name in many)
        raise origin.error(
            f"must hold columns of numbers, or of at most {_MAX_WORDS} different words "
            "that come again and again",
            listed,
            f"Leave them out: --ignore_columns={','.join(many)}.",
        )
    inputs: dict[str, dict[str, np.ndarray]] = {}
    for name, cells in columns.items():
        found = words[name]
        array = np.array(cells)
        has_gaps = not np.isin(array, found).all()
        if len(found) == 1 and not has_gaps:
            inputs[name] = {}
            lines.append(f"Left out: column {name}, which is always {found[0]}.")
            continue
        shown = ", ".join(found[:_NUM_NAMED])
        if len(found) == 2 and not has_gaps:
            inputs[name] = {f"{name}={found[1]}": (array == found[1]).astype(float)}
            lines.append(f"Column {name}: {found[0]} is 0, {found[1]} is 1.")
            continue
        inputs[name] = {
            f"{name}={word}": (array == word).astype(float) for word in found
        }
        more = ", ..." if len(found) > _NUM_NAMED else ""
        lines.append(
            f"Column {name}: an input for each of its {len(found)} words, {shown}{more}"
            + ("; none where it is empty." if has_gaps else ".")
        )
    return inputs
