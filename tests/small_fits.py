"""The data of small trainings that are recorded, and how their rows are compared."""

import numpy as np

NUM_SAMPLES, BATCH_SIZE = 100, 8
STEPS_PER_EPOCH = 13  # 12 batches of 8 and one of 4


def make_data(num_samples=NUM_SAMPLES):
    random = np.random.default_rng(7)
    x = random.normal(size=[num_samples, 6]).astype(np.float32)
    y = (x[:, :1] * x[:, 1:2] + x[:, 2:3]).astype(np.float32)
    return x, y


def batches_of(*arrays, epochs=2, batch_size=BATCH_SIZE):
    for _ in range(epochs):
        for begin in range(0, len(arrays[0]), batch_size):
            yield tuple(array[begin : begin + batch_size] for array in arrays)


def falling(step):
    return 0.1 / (1 + 0.5 * step)


class Rows:
    """Gathers what a recorder hands over."""

    def __init__(self):
        self.parts = []

    def __call__(self, rows):
        self.parts.append(rows)

    def columns(self):
        return {
            name: np.concatenate([part[name] for part in self.parts])
            for name in self.parts[0]
        }


def assert_same_rows(rows, expected, *, rtol):
    """Compares all rows, and prints the largest relative differences."""
    assert rows["step"].tolist() == expected["step"].tolist()
    applied = rows.get("applied", np.ones(len(rows["step"])))
    assert applied.tolist() == expected["applied"].tolist()
    for name in ("learning_rate", "loss"):
        difference = np.abs(rows[name] / expected[name] - 1).max()
        print(f"largest relative difference of {name}: {difference:.1e}")
    np.testing.assert_allclose(
        rows["learning_rate"], expected["learning_rate"], rtol=3e-7
    )
    np.testing.assert_allclose(rows["loss"], expected["loss"], rtol=rtol)
