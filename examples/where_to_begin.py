"""At which rate to begin, and how to lower it where nothing improves any more.

A range test names the rate before the training; the rate then falls by half whenever
the validation loss has not improved for two epochs.
"""

import keras
from sklearn.datasets import load_digits

from lr_plugin.keras import LearningRateLogger, MultiplyOnPlateau, range_test


def main() -> None:
    keras.utils.set_random_seed(0)
    x, y = load_digits(return_X_y=True)
    layers = [keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)]
    model = keras.Sequential([keras.layers.Rescaling(1 / 16), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.01, momentum=0.9), loss, metrics=["accuracy"])

    test = range_test(model, x, y)
    print(test.reason)
    if test.suggestion is not None:
        model.optimizer.learning_rate = test.suggestion
    plateau = MultiplyOnPlateau("val_loss", factor=0.5, patience=2)
    logger = LearningRateLogger("logs/where_to_begin")
    model.fit(
        x, y, epochs=15, validation_split=0.3, verbose=2, callbacks=[plateau, logger]
    )
    print("To see each cut: tensorboard --logdir logs")


if __name__ == "__main__":
    main()
