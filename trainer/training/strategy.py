"""Trains on one device, on several, or on several machines."""

import contextlib
import dataclasses
import functools
import pathlib
import shutil
import tempfile
from collections.abc import Iterator

import keras
import tensorflow as tf

from trainer.remote_logdir import local_logdir
from trainer.settings.config import Config
from trainer.training.tf_config import check_workers


def build_strategy(name: str) -> tf.distribute.Strategy:
    """Builds the strategy in whose `scope()` model and optimizer are made.

    For `multi_worker` it waits for all workers, and must be called before TensorFlow
    computes anything.
    """
    if name == "mirrored":
        return tf.distribute.MirroredStrategy()
    if name == "multi_worker":
        return _join_workers()
    return tf.distribute.get_strategy()


@functools.cache
def _join_workers() -> tf.distribute.MultiWorkerMirroredStrategy:
    # Cached, because a program can join its cluster only once.
    return tf.distribute.MultiWorkerMirroredStrategy()


@contextlib.contextmanager
def separate_logdir(config: Config) -> Iterator[Config]:
    """Gives the settings with a logdir that no other worker writes to.

    Of several workers only the chief keeps the run. The others do all that it does,
    because none can evaluate without them, and write into a temporary folder.

    Raises:
        ConfigError: TF_CONFIG does not say which the workers are.
        LostWorkersError: Within the context TensorFlow found that a worker has ended.
    """
    if config.strategy != "multi_worker":
        yield config
        return
    check_workers()
    with contextlib.ExitStack() as stack:
        if not _join_workers().extended.should_save_summary:
            logdir = stack.enter_context(tempfile.TemporaryDirectory())
            if config.resume:
                shutil.copytree(
                    local_logdir(config.logdir) / str(config.run),
                    pathlib.Path(logdir) / str(config.run),
                    ignore=shutil.ignore_patterns("learning_rate"),
                )
            config = dataclasses.replace(config, logdir=logdir)
        try:
            yield config
        except (tf.errors.UnavailableError, tf.errors.AbortedError) as error:
            raise LostWorkersError from error


class LostWorkersError(Exception):
    """A worker of the training has ended."""

    def __init__(self) -> None:
        super().__init__(
            "All workers must be there until the end. Received: no answer from one of "
            "them. Start the command again on each, with --resume and the name of the "
            "run."
        )


def repair_for_workers(model: keras.Model) -> None:
    """Makes `fit` and `evaluate` of a model work under MultiWorkerMirroredStrategy.

    Keras 3 averages a batch over the replicas when all it needs is the shape, which
    this strategy refuses, and reduces what a step returns along an axis that numbers do
    not have: https://github.com/keras-team/keras/issues/20585.

    Args:
        model: Made under the strategy. Changed in place; what is saved is the same.
    """
    strategy = model.distribute_strategy
    train_step, test_step = model.train_step, model.test_step

    def symbolic_build(iterator=None, data_batch=None):
        if iterator is not None:
            _, _, batches = next(iter(iterator))
            data_batch = tf.nest.map_structure(
                lambda part: strategy.experimental_local_results(part)[0],
                next(batches),
            )
        with strategy.scope():
            model._symbolic_build(data_batch=data_batch)

    model._maybe_symbolic_build = symbolic_build
    model.train_step = lambda data: _as_vectors(train_step(data))
    model.test_step = lambda data: _as_vectors(test_step(data))


def _as_vectors(logs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    return {name: tf.reshape(value, [1]) for name, value in logs.items()}
