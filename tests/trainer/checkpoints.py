"""Checkpoints of a small model."""

import keras

from trainer.training.checkpoint import take_checkpoint, write_checkpoint


def compiled(units=3, optimizer="adam"):
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dropout(0.5, seed=1),
            keras.layers.Dense(2),
        ]
    )
    model.compile(optimizer, "mse", metrics=["mae"])
    model.optimizer.build(model.trainable_variables)
    return model


def write_at(folder, *places):
    model = compiled()
    for epoch, num_batches in places:
        write_checkpoint(
            take_checkpoint(model, epoch=epoch, num_batches=num_batches, counters={}),
            folder,
        )
