"""Restores a model and the random generators, whatever happens in between."""

import contextlib
import copy
import importlib
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops
from keras.src.backend.common import global_state

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
    other_variables: Sequence[Any] = (),
) -> Iterator["Values"]:
    """Restores a compiled model at the end, so that training it leaves no trace.

    Restored, also after an exception: weights and all other variables of the layers,
    such as batch norm statistics and seed generators; metrics; the optimizer's slots,
    iterations, rate or schedule, and loss scale; the attributes that `fit` sets on the
    model; the generators of Python, NumPy, TensorFlow and Keras. Only a model that was
    not built yet stays built, with the weights that it would have got in `fit`.

    Args:
        build: Builds the model if it is not built.
        other_variables: Variables of TensorFlow to restore too: those of the data.

    Yields:
        The values at the beginning. Within the context `model.optimizer` is built. If
        the model's optimizer was not, a stand-in takes its place, because it could not
        be unbuilt.
    """
    with (
        _random_state_kept(),
        _attributes_kept(model, _MODEL_ATTRIBUTES),
        _compiled_parts_kept(model),
    ):
        if not model.built:
            build()
        optimizer = model.optimizer
        if not optimizer.built:
            with _strategy_scope(model):
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
        other_variables: Sequence[Any] = (),
    ):
        self._other_values: list[tuple[Any, Any]] = []
        if other_variables:
            self._other_values = _state_of("tensorflow").read_values(other_variables)
        self._values = _read_values(variables)
        self._trained_values = _read_values(
            [variable for variable in variables if not _is_seed(variable)]
        )

    def restore(self) -> None:
        """Writes all values back."""
        for variable, value in self._values + self._other_values:
            _write(variable, value)

    def restore_training(self) -> None:
        """Writes back what training has changed, except for the state of seeds.

        So the next sweep has other dropout masks.
        """
        for variable, value in self._trained_values:
            _write(variable, value)


def _read_values(variables: Sequence[keras.Variable]) -> list[tuple[Any, Any]]:
    if keras.backend.backend() == "tensorflow":
        values = [variable.value for variable in variables]
        return list(_state_of("tensorflow").read_values(values))
    return [(variable, ops.copy(variable.value)) for variable in variables]


def _write(variable: Any, value: Any) -> None:
    # A copy again: JAX's step takes over the memory of what it is given.
    is_kept = isinstance(variable, keras.Variable)
    variable.assign(ops.copy(value) if is_kept else value)


def _state_of(backend: str) -> Any:
    return importlib.import_module(f"lr_plugin.keras.range_test.{backend}_state")


def _strategy_scope(model: keras.Model) -> Any:
    # Only TensorFlow has strategies.
    strategy = getattr(model, "distribute_strategy", None)
    return contextlib.nullcontext() if strategy is None else strategy.scope()


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
    strategy = getattr(optimizer, "_distribution_strategy", None)
    # Copied here, because `deepcopy` would break mirrored variables.
    variables = {
        id(variable): keras.Variable(
            ops.convert_to_numpy(variable),
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
def _compiled_parts_kept(model: keras.Model) -> Iterator[None]:
    """Lets `fit` build metrics and losses anew, if it has yet to build them.

    To build them Keras reads a batch, for which JAX's and PyTorch's data draw from the
    random generators.
    """
    parts = [
        getattr(model, "_compile_metrics", None),
        getattr(model, "_compile_loss", None),
    ]
    unbuilt = [part for part in parts if part is not None and not part.built]
    try:
        yield
    finally:
        for part in unbuilt:
            part.built = False


@contextlib.contextmanager
def _random_state_kept() -> Iterator[None]:
    """Restores the global generators of Python, NumPy, Keras and its backend.

    Keras has no way to ask for its own, so that it is read from where it is kept.
    """
    python_state = random.getstate()
    numpy_state = np.random.get_state()
    keras_generator = global_state.get_global_attribute(_KERAS_GENERATOR)
    keras_state = keras_generator and ops.copy(keras_generator.state.value)
    with contextlib.ExitStack() as stack:
        if keras.backend.backend() != "jax":
            # JAX has no generator of its own.
            backend_state = _state_of(keras.backend.backend())
            stack.enter_context(backend_state.random_state_kept())
        try:
            yield
        finally:
            random.setstate(python_state)
            np.random.set_state(numpy_state)
            global_state.set_global_attribute(_KERAS_GENERATOR, keras_generator)
            if keras_generator is not None:
                keras_generator.state.assign(keras_state)
