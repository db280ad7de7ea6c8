"""Adam adapts its steps: does its learning rate matter all the same?

The same network from the same weights, at rates from 1e-5 to 1, and how well each did.
"""

import keras
from sklearn.datasets import load_digits

from lr_plugin.keras import LearningRateLogger


def build_model() -> keras.Model:
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)]
    return keras.Sequential(
        [keras.Input((64,)), keras.layers.Rescaling(1 / 16), *layers]
    )


def main() -> None:
    x, y = load_digits(return_X_y=True)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for rate in (1e-5, 1e-3, 1e-2, 1.0):
        model = build_model()
        model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
        logger = LearningRateLogger(f"logs/adam/{rate:g}")
        history = model.fit(
            x, y, epochs=5, validation_split=0.3, verbose=0, callbacks=[logger]
        )
        best = max(history.history["val_accuracy"])
        print(f"rate {rate:g}: val_accuracy {best:.3f}")
    print('To see it: tensorboard --logdir logs, view "Which rate?"')


if __name__ == "__main__":
    main()
