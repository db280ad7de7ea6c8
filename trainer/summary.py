"""What is said at the end of a run: what really happened, and where it is."""

import pathlib
from typing import Any

import keras

from lr_plugin.keras.training_summary import TrainingSummary
from trainer.config import Config
from trainer.data import Data


def print_summary(
    model: keras.Model,
    data: Data,
    recorded: TrainingSummary | None,
    folder: pathlib.Path,
    config: Config,
) -> None:
    """Prints the recorded rates and losses, the metrics and the next command.

    Args:
        recorded: What was recorded; None where nothing was left to train.
    """
    lines = [] if recorded is None else _recorded_lines(recorded, config)
    for name, x, y in (
        ("validation", data.x_val, data.y_val),
        ("test", data.x_test, data.y_test),
    ):
        if x is not None:
            lines.append(f"  {name:<15}{_scores(model, x, y, config)}")
    lines.append(f"  in             {folder}")
    lines.append(f"See every iteration: tensorboard --logdir={config.logdir}")
    print("\n".join(lines))


def _recorded_lines(recorded: TrainingSummary, config: Config) -> list[str]:
    lines = [
        f"Trained {config.model} on {config.dataset}: "
        f"{recorded.num_iterations} iterations"
        + (f" from {recorded.first_step} on." if recorded.first_step else "."),
        f"  learning rate  first {recorded.first_learning_rate:.6g}, "
        f"last {recorded.last_learning_rate:.6g}",
        f"  batch loss     first {recorded.first_loss:.4g}, last "
        f"{recorded.last_loss:.4g}, best {recorded.best_loss:.4g}",
    ]
    if recorded.num_not_applied and config.accumulate == 1:
        lines.append(f"  skipped        {recorded.num_not_applied} updates")
    if recorded.num_nonfinite:
        lines.append(f"  not finite     {recorded.num_nonfinite} losses")
    return lines


def _scores(model: keras.Model, x: Any, y: Any, config: Config) -> str:
    scores = model.evaluate(
        x, y, batch_size=config.batch_size, verbose=0, return_dict=True
    )
    return ", ".join(f"{name} {value:.4f}" for name, value in scores.items())
