"""Logs a training loop of JAX and Optax: the rate that the schedule gave each step."""

import jax
import jax.numpy as jnp
import optax

from lr_plugin import RunWriter

NUM_STEPS = 500


def main() -> None:
    schedule = optax.warmup_cosine_decay_schedule(0.0, 0.1, 50, NUM_STEPS)
    optimizer = optax.adam(schedule)
    wanted = jax.random.normal(jax.random.key(0), (8,))
    weights = jnp.zeros(8)
    state = optimizer.init(weights)

    @jax.jit
    def train(weights, state, key):
        x = jax.random.normal(key, (32, 8))
        mean_square = lambda weights: jnp.mean((x @ (weights - wanted)) ** 2)  # noqa: E731
        loss, gradient = jax.value_and_grad(mean_square)(weights)
        updates, state = optimizer.update(gradient, state)
        return optax.apply_updates(weights, updates), state, loss

    with RunWriter("logs/jax") as run:
        for step, key in enumerate(jax.random.split(jax.random.key(1), NUM_STEPS)):
            weights, state, loss = train(weights, state, key)
            run.log(step, learning_rate=schedule(step), loss=loss)
    print("To see it: tensorboard --logdir logs")


if __name__ == "__main__":
    main()
