"""Finds a train function to record with where an earlier fit has made one without."""

import contextlib
import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.eager import context

from lr_plugin.keras.capture.optimizers.find_optimizers import find_optimizers
from lr_plugin.keras.capture.optimizers.rates_before import schedules_copied
from lr_plugin.keras.capture.tensorflow.same_graph import is_same
from lr_plugin.keras.capture.tensorflow.same_rate import holds_rate

_PLAIN = bool | int | float | str | None
_TWIN = "_learning_rate_logger_twin"


def find_twin(
    model: keras.Model, earlier: Any, make: Callable[[], Any], arguments: list[Any]
) -> Any:
    """Returns a train function that does what an earlier one does, and records.

    The step is traced once more for that, as quietly as it can be: the generators of
    random numbers, and numbers that the model keeps, are then what they were, and
    copies of schedules are called.

    Args:
        earlier: The train function that was made without recording.
        make: Makes one that records.
        arguments: Of the call that comes next. An iterator of Python in it is replaced
            by one that gives the same.

    Returns:
        None if the step would be another one now: Python values are baked into it.
    """
    twin = getattr(earlier, "__dict__", {}).get(_TWIN)
    if twin is not None:
        return twin
    optimizers = find_optimizers(model).values()
    with (
        _random_state_kept(),
        _numbers_kept(model),
        schedules_copied(optimizers),
    ):
        twin = make()
        if not model.run_eagerly and not _traces_same(twin, earlier, arguments):
            return None
    # There for the next fit, as long as the earlier one is.
    with contextlib.suppress(AttributeError, TypeError):
        vars(earlier)[_TWIN] = twin
    return twin


def _traces_same(twin: Any, earlier: Any, arguments: list[Any]) -> bool:
    (iterator,) = arguments
    if isinstance(iterator, tf.data.Iterator | tf.distribute.DistributedIterator):
        name, given = "multi_step_on_iterator", iterator
    else:
        first = list(itertools.islice(iterator, 1))
        arguments[0] = itertools.chain(first, iterator)
        name, given = "step_func", first[0]
    functions, earlier_ones = _traced_functions(twin), _traced_functions(earlier)
    if name not in functions or name not in earlier_ones:
        return False
    concrete = functions[name].get_concrete_function(given)
    known = list(earlier_ones[name]._list_all_concrete_functions())
    return any(is_same(concrete, each) for each in known)


def uses_rates_of_now(earlier: Any, optimizer: keras.Optimizer) -> bool:
    """Tells whether an earlier train function uses a schedule as that is now."""
    for function in _traced_functions(earlier).values():
        # The outermost one holds all.
        if steps := list(function._list_all_concrete_functions()):
            return all(holds_rate(step, optimizer) for step in steps)
    return False


def _traced_functions(function: Any) -> dict[str, Any]:
    """Finds the functions of TensorFlow that a train function calls, by name in it."""
    found: dict[str, Any] = {}
    waiting = [("multi_step_on_iterator", function)]
    while waiting:
        name, each = waiting.pop()
        if hasattr(each, "get_concrete_function"):
            found.setdefault(name, each)
        elif getattr(each, "__closure__", None):
            cells = zip(each.__code__.co_freevars, each.__closure__, strict=True)
            for inner, cell in cells:
                with contextlib.suppress(ValueError):
                    waiting.append((inner, cell.cell_contents))
    return found


@contextlib.contextmanager
def _random_state_kept() -> Iterator[None]:
    python_state, numpy_state = random.getstate(), np.random.get_state()
    tensorflow_seeds = getattr(context.context(), "_rng", None)
    seeds_state = tensorflow_seeds and tensorflow_seeds.getstate()
    try:
        yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)
        if tensorflow_seeds is not None:
            tensorflow_seeds.setstate(seeds_state)


@contextlib.contextmanager
def _numbers_kept(model: keras.Model) -> Iterator[None]:
    owners = list(model._flatten_layers())
    before = [
        {name: each for name, each in vars(owner).items() if isinstance(each, _PLAIN)}
        for owner in owners
    ]
    try:
        yield
    finally:
        for owner, values in zip(owners, before, strict=True):
            for name, value in values.items():
                # Past Keras' tracking, and only what has changed.
                if vars(owner).get(name) is not value:
                    vars(owner)[name] = value
