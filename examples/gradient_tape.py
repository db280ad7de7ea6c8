"""Logs a Keras model that is trained by hand, with a GradientTape."""

import keras
import tensorflow as tf

from lr_plugin import RunWriter

NUM_STEPS = 200


def main() -> None:
    schedule = keras.optimizers.schedules.CosineDecay(0.1, NUM_STEPS)
    optimizer = keras.optimizers.SGD(schedule, momentum=0.9)
    model = keras.Sequential([keras.layers.Input((8,)), keras.layers.Dense(1)])

    @tf.function
    def train(x):
        with tf.GradientTape() as tape:
            error = model(x) - tf.reduce_sum(x, 1, keepdims=True)
            loss = tf.reduce_mean(error**2)
        # Before `apply`, after which Keras gives the rate of the next step.
        rate = optimizer.learning_rate
        weights = model.trainable_variables
        optimizer.apply(tape.gradient(loss, weights), weights)
        return rate, loss

    with RunWriter("logs/gradient_tape") as run:
        for step in range(NUM_STEPS):
            rate, loss = train(tf.random.normal([32, 8]))
            run.log(step, learning_rate=rate, loss=loss)
    print("To see it: tensorboard --logdir logs")


if __name__ == "__main__":
    main()
