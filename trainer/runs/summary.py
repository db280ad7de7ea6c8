"""The lines printed at the end of a run: what was recorded, and where it is."""

import pathlib
import shlex
from collections.abc import Mapping

import numpy as np

from lr_plugin import schema
from lr_plugin.folders import is_remote
from lr_plugin.keras.training_summary import TrainingSummary
from lr_plugin.reader.epochs import find_epochs
from lr_plugin.reader.outcome.known_rows import know_all
from lr_plugin.reader.outcome.outcome import find_final_loss, find_lowest_loss
from lr_plugin.reader.outcome.smoothed_loss import choose_width
from lr_plugin.reader.read_run import RunRecord
from trainer.remote_logdir import shown_path
from trainer.settings.config import Config


def print_summary(
    scores: Mapping[str, Mapping[str, float]],
    recorded: TrainingSummary | None,
    record: RunRecord | None,
    folder: pathlib.Path,
    config: Config,
) -> None:
    """Prints the recorded rates and losses, the scores and the next command.

    Args:
        scores: By what was scored, "validation" or "test".
        recorded: What was recorded; None if nothing was left to train.
        record: What is on disk of the whole run, from before it was resumed, too.
        folder: The run's folder.
    """
    lines = [] if recorded is None else _recorded_lines(recorded, config)
    if recorded is not None:
        lines += outcome_lines(record)
    for name, values in scores.items():
        shown = ", ".join(f"{metric} {value:.4f}" for metric, value in values.items())
        lines.append(f"  {name:<15} {shown}")
    lines.append(f"  in              {shown_path(folder)}")
    lines.append(next_command(config.logdir))
    print("\n".join(lines))


def next_command(logdir: str) -> str:
    """Says what shows the run, if anything can."""
    if logdir.startswith("memory://"):
        return "memory:// is the memory of this program: the run is gone when it ends."
    # With TensorFlow, TensorBoard ends with an error at a scheme TensorFlow lacks.
    is_shown_without = is_remote(logdir) and not logdir.startswith("gs://")
    where = ", in an environment without TensorFlow" if is_shown_without else ""
    return f"See every iteration{where}: tensorboard --logdir={shlex.quote(logdir)}"


def outcome_lines(run: RunRecord | None) -> list[str]:
    """Says what the loss of the whole run came to, in the words of the tab.

    Returns:
        No lines where no loss could be recorded, as on a full disk.
    """
    if run is None or not len(run) or schema.LOSS not in run:
        return []
    known = know_all(run.columns)
    final = find_final_loss(known).loss
    num_last = max(len(run) // 10, 1)
    lines = [
        f"  final loss      {final:.4g}, the mean of the last {num_last} iterations"
        if np.isfinite(final)
        else "  final loss      nan: the last iteration's is not finite"
    ]
    epochs = find_epochs(run.run_infos, run.events, int(run.steps[-1]))
    lowest = find_lowest_loss(known, epochs)
    if lowest is not None:
        width = choose_width(len(run))
        smoothed = f", the median of {width}" if width > 1 else ""
        lines.append(
            f"  lowest loss     {lowest.loss:.4g} at iteration {lowest.step}{smoothed}"
        )
    return lines


def _recorded_lines(recorded: TrainingSummary, config: Config) -> list[str]:
    lines = [
        f"Trained {config.model} on {config.dataset}: "
        f"{recorded.num_iterations} iterations"
        + (f" from {recorded.first_step} on." if recorded.first_step else "."),
        f"  learning rate   first {recorded.first_learning_rate:.6g}, "
        f"last {recorded.last_learning_rate:.6g}",
        f"  batch loss      first {recorded.first_loss:.4g}, last "
        f"{recorded.last_loss:.4g}",
    ]
    if recorded.num_not_applied and config.accumulate == 1:
        lines.append(f"  skipped         {recorded.num_not_applied} updates")
    if recorded.num_nonfinite:
        lines.append(f"  not finite      {recorded.num_nonfinite} losses")
    return lines
