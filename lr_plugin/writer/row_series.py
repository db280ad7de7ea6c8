"""Writes the rows of a run: every one, an overview, and scalars for the stock tabs."""

from collections.abc import Iterable

import numpy as np
from tensorboard.plugins.scalar import metadata as scalar_metadata

from lr_plugin import metadata, schema
from lr_plugin.rows import Rows, count_rows, split_where_steps_fall
from lr_plugin.writer.blocks import BlockBuilder, OverviewBuilder, Packed
from lr_plugin.writer.event_log import EventLog

# As many points of a scalar as TensorBoard keeps by default.
_NUM_SCALARS = 1000
# Not `batch_loss`: Keras' callback gives that name to the mean since the epoch began,
# and both would share a chart.
_SCALAR_TAGS = {schema.LEARNING_RATE: "learning_rate", schema.LOSS: "iteration_loss"}
_SCALAR_METADATA = {
    tag: scalar_metadata.create_summary_metadata(tag, "")
    for tag in _SCALAR_TAGS.values()
}


class RowSeries:
    """Adds rows to an event log, in series of rows that have the same columns."""

    def __init__(self, log: EventLog):
        self._log = log
        self._last_step = -1
        self._columns: tuple[str, ...] = ()
        self._blocks = BlockBuilder()
        self._overview = OverviewBuilder()

    def add(self, rows: Rows, *, begin_time: float, end_time: float) -> None:
        """Adds rows, as `check_rows` gives them, that happened between two moments."""
        for part in split_where_steps_fall(rows):
            columns = schema.value_columns(part)
            if columns != self._columns or part[schema.STEP][0] < self._last_step:
                self.end(wall_time=begin_time)
                self._columns = columns
            part.setdefault(schema.APPLIED, np.ones(count_rows(part)))
            blocks = list(self._blocks.add(part))
            # The rows of one call are taken to be spread evenly since the last call.
            num_rows, num_after = count_rows(part), self._blocks.num_unwritten
            for i, block in enumerate(blocks):
                later_rows = num_after + (len(blocks) - 1 - i) * schema.ROWS_PER_BLOCK
                moment = end_time - (end_time - begin_time) * later_rows / num_rows
                self._add_blocks([block], wall_time=moment)
            self._add_overviews(self._overview.add(part), wall_time=end_time)
            self._add_scalars(part, wall_time=end_time)
            self._last_step = int(part[schema.STEP][-1])

    def flush(self, *, wall_time: float | None) -> None:
        """Adds what is in no block yet, as of the last row's time."""
        self._add_blocks(self._blocks.flush(), wall_time=wall_time)
        self._add_overviews(self._overview.flush(), wall_time=wall_time)

    def end(self, *, wall_time: float | None) -> None:
        """Ends a series: the rows that come next begin another one."""
        self.flush(wall_time=wall_time)
        self._blocks = BlockBuilder()
        self._overview = OverviewBuilder()

    def _add_blocks(self, blocks: Iterable[Packed], *, wall_time: float | None) -> None:
        for first_step, tensor in blocks:
            self._log.add(
                metadata.iterations_tag(self._columns),
                first_step,
                tensor,
                metadata.create_summary_metadata(
                    metadata.RAW_PLUGIN_NAME,
                    columns=schema.stored_columns(self._columns),
                ),
                wall_time=wall_time,
            )

    def _add_overviews(
        self, overviews: Iterable[Packed], *, wall_time: float | None
    ) -> None:
        for first_step, tensor in overviews:
            self._log.add(
                metadata.overview_tag(self._columns),
                first_step,
                tensor,
                metadata.create_summary_metadata(
                    metadata.PLUGIN_NAME,
                    columns=schema.overview_columns(self._columns),
                ),
                wall_time=wall_time,
            )

    def _add_scalars(self, rows: Rows, *, wall_time: float) -> None:
        """Adds some rows as scalars for the stock tabs, which keep a thousand points.

        These are all of the first thousand, then five hundred of every doubling of the
        run. The rule depends on the step alone, so that a resumed run goes on with it.
        """
        steps = rows[schema.STEP]
        doublings = np.floor(np.log2(np.maximum(steps, 1) / _NUM_SCALARS)) + 1
        strides = 2 ** np.maximum(doublings, 0).astype(np.int64)
        for i in np.flatnonzero(steps % strides == 0):
            for column, tag in _SCALAR_TAGS.items():
                if column in rows:
                    self._log.add(
                        tag,
                        int(steps[i]),
                        schema.as_float32(rows[column][i]),
                        _SCALAR_METADATA[tag],
                        wall_time=wall_time,
                    )
