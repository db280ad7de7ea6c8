"""What is said at the end of a run: what really happened, and where it is."""

import pathlib
from collections.abc import Mapping

from lr_plugin.keras.training_summary import TrainingSummary
from trainer.settings.config import Config


def print_summary(
    scores: Mapping[str, Mapping[str, float]],
    recorded: TrainingSummary | None,
    folder: pathlib.Path,
    config: Config,
) -> None:
    """Prints the recorded rates and losses, the scores and the next command.

    Args:
        scores: By what was scored, "validation" or "test".
        recorded: What was recorded; None where nothing was left to train.
    """
    lines = [] if recorded is None else _recorded_lines(recorded, config)
    for name, values in scores.items():
        shown = ", ".join(f"{metric} {value:.4f}" for metric, value in values.items())
        lines.append(f"  {name:<15} {shown}")
    lines.append(f"  in              {folder}")
    lines.append(f"See every iteration: tensorboard --logdir={config.logdir}")
    print("\n".join(lines))


def _recorded_lines(recorded: TrainingSummary, config: Config) -> list[str]:
    lines = [
        f"Trained {config.model} on {config.dataset}: "
        f"{recorded.num_iterations} iterations"
        + (f" from {recorded.first_step} on." if recorded.first_step else "."),
        f"  learning rate   first {recorded.first_learning_rate:.6g}, "
        f"last {recorded.last_learning_rate:.6g}",
        f"  batch loss      first {recorded.first_loss:.4g}, last "
        f"{recorded.last_loss:.4g}, best {recorded.best_loss:.4g}",
    ]
    if recorded.num_not_applied and config.accumulate == 1:
        lines.append(f"  skipped         {recorded.num_not_applied} updates")
    if recorded.num_nonfinite:
        lines.append(f"  not finite      {recorded.num_nonfinite} losses")
    return lines
