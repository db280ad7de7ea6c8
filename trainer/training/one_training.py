"""Trains with `model.fit`, beginning anywhere, also in the middle of an epoch."""

from collections.abc import Sequence
from typing import Any

import keras

from trainer.data.batches import Position, TrainingBatches


def fit(
    model: keras.Model,
    batches: TrainingBatches,
    position: Position,
    callbacks: Sequence[keras.callbacks.Callback],
    *,
    epochs: int,
    first_epoch: int = 0,
    first_batch: int = 0,
    validation_data: Any = None,
    verbose: int = 1,
) -> None:
    """Trains with `model.fit` to the end of epoch number `epochs`.

    Args:
        position: Follows the training, before all other callbacks.
        first_epoch, first_batch: Where to begin.
        verbose: As of `model.fit`.
    """
    training = _OneTraining(
        [position, *callbacks],
        model,
        epochs=epochs,
        steps=batches.steps_per_epoch,
        verbose=verbose,
    )
    if first_batch:
        # Keras cannot begin inside an epoch, so that the rest of it is another fit.
        training.num_batches_before = first_batch
        training.is_last_fit = first_epoch + 1 == epochs
        _fit(
            model,
            batches.dataset(first_epoch, first_batch),
            training,
            validation_data,
            range(first_epoch, first_epoch + 1),
            steps=batches.steps_per_epoch - first_batch if batches.never_ends else None,
        )
        if model.stop_training:
            return
        training.num_batches_before = 0
        first_epoch += 1
    if first_epoch < epochs:
        training.is_last_fit = True
        _fit(
            model,
            batches.dataset(position.epoch),
            training,
            validation_data,
            range(first_epoch, epochs),
            steps=batches.steps_per_epoch if batches.never_ends else None,
        )


def _fit(
    model: keras.Model,
    dataset: Any,
    training: "_OneTraining",
    validation_data: Any,
    epochs: range,
    *,
    steps: int | None,
) -> None:
    model.fit(
        dataset,
        # `batches` has the order. Keras would warn that it cannot shuffle a
        # tf.data.Dataset or a generator without an end.
        shuffle=False,
        steps_per_epoch=steps,
        callbacks=training,
        validation_data=validation_data,
        initial_epoch=epochs.start,
        epochs=epochs.stop,
    )


class _OneTraining(keras.callbacks.CallbackList):
    """The callbacks of one training that is made of one or two fits.

    They are called at one beginning and one end, with the batch's place in the epoch.

    Attributes:
        num_batches_before: Batches of the fit's first epoch that were trained before.
        is_last_fit: Whether the end of the fit is the end of the training.
    """

    def __init__(
        self,
        callbacks: Sequence[keras.callbacks.Callback],
        model: keras.Model,
        **params: int,
    ):
        super().__init__(
            list(callbacks),
            add_history=True,
            add_progbar=params["verbose"] != 0,
            model=model,
            **params,
        )
        self.num_batches_before = 0
        self.is_last_fit = True
        self._has_begun = False

    def on_train_begin(self, logs: Any = None) -> None:
        if not self._has_begun:
            self._has_begun = True
            super().on_train_begin(logs)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        super().on_train_batch_begin(self.num_batches_before + batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        super().on_train_batch_end(self.num_batches_before + batch, logs)

    def on_train_end(self, logs: Any = None) -> None:
        if self.is_last_fit or self.model.stop_training:
            super().on_train_end(logs)
