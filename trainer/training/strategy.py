"""Where a run computes: on one device, on several, or on several machines."""

import contextlib
import dataclasses
import functools
import pathlib
import shutil
import tempfile
from collections.abc import Iterator

import keras
import tensorflow as tf

from trainer.settings.config import Config
from trainer.training.tf_config import check_workers


def build_strategy(name: str) -> tf.distribute.Strategy:
    """Builds the strategy under whose `scope()` model and optimizer are made.

    With `--strategy=multi_worker` it waits for all workers, and has to be called before
    TensorFlow computes anything.
    """
    if name == "mirrored":
        return tf.distribute.MirroredStrategy()
    if name == "multi_worker":
        return _join_workers()
    return tf.distribute.get_strategy()


@functools.cache
def _join_workers() -> tf.distribute.MultiWorkerMirroredStrategy:
    # A program can join its cluster once.
    return tf.distribute.MultiWorkerMirroredStrategy()


@contextlib.contextmanager
def separate_logdir(config: Config) -> Iterator[Config]:
    """Gives the settings with a logdir that this program alone writes.

    Of several workers the chief keeps the run. The others do all that it does, because
    none can evaluate without them, and what they write goes with them.

    Raises:
        ConfigError: TF_CONFIG does not say what the workers are.
        LostWorkersError: Raised by TensorFlow within the context: one of them ended.
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
                    pathlib.Path(config.logdir) / str(config.run),
                    pathlib.Path(logdir) / str(config.run),
                    ignore=shutil.ignore_patterns("learning_rate"),
                )
            config = dataclasses.replace(config, logdir=logdir)
        try:
            yield config
        except (tf.errors.UnavailableError, tf.errors.AbortedError) as error:
            raise LostWorkersError from error


class LostWorkersError(Exception):
    """A training whose workers are no longer all there."""

    def __init__(self) -> None:
        super().__init__(
            "All workers must be there until the end. Received: no answer from one of "
            "them. Start the command again on each, with --resume and the name of the "
            "run."
        )


def repair_for_workers(model: keras.Model) -> None:
    """Lets `fit` and `evaluate` of a model work under MultiWorkerMirroredStrategy.

    Keras 3 takes the mean of a batch over replicas where it wants its shape, which this
    strategy refuses, and reduces what a step returns along an axis that numbers do not
    have: https://github.com/keras-team/keras/issues/20585.

    Args:
        model: Made under the strategy; changed in place, and saved as ever.
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
