"""Silent mistakes that show in the learning rate."""

from collections.abc import Iterator

import numpy as np

from lr_plugin import schema
from lr_plugin.reader.findings.evidence import Evidence
from lr_plugin.reader.findings.finding import Finding, Place, make_finding, shorten
from lr_plugin.reader.outcome.moment import make_moment
from lr_plugin.rows import Rows

# A rate that is multiplied by less from one iteration to the next may be meant so: a
# schedule in stairs, or the step from the head's training to the body's.
_JUMP_FACTOR = 3.0
# A schedule that jumps up more often does so by plan, as do warm restarts.
_MAX_JUMPS = 1
_NUM_BUCKETS_TO_OPEN = 4


def find_ignored_decay(evidence: Evidence) -> Iterator[Finding]:
    """Finds a decay that was asked for and had no effect."""
    run_info = evidence.recording.run_info
    rates = evidence.statistics(schema.LEARNING_RATE)
    low, high = np.nanmin(rates[:, 0]), np.nanmax(rates[:, 1])
    if low != high or evidence.num_rows < 2:
        return
    hparams = run_info.extra.get("hparams")
    for source in (run_info.optimizer.get("config"), hparams, run_info.extra):
        for name in ("decay", "--decay"):
            decay = source.get(name) if isinstance(source, dict) else None
            if isinstance(decay, int | float) and decay > 0:
                yield make_finding(
                    "ignored_decay",
                    "warning",
                    f"{name.lstrip('-')}={decay:g} was asked for, but all "
                    f"{evidence.num_rows:,} iterations used the rate "
                    f"{shorten(low)}: Keras 3 ignores an optimizer's `decay`. Give it "
                    f"`InverseTimeDecay({shorten(low)}, 1, {decay:g})` as its learning "
                    "rate.",
                    evidence.place_in(0, lambda rows: 0),
                )
                return


def find_zero_rate(evidence: Evidence) -> Iterator[Finding]:
    """Finds iterations that used the rate 0."""
    rates, num_rows = evidence.statistics(schema.LEARNING_RATE), evidence.num_rows
    has_zero = rates[:, 0] == 0
    is_zero = rates[:, 1] == 0
    num_zero = int(evidence.overview.num_rows[is_zero].sum())
    is_exact = True
    mixed = np.flatnonzero(has_zero & ~is_zero).tolist()
    for bucket in mixed[:_NUM_BUCKETS_TO_OPEN]:
        rows = evidence.known.read_buckets(bucket, bucket)
        is_exact &= bool(rows)
        num_zero += int(np.sum(rows[schema.LEARNING_RATE] == 0)) if rows else 0
    is_exact &= len(mixed) <= _NUM_BUCKETS_TO_OPEN
    # A warm-up may start from 0, and a schedule may end there.
    if num_zero < max(10, num_rows // 100):
        return
    place = evidence.place_in(int(np.argmax(has_zero)), _first_zero)
    yield make_finding(
        "zero_rate",
        "warning",
        f"The rate was 0 in {'' if is_exact else 'at least '}{num_zero:,} of "
        f"{num_rows:,} iterations, first at {place}: these learned nothing. Give the "
        "schedule the length of the run, or an end above 0.",
        place,
    )


def _first_zero(rows: Rows) -> int | None:
    where = np.flatnonzero(rows[schema.LEARNING_RATE] == 0)
    return int(where[0]) if len(where) else None


def find_rate_jump(evidence: Evidence) -> Iterator[Finding]:
    """Finds a rate that had fallen and from one iteration to the next was high again.

    As where a training goes on and its schedule, or what a callback had made of the
    rate, begins anew.
    """
    name = str(evidence.recording.run_info.schedule.get("class_name", ""))
    if any(word in name.lower() for word in ("restart", "cycl")):
        return
    jumps = list(_find_jumps(evidence))
    told = {e.step for e in evidence.recording.events if e.kind == "unfrozen"}
    jumps = [jump for jump in jumps if jump[1].first_step not in told]
    if not 1 <= len(jumps) <= _MAX_JUMPS:
        return
    before, place = jumps[0]
    assert place.moment is not None and place.moment.learning_rate is not None
    begins = {info.first_step for info in evidence.recording.run_infos[1:]}
    where = ", where a training began" if place.first_step in begins else ""
    yield make_finding(
        "rate_jump",
        "warning",
        f"The rate jumped from {shorten(before)} to "
        f"{shorten(place.moment.learning_rate)} at {place}{where}. If that is not "
        "meant, restore the state of the schedule, or of the callback that lowers the "
        "rate, when a training goes on.",
        place,
    )


def _find_jumps(evidence: Evidence) -> Iterator[tuple[float, Place]]:
    """Yields the rate before each jump, and the row after it."""
    lows, highs = evidence.statistics(schema.LEARNING_RATE)[:, :2].T.astype(np.float64)
    highest = np.fmax.accumulate(highs)
    # A jump lies within a bucket, or between it and the next.
    following = np.append(highs[1:], highs[-1:])
    is_wide = np.fmax(highs, following) >= _JUMP_FACTOR * lows
    has_fallen = (lows > 0) & (lows < highest / 2)
    candidates = np.flatnonzero(is_wide & has_fallen)
    if evidence.known.rows is None and len(candidates) > _NUM_BUCKETS_TO_OPEN:
        # So many are a plan, or a rate that changes this much all the time.
        candidates = candidates[:0]
    seen = set()
    for bucket in candidates.tolist():
        rows = evidence.known.read_buckets(bucket, bucket + 1)
        if not rows:
            continue
        rates = rows[schema.LEARNING_RATE].astype(np.float64)
        before = rates[:-1]
        is_jump = (rates[1:] >= _JUMP_FACTOR * before) & (before > 0)
        is_jump &= before < highest[bucket] / 2
        for i in np.flatnonzero(is_jump).tolist():
            moment = make_moment(rows, i + 1, evidence.recording.epochs)
            if moment.step not in seen:
                seen.add(moment.step)
                yield float(before[i]), Place(moment, moment.step, moment.step)


def find_skipped_updates(evidence: Evidence) -> Iterator[Finding]:
    """Finds that loss scaling skipped many updates."""
    size = evidence.recording.run_info.accumulation_steps
    num_updates = evidence.num_rows // size
    num_skipped = num_updates - int(evidence.overview.num_applied.sum())
    if num_skipped < 10 or num_skipped < 0.05 * num_updates:
        return

    def first_skipped(rows: Rows) -> int | None:
        is_update = (rows[schema.STEP] + 1) % size == 0
        where = np.flatnonzero(is_update & (rows[schema.APPLIED] == 0))
        return int(where[0]) if len(where) else None

    # A bucket without a skipped update may have one update less than its share.
    num_expected = evidence.overview.num_rows / size
    is_short = evidence.overview.num_applied < num_expected - 1 + 1 / size
    if evidence.known.rows is not None:
        first = first_skipped(evidence.known.rows)
        bucket = 0 if first is None else first
    else:
        bucket = int(np.argmax(is_short))
    place = evidence.place_in(bucket, first_skipped)
    yield make_finding(
        "skipped_updates",
        "warning",
        f"{num_skipped:,} of {num_updates:,} updates "
        f"({num_skipped / num_updates:.0%}) were skipped because gradients were not "
        f"finite, first at {place}. A few are normal while the loss scale settles; "
        "this many cost training time. Lower the rate, or begin with a lower loss "
        "scale.",
        place,
    )
