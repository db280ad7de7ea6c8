"""Checks what a run's events hold, before anything is made of them."""

from collections.abc import Sequence

import numpy as np
from tensorboard.data.provider import TensorDatum

from lr_plugin import fields, metadata, schema
from lr_plugin.reader.overview import check_overviews

_TEXT_PREFIXES = (
    metadata.RUN_INFO_TAG,
    metadata.RANGE_TEST_TAG,
    metadata.EVENTS_PREFIX,
)


def find_flaw(
    tag: str,
    step: int,
    wall_time: float,
    tensor: np.ndarray,
    *,
    columns: Sequence[str],
    layers: Sequence[str],
) -> str | None:
    """Finds why an event cannot be shown.

    Args:
        tag: The name of its tag, which says what the tensor must be.
        columns: What the tensor's last axis holds.
        layers: What the first axis of a sample of layers holds.

    Returns:
        A sentence; None for an event that is as a writer of this package makes it.
    """
    try:
        fields.WHOLE.check("step", step)
        fields.TIME.check("wall_time", wall_time)
        if tag.startswith(_TEXT_PREFIXES):
            take_text(tensor)
        elif tag.startswith(metadata.OVERVIEW_PREFIX):
            check_overviews([tensor], columns)
        elif tag.startswith(metadata.ITERATIONS_PREFIX):
            schema.unpack_block(step, tensor, columns)
        elif tag.startswith(metadata.LAYERS_PREFIX):
            _check_layers(tensor, columns, layers)
    except ValueError as error:
        return f"Its event {tag[:80]} at step {step} is left out: {error}"
    return None


def find_flaws(
    tag: str,
    events: Sequence[TensorDatum],
    *,
    columns: Sequence[str],
    layers: Sequence[str],
) -> list[str | None]:
    """Finds for each event of a tag why it cannot be shown, as `find_flaw` does."""
    if tag.startswith(metadata.OVERVIEW_PREFIX) and _are_valid_overviews(
        events, columns
    ):
        return [None] * len(events)
    return [
        find_flaw(tag, e.step, e.wall_time, e.numpy, columns=columns, layers=layers)
        for e in events
    ]


def _are_valid_overviews(events: Sequence[TensorDatum], columns: Sequence[str]) -> bool:
    """Tells of all together whether they are valid; where not, one of them is not."""
    tensors = [event.numpy for event in events]
    if len({tensor.dtype for tensor in tensors}) != 1:
        return False
    _, are_whole = fields.find_whole(np.array([event.step for event in events]))
    times = np.array([event.wall_time for event in events])
    if not are_whole.all() or not (np.abs(times) <= fields.MAX_TIME).all():
        return False
    try:
        check_overviews(tensors, columns)
    except ValueError:
        return False
    return True


def take_text(tensor: np.ndarray) -> str | bytes:
    """Takes the text of an event that is one.

    Raises:
        ValueError: It holds something else.
    """
    text = tensor.item() if tensor.size == 1 else None
    if not isinstance(text, str | bytes):
        raise ValueError(
            f"It must be a text. Received: {tensor.dtype} of shape "
            f"{list(tensor.shape)}."
        )
    return text


def _check_layers(
    tensor: np.ndarray, columns: Sequence[str], layers: Sequence[str]
) -> None:
    shape = (len(layers), len(columns))
    if tensor.shape != shape or tensor.dtype.kind not in "fiu":
        raise ValueError(
            f"It must hold numbers of shape {list(shape)}, for its layers and "
            f"columns. Received: {tensor.dtype} of shape {list(tensor.shape)}."
        )
