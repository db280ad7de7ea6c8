"""What is written of one training, from its first row to its last."""

import dataclasses
import time
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lr_plugin import schema
from lr_plugin.keras.capture import outside_rows, unseen
from lr_plugin.keras.capture.drain import Rows
from lr_plugin.keras.capture.recorder import Recorder
from lr_plugin.keras.guard import Guard
from lr_plugin.keras.row_events import RowEventFinder
from lr_plugin.keras.training_summary import TrainingSummary, extend_summary
from lr_plugin.writer import RunWriter
from lr_plugin.writer.background import BackgroundWriter
from lr_plugin.writer.run_folder import RunFolder

_IDLE_SECS = 2.0

ClaimFolder = Callable[[schema.RunInfo], RunFolder | None]


class RunLog:
    """Writes a training's rows and events in the background.

    Does not hold the model: what is still in the ring when the program ends, or when
    nobody holds the model any more, is written all the same.

    Attributes:
        read_notes: Reads notes on what could not be recorded. Those that there are
            when the first row is written belong to the run; later ones become events.
        summary: What the rows so far amount to; None before the first.
    """

    def __init__(self, guard: Guard):
        """Writes nothing yet.

        Args:
            guard: Takes notes on what could not be written.
        """
        self._guard = guard
        self._run_info = schema.RunInfo()
        self._begin_time = time.time()
        self._claim_folder: ClaimFolder | None = None
        self._has_begun = False
        self._writer: BackgroundWriter | None = None
        # What comes before the first row.
        self._waiting: list[Callable[[RunWriter], None]] = []
        self._on_wake: Callable[[bool], bool] | None = None
        self._event_finder = RowEventFinder(has_schedule=True, accumulation_steps=1)
        self._notes: list[str] = []
        self._note_step = -1
        self.read_notes: Callable[[], list[str]] = list
        self.summary: TrainingSummary | None = None

    def begin(self, run_info: schema.RunInfo, claim_folder: ClaimFolder) -> None:
        """Says what is trained.

        Args:
            claim_folder: Takes what is trained from which row on and returns where to
                write; None for nowhere. Not asked before, because a callback may
                restore a checkpoint when training begins.
        """
        self._run_info = run_info
        self._begin_time = time.time()
        self._claim_folder = claim_folder
        self._event_finder = RowEventFinder(
            has_schedule=run_info.schedule.get("class_name") != "constant",
            accumulation_steps=run_info.accumulation_steps,
        )

    def watch(self, recorder: Recorder) -> None:
        """Takes rows by itself where training pauses or ends without a word to it."""
        drain, recorder_or_none = recorder.drain, weakref.ref(recorder)
        guard = recorder.guard

        def on_wake(is_last: bool) -> bool:
            is_alive = False
            with guard.keep("The end of the training"):
                recorder = recorder_or_none()
                if recorder is not None and recorder.lifetime.is_over():
                    recorder.detach()
                is_alive = recorder is not None and recorder.is_attached
                if is_last or not is_alive or drain.is_due(_IDLE_SECS):
                    drain()
            return is_alive

        self._on_wake = on_wake

    def set_first_epoch(self, epoch: int) -> None:
        """Notes the epoch, counted from 0, in which the first row will be."""
        if self.summary is None:
            self._run_info = dataclasses.replace(self._run_info, first_epoch=epoch)

    def add_rows(self, rows: Rows) -> None:
        """Writes rows and the events that they show."""
        if not self._has_begun:
            self._begin(rows)
        events = self._event_finder.find(rows)
        # Not when they are written, which is up to a second later.
        moment = time.time()
        # How often each of several optimizers updated is no column of a run.
        kept = {name: v for name, v in rows.items() if not name.startswith("updates:")}

        def write(writer: RunWriter) -> None:
            writer.write_rows(kept, wall_time=moment)
            for event in events:
                writer.write_event(event, wall_time=moment)

        self._submit(write)
        self.summary = extend_summary(self.summary, rows)
        self.write_new_notes()

    def add_event(
        self, kind: str, step: int | None, text: str, details: Mapping[str, Any]
    ) -> None:
        """Writes an event at a step; None means that of the last row so far."""
        if step is None:
            step = self.summary.last_step if self.summary is not None else 0
        event, moment = schema.Event(kind, step, text, details), time.time()
        self._submit(lambda writer: writer.write_event(event, wall_time=moment))

    def add_layers(
        self, step: int, layers: list[str], samples: dict[str, np.ndarray]
    ) -> None:
        """Writes a sample of the layers."""
        moment = time.time()
        self._submit(
            lambda writer: writer.write_layers(step, layers, samples, wall_time=moment)
        )

    def add_landscape(self, step: int, sample: schema.LandscapeSample) -> None:
        """Writes a sample of the loss along an update."""
        moment = time.time()
        self._submit(
            lambda writer: writer.write_landscape(step, sample, wall_time=moment)
        )

    def write_new_notes(self) -> None:
        """Writes the notes that came after the first row, as one event."""
        if not self._has_begun:
            return
        notes = [note for note in self.read_notes() if note not in self._notes]
        if notes:
            self._notes += notes
            last_step = self.summary.last_step if self.summary is not None else 0
            # Within a kind, events have different steps.
            self._note_step = max(last_step, self._note_step + 1)
            self.add_event("note", self._note_step, " ".join(notes), {})

    def flush(self) -> None:
        """Waits until what was added is on disk."""
        if self._writer is not None:
            self._writer.flush()

    def close(self) -> None:
        """Waits until what was added is on disk, and ends the thread."""
        self.write_new_notes()
        if self._writer is not None:
            self._writer.close()

    def _begin(self, rows: Rows) -> None:
        self._has_begun = True
        claim_folder, self._claim_folder = self._claim_folder, None
        first_step = int(rows[schema.STEP][0])
        self._notes = self.read_notes()
        is_said = schema.LOSS in rows or bool({*outside_rows.NOTES} & {*self._notes})
        of_loss = [] if is_said else [unseen.loss_unseen()]
        run_info = dataclasses.replace(
            self._run_info, first_step=first_step, notes=(*of_loss, *self._notes)
        )
        folder = None
        if claim_folder is not None:
            folder = claim_folder(run_info)
        if folder is not None:
            self._writer = BackgroundWriter(
                folder.path,
                on_wake=self._on_wake,
                on_end=folder.release,
                on_failure=self._note_failure,
            )
        begin_time = self._begin_time
        self._submit(
            lambda writer: writer.write_run_info(run_info, wall_time=begin_time)
        )
        if first_step > 0:
            text = f"Training went on from step {first_step}."
            self.add_event("restart", first_step, text, {})
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            self._submit(call)

    def _note_failure(self, error: Exception) -> None:
        self._guard.fail_with("A part of the training", error)
        self.write_new_notes()

    def _submit(self, call: Callable[[RunWriter], None]) -> None:
        if self._writer is not None:
            self._writer.submit(call)
        elif not self._has_begun:
            self._waiting.append(call)
