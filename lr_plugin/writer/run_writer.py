"""Writes a run: every iteration, an overview, events, layers and range tests."""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from tensorboard.plugins.scalar import metadata as scalar_metadata

from lr_plugin import fields, metadata, schema
from lr_plugin.rows import Rows, count_rows, split_where_steps_fall
from lr_plugin.writer.blocks import BlockBuilder, OverviewBuilder, Packed
from lr_plugin.writer.checked_rows import check_rows
from lr_plugin.writer.event_log import EventLog
from lr_plugin.writer.run_folder import RunFolder, claim_run_folder

# As many points of a scalar as TensorBoard keeps by default.
_NUM_SCALARS = 1000
# Not `batch_loss`: Keras' callback gives that name to the mean since the epoch began,
# and both would share a chart.
_SCALAR_TAGS = {schema.LEARNING_RATE: "learning_rate", schema.LOSS: "iteration_loss"}


class RunWriter:
    """Writes one run into `<logdir>/learning_rate/`.

    If there is a run in `logdir` already, rows whose first step is later than that of
    the run go on with it. Rows that begin anew are another run, in `<logdir>/fit_2`,
    and do not hide the first one.

    What is written is on disk after `flush` or `close`; a large backlog is flushed by
    itself. A write that fails raises, and loses nothing: the next `flush` writes what
    is missing to a new file. Not thread-safe. Undefined after `close`.

    Example:

    ```python
    with RunWriter("logs/run1") as writer:
        writer.write_run_info(RunInfo(steps_per_epoch=100))
        writer.write_rows({
            "step": np.arange(100),
            "learning_rate": np.full(100, 1e-3),
            "loss": np.linspace(2.3, 0.1, 100),
        })
    ```
    """

    def __init__(self, logdir: str | os.PathLike[str], *, resume: bool = False):
        """Creates no file; the first flush does.

        Args:
            resume: Whether to go on with the run in `logdir` at whatever step the rows
                begin; rows that it has from that step on are replaced.
        """
        self._logdir = os.fspath(logdir)
        self._folder = RunFolder(self._logdir) if resume else None
        self._log = EventLog(os.path.join(self._logdir, schema.SUBDIRECTORY))
        self._last_step = -1
        self._last_wall_time: float | None = None
        self._columns: tuple[str, ...] = ()
        self._blocks = BlockBuilder()
        self._overview = OverviewBuilder()

    def __enter__(self) -> "RunWriter":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def write_run_info(
        self, run_info: schema.RunInfo, *, wall_time: float | None = None
    ) -> None:
        """Writes what is known of a training when it begins.

        To be called once for each training, before its rows. What was recorded before
        at or after `run_info.first_step` is replaced by what follows.
        """
        self._choose_folder(run_info.first_step)
        self._begin_series(self._columns)
        self._last_wall_time = time.time() if wall_time is None else wall_time
        self._add_json(
            metadata.RUN_INFO_TAG,
            run_info.first_step,
            run_info,
            wall_time=wall_time,
            heads_file=True,
        )

    def write_rows(
        self, rows: Mapping[str, Any], *, wall_time: float | None = None
    ) -> None:
        """Writes iterations in the order in which they happened.

        Args:
            rows: Arrays of shape [num_rows] by column: `step`, at least one of
                `schema.VALUE_COLUMNS`, and `applied` unless every update was. Lists
                will do, and numbers for a single row.
            wall_time: When the last of these rows happened, in seconds since the epoch;
                now, if None.

        Raises:
            ValueError: A column is missing, or is not what it must be.
        """
        end_time = time.time() if wall_time is None else wall_time
        end_time = fields.TIME.check("wall_time", end_time)
        begin_time = end_time if self._last_wall_time is None else self._last_wall_time
        rows = check_rows(rows)
        if not count_rows(rows):
            return
        self._choose_folder(int(rows[schema.STEP][0]))
        for part in split_where_steps_fall(rows):
            columns = schema.value_columns(part)
            if columns != self._columns or part[schema.STEP][0] < self._last_step:
                self._begin_series(columns)
            part.setdefault(schema.APPLIED, np.ones(len(part[schema.STEP])))
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
        self._last_wall_time = end_time
        self._log.flush_if_large()

    def write_event(
        self, event: schema.Event, *, wall_time: float | None = None
    ) -> None:
        """Writes something that happened at one iteration."""
        self._add_json(
            metadata.events_tag(event.kind), event.step, event, wall_time=wall_time
        )

    def write_range_test(
        self,
        record: schema.RangeTestRecord,
        *,
        step: int = 0,
        wall_time: float | None = None,
    ) -> None:
        """Writes the result of a range test that was run at iteration `step`."""
        self._add_json(metadata.RANGE_TEST_TAG, step, record, wall_time=wall_time)

    def write_layers(
        self,
        step: int,
        layers: Sequence[str],
        samples: Mapping[str, np.ndarray],
        *,
        wall_time: float | None = None,
    ) -> None:
        """Writes a sample of the layers' state at iteration `step`.

        Args:
            layers: The names of the layers, the same for all samples of a training.
            samples: Arrays of shape [num_layers] by the name of what they measure.

        Raises:
            ValueError: An array has not a number for each layer.
        """
        layers = fields.TEXTS.check("layers", layers)
        for name, values in samples.items():
            if np.shape(values) != (len(layers),):
                raise ValueError(
                    f"`samples` must have a number for each of the {len(layers)} "
                    f"layers. Received: `{name}` of shape {list(np.shape(values))}."
                )
        self._log.add(
            metadata.layers_tag(layers),
            step,
            np.stack(list(samples.values()), axis=1).astype(np.float32),
            metadata.create_summary_metadata(
                metadata.PLUGIN_NAME, columns=tuple(samples), layers=layers
            ),
            wall_time=wall_time,
        )

    def flush(self) -> None:
        """Puts everything on disk, unfinished blocks included.

        Raises:
            OSError: A write failed (of a remote file, what its client raises). The
                next flush tries again.
        """
        self._end_series()
        self._log.flush()

    def close(self) -> None:
        """Flushes and closes the file."""
        try:
            self._end_series()
            self._log.close()
        finally:
            if self._folder is not None:
                self._folder.release()

    def _choose_folder(self, first_step: int) -> None:
        """Chooses where the run is written, when its first step is known."""
        if self._folder is not None:
            return
        self._folder = claim_run_folder(
            self._logdir,
            goes_on=(lambda steps: steps.first < first_step) if first_step else None,
        )
        if self._folder.path != self._logdir:
            # Events that were written before the first step stay in the first folder.
            self._log.close()
            directory = os.path.join(self._folder.path, schema.SUBDIRECTORY)
            self._log = EventLog(directory)

    def _begin_series(self, columns: tuple[str, ...]) -> None:
        self._end_series()
        self._columns = columns
        self._blocks = BlockBuilder()
        self._overview = OverviewBuilder()

    def _end_series(self) -> None:
        self._add_blocks(self._blocks.flush(), wall_time=self._last_wall_time)
        self._add_overviews(self._overview.flush(), wall_time=self._last_wall_time)

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
                        np.float32(rows[column][i]),
                        scalar_metadata.create_summary_metadata(tag, ""),
                        wall_time=wall_time,
                    )

    def _add_json(
        self,
        tag: str,
        step: int,
        record: Any,
        *,
        wall_time: float | None = None,
        heads_file: bool = False,
    ) -> None:
        self._log.add(
            tag,
            step,
            schema.to_json(record),
            metadata.create_summary_metadata(metadata.PLUGIN_NAME),
            wall_time=wall_time,
            heads_file=heads_file,
        )
