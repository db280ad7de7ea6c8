"""Lets a train function make its steps one at a time, with the batches it would take.

The steps are those that it would make, in their order, by the functions that are
traced already. In between, what the next step is about to use is known.
"""

import contextlib
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from lr_plugin.keras.guard import Guard


class SingleSteps:
    """Takes batches from an iterator, and makes an iterator of each.

    Example:

    ```python
    single_steps = SingleSteps(iterator)
    batch = next(iterator)
    logs = train_function(single_steps.iterate(batch))
    ```
    """

    def __init__(self, iterator: Any):
        """Prepares to hand on the batches of an iterator, and takes none.

        Raises:
            ValueError: An iterator of the same type cannot be made of a batch, so that
                the function would be traced once more for it.
        """
        self.iterator = iterator
        self._spec = None
        self._make: Callable[[Any], tf.data.Dataset] = _make_known
        if isinstance(iterator, tf.data.Iterator):
            self._spec = iterator.element_spec
            specs = tf.nest.flatten(self._spec)
            if not all(type(spec) is tf.TensorSpec for spec in specs):
                raise ValueError(f"Not only plain tensors: {self._spec}.")
            example = tf.nest.map_structure(_example, self._spec)
            # What takes a trace comes last.
            for make in (_make_known, _make_of_any_size, self._make_relaxed):
                self._make = make
                with contextlib.suppress(ValueError, TypeError):
                    if make(example).element_spec == self._spec:
                        return
            raise ValueError(f"Nothing is of this type: {self._spec}.")

    def iterate(self, batch: Any) -> Any:
        """Makes an iterator that gives one batch."""
        if self._spec is None:
            return iter([batch])
        return iter(self._make(batch))

    def _make_relaxed(self, batch: Any) -> tf.data.Dataset:
        return _make_known(batch).map(self._relax)

    def _relax(self, *batch: Any) -> Any:
        # As little is known of the shapes as of those of the batches.
        given = tf.nest.flatten(batch)
        specs = tf.nest.flatten(self._spec)
        relaxed = [
            tf.raw_ops.PlaceholderWithDefault(input=tensor, shape=spec.shape)
            for tensor, spec in zip(given, specs, strict=True)
        ]
        return tf.nest.pack_sequence_as(self._spec, relaxed)


def _make_known(batch: Any) -> tf.data.Dataset:
    return tf.data.Dataset.from_tensors(batch)


def _make_of_any_size(batch: Any) -> tf.data.Dataset:
    """Makes a dataset of one batch, of which the number of examples is not known."""
    examples = tf.data.Dataset.from_tensor_slices(batch)
    return examples.batch(max(1, int(examples.cardinality())))


def _example(spec: tf.TensorSpec) -> tf.Tensor:
    return tf.zeros([size or 1 for size in spec.shape], spec.dtype)


def make_single_steps(
    function: Callable[[Any], Any],
    single_steps: SingleSteps,
    num_steps: int,
    *,
    guard: Guard,
    before_step: Callable[[Any], None],
    after_step: Callable[[], None],
) -> Any:
    """Calls a train function once for each of the steps that it would make at once.

    Args:
        function: The train function, which makes up to `num_steps` at once.
        guard: Takes a note where no iterator can be made of a batch.
        before_step: Called with the batch of each step; must not raise.
        after_step: Called after each step; must not raise.

    Returns:
        What the function returns of the last step.
    """
    logs = None
    for number in range(num_steps):
        try:
            batch = next(single_steps.iterator)
        except (StopIteration, tf.errors.OutOfRangeError):
            # The function does more than nothing where it finds the end by itself.
            return logs if number else function(single_steps.iterator)
        before_step(batch)
        # What Keras takes as well: the batch is taken, and has to be trained.
        of_batch = iter([batch])
        with guard.keep("The loss landscape"):
            of_batch = single_steps.iterate(batch)
        logs = function(of_batch)
        after_step()
    return logs
