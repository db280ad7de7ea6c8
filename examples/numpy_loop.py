"""Logs a training loop that is written with NumPy alone."""

import numpy as np

from lr_plugin import RunWriter

NUM_STEPS = 500


def main() -> None:
    generator = np.random.default_rng(0)
    weights, wanted = np.zeros(8), generator.normal(size=8)
    with RunWriter("logs/numpy") as run:
        for step in range(NUM_STEPS):
            x = generator.normal(size=(32, 8))
            error = x @ (weights - wanted)
            rate = 0.1 * 0.5 * (1 + np.cos(np.pi * step / NUM_STEPS))
            weights -= rate * x.T @ error / len(x)
            run.log(step, learning_rate=rate, loss=np.mean(error**2) / 2)
    print("To see it: tensorboard --logdir logs")


if __name__ == "__main__":
    main()
