"""Restores a model and the random generators, whatever happens in between."""

import contextlib
import copy
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.common import global_state
from tensorflow.python.eager import context
from tensorflow.python.ops import stateful_random_ops

# The attributes of a model that `fit` and `evaluate` change.
_MODEL_ATTRIBUTES = (
    "history",
    "optimizer",
    "predict_function",
    "steps_per_execution",
    "stop_evaluating",
    "stop_predicting",
    "stop_training",
    "test_function",
    "train_function",
    "_eval_epoch_iterator",
)
# The name under which Keras keeps the generator of seeds for layers without one.
_KERAS_GENERATOR = "global_seed_generator"
_ABSENT = object()


@contextlib.contextmanager
def untouched(
    model: keras.Model,
    *,
    build: Callable[[], Any],
    other_variables: Sequence[tf.Variable] = (),
) -> Iterator["Values"]:
    """Restores a compiled model at the end, so that training it leaves no trace.

    Restored, also after an exception: weights and all other variables of the layers,
    such as batch norm statistics and seed generators; metrics; the optimizer's slots,
    iterations, rate or schedule, and loss scale; the attributes that `fit` sets on the
    model; the generators of Python, NumPy, TensorFlow and Keras. Only a model that was
    not built yet stays built, with the weights that it would have got in `fit`.

    Args:
        build: Builds the model if it is not built.
        other_variables: More variables to restore, such as those of the data.

    Yields:
        The values at the beginning. Within the context `model.optimizer` is built. If
        the model's optimizer was not, a stand-in takes its place, because it could not
        be unbuilt.
    """
    with _random_state_kept(), _attributes_kept(model, _MODEL_ATTRIBUTES):
        if not model.built:
            build()
        optimizer = model.optimizer
        if not optimizer.built:
            with model.distribute_strategy.scope():
                optimizer = _copy_unbuilt(optimizer)
                optimizer.build(model.trainable_variables)
            # Not by assignment: Keras would make the stand-in a part of the model.
            vars(model)["optimizer"] = optimizer
        values = Values(_variables_of(model), other_variables)
        inner = getattr(optimizer, "inner_optimizer", optimizer)
        try:
            with _attributes_kept(inner, ("_learning_rate",)):
                yield values
        finally:
            # For metrics that were not built before, of which there are no values.
            model.reset_metrics()
            values.restore()


class Values:
    """The values that variables had at one moment, for the copy of each replica."""

    def __init__(
        self,
        variables: Sequence[keras.Variable],
        other_variables: Sequence[tf.Variable] = (),
    ):
        self._other_values = _read_values(other_variables)
        self._values = _read_values([variable.value for variable in variables])
        self._trained_values = _read_values(
            [variable.value for variable in variables if not _is_seed(variable)]
        )

    def restore(self) -> None:
        """Writes all values back."""
        for variable, value in self._values + self._other_values:
            variable.assign(value)

    def restore_training(self) -> None:
        """Writes back what training has changed, except for the state of seeds.

        So the next sweep has other dropout masks.
        """
        for variable, value in self._trained_values:
            variable.assign(value)


def _read_values(variables: Sequence[tf.Variable]) -> list[tuple[tf.Variable, Any]]:
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


def _variables_of(model: keras.Model) -> list[keras.Variable]:
    every = (
        *model.variables,
        *model.metrics_variables,
        *model.optimizer.variables,
    )
    return list({id(variable): variable for variable in every}.values())


def _is_seed(variable: keras.Variable) -> bool:
    return variable.name == "seed_generator_state"


def _copy_unbuilt(optimizer: keras.Optimizer) -> keras.Optimizer:
    """Copies an optimizer; to be called in the scope of its strategy.

    Unlike `from_config` this keeps what `exclude_from_weight_decay` stores.
    """
    strategy = optimizer._distribution_strategy
    # Copied here, because `deepcopy` would break mirrored variables.
    variables = {
        id(variable): keras.Variable(
            variable.numpy(),
            dtype=variable.dtype,
            trainable=False,
            aggregation=variable.aggregation,
            name=variable.name,
        )
        for variable in optimizer.variables
    }
    return copy.deepcopy(optimizer, {id(strategy): strategy, **variables})


@contextlib.contextmanager
def _attributes_kept(owner: Any, names: Sequence[str]) -> Iterator[None]:
    """Restores attributes without `__setattr__`, which would track them again."""
    attributes = vars(owner)
    before = {name: attributes.get(name, _ABSENT) for name in names}
    try:
        yield
    finally:
        for name, value in before.items():
            if value is _ABSENT:
                attributes.pop(name, None)
            else:
                attributes[name] = value


@contextlib.contextmanager
def _random_state_kept() -> Iterator[None]:
    """Restores the global generators.

    TensorFlow and Keras can set the state of theirs but have no way to ask for it, so
    that it is read from where they keep it.
    """
    python_state = random.getstate()
    numpy_state = np.random.get_state()
    # This generator draws seeds for operations and datasets that were given none. It
    # exists only after `tf.random.set_seed`.
    tensorflow_seeds = getattr(context.context(), "_rng", None)
    seeds_state = tensorflow_seeds and tensorflow_seeds.getstate()
    if tensorflow_seeds is not None:
        # Another sequence in between, because TensorFlow caches eager operations by
        # their seeds: with the same seeds again, it would continue them after this.
        tensorflow_seeds.seed(tensorflow_seeds.random())
    generator = stateful_random_ops.global_generator
    generator_state = generator and generator.state.read_value()
    keras_generator = global_state.get_global_attribute(_KERAS_GENERATOR)
    keras_state = keras_generator and keras_generator.state.value.read_value()
    try:
        yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)
        if tensorflow_seeds is not None:
            tensorflow_seeds.setstate(seeds_state)
        stateful_random_ops.global_generator = generator
        if generator is not None:
            generator.state.assign(generator_state)
        global_state.set_global_attribute(_KERAS_GENERATOR, keras_generator)
        if keras_generator is not None:
            keras_generator.state.assign(keras_state)
