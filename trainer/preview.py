"""The rate over a run, as a table and two plots, without training."""

import pathlib
from collections.abc import Sequence

import numpy as np

from lr_plugin.keras.schedules import Schedule, rate_at
from trainer.optimizers.building import check_optimizer
from trainer.remote_logdir import local_logdir, shown_path
from trainer.runs.folder import check_run_folder, default_run_name
from trainer.runs.terminal_plot import draw_in_terminal
from trainer.settings.config import Config
from trainer.training.training import Training, build_training

_NUM_POINTS = 1000
_NUM_TABLE_ROWS = 11


def run_preview(config: Config) -> pathlib.Path:
    """Prints and draws the learning rate that the run would have.

    Returns:
        The picture: <logdir>/<run>-schedule.png.

    Raises:
        ConfigError: The flags ask for something impossible.
    """
    check_run_folder(config)
    check_optimizer(config)
    training = build_training(config)
    for line in training.lines:
        print(line)
    steps_per_epoch = training.batches.steps_per_epoch
    steps = sampled_steps(steps_per_epoch * config.epochs)
    rates, momenta = _rates_of_run(training, steps)
    print(_table(steps, rates, momenta, steps_per_epoch))
    print(draw_in_terminal(steps, rates))
    name = config.run or default_run_name(config)
    path = local_logdir(config.logdir) / f"{name}-schedule.png"
    draw_schedules([(config.schedule_name, steps, rates)], path, columns=1)
    print(f"Picture: {shown_path(path)}")
    return path


def _rates_of_run(
    training: Training, steps: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None]:
    """Computes rates, and momenta if these move, at iterations of the whole run."""
    rates, momenta = np.empty(len(steps)), np.empty(len(steps))
    for phase in training.phases:
        start, end = (
            epoch * training.batches.steps_per_epoch
            for epoch in (phase.first_epoch, phase.end_epoch)
        )
        within = (start <= steps) & (steps < end)
        # The optimizer of each part counts from 0.
        rates[within] = rates_at(phase.plan.learning_rate, steps[within] - start)
        if phase.plan.momentum is not None:
            momenta[within] = rates_at(phase.plan.momentum, steps[within] - start)
    return rates, None if training.plan.momentum is None else momenta


def sampled_steps(num_steps: int) -> np.ndarray:
    """Chooses up to a thousand iterations, evenly from the first to the last."""
    return np.unique(np.linspace(0, num_steps - 1, _NUM_POINTS).astype(np.int64))


def rates_at(schedule: Schedule, steps: np.ndarray) -> np.ndarray:
    """Computes what `schedule` gives at each of `steps`: float64 `[num_steps]`."""
    rates = np.asarray(rate_at(schedule, steps), np.float64)
    return np.broadcast_to(rates, steps.shape)


def draw_schedules(
    curves: Sequence[tuple[str, np.ndarray, np.ndarray]],
    path: pathlib.Path,
    *,
    columns: int,
) -> None:
    """Draws one small picture per curve, `(title, steps, rates)`, into a PNG."""
    # Without pyplot, which would choose a window system and keep every figure.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = -(-len(curves) // columns)
    size = (6.4, 3.6) if len(curves) == 1 else (2.2 * columns, 1.5 * rows)
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    for number, (title, steps, rates) in enumerate(curves):
        axes = figure.add_subplot(rows, columns, number + 1)
        axes.plot(steps, rates, linewidth=1.5)
        axes.set_title(title, fontsize="small")
        axes.set_ylim(bottom=0)
        axes.tick_params(labelsize="x-small")
        if len(curves) == 1:
            axes.set_xlabel("iteration")
            axes.set_ylabel("learning rate")
        else:
            axes.set_xticks([])
            axes.set_yticks([])
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)


def _table(
    steps: np.ndarray,
    rates: np.ndarray,
    momenta: np.ndarray | None,
    steps_per_epoch: int,
) -> str:
    rows = np.linspace(0, len(steps) - 1, min(_NUM_TABLE_ROWS, len(steps))).astype(int)
    lines = [
        "iteration    epoch  learning rate" + ("" if momenta is None else "  momentum")
    ]
    for row in rows:
        line = (
            f"{steps[row]:9d} {steps[row] / steps_per_epoch:8.2f}  {rates[row]:13.6g}"
        )
        lines.append(line if momenta is None else f"{line}  {momenta[row]:8.4f}")
    return "\n".join(lines)
