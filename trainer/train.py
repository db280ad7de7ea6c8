"""One run: load, build, compile, fit, record, save."""

import dataclasses
import pathlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from lr_plugin.keras import LearningRateLogger
from trainer.batches import EpochBatches, Position
from trainer.checkpoint import Checkpoint, restore_checkpoint
from trainer.checkpointing import CheckpointWriter, Interrupted, StopRequest
from trainer.config import SETTINGS, Config
from trainer.data import Data, load_data
from trainer.durations import RunLength
from trainer.epoch_history import history_writer
from trainer.models import build_model
from trainer.one_training import fit
from trainer.optimizers import (
    base_learning_rate,
    build_optimizer,
    optimizer_schedule,
)
from trainer.plan import Plan, build_plan
from trainer.plateau import (
    Multiplied,
    MultiplyOnPlateau,
    PlateauState,
    check_plateau,
)
from trainer.run_folder import begin_run, check_run_folder, checkpoint_of
from trainer.saved_model import save_model
from trainer.search_space import SEARCH_SETTINGS
from trainer.strategy import build_strategy
from trainer.summary import print_summary

METRICS = ("loss", "accuracy")

_NOT_SHOWN = ("mode", "logdir", "run", "resume", "resume_with_changes")


@dataclasses.dataclass(frozen=True)
class Task:
    """All that a run needs before its folder exists: data, order, length and plan."""

    config: Config
    data: Data
    batches: EpochBatches
    run: RunLength
    plan: Plan


def train(config: Config, info: Mapping[str, Any] | None = None) -> pathlib.Path:
    """Trains as `config` says and leaves everything in the run's folder.

    Args:
        info: What the tab shows with the run; all settings, if None.

    Returns:
        The run's folder: flags.txt repeats the run, model.keras is the trained model,
        history.csv has a row per epoch, learning_rate/ the recorded iterations,
        checkpoints/ what --resume goes on from.

    Raises:
        ConfigError: Something asked for cannot be; then nothing has been written.
        Interrupted: Ctrl-C or SIGTERM; a checkpoint of that moment is written.
    """
    check_run_folder(config)
    task = build_task(config)
    model = compiled_model(task)
    resumed = checkpoint_of(config) if config.resume else None
    if resumed is not None:
        restore_training(resumed, model, task)
    for line in task.plan.lines:
        print(line)
    folder = begin_run(config)
    logger = LearningRateLogger(folder, run_info=info or run_info(config))
    try:
        fit_and_record(task, model, logger, folder, resumed=resumed)
    except Interrupted as stopped:
        print(
            f"\n{stopped} Go on with: python -m trainer --resume "
            f"--logdir={folder.parent} --run={folder.name}"
        )
        raise
    save_model(model, folder / "model.keras", logger.summary)
    print_summary(model, task.data, logger.summary, folder, config)
    return folder


def build_task(config: Config, data: Data | None = None) -> Task:
    """Seeds everything, loads the data and plans the rate; writes nothing.

    Args:
        data: What was loaded before for settings with the same data; loaded, if None.

    Raises:
        ConfigError: The data or the schedule cannot be as asked for.
    """
    make_repeatable(config)
    data = data or load_data(config)
    batches = EpochBatches(
        data.x_train, data.y_train, batch_size=config.batch_size, seed=config.seed
    )
    run = RunLength(batches.steps_per_epoch, config.epochs, config.accumulate)
    plan = build_plan(config, base_learning_rate(config), run)
    check_plateau(config, METRICS)
    return Task(config, data, batches, run, plan)


def make_repeatable(config: Config) -> None:
    """Seeds Python, NumPy and TensorFlow, and asks for operations that repeat."""
    keras.utils.set_random_seed(config.seed)
    deterministic = config.deterministic
    if deterministic or (deterministic is None and not config.jit_compile):
        tf.config.experimental.enable_op_determinism()


def compiled_model(task: Task) -> keras.Model:
    """The model with optimizer, loss and metrics, built and ready for `fit`."""
    config = task.config
    policy = "mixed_float16" if config.mixed_precision else "float32"
    keras.config.set_dtype_policy(policy)
    with build_strategy(config).scope():
        model = build_model(config, task.data)
        plan = task.plan
        if config.plateau:
            # Holds a variable, so it is made here and not with the plan.
            floor = config.plateau_min_learning_rate
            schedule = Multiplied(plan.learning_rate, floor=floor)
            plan = dataclasses.replace(plan, learning_rate=schedule)
        model.compile(
            optimizer=build_optimizer(config, plan),
            loss="sparse_categorical_crossentropy",
            metrics=list(METRICS[1:]),
            steps_per_execution=config.steps_per_execution,
            jit_compile=config.jit_compile,
        )
        # A checkpoint can be restored into what exists only.
        model.optimizer.build(model.trainable_variables)
    return model


