"""What is said of a run that was joined of another program's scalars."""

from collections.abc import Iterator, Sequence

from lr_plugin.reader.foreign.foreign_rows import ForeignRows
from lr_plugin.reader.foreign.points import Points
from lr_plugin.reader.foreign.scalar_source import Reading
from lr_plugin.reader.foreign.tag_choice import TagChoice

_MAX_NAMED = 4


def write_notes(
    rows: ForeignRows, choice: TagChoice, reading: Reading, left_out: Sequence[str]
) -> list[str]:
    """Writes what was joined and what was left out, in a line; then what else is true.

    Args:
        left_out: Metrics of the validation that count other steps.
    """
    line = [describe_join(rows), *_describe_left_out(rows)]
    notes = [" ".join(line)]
    if rows.loss_tag is not None and choice.caveat:
        notes.append(choice.caveat)
    if left_out:
        names = ", ".join(left_out)
        notes.append(f"{names} left out: what they count as steps is not known.")
    if rows.other_rates:
        notes.append(f"Other rates: {_name_some(rows.other_rates)}.")
    refused = rows.refused[0] if rows.refused else None
    other_losses = [tag for tag in rows.other_losses if tag != refused]
    if other_losses:
        notes.append(f"Other losses: {_name_some(other_losses)}.")
    notes += _describe_reading(reading)
    return notes


def describe_join(rows: ForeignRows) -> str:
    """Says what was joined."""
    rate, loss, joined = rows.rate_tag, rows.loss_tag, rows.joined
    if joined is None:
        if rows.refused is not None:
            tag, refused = rows.refused
            return (
                f"{rate} stands alone; what is said of the loss is said of {tag}, "
                f"which is not joined, for {refused.reason}."
            )
        return f"{rate} stands alone: no loss of the training is chosen."
    sentences = {
        "same": f"{rate} and {loss} at the same steps.",
        "held": f"{loss}, each with the last {rate} at or before its step.",
        "later": f"{loss}, each with the {rate} of {count(joined.lag, 'step')} later.",
        "order": f"{loss} and {rate} in the order in which they were written.",
        "time": f"{rate} and {loss} count different steps: each loss has the last "
        "rate that was written before it.",
    }
    return sentences[joined.how]


def count(number: int, word: str, plural: str = "") -> str:
    """Writes a number of things."""
    return f"{number:,} {word if number == 1 else plural or word + 's'}"


def _describe_left_out(rows: ForeignRows) -> Iterator[str]:
    base, joined = rows.base, rows.joined
    if joined is not None:
        num_without = int((joined.numbers < 0).sum())
        if num_without:
            yield f"{count(num_without, 'loss', 'losses')} before the first rate."
        if rows.num_rates_left_out:
            rates = count(rows.num_rates_left_out, "rate")
            yield f"Not drawn: {rates} in force at no loss."
    num_replaced = base.num_logged - len(base)
    if num_replaced:
        yield f"{count(num_replaced, 'point')} replaced by later ones of their steps."
    yield from _describe_steps(base)


def _describe_steps(base: Points) -> Iterator[str]:
    if base.counted == "order":
        yield (
            "Logged without a step (or with one and the same): numbered in the order "
            "of writing."
        )
    elif base.counted == "passes":
        yield "Logged with steps that begin anew again and again: counted on."


def _describe_reading(reading: Reading) -> Iterator[str]:
    if reading.is_kept:
        reason = "The event files cannot be read from here"
        if reading.is_too_long:
            reason = "There are too many points to read them all"
        yield (
            f"{reason}: drawn is what TensorBoard keeps of each scalar, at most 1,000 "
            "points by default, chosen at random."
        )
    if reading.num_damaged:
        records = count(reading.num_damaged, "damaged record")
        yield f"{records} of the event files left out."
    for name in reading.damaged_files:
        yield f"The event file {name} is damaged: what comes behind cannot be read."


def _name_some(tags: Sequence[str]) -> str:
    names = ", ".join(tags[:_MAX_NAMED])
    more = len(tags) - _MAX_NAMED
    return f"{names} and {more} more" if more > 0 else names
