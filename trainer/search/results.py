"""What a search found: a table, results.csv, and best.flags, which repeats the best."""

import csv
import dataclasses
import io
import math
import pathlib
from collections.abc import Mapping, Sequence

from keras_tuner.engine.trial import Trial, TrialStatus

from trainer.errors import ConfigError
from trainer.search.hyperparameters import chosen_settings, filled_in
from trainer.search.names import trial_name, trial_number
from trainer.search.oracle import PatientOracle
from trainer.settings.command_line import format_flags
from trainer.settings.config import SETTINGS, Config
from trainer.settings.open_values import format_value
from trainer.training.lost_files import replace_text

BEST_FLAGS = "best.flags"
RESULTS = "results.csv"
_NUM_SHOWN = 20


@dataclasses.dataclass(frozen=True)
class Result:
    """One trial that has ended.

    Attributes:
        trial: Its id in keras-tuner.
        run_name: The name of its run.
        score: Infinite where it diverged, NaN where it failed.
        settings: The hyperparameters, as the text of flags.
        epochs: How many were trained, including those of a trial that it continued.
        ended: "" for a trial that ran to its end; else "diverged", "early", "failed".
    """

    trial: str
    run_name: str
    score: float
    settings: Mapping[str, str]
    epochs: int
    ended: str


def list_results(oracle: PatientOracle, config: Config) -> list[Result]:
    """Lists all trials that have ended, the best first."""
    results = [
        _result(oracle.trials[trial_id], oracle.objective.name, config)
        for trial_id in oracle.end_order
    ]
    sign = -1 if oracle.objective.direction == "max" else 1
    return sorted(
        results,
        key=lambda result: (math.isnan(result.score), sign * result.score),
    )


def best_config(oracle: PatientOracle, config: Config) -> Config:
    """Gives the settings of the best trial, to be trained once more.

    Raises:
        ConfigError: No trial ended with a finite score.
    """
    results = list_results(oracle, config)
    if not results or not math.isfinite(results[0].score):
        raise ConfigError(
            "A search needs a trial that does not diverge. Received: "
            f"{len(results)} trials, of which none ended with a finite "
            f"{oracle.objective.name}. Search lower rates, or look at the runs in "
            "TensorBoard."
        )
    values = oracle.trials[results[0].trial].hyperparameters.values
    return filled_in(config, {**chosen_settings(config, values), "resume": False})


def write_results(
    results: Sequence[Result], best: Config, folder: pathlib.Path, objective: str
) -> None:
    """Writes results.csv and best.flags.

    Raises:
        OSError: They could not be written; those that were there stay.
    """
    names = list(dict.fromkeys(name for r in results for name in r.settings))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["trial", "run", objective, *names, "epochs", "ended"])
    for result in results:
        about = [trial_number(result.trial), result.run_name, repr(result.score)]
        settings = [result.settings.get(name, "") for name in names]
        writer.writerow([*about, *settings, result.epochs, result.ended])
    replace_text(folder / RESULTS, text.getvalue())
    replace_text(folder / BEST_FLAGS, format_flags(best))


def format_table(results: Sequence[Result], objective: str) -> str:
    """Formats the best trials, one in a line, and how many there were."""
    names = list(dict.fromkeys(name for r in results for name in r.settings))
    rows = [["trial", objective, *names, "epochs", "ended"]]
    for result in results[:_NUM_SHOWN]:
        about = [trial_number(result.trial), f"{result.score:.5g}"]
        settings = [_short(result.settings.get(name, "")) for name in names]
        rows.append([*about, *settings, str(result.epochs), result.ended])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True))
        for row in rows
    ]
    ends = [result.ended for result in results if result.ended]
    counts = [f"{ends.count(end)} {_ENDS[end]}" for end in _ENDS if end in ends]
    how_many = f" ({', '.join(counts)})" if counts else ""
    head = f"Search of {len(results)} trials by {objective}{how_many}:"
    if len(results) > _NUM_SHOWN:
        head = head[:-1] + f", the best {_NUM_SHOWN}:"
    return "\n".join([head, *(line.rstrip() for line in lines)])


_ENDS = {"diverged": "diverged", "early": "ended early", "failed": "failed"}


def _result(trial: Trial, objective: str, config: Config) -> Result:
    settings = chosen_settings(config, trial.hyperparameters.values)
    has_score = trial.status == TrialStatus.COMPLETED
    score = float(trial.score) if has_score else math.nan
    history = trial.metrics.get_history(objective) if has_score else []
    epochs = int(history[-1].step) + 1 if history else 0
    planned = trial.hyperparameters.values.get("tuner/epochs", config.epochs)
    if not has_score:
        ended = "failed"
    elif math.isinf(score):
        ended = "diverged"
    else:
        ended = "early" if epochs < planned else ""
    return Result(
        trial=trial.trial_id,
        run_name=trial_name(trial.trial_id, settings),
        score=score,
        settings={
            name: format_value(SETTINGS[name].kind, value)
            for name, value in settings.items()
        },
        epochs=epochs,
        ended=ended,
    )


def _short(text: str) -> str:
    """Rounds a number to four significant digits; other text stays as it is."""
    try:
        return f"{float(text):.4g}"
    except ValueError:
        return text
