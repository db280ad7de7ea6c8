"""Builds all that a training needs: data, order, length, plan and model."""

import dataclasses
from typing import Any

import keras
import tensorflow as tf

from lr_plugin.keras.plateau.multiplied import Multiplied
from trainer.data.batches import EpochBatches, TrainingBatches, batches_in_order
from trainer.data.image_checks import check_images
from trainer.data.loading import Data, load_data
from trainer.data.origin import Origin
from trainer.data.pipeline_batches import read_pipeline
from trainer.data.user_function import Batched
from trainer.errors import ConfigError
from trainer.models.building import build_model, check_model
from trainer.models.compilation import compile_model
from trainer.models.frozen_layers import freeze_body, frozen_layers, require_trainable
from trainer.models.trial_batch import try_batch, try_pipelines
from trainer.models.user_models import choose_loss, require_target, sample_batch
from trainer.optimizers.building import base_learning_rate, build_optimizer
from trainer.optimizers.compiled_optimizer import (
    keeps_compiled_optimizer,
    plan_compiled_optimizer,
    rebuild_optimizer,
)
from trainer.planning.phases import Phase, plan_phases
from trainer.planning.plan import Plan
from trainer.planning.plateau import check_plateau
from trainer.settings.config import Config
from trainer.settings.durations import RunLength
from trainer.settings.machine import MachineFlags
from trainer.settings.model import is_user_model
from trainer.settings.optimizer import DEFAULT_OPTIMIZER
from trainer.training.strategy import build_strategy, repair_for_workers


@dataclasses.dataclass(frozen=True)
class Training:
    """All that one training needs before its run folder exists.

    Attributes:
        config: The settings; what was left to the model or the data is filled in.
        data: The data.
        batches: The training data in its order.
        run_length: The length of the whole run.
        plan: The plan of the rate, from the start.
        phases: The parts of the run; two where layers are unfrozen in between.
        metrics: What the model reports, "loss" first.
        user_model: The user's model, built; None for a model that the trainer builds.
        kept_frozen: `id` of the layers that the user has frozen, which stay so.
    """

    config: Config
    data: Data
    batches: TrainingBatches
    run_length: RunLength
    plan: Plan
    phases: tuple[Phase, ...]
    metrics: tuple[str, ...]
    user_model: keras.Model | None = None
    kept_frozen: frozenset[int] = frozenset()

    @property
    def reported(self) -> tuple[str, ...]:
        """The names of what is known at the end of an epoch, validation included."""
        if self.data.validation is None:
            return self.metrics
        return (*self.metrics, *(f"val_{name}" for name in self.metrics))

    @property
    def lines(self) -> tuple[str, ...]:
        """What was found and planned, for the user to read."""
        return (*self.data.lines, *(line for p in self.phases for line in p.lines))


def build_training(config: Config, data: Data | None = None) -> Training:
    """Seeds the generators, loads the data and plans the rate; writes nothing.

    Args:
        data: Data that was loaded before for the same settings; None loads it.

    Raises:
        ConfigError: The data or the schedule is impossible.
    """
    check_model(config.model)
    make_repeatable(
        config.seed, deterministic=config.deterministic, jit_compile=config.jit_compile
    )
    data = data or load_data(config)
    check_images(
        data, dataset=config.dataset, model=config.model, augment=config.augment
    )
    batches = _build_batches(config, data)
    user_model = None
    if is_user_model(config.model):
        with _scope(config):
            user_model = build_model(config, data)
        if config.optimizer is None and not user_model.compiled:
            config = dataclasses.replace(config, optimizer=DEFAULT_OPTIMIZER)
    run_length = RunLength(batches.steps_per_epoch, config.epochs, config.accumulate)
    if user_model is not None and keeps_compiled_optimizer(
        user_model, config.optimizer
    ):
        phases = plan_compiled_optimizer(user_model, config, batches.steps_per_epoch)
    else:
        rate = base_learning_rate(config)
        phases = plan_phases(config, rate, batches.steps_per_epoch)
    metrics = _reported_metrics(
        data, user_model, name=config.model, dataset=config.dataset
    )
    training = Training(
        config,
        data,
        batches,
        run_length,
        phases[0].plan,
        phases,
        metrics,
        user_model,
        frozen_layers(user_model) if user_model is not None else frozenset(),
    )
    is_judged = user_model is not None and user_model.compiled
    check_plateau(config, training.reported, user_model if is_judged else None)
    return training


