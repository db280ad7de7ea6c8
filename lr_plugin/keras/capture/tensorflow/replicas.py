"""What a training step does differently where a distribution strategy replicates it.

With one replica, or none, everything here gives back what it was given.
"""

import concurrent.futures
from collections.abc import Callable
from typing import TypeVar

import keras
import tensorflow as tf

_Created = TypeVar("_Created")


def create_outside_strategy(create: Callable[[], _Created]) -> _Created:
    """Calls `create` where no distribution strategy and no graph is in scope.

    Both belong to a thread, and a strategy would make a variable for each replica. Each
    replica writes into variables of its own, which are on its device.
    """
    context = tf.distribute.get_replica_context()
    device = None
    if context is not None and context.num_replicas_in_sync > 1:
        device = context.strategy.extended.worker_devices[local_replica()]

    def create_there() -> _Created:
        with tf.device(device):
            return create()

    with concurrent.futures.ThreadPoolExecutor(max_workers=1) as executor:
        return executor.submit(create_there).result()


def is_chief(model: keras.Model | None) -> bool:
    """Tells whether this program is the one of several that writes."""
    extended = None if model is None else model.distribute_strategy.extended
    return extended is None or bool(extended.should_save_summary)


def local_replica() -> int:
    """Returns which of this program's replicas runs here, counted from 0."""
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return 0
    replica = int(tf.get_static_value(context.replica_id_in_sync_group))
    return replica % len(context.strategy.extended.worker_devices)


def sum_over_replicas(value: tf.Tensor) -> tf.Tensor:
    """Sums what all replicas contribute; Keras has divided it by their number."""
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return value
    return context.all_reduce(tf.distribute.ReduceOp.SUM, value)


def sum_over_workers(value: tf.Tensor) -> tf.Tensor:
    """Sums what replicas in different programs contribute.

    Those of one program are summed where their rows are read: TensorFlow numbers its
    sums, and takes two of different strategies for one, of which it fails if they are
    of different types.
    """
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return value
    if context.num_replicas_in_sync == len(context.strategy.extended.worker_devices):
        return value
    return context.all_reduce(tf.distribute.ReduceOp.SUM, tf.cast(value, tf.float32))
