"""Gathers rows into the blocks and the overview that are written.

Both classes take rows as they come and give what is ready as pairs of a first step and
a tensor, each of which becomes one event. A reader that meets an event drops what it
holds from that event's step on: this is how a block is rewritten, and why rows of one
step must stay together.
"""

from collections.abc import Iterator

import numpy as np

from lr_plugin import schema
from lr_plugin.rows import Rows, count_rows, join_rows, slice_rows

# A block that was written in this many pieces is written once more as a whole. So the
# number of blocks stays in proportion to the rows, however slow the training is.
_MAX_PIECES = 8

Packed = tuple[int, np.ndarray]


class BlockBuilder:
    """Cuts a training's rows into blocks of up to `schema.ROWS_PER_BLOCK`."""

    def __init__(self) -> None:
        self._rows: dict[str, np.ndarray] = {}
        self._num_written = 0
        self._num_pieces = 0

    def add(self, rows: Rows) -> Iterator[Packed]:
        """Adds rows, all of the same columns, and yields blocks that become full."""
        begin = 0
        while begin < count_rows(rows):
            steps = rows[schema.STEP][begin:]
            if not self._has_place_for(steps[0]):
                yield from self._complete()
                self._begin_block(steps[0])
            num_held = count_rows(self._rows)
            first_step = self._rows[schema.STEP][0] if num_held else steps[0]
            farthest = first_step + schema.MAX_DISTANCE
            num_near = int(np.searchsorted(steps, farthest, side="right"))
            end = begin + min(schema.ROWS_PER_BLOCK - num_held, num_near)
            self._rows = join_rows([self._rows, slice_rows(rows, begin, end)])
            begin = end
            if count_rows(self._rows) == schema.ROWS_PER_BLOCK:
                yield from self._complete()

    @property
    def num_unwritten(self) -> int:
        """How many rows of the unfinished block have not been given yet."""
        return count_rows(self._rows) - self._num_written

    def flush(self) -> Iterator[Packed]:
        """Yields the rows of the unfinished block that have not been given yet."""
        if self.num_unwritten == 0:
            return
        steps = self._rows[schema.STEP]
        # Rows of one step stay together: a reader would take a block that begins with
        # the step of the row before it for a training that went back to that step.
        first_step = steps[self._num_written]
        begin = int(np.searchsorted(steps, first_step))
        yield int(first_step), schema.pack_block(slice_rows(self._rows, begin))
        self._num_written = len(steps)
        self._num_pieces += 1

    def _has_place_for(self, step: int) -> bool:
        num_held = count_rows(self._rows)
        if num_held == 0:
            return True
        is_near = step - self._rows[schema.STEP][0] <= schema.MAX_DISTANCE
        return bool(is_near and num_held < schema.ROWS_PER_BLOCK)

    def _complete(self) -> Iterator[Packed]:
        """Yields what has not been given of a block that gets no more rows."""
        if self._num_pieces >= _MAX_PIECES:
            self._num_written = 0
        yield from self.flush()
        self._num_pieces = 0

    def _begin_block(self, next_step: int) -> None:
        """Forgets the complete block, except for rows of the step that comes next.

        If all of the block has that step, half of it is kept: then gradients are not
        finite any more, and loss scaling skips every update.
        """
        steps = self._rows[schema.STEP]
        begin = int(np.searchsorted(steps, next_step))
        begin = max(begin, len(steps) - schema.ROWS_PER_BLOCK // 2)
        self._rows = slice_rows(self._rows, begin)
        self._num_written = count_rows(self._rows)
        self._num_pieces = 0


class OverviewBuilder:
    """Summarizes a training's rows in buckets of `schema.ROWS_PER_BUCKET`.

    Each `flush` gives the unfinished overview again, longer and with the same first
    step, so that it replaces what was given before.
    """

    def __init__(self) -> None:
        self._first_step = 0
        self._buckets: list[np.ndarray] = []
        self._rows: dict[str, np.ndarray] = {}
        self._has_news = False

    def add(self, rows: Rows) -> Iterator[Packed]:
        """Adds rows, all of the same columns, and yields overviews that become full."""
        begin = 0
        while begin < count_rows(rows):
            step = int(rows[schema.STEP][begin])
            is_far = step - self._first_step > schema.MAX_DISTANCE
            if self._buckets and not self._rows and is_far:
                yield from self.flush()
                self._buckets = []
            if not self._buckets and not self._rows:
                self._first_step = step
            end = begin + schema.ROWS_PER_BUCKET - count_rows(self._rows)
            self._rows = join_rows([self._rows, slice_rows(rows, begin, end)])
            self._has_news = True
            begin = end
            if count_rows(self._rows) == schema.ROWS_PER_BUCKET:
                self._buckets.append(self._summarize())
                self._rows = {}
            if len(self._buckets) == schema.BUCKETS_PER_OVERVIEW:
                yield from self.flush()
                self._buckets = []

    def flush(self) -> Iterator[Packed]:
        """Yields the unfinished overview if rows were added since it was last given."""
        if self._has_news:
            unfinished = [self._summarize()] if self._rows else []
            yield self._first_step, np.stack([*self._buckets, *unfinished])
            self._has_news = False

    def _summarize(self) -> np.ndarray:
        return schema.summarize(self._rows, first_step=self._first_step)
