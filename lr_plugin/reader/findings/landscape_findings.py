"""What the loss landscape along the updates tells of the rates."""

from collections.abc import Iterator

import numpy as np

from lr_plugin.reader.findings.evidence import Evidence
from lr_plugin.reader.findings.finding import Finding, make_finding, shorten
from lr_plugin.reader.landscape.landscape import Landscape
from lr_plugin.reader.landscape.persistence import LARGEST_PERSISTENCE, find_persistence
from lr_plugin.reader.landscape.room import find_decayed_room
from lr_plugin.reader.landscape.suggestion import CLEAR
from lr_plugin.reader.outcome.known_rows import take_losses

# Every threshold of this file was chosen by benchmarks/landscape.py.

# The loss has jumped where a single update raised it by so much of its beginning, or
# where the mean of some iterations is so many times that.
_JUMP = 0.1
_NUM_ROWS = 5
_RISE = 1.5
_NUM_FIRST_ROWS = 256

# Decayed early: for so much of the run below a tenth of the peak, with so much room.
_DECAYED_SHARE = 0.4
_DECAYED_ROOM = 20.0
_OF_PEAK = 0.5


def find_rate_too_low(evidence: Evidence) -> Iterator[Finding]:
    """Finds that updates could have gone much further than they went."""
    found = evidence.landscape
    room = None if found is None else found.room
    if found is None or room is None:
        return
    persistence = find_persistence(found.optimizer) or LARGEST_PERSISTENCE
    # What is lost at a rate that is too high may look so, too.
    if room.headroom < CLEAR * persistence or _is_too_high(evidence, found):
        return
    advice = "Try a higher rate."
    suggested = found.suggestion
    if suggested.rate is not None and suggested.interval is not None:
        low, high = map(shorten, suggested.interval)
        advice = f"Try a rate around {shorten(suggested.rate)} ({low} to {high})."
    place = evidence.place_of_step(int(found.steps[room.sample]))
    yield make_finding(
        "rate_too_low",
        "warning",
        f"The learning rate was low: of the first {room.num_samples} updates that were "
        "measured while it was near its highest, half could have gone "
        f"{shorten(room.headroom)} times as far or more before the loss of the next "
        f"batch rose, as at {place.with_rate}. {advice}",
        place,
    )


def find_rate_too_high(evidence: Evidence) -> Iterator[Finding]:
    """Finds that updates raised the loss, or that it was lost at the beginning."""
    found = evidence.landscape
    effect = None if found is None else found.effect
    if found is None or effect is None:
        return
    if not _is_too_high(evidence, found):
        return
    begin, end = found.levels
    what = (
        f"of {effect.num_samples} updates that were measured while it was near its "
        f"highest, {effect.share_raised:.0%} raised the loss of the next batch, "
        f"and all of them changed it by {effect.mean_change:+.0%} or more on average"
        if effect.is_harmful
        else f"the loss was {shorten(begin)} at the beginning, jumped, and was "
        f"{shorten(end)} on average in the last fifth of the moments that were measured"
    )
    place = evidence.place_of_step(int(found.steps[effect.sample]))
    most, rise = "", effect.highest_change
    if rise > 0:
        amount = f"by {shorten(rise)}" if np.isfinite(rise) else "to no finite number"
        most = f" The loss of the next batch rose most at {place.with_rate}: {amount}."
    yield make_finding(
        "rate_too_high",
        "warning",
        f"The learning rate was high: {what}.{most} Try a lower rate.",
        place,
    )


def find_decay_with_room(evidence: Evidence) -> Iterator[Finding]:
    """Finds a rate that decayed though its updates could have gone on as before."""
    found = evidence.landscape
    persistence = None if found is None else find_persistence(found.optimizer)
    if found is None or persistence is None:
        return
    room = find_decayed_room(found.used_rates, found.least_headrooms)
    if room is None or room.num_samples < _DECAYED_SHARE * len(found):
        return
    used = float(found.used_rates[room.sample])
    is_far = room.headroom >= _DECAYED_ROOM * persistence
    if not is_far or used * room.headroom < _OF_PEAK * room.peak * persistence:
        return
    place = evidence.place_of_step(int(found.steps[room.sample]))
    yield make_finding(
        "decayed_with_room",
        "info",
        f"The rate decayed early: at {room.num_samples} of {len(found)} moments that "
        f"were measured it was below a tenth of its peak, {shorten(room.peak)}, and "
        f"half of these updates could have gone {shorten(room.headroom)} times as far "
        f"or more before the loss of the next batch rose, as at {place.with_rate}. Let "
        "it decay later.",
        place,
    )


def _is_too_high(evidence: Evidence, found: Landscape) -> bool:
    """Tells whether the rate was too high.

    That is: updates raised the loss, or it jumped and never came far below its
    beginning again.
    """
    effect = found.effect
    if effect is None:
        return False
    if effect.is_harmful or not found.may_be_lost:
        return effect.is_harmful
    begin, end = found.levels
    if effect.highest_change >= _JUMP * begin:
        return True
    losses = take_losses(evidence.read_first(_NUM_FIRST_ROWS))
    if len(losses) < _NUM_ROWS:
        return False
    means = np.convolve(losses, np.ones(_NUM_ROWS) / _NUM_ROWS, "valid")
    return bool(np.nanmax(means, initial=0.0) >= _RISE * max(begin, end))
