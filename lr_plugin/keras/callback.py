"""The callback that records a Keras training for TensorBoard's Learning Rate tab."""

import contextlib
import functools
import os
import weakref
from collections.abc import Mapping
from typing import Any

import keras

from lr_plugin import fields, schema
from lr_plugin.folders import resolve_written_folder
from lr_plugin.keras.capture.backends import check_backend, check_model
from lr_plugin.keras.capture.optimizers.find_optimizers import find_optimizers
from lr_plugin.keras.guard import Guard, warn
from lr_plugin.keras.lifetime import Lifetime
from lr_plugin.keras.run_folders import claim_training_folder
from lr_plugin.keras.training_record import TrainingRecord
from lr_plugin.keras.training_summary import TrainingSummary
from lr_plugin.writer.run_folder import RunFolder


class LearningRateLogger(keras.callbacks.Callback):
    """Records the learning rate and the batch loss of every iteration.

    Both are taken inside the training step: the rate that the update really used, not
    the next one, and the loss of that one batch, not the mean since the epoch began.
    Recorded too: the bias-corrected step size (Adam family), which updates were
    skipped, samples of every layer's effective rate and update, the ends of epochs with
    their metrics, and changes of the rate by other callbacks.

    TensorBoard shows the run in its tab "Learning Rate", and the rate and the loss,
    thinned, in its own Scalars tab.

    Works on each backend of Keras that trains: TensorFlow, JAX and PyTorch. Works with
    `fit` in all its modes, and with `train_on_batch` in a loop:

    ```python
    logger.set_model(model)
    logger.on_train_begin()
    for x, y in batches:
        model.train_on_batch(x, y)
    logger.on_train_end()
    ```

    May be used for several trainings, one at a time. A second `fit` of the same model
    goes on where the first ended, also with another logger for the same `logdir`; a
    training that begins anew where there is a run (another model, the same one compiled
    anew, the same script once more) is a run of its own, `<logdir>/fit_2`.

    Example:

    ```python
    model.fit(x, y, epochs=5, callbacks=[LearningRateLogger("logs/run1")])
    ```

    Attributes:
        summary: A `TrainingSummary` of the current or last training; None before its
            first iterations are known.
    """

    def __init__(
        self,
        logdir: str | os.PathLike[str],
        *,
        gradient_norm: bool = False,
        layer_samples: int = 200,
        landscape_samples: int = 0,
        resume: bool | None = None,
        run_info: Mapping[str, Any] | None = None,
    ):
        """Creates the callback; it writes nothing before a training begins.

        Args:
            logdir: Directory of the run; the record goes to `<logdir>/learning_rate/`.
                May be remote, as that of `RunWriter`.
            gradient_norm: Whether to record the norm of all gradients before clipping.
            layer_samples: How often in a training to sample the layers; 0 for never.
            landscape_samples: How often in a training to measure what other rates would
                have done, some 40; 0 for never. See `read_run(logdir).landscape`. Each
                takes as long as 8 to 16 steps, with `steps_per_execution` more.
            resume: Whether a training goes on with the run that `logdir` holds, and
                replaces what it trains again. None: where it says so itself, by a first
                epoch other than 0 as `initial_epoch` and BackupAndRestore give it, or
                by beginning right where that run ends. False: never.
            run_info: More to show with the run, by name, such as
                `{"hparams": {"dropout": 0.2}}`; values as JSON knows them.

        Raises:
            ValueError: `logdir` is of no kind that is known, `layer_samples` or
                `landscape_samples` is negative, `run_info` is no mapping, or Keras runs
                on a backend other than TensorFlow, JAX and PyTorch.
            ImportError: The package for a remote folder is missing.
        """
        super().__init__()
        if layer_samples < 0:
            raise ValueError(
                "`layer_samples` must not be negative. "
                f"Received: layer_samples={layer_samples}. Use 0 to sample no layers."
            )
        if landscape_samples < 0:
            raise ValueError(
                "`landscape_samples` must not be negative. Received: "
                f"landscape_samples={landscape_samples}. Use 0 to measure none."
            )
        check_backend("LearningRateLogger")
        self._logdir = resolve_written_folder(logdir)
        self._gradient_norm = gradient_norm
        self._layer_samples = layer_samples
        self._landscape_samples = landscape_samples
        self._resume = resume
        self._extra = dict(fields.MAPPING.check("run_info", run_info or {}))
        self._record: TrainingRecord | None = None
        # One for each training, also where no record of it can be made.
        self._guard = Guard()
        self._is_training = False
        self._has_begun = False
        self._steps_before = 0
        self._last_model: weakref.ref[keras.Model] | None = None
        self.summary: TrainingSummary | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Leaves out what belongs to a training: a copy has none."""
        return vars(self) | {"_record": None, "_last_model": None}

    def set_model(self, model: keras.Model) -> None:
        """Hooks into the model: Keras traces its step after this."""
        check_model("LearningRateLogger", model)
        super().set_model(model)
        self._guard = Guard()
        with self._kept("The training"):
            self._prepare(model, is_required=False)

    def on_train_begin(self, logs: Any = None) -> None:
        model = self.model
        if model is None and self._last_model is not None:
            # A list of callbacks that is used a second time sets no model.
            model = self._model = self._last_model()
        is_compiled = True
        with self._kept("The training"):
            is_compiled = bool(find_optimizers(model))
        if not is_compiled:
            raise ValueError(
                "A model must be compiled before its training can be recorded. "
                f"Received: a model named {model.name!r} that is not. "
                "Call model.compile() first."
            )
        self._is_training = True
        self.summary = None
        with self._kept("The training"):
            self._prepare(model, is_required=True)
        if self._record is None:
            return
        with self._kept("The training"):
            optimizer = next(iter(find_optimizers(model).values()))
            params = self.params or {}
            epochs, steps = params.get("epochs"), params.get("steps")
            self._record.begin(
                claim_folder=functools.partial(self._claim_folder, optimizer),
                num_iterations=epochs * steps if epochs and steps else None,
                run_info=schema.RunInfo(
                    steps_per_epoch=steps, epochs=epochs, extra=self._extra
                ),
                steps_before=self._steps_before,
            )
            self._has_begun = True

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        with self._kept("An epoch"):
            if self._record is not None:
                self._record.begin_epoch(epoch)

    def on_test_begin(self, logs: Any = None) -> None:
        # Validation may be long: what was trained before it should be seen meanwhile.
        with self._kept("Some iterations"):
            if self._record is not None:
                self._record.drain()
                self.summary = self._record.summary

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        with self._kept("The end of an epoch"):
            if self._record is not None:
                self._record.end_epoch(epoch, logs or {})
                self.summary = self._record.summary

    def on_train_end(self, logs: Any = None) -> None:
        self._end_training()
        if self._model is not None:
            self._last_model = weakref.ref(self._model)
        # Keras gave this callback the model; kept, it would outlive its training.
        self._model = None

    def count_from(self, step: int) -> None:
        """Numbers the iterations of the trainings that begin from now on from `step`.

        For a training that goes on with a fresh optimizer, as where frozen layers are
        unfrozen: the optimizer counts from 0 again, while the run has one axis.
        """
        self._steps_before = step

    def add_event(
        self, kind: str, text: str, *, step: int | None = None, **details: Any
    ) -> None:
        """Marks an iteration of the training that runs now.

        Args:
            kind: What it is, in snake case: "plateau".
            text: One sentence for the person who looks at the mark.
            step: The iteration; the last one so far, if None. Within a kind, each
                event's step must be greater than the one before.
            **details: Numbers and names, for programs.

        Raises:
            RuntimeError: No training is recorded now.
        """
        if self._record is None and not self._is_training:
            raise RuntimeError(
                "An event can be added while a training is recorded. Received: "
                f"kind={kind!r} outside of one. Call it from a callback of `fit`."
            )
        with self._kept("An event"):
            if self._record is not None:
                self._record.add_event(kind, step, text, details)

    def flush(self) -> None:
        """Waits until every iteration so far is on disk, for 30 seconds at most.

        For whoever is about to write a checkpoint: a program that is killed after that
        and resumed leaves no gap in the record. Does nothing between trainings.
        """
        with self._kept("Some iterations"):
            if self._record is not None:
                self._record.flush()
                self.summary = self._record.summary

    def _kept(self, what: str) -> contextlib.AbstractContextManager[None]:
        """Keeps what fails in here away from the training; see `Guard.keep`."""
        return self._guard.keep(what)

    def _prepare(self, model: keras.Model, *, is_required: bool) -> None:
        """Hooks into a model that is about to be trained.

        Args:
            is_required: Whether a training begins; else it may be an evaluation.
        """
        if self._record is not None:
            recorder = self._record.recorder
            is_alive = recorder.is_attached and not recorder.lifetime.is_over()
            is_begun = is_required and self._has_begun
            if is_alive and recorder.model is model and not is_begun:
                # Prepared, or `evaluate` with this callback in its training's middle.
                return
            self._end_training(is_new=is_required)
        lifetime = Lifetime()
        if not is_required and (lifetime.trains_nothing or not find_optimizers(model)):
            return
        self._has_begun = False
        self._record = TrainingRecord(
            model,
            layer_samples=self._layer_samples,
            landscape_samples=self._landscape_samples,
            gradient_norm=self._gradient_norm,
            guard=self._guard,
        )

    def _end_training(self, *, is_new: bool = False) -> None:
        self._is_training = is_new
        record, self._record = self._record, None
        if record is None:
            return
        gaps = []
        with self._kept("The end of the training"):
            gaps = record.end()
            self.summary = record.summary if not is_new else None
        self._guard = Guard()
        for gap in gaps:
            warn(gap)

    def _claim_folder(self, optimizer: Any, run_info: schema.RunInfo) -> RunFolder:
        return claim_training_folder(
            self._logdir, optimizer, run_info, resume=self._resume
        )
