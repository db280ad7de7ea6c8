"""With which of two rates does a pretrained network learn its new classes better?

A network that has learned the digits 0 to 4 is trained on 5 to 9, by Adam at a rate
that is far too high and at a tenth of it; twice each, as one seed may be luck.
"""

import keras
from sklearn.datasets import load_digits

from lr_plugin.keras import LearningRateLogger


def compile_at(model: keras.Model, rate: float) -> None:
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])


def main() -> None:
    x, y = load_digits(return_X_y=True)
    old, new = y < 5, y >= 5
    for seed in range(2):
        keras.utils.set_random_seed(seed)
        layers = [keras.layers.Dense(64, activation="relu"), keras.layers.Dense(5)]
        model = keras.Sequential([keras.layers.Rescaling(1 / 16), *layers])
        compile_at(model, 3e-3)
        model.fit(x[old], y[old], epochs=8, verbose=0)
        weights = model.get_weights()
        for rate in (0.3, 0.03):
            model.set_weights(weights)
            compile_at(model, rate)
            logger = LearningRateLogger(f"logs/two_rates/{rate:g}-seed{seed}")
            fit_arguments = {"epochs": 5, "validation_split": 0.3, "verbose": 0}
            fitted = model.fit(x[new], y[new] - 5, callbacks=[logger], **fit_arguments)
            best = max(fitted.history["val_accuracy"])
            print(f"rate {rate:g}, seed {seed}: val_accuracy {best:.3f}")
    print('To see why: tensorboard --logdir logs, view "Which rate?"')


if __name__ == "__main__":
    main()
