"""Suggests the rate of the next run from the landscape of one."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from lr_plugin.reader.landscape.persistence import find_persistence
from lr_plugin.reader.landscape.room import MIN_SAMPLES, Room

# So many times as high, and nothing lower, is worth another run.
CLEAR = 3.0
# Nine of ten suggestions that benchmarks/landscape.py checks are within so many times
# of the best rate of a grid.
_SPREAD = 8.0


@dataclasses.dataclass(frozen=True)
class Suggestion:
    """The peak of the learning rate for the next run.

    Attributes:
        rate: None where the run does not tell.
        interval: Between which the best rate was in nine of ten runs; None without a
            rate.
        reason: Why this rate, or why none.
    """

    rate: float | None
    interval: tuple[float, float] | None
    reason: str


def suggest_rate(
    room: Room | None, optimizer: Mapping[str, Any], num_samples: int
) -> Suggestion:
    """Suggests a higher rate where a run had much room, and none elsewhere.

    That a rate is too high is no matter of how far single updates can go, so no lower
    rate is suggested.

    Args:
        room: Of the run; None where too few samples are near its peak.
        optimizer: Class name and configuration, as a `RunInfo` has them.
        num_samples: How many samples the run has.
    """
    if room is None:
        return _none(
            f"Too few of the {num_samples} samples are near the highest rate: at least "
            f"{MIN_SAMPLES} are needed."
        )
    persistence = find_persistence(optimizer)
    if persistence is None:
        name = optimizer.get("class_name") or "an optimizer that is not known"
        return _none(
            "How far the updates can go has been compared with the best rate for SGD, "
            f"Adam, AdamW and Muon. This run used {name}."
        )
    factor = room.headroom / persistence
    if factor < CLEAR:
        return _none("The run does not show that a higher rate would be better.")
    rate = room.peak * factor
    return Suggestion(
        rate,
        (rate / _SPREAD, rate * _SPREAD),
        f"Of the first {room.num_samples} updates that were measured near the highest "
        f"rate, half could have gone {room.headroom:.3g} times as far or more. A rate "
        f"{factor:.3g} times as high uses that up: an update of this optimizer can go "
        f"{persistence:.3g} times as far as the best rate goes.",
    )


def _none(reason: str) -> Suggestion:
    return Suggestion(None, None, reason)