def restore_training(checkpoint: Checkpoint, model: keras.Model, task: Task) -> None:
    """Puts a compiled model and the generators into the state of the checkpoint.

    Raises:
        ConfigError: It is the checkpoint of another model or optimizer.
    """
    restore_checkpoint(checkpoint, model)
    # Keras leaves the variables of the metrics to the first step. An epoch that goes
    # on needs them at its beginning, for what they had counted.
    num_examples = model.distribute_strategy.num_replicas_in_sync
    data = task.data
    model.test_on_batch(data.x_train[:num_examples], data.y_train[:num_examples])
    model.reset_metrics()


def fit_and_record(
    task: Task,
    model: keras.Model,
    logger: LearningRateLogger,
    folder: pathlib.Path,
    *,
    resumed: Checkpoint | None = None,
    epochs: int | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> None:
    """Trains, records every iteration, and writes history and checkpoints.

    Args:
        folder: Of the run.
        resumed: What `model` has been restored from.
        epochs: Where to end; None is the end of the run, for which the rate is planned.
        callbacks: Asked after the record and before the checkpoint.

    Raises:
        Interrupted: Ctrl-C or SIGTERM; a checkpoint of that moment is written.
    """
    config, position = task.config, Position()
    first_epoch, first_batch = 0, 0
    if resumed is not None:
        first_epoch, first_batch = resumed.epoch, resumed.num_batches
    every_callback: list[keras.callbacks.Callback] = []
    plateau = _plateau_callback(task, model, position, logger)
    if plateau is not None:
        if resumed is not None:
            plateau.state = PlateauState(**resumed.counters["plateau"])
        every_callback.append(plateau)
    history = history_writer(folder / "history.csv", first_epoch)
    every_callback += [logger, history, *callbacks]

    def counters() -> dict[str, Any]:
        return {"plateau": dataclasses.asdict(plateau.state)} if plateau else {}

    with StopRequest() as stop:
        writer = CheckpointWriter(
            folder / "checkpoints",
            position,
            every_batches=config.checkpoint_every.resolve_batches(task.run),
            counters=counters,
            before_write=logger.flush,
            stop=stop,
            resumed=resumed,
        )
        try:
            fit(
                model,
                task.batches,
                position,
                [*every_callback, writer],
                epochs=epochs or config.epochs,
                first_epoch=first_epoch,
                first_batch=first_batch,
                validation_data=validation_data(task),
                # One line an epoch where nobody sees a bar move, as in a file.
                verbose=1 if sys.stdout.isatty() else 2,
            )
        except Interrupted:
            # Keras tells callbacks nothing of an exception.
            logger.on_train_end()
            raise


def _plateau_callback(
    task: Task, model: keras.Model, position: Position, logger: LearningRateLogger
) -> MultiplyOnPlateau | None:
    if task.config.plateau is None:
        return None

    def on_cut(text: str, **numbers: Any) -> None:
        print(f"\n{text}")
        logger.add_event("plateau", text, **numbers)

    return MultiplyOnPlateau(
        optimizer_schedule(model), task.config, task.run, position, on_cut=on_cut
    )


def validation_data(task: Task) -> tf.data.Dataset | None:
    """The held out examples in batches; None without a split."""
    data = task.data
    if data.x_val is None:
        return None
    pairs = tf.data.Dataset.from_tensor_slices((data.x_val, data.y_val))
    return pairs.batch(task.config.batch_size).cache().prefetch(tf.data.AUTOTUNE)


def run_info(config: Config) -> dict[str, object]:
    """What the tab shows of a run beside its curves."""
    values = {
        name: getattr(config, name)
        for name in SETTINGS
        if name not in (*SEARCH_SETTINGS, *_NOT_SHOWN)
    }
    return {
        "hparams": {
            name: value if isinstance(value, (int, float, str)) else str(value)
            for name, value in values.items()
            if value is not None
        }
    }
