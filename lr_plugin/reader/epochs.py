"""Which epoch an iteration belongs to, over all trainings of a run."""

import bisect
import dataclasses
from collections.abc import Sequence

from lr_plugin import schema

# A screen cannot tell more of them apart.
_MAX_MARKS = 500


@dataclasses.dataclass(frozen=True)
class EpochStart:
    """An epoch that is known to begin at a step, and how long it and the next ones are.

    Attributes:
        step: Its first iteration.
        epoch: Counted from 0, over all trainings of the run.
        length: Iterations of this epoch and of those that follow until the next
            `EpochStart`; None if there is one epoch until then.
    """

    step: int
    epoch: int
    length: int | None


@dataclasses.dataclass(frozen=True)
class Epochs:
    """The epochs of a run.

    Attributes:
        starts: By step and by epoch, both rising.
        last_step: The run's last iteration.
        planned: At which epoch the latest training is to end; None if unknown.
    """

    starts: Sequence[EpochStart]
    last_step: int
    planned: int | None

    @property
    def are_known(self) -> bool:
        """Whether it was said where epochs begin, or how long they are."""
        return len(self.starts) > 1 or any(start.length for start in self.starts)

    def find(self, step: int) -> int | None:
        """Finds the epoch of a step, counted from 0; None if the run does not say."""
        return _find(self.starts, step) if self.are_known else None

    def list_marks(self) -> list[tuple[int, int]]:
        """Lists pairs of step and epoch, both rising: there that epoch began.

        The last may be where the last epoch ended, if the run does not say how long an
        epoch is. Of more than 500 epochs, some.
        """
        marks: list[tuple[int, int]] = []
        stride = max(1, len(self.starts) // _MAX_MARKS)
        for i in range(0, len(self.starts), stride):
            start = self.starts[i]
            marks.append((start.step, start.epoch))
            if not start.length:
                continue
            is_last = i + 1 >= len(self.starts)
            end = self.last_step + 1 if is_last else self.starts[i + 1].step
            num_epochs = -(-(end - start.step) // start.length)
            step_stride = max(1, num_epochs // _MAX_MARKS)
            marks += [
                (start.step + k * start.length, start.epoch + k)
                for k in range(step_stride, num_epochs, step_stride)
            ]
        return marks


def find_epochs(
    run_infos: Sequence[schema.RunInfo],
    events: Sequence[schema.Event],
    last_step: int,
) -> Epochs:
    """Finds the epochs of a run from what its trainings said.

    The end of an epoch that was recorded counts more than its length, because skipped
    updates make epochs shorter in steps. Where a training begins with an epoch that the
    run has behind it (`fit` in a loop), its epochs are numbered on.

    Args:
        events: By step; those of the kind "epoch_end" are looked at.
    """
    starts: list[EpochStart] = []
    planned = None
    ends = [event for event in events if event.kind == "epoch_end"]
    for i, info in enumerate(run_infos):
        first_step = info.first_step
        next_step = last_step + 1
        if i + 1 < len(run_infos):
            next_step = run_infos[i + 1].first_step
        length = _whole_number(info.steps_per_epoch)
        inside = [
            (event.step + 1, event.details["epoch"] + 1)
            for event in ends
            if first_step <= event.step < next_step
            and isinstance(event.details.get("epoch"), int)
        ]
        before = _find(starts, first_step) if starts else 0
        shift = max(before - info.first_epoch, 0)
        # The program may have told its epochs' numbers at their ends alone.
        if inside and inside[0][1] > before:
            shift = 0
        epochs = _whole_number(info.epochs)
        planned = None if epochs is None else epochs + shift
        found = [(first_step, max(info.first_epoch + shift, before))]
        found += [(step, epoch + shift) for step, epoch in inside]
        # Nothing began where the run ended; but it tells how long the last epoch was.
        if length:
            found = [one for one in found if one[0] <= last_step] or found[:1]
        starts = [start for start in starts if start.step < first_step]
        for step, epoch in found:
            # Within an epoch that is under way, none begins.
            if not starts or epoch > _find(starts, step - 1):
                starts.append(EpochStart(step, epoch, None))
        if starts and starts[-1].step >= first_step:
            starts[-1] = dataclasses.replace(starts[-1], length=length)
    return Epochs(starts, last_step, planned)


def _find(starts: Sequence[EpochStart], step: int) -> int:
    i = bisect.bisect_right(starts, step, key=lambda start: start.step) - 1
    start = starts[max(i, 0)]
    if not start.length:
        return start.epoch
    return start.epoch + max(step - start.step, 0) // start.length


def _whole_number(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None
