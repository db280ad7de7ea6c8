"""What a training step does differently where a distribution strategy replicates it.

With one replica, or none, everything here gives back what it was given.
"""

import concurrent.futures
from collections.abc import Callable
from typing import TypeVar

import tensorflow as tf

_Created = TypeVar("_Created")


def create_outside_strategy(create: Callable[[], _Created]) -> _Created:
    """Calls `create` where no distribution strategy and no graph is in scope.

    Both belong to a thread, and a strategy would make a variable for each replica. The
    first replica alone writes, into a variable of its own.
    """
    with concurrent.futures.ThreadPoolExecutor(max_workers=1) as executor:
        return executor.submit(create).result()


def is_first_replica() -> bool:
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return True
    replica = int(tf.get_static_value(context.replica_id_in_sync_group))
    return replica % len(context.strategy.extended.worker_devices) == 0


def sum_over_replicas(value: tf.Tensor) -> tf.Tensor:
    """Sums what each replica contributes; Keras has divided it by their number."""
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return value
    return context.all_reduce(tf.distribute.ReduceOp.SUM, value)
