"""What a rate does that is too large or too small, and what decay does for it.

SGD at its default rate, at one that is far too large, at one that is far too small, and
from the large one downwards, after a warmup.
"""

import keras
from sklearn.datasets import load_digits

from lr_plugin.keras import LearningRateLogger, schedules


def train(name: str, rate: float | keras.optimizers.schedules.LearningRateSchedule):
    """Trains the same network from the same weights; gives its best validation."""
    keras.utils.set_random_seed(0)
    x, y = load_digits(return_X_y=True)
    layers = [keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)]
    model = keras.Sequential([keras.layers.Rescaling(1 / 16), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(rate), loss, metrics=["accuracy"])
    history = model.fit(
        x, y, epochs=6, validation_split=0.3, verbose=0,
        callbacks=[LearningRateLogger(f"logs/fixed_or_decaying/{name}")],
    )  # fmt: skip
    return max(history.history["val_accuracy"])


def main() -> None:
    # 1257 examples in batches of 32 make 40 steps an epoch.
    fall = schedules.with_warmup(schedules.cosine(0.5, 0.0, 220), 20, factor=0.0)
    rates = {"default": 0.01, "too-large": 50.0, "too-small": 1e-5, "falling": fall}
    for name, rate in rates.items():
        print(f"{name}: val_accuracy {train(name, rate):.3f}")
    print("To see where each went wrong: tensorboard --logdir logs")


if __name__ == "__main__":
    main()