def make_repeatable(
    seed: int, *, deterministic: bool | None, jit_compile: bool
) -> None:
    """Seeds Python, NumPy and TensorFlow, and asks for operations that repeat.

    Args:
        deterministic: Whether to ask for them; None asks unless XLA is used, which has
            none.
    """
    keras.utils.set_random_seed(seed)
    if deterministic or (deterministic is None and not jit_compile):
        tf.config.experimental.enable_op_determinism()


def compiled_model(training: Training) -> keras.Model:
    """Builds the model with optimizer, loss and metrics, ready for `fit`."""
    config = training.config
    with _scope(config):
        model = training.user_model or build_model(config, training.data)
        if config.freeze:
            freeze_body(model)
        arguments: dict[str, Any] = {}
        if not model.compiled:
            target = training.data.target
            arguments = (
                choose_loss(
                    model, training.data, name=config.model, dataset=config.dataset
                )
                if training.user_model is not None or target is None
                else {"loss": target.loss, "metrics": list(target.metrics)}
            )
        compile_model(
            model,
            phase_optimizer(model, config, training.plan),
            steps_per_execution=config.steps_per_execution,
            jit_compile=config.jit_compile,
            **arguments,
        )
    require_trainable(model)
    if config.strategy == "multi_worker":
        repair_for_workers(model)
    else:
        # Not with many workers: one alone could fail, and the others would wait for it.
        try_pipelines(model, training.data, name=config.model, dataset=config.dataset)
    return model


def phase_optimizer(
    model: keras.Model, config: Config, plan: Plan
) -> keras.optimizers.Optimizer:
    """Builds a fresh optimizer that follows `plan`, under the strategy's scope."""
    if config.plateau:
        # Made here and not with the plan, because it holds a variable.
        floor = config.plateau_min_learning_rate
        schedule = Multiplied(plan.learning_rate, floor=floor)
        plan = dataclasses.replace(plan, learning_rate=schedule)
    if keeps_compiled_optimizer(model, config.optimizer):
        return rebuild_optimizer(model.optimizer, config, plan)
    return build_optimizer(config, plan)


def in_order(part: Any, batch_size: int) -> Any:
    """Puts a part of the data into batches, as `evaluate` takes it.

    Args:
        batch_size: For examples; a pipeline has batches already.
    """
    if isinstance(part, Batched):
        return part
    return batches_in_order(part, batch_size)


def _scope(flags: MachineFlags) -> Any:
    policy = "mixed_float16" if flags.mixed_precision else "float32"
    keras.config.set_dtype_policy(policy)
    return build_strategy(flags.strategy).scope()


def _build_batches(config: Config, data: Data) -> TrainingBatches:
    if isinstance(data.train, Batched):
        if config.scale_learning_rate != "none":
            raise ConfigError(
                "`--scale_learning_rate` needs batches that --batch_size makes. "
                f"Received: --scale_learning_rate={config.scale_learning_rate} with "
                f"--dataset={config.dataset}, which returns batches of its own. Leave "
                "it out, and give the rate for them."
            )
        origin = Origin(f"--dataset={config.dataset}", "Correct what it returns.")
        return read_pipeline(
            data.train,
            origin,
            steps_per_epoch=config.steps_per_epoch,
            seed=config.seed,
        )
    return EpochBatches(
        data.train,
        batch_size=config.batch_size,
        seed=config.seed,
        augment=config.augment or (),
    )


def _reported_metrics(
    data: Data, user_model: keras.Model | None, *, name: str, dataset: str
) -> tuple[str, ...]:
    if user_model is None or not user_model.compiled:
        return ("loss", *require_target(data, model=name, dataset=dataset).metrics)
    # Keras knows the names of metrics only once it has computed them.
    batch = sample_batch(data, dataset)[:2]
    names = try_batch(user_model, batch, part="training", name=name, dataset=dataset)
    return ("loss", *(name for name in names if name != "loss"))
