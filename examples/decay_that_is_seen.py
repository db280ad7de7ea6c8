"""Why does the learning rate in TensorBoard stay at its first value while decay is on?

Keras 3 ignores `Adam(decay=...)` and says so once. This is the decay that was meant,
and what each update used.
"""

import keras
from sklearn.datasets import load_digits

from lr_plugin import read_run
from lr_plugin.keras import LearningRateLogger

RATE, DECAY = 0.003, 0.0002


def main() -> None:
    x, y = load_digits(return_X_y=True)
    layers = [keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)]
    model = keras.Sequential([keras.layers.Rescaling(1 / 16), *layers])
    # rate / (1 + decay * iteration), from update to update and not from epoch to epoch.
    schedule = keras.optimizers.schedules.InverseTimeDecay(RATE, 1, DECAY)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(schedule), loss, metrics=["accuracy"])
    model.fit(x, y, epochs=5, verbose=2, callbacks=[LearningRateLogger("logs/decay")])

    rows = read_run("logs/decay")
    print(f"The first update used {rows['learning_rate'][0]:.6f},")
    print(f"update {rows.steps[-1]} used {rows['learning_rate'][-1]:.6f}.")
    print("To see each of them: tensorboard --logdir logs")


if __name__ == "__main__":
    main()
