"""Suggests the rate of the next run from the landscape of one."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from lr_plugin.reader.landscape.persistence import find_persistence
from lr_plugin.reader.landscape.room import MIN_SAMPLES, Room

# The numbers were chosen by benchmarks/landscape.py, on half of its grids.
# With so many times the headroom that the optimizer explains, and not with less, it is
# clear that the best rate is higher.
CLEAR = 5.0
# In a run whose rate is s times too low, the first updates have a headroom that is
# (s / 5)^2 times what the optimizer explains: the longer a run is at a low rate, the
# less it has learned, and the further its updates can go.
_BEST = 5.0
# In eight of ten runs, or more, the best rate was between these multiples of it.
_LOWEST, _HIGHEST = 1 / 3, 15.0


@dataclasses.dataclass(frozen=True)
class Suggestion:
    """The peak of the learning rate for the next run.

    Attributes:
        rate: None where the run does not tell.
        interval: Between which the best rate was in eight of ten runs; None without
            a rate.
        reason: Why this rate, or why none.
    """

    rate: float | None
    interval: tuple[float, float] | None
    reason: str


def suggest_rate(
    room: Room | None,
    optimizer: Mapping[str, Any],
    num_samples: int,
    *,
    doubt: str,
) -> Suggestion:
    """Suggests a higher rate where a run had much room, and none elsewhere.

    That a rate is too high is no matter of how far single updates can go, so no lower
    rate is suggested.

    Args:
        room: Of the run; None where too few samples are near its peak.
        optimizer: Class name and configuration, as a `RunInfo` has them.
        num_samples: How many samples the run has.
        doubt: What speaks for a rate that was too high, to be read after "but"; empty
            if nothing does.
    """
    if room is None:
        return _none(
            f"Fewer than {MIN_SAMPLES} samples, of {num_samples} in all, are near the "
            "highest rate."
        )
    persistence = find_persistence(optimizer)
    if persistence is None:
        name = optimizer.get("class_name") or "an optimizer that is not known"
        return _none(
            "How far the updates can go has been compared with the best rate for SGD, "
            f"Adam, AdamW and Muon. This run used {name}."
        )
    excess = room.headroom / persistence
    if excess < CLEAR:
        return _none("The run does not show that a higher rate would be better.")
    if doubt:
        return _none(
            f"Of the first {room.num_samples} updates that were measured near the "
            f"highest rate, half could have gone {room.headroom:.3g} times as far or "
            f"more, but {doubt}, as at a rate that is too high."
        )
    factor = _BEST * math.sqrt(excess)
    rate = room.peak * factor
    return Suggestion(
        rate,
        (rate * _LOWEST, rate * _HIGHEST),
        f"Of the first {room.num_samples} updates that were measured near the highest "
        f"rate, half could have gone {room.headroom:.3g} times as far or more, which "
        f"is {excess:.3g} times what the momentum and the kind of this optimizer "
        "explain. In runs that were compared, the best rate was then about "
        f"{factor:.3g} times as high, {_BEST:g} times the root of that.",
    )


def _none(reason: str) -> Suggestion:
    return Suggestion(None, None, reason)
