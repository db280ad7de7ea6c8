"""Training loops written by hand, to compare recorded rows with.

They use only the forward pass of a Keras model, and nothing of Keras' training: losses,
updates and rates are computed here.
"""

import numpy as np
import tensorflow as tf


def squared_error(y, prediction, weights=None):
    """Computes the mean over the batch, as sum(weight * error) / batch size."""
    errors = tf.reduce_mean(tf.square(y - tf.cast(prediction, tf.float32)), axis=-1)
    return tf.reduce_mean(errors if weights is None else errors * weights)


class HandSGD:
    """weights -= rate * gradient."""

    def update(self, variables, gradients, rate):
        for variable, gradient in zip(variables, gradients, strict=True):
            variable.assign(variable - np.float32(rate) * gradient)


class HandAdam:
    """Kingma & Ba 2015, algorithm 1 in the order of section 2's last paragraph."""

    def __init__(self, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.betas, self.epsilon, self.t = (beta_1, beta_2), epsilon, 0
        self.m = self.v = None

    def update(self, variables, gradients, rate):
        if self.m is None:
            self.m = [np.zeros(v.shape) for v in variables]
            self.v = [np.zeros(v.shape) for v in variables]
        self.t += 1
        b1, b2 = self.betas
        step_size = rate * np.sqrt(1 - b2**self.t) / (1 - b1**self.t)
        for i, (variable, gradient) in enumerate(
            zip(variables, gradients, strict=True)
        ):
            g = np.asarray(gradient, np.float64)
            self.m[i] = b1 * self.m[i] + (1 - b1) * g
            self.v[i] = b2 * self.v[i] + (1 - b2) * g * g
            update = step_size * self.m[i] / (np.sqrt(self.v[i]) + self.epsilon)
            variable.assign(np.asarray(variable) - update)


def train(
    model,
    batches,
    rate,
    *,
    optimizer=None,
    loss=squared_error,
    penalty=None,
    accumulate=1,
):
    """Trains and returns the rows: step, learning_rate, loss, applied.

    Args:
        batches: (x, y) or (x, y, weights), in order, all epochs one after the other.
        rate: The rate as a function of the step.
        penalty: Adds to each loss, given the model.
        accumulate: Micro-batches whose mean gradient makes one update.
    """
    optimizer = optimizer or HandSGD()
    variables = [variable.value for variable in model.trainable_variables]
    gathered = None
    rows = []
    for step, (x, y, *weights) in enumerate(batches):
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True), *weights)
            if penalty is not None:
                value += penalty(model)
        gradients = tape.gradient(value, variables)
        if gathered is not None:
            gradients = [a + g for a, g in zip(gathered, gradients, strict=True)]
        applied = (step + 1) % accumulate == 0
        if applied:
            optimizer.update(variables, [g / accumulate for g in gradients], rate(step))
        gathered = None if applied else gradients
        rows.append(
            {
                "step": step,
                "learning_rate": rate(step),
                "loss": float(value),
                "applied": int(applied),
            }
        )
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}
