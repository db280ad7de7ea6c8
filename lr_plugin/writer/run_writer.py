"""Writes a run: every iteration, an overview, events, layers and range tests."""

import functools
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from lr_plugin import fields, metadata, schema
from lr_plugin.folders import resolve_written_folder
from lr_plugin.rows import count_rows
from lr_plugin.writer.checked_rows import check_rows
from lr_plugin.writer.event_log import EventLog
from lr_plugin.writer.folder_names import record_directory
from lr_plugin.writer.logged_rows import LoggedRows
from lr_plugin.writer.periodic_flush import PeriodicFlush
from lr_plugin.writer.row_series import RowSeries
from lr_plugin.writer.run_folder import claim_run_folder, open_run_folder

_T = TypeVar("_T")


def _in_order(method: Callable[..., _T]) -> Callable[..., _T]:
    """Makes a method write what was logged before it, one thread at a time."""

    @functools.wraps(method)
    def after_logged(self: "RunWriter", *args: Any, **kwargs: Any) -> _T:
        with self._lock:
            self._write_logged()
            return method(self, *args, **kwargs)

    return after_logged


class RunWriter:
    """Writes one run into `<logdir>/learning_rate/`.

    `logdir` may be remote, such as "s3://bucket/logs/run1": then this machine's disk
    takes what is written, and it is copied there every ten seconds or more, and when
    the writer is closed. Where that fails it is tried again, and a warning says at the
    end what is missing there and where it is.

    If there is a run in `logdir` already, rows whose first step is later than that of
    the run go on with it. Rows that begin anew are another run, in `<logdir>/fit_2`,
    and do not hide the first one.

    What is written is on disk after `flush` or `close`; a large backlog is flushed by
    itself. A write that fails raises, and loses nothing: the next `flush` writes what
    is missing to a new file. All but `log` may be called on any thread. Undefined after
    `close`.

    Example:

    ```python
    with RunWriter("logs/run1") as run:
        for step, batch in enumerate(batches):
            rate = schedule(step)
            loss = train(batch, rate)
            run.log(step, learning_rate=rate, loss=loss)
    ```
    """

    def __init__(self, logdir: str | os.PathLike[str], *, resume: bool = False):
        """Creates no file; the first flush does.

        Args:
            resume: Whether to go on with the run in `logdir` at whatever step the rows
                begin; rows that it has from that step on are replaced.

        Raises:
            ValueError: `logdir` is of no kind that is known.
            ImportError: The package for a remote folder is missing.
        """
        self._logdir = resolve_written_folder(logdir)
        self._first_folder = open_run_folder(self._logdir)
        self._folder = self._first_folder if resume else None
        self._log = EventLog(record_directory(self._first_folder.path))
        self._series = RowSeries(self._log)
        self._last_wall_time: float | None = None
        self._lock = threading.RLock()
        self._logged = LoggedRows()
        self._periodic_flush: PeriodicFlush | None = None
        self._is_closed = False

    def __enter__(self) -> "RunWriter":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @_in_order
    def write_run_info(
        self, run_info: schema.RunInfo, *, wall_time: float | None = None
    ) -> None:
        """Writes what is known of a training when it begins.

        To be called once for each training, before its rows. What was recorded before
        at or after `run_info.first_step` is replaced by what follows.
        """
        self._choose_folder(run_info.first_step)
        self._series.end(wall_time=self._last_wall_time)
        self._last_wall_time = time.time() if wall_time is None else wall_time
        self._add_json(
            metadata.RUN_INFO_TAG,
            run_info.first_step,
            run_info,
            wall_time=wall_time,
            heads_file=True,
        )

    def log(
        self, step: int, *, learning_rate: Any = None, loss: Any = None, **columns: Any
    ) -> None:
        """Writes one iteration, which is on disk within some seconds.

        Takes a few microseconds; a thread writes. Where writing fails there is one
        warning, and the thread tries again. To be called on one thread.

        Args:
            step: Counts iterations from 0.
            learning_rate: The rate that this iteration used. Like all values a number,
                or an array of shape [] of any library; one that is still computed on a
                device is waited for.
            loss: The loss of its batch. Rate and loss are given always or never.
            **columns: Whatever else was measured, by name; NaN where it is not given.
                The rates of groups of weights are `**{"learning_rate:<group>": rate}`.

        Raises:
            ValueError: A value is no number, a column cannot have this name, or the
                rate or the loss is missing and was there before.
        """
        if loss is not None:
            columns = {schema.LOSS: loss, **columns}
        if learning_rate is not None:
            columns = {schema.LEARNING_RATE: learning_rate, **columns}
        self._logged.add(step, columns)
        if self._periodic_flush is None:
            self._periodic_flush = PeriodicFlush(self._logdir, self._flush_logged)

    @_in_order
    def write_rows(
        self, rows: Mapping[str, Any], *, wall_time: float | None = None
    ) -> None:
        """Writes iterations in the order in which they happened.

        Args:
            rows: Arrays of shape [num_rows] by column: `step`, at least one
                measurement, as `learning_rate`, `loss` or one of the user's own, and
                `applied` unless every update was. Lists will do, and numbers for a
                single row. Kept as float32: what is larger than 3.4e38 is infinite.
                `wall_time`, as `read_run` gives it, is left out.
            wall_time: When the last of these rows happened, in seconds since the epoch;
                now, if None.

        Raises:
            ValueError: A column is missing, or is not what it must be.
        """
        self._write_rows(rows, wall_time)

    @_in_order
    def write_event(
        self, event: schema.Event, *, wall_time: float | None = None
    ) -> None:
        """Writes something that happened at one iteration."""
        self._add_json(
            metadata.events_tag(event.kind), event.step, event, wall_time=wall_time
        )

    @_in_order
    def write_range_test(
        self,
        record: schema.RangeTestRecord,
        *,
        step: int = 0,
        wall_time: float | None = None,
    ) -> None:
        """Writes the result of a range test that was run at iteration `step`."""
        self._add_json(metadata.RANGE_TEST_TAG, step, record, wall_time=wall_time)

    @_in_order
    def write_landscape(
        self,
        step: int,
        sample: schema.LandscapeSample,
        *,
        wall_time: float | None = None,
    ) -> None:
        """Writes what other rates would have done at iteration `step`."""
        self._add_json(metadata.LANDSCAPE_TAG, step, sample, wall_time=wall_time)

    @_in_order
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
        if not samples:
            raise ValueError(
                "`samples` must hold what was measured, by name. Received: nothing."
            )
        for name, values in samples.items():
            if np.shape(values) != (len(layers),):
                raise ValueError(
                    f"`samples` must have a number for each of the {len(layers)} "
                    f"layers. Received: `{name}` of shape {list(np.shape(values))}."
                )
        self._log.add(
            metadata.layers_tag(layers),
            step,
            schema.as_float32(np.stack(list(samples.values()), axis=1)),
            metadata.create_summary_metadata(
                metadata.PLUGIN_NAME, columns=tuple(samples), layers=layers
            ),
            wall_time=wall_time,
        )

    @_in_order
    def flush(self) -> None:
        """Puts everything on disk, unfinished blocks included.

        Raises:
            OSError: A write failed (of a remote file, what its client raises). The
                next flush tries again.
        """
        self._series.flush(wall_time=self._last_wall_time)
        self._log.flush()

    @_in_order
    def close(self) -> None:
        """Flushes and closes the file."""
        if self._periodic_flush is not None:
            self._periodic_flush.close()
        self._is_closed = True
        try:
            self._series.flush(wall_time=self._last_wall_time)
            self._log.close()
        finally:
            self._first_folder.release()
            if self._folder is not None:
                self._folder.release()

    def _write_rows(self, rows: Mapping[str, Any], wall_time: float | None) -> None:
        end_time = time.time() if wall_time is None else wall_time
        end_time = fields.TIME.check("wall_time", end_time)
        begin_time = end_time if self._last_wall_time is None else self._last_wall_time
        rows = check_rows(rows)
        if not count_rows(rows):
            return
        self._choose_folder(int(rows[schema.STEP][0]))
        self._series.add(rows, begin_time=begin_time, end_time=end_time)
        self._last_wall_time = end_time
        self._log.flush_if_large()

    def _write_logged(self) -> None:
        first_step = self._logged.first_step
        if first_step is None:
            return
        # First, because this may fail, and what is taken must be written.
        self._choose_folder(first_step)
        rows, moment = self._logged.take()
        self._write_rows(rows, moment)

    def _flush_logged(self) -> None:
        """Flushes on the thread, which may come to it when the writer is closed."""
        with self._lock:
            if not self._is_closed:
                self.flush()

    def _choose_folder(self, first_step: int) -> None:
        """Chooses where the run is written, when its first step is known."""
        if self._folder is not None:
            return
        self._folder = claim_run_folder(
            self._logdir,
            goes_on=(lambda steps: steps.first < first_step) if first_step else None,
        )
        if self._folder.path != self._first_folder.path:
            # Events that were written before the first step stay in the first folder.
            if not self._log.is_empty:
                self._log.close()
            self._first_folder.release()
            self._log = EventLog(record_directory(self._folder.path))
            self._series = RowSeries(self._log)

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
