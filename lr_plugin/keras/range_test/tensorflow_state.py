"""What TensorFlow keeps that a range test must leave as it was."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf
from tensorflow.python.eager import context
from tensorflow.python.ops import stateful_random_ops


def read_values(variables: Sequence[tf.Variable]) -> list[tuple[tf.Variable, Any]]:
    """Reads the values of variables, for the copy of each replica."""
    # A mirrored variable has a copy for each replica, and these may differ.
    parts = [
        part
        for variable in variables
        for part in _strategy_of(variable).experimental_local_results(variable)
    ]
    return [(part, part.read_value()) for part in parts]


def _strategy_of(variable: tf.Variable) -> tf.distribute.Strategy:
    return (
        getattr(variable, "distribute_strategy", None) or tf.distribute.get_strategy()
    )


@contextlib.contextmanager
def random_state_kept() -> Iterator[None]:
    """Restores TensorFlow's global generators.

    It can set their state but has no way to ask for it, so that it is read from where
    TensorFlow keeps it.
    """
    # This generator draws seeds for operations and datasets that were given none. It
    # exists only after `tf.random.set_seed`.
    seeds = getattr(context.context(), "_rng", None)
    seeds_state = seeds and seeds.getstate()
    if seeds is not None:
        # Another sequence in between, because TensorFlow caches eager operations by
        # their seeds: with the same seeds again, it would continue them after this.
        seeds.seed(seeds.random())
    generator = stateful_random_ops.global_generator
    generator_state = generator and generator.state.read_value()
    try:
        yield
    finally:
        if seeds is not None:
            seeds.setstate(seeds_state)
        stateful_random_ops.global_generator = generator
        if generator is not None:
            generator.state.assign(generator_state)
