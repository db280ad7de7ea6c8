"""Training of a small network by hand, in NumPy and float64: no framework at all.

The network is Dense(8, tanh), Dense(1), its loss the mean squared error.
"""

import numpy as np


def loss_and_gradients(weights, x, y):
    """Computes mean((tanh(x w1 + b1) w2 + b2 - y)^2), and its derivatives."""
    w1, b1, w2, b2 = weights
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    hidden = np.tanh(x @ w1 + b1)
    error = hidden @ w2 + b2 - y
    d_out = 2 * error / error.size
    d_hidden = (d_out @ w2.T) * (1 - hidden**2)
    gradients = [
        x.T @ d_hidden,
        d_hidden.sum(0),
        hidden.T @ d_out,
        d_out.sum(0),
    ]
    return np.mean(error**2), gradients


class SGD:
    """weights -= rate * gradient."""

    def update(self, weights, gradients, rate):
        return [w - rate * g for w, g in zip(weights, gradients, strict=True)]


class Adam:
    """Kingma & Ba 2015, in the order of section 2's last paragraph."""

    def __init__(self):
        self.t, self.m, self.v = 0, None, None

    def update(self, weights, gradients, rate):
        self.t += 1
        zeros = [np.zeros_like(w) for w in weights]
        m, v = self.m or zeros, self.v or zeros
        pairs = list(zip(m, v, gradients, strict=True))
        self.m = [0.9 * m + 0.1 * g for m, _, g in pairs]
        self.v = [0.999 * v + 0.001 * g * g for _, v, g in pairs]
        size = rate * np.sqrt(1 - 0.999**self.t) / (1 - 0.9**self.t)
        updates = [
            size * m / (np.sqrt(v) + 1e-7) for m, v in zip(self.m, self.v, strict=True)
        ]
        return [w - u for w, u in zip(weights, updates, strict=True)]


def train(weights, batches, rate, *, optimizer=None, accumulate=1, loss_scale=None):
    """Trains and returns the rows by column.

    Args:
        weights: Where it begins.
        rate: The rate as a function of the step that Keras asks a schedule for.
        accumulate: Micro-batches whose mean gradient makes one update.
        loss_scale: The first one of dynamic loss scaling: an update whose scaled
            gradients are more than float32 holds is skipped, and halves it. A skipped
            one is not counted.
    """
    optimizer = optimizer or SGD()
    weights = [np.asarray(w, np.float64) for w in weights]
    gathered, step, rows = [], 0, []
    for x, y in batches:
        loss, gradients = loss_and_gradients(weights, x, y)
        norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
        gathered.append(gradients)
        applied, at = (step + 1) % accumulate == 0, step
        if loss_scale is not None:
            with np.errstate(over="ignore"):
                scaled = [np.float32(g * loss_scale) for g in gradients]
            applied = all(np.isfinite(s).all() for s in scaled)
            loss_scale = loss_scale if applied else loss_scale / 2
        if applied:
            mean = [np.mean(g, axis=0) for g in zip(*gathered, strict=True)]
            weights = optimizer.update(weights, mean, rate(step))
        if applied or loss_scale is not None:
            gathered = []
        step += int(applied or loss_scale is None)
        rows.append((at, rate(at), loss, int(applied), norm))
    names = ("step", "learning_rate", "loss", "applied", "gradient_norm")
    columns = dict(zip(names, np.array(rows).T, strict=True))
    return columns, weights
