"""The best epoch of a run by each metric that was written at the ends of epochs."""

import dataclasses
import functools
import math
import re
from collections.abc import Mapping, Sequence

from lr_plugin import schema
from lr_plugin.reader.epochs import Epochs
from lr_plugin.reader.outcome.known_rows import KnownRows
from lr_plugin.reader.outcome.moment import to_float

# Words in the names of Keras' metrics and losses, and of what people call theirs. A
# name with none of them tells nothing: `false_positives`, `cosine_similarity`, which is
# a loss in one place and a metric in another.
_HIGHER_IS_BETTER = {
    *("acc", "accuracy", "auc", "roc", "prc", "precision", "recall", "f1", "fbeta"),
    *(
        "iou",
        "miou",
        "dice",
        "jaccard",
        "r2",
        "bleu",
        "rouge",
        "map",
        "ndcg",
        "mrr",
        "psnr",
    ),
    *("ssim", "kappa", "mcc", "specificity", "sensitivity", "reward"),
}
_LOWER_IS_BETTER = {
    *("loss", "error", "err", "mse", "mae", "rmse", "mape", "msle", "perplexity"),
    *("ppl", "crossentropy", "entropy", "nll", "hinge", "kl", "divergence", "wer"),
    *("cer", "fid", "logcosh", "poisson", "brier", "distance"),
}
_WORD = re.compile(r"[a-z]+[0-9]?")
_BEFORE_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclasses.dataclass(frozen=True)
class BestEpoch:
    """The epoch with the best value of a metric, the first of several.

    Attributes:
        value: At the epoch's end.
        epoch: Counted from 0, over all trainings of the run; None where a run of
            another program does not say.
        step: The epoch's last iteration.
        learning_rate: The rate that this iteration used; None if it is not at hand.
    """

    value: float
    epoch: int | None
    step: int
    learning_rate: float | None
    higher_is_better: bool


def find_best_epochs(
    known: KnownRows,
    events: Sequence[schema.Event],
    epochs: Epochs,
) -> dict[str, BestEpoch]:
    """Finds the best epoch by each metric whose direction is known.

    Args:
        events: Of the kinds "epoch_end" and "validation", whose details hold metrics
            and may say which of them are to rise, and "score", of which a search tells
            that of its objective.
    """
    said = _read_directions(events)
    best: dict[str, tuple[float, schema.Event]] = {}
    for event in events:
        if event.kind not in ("epoch_end", "validation"):
            continue
        for name, value in event.details.items():
            is_number = isinstance(value, int | float) and math.isfinite(value)
            is_higher = said.get(name, is_higher_better(name))
            if name == "epoch" or not is_number or is_higher is None:
                continue
            sign = -1 if is_higher else 1
            if name not in best or sign * value < sign * best[name][0]:
                best[name] = (value, event)
    rates: dict[int, float | None] = {}
    found = {}
    for name, (value, event) in best.items():
        if event.step not in rates:
            rates[event.step] = _rate_at(known, event.step)
        epoch = epochs.find(event.step)
        # A run of another program may not say which epoch it was.
        if epoch is not None or "epoch" not in event.details:
            found[name] = BestEpoch(
                value=float(value),
                epoch=epoch,
                step=event.step,
                learning_rate=rates[event.step],
                higher_is_better=said.get(name, is_higher_better(name)) is True,
            )
    return found


def _read_directions(events: Sequence[schema.Event]) -> dict[str, bool]:
    """Reads what was said of metrics, by a search rather than by Keras."""
    said: dict[str, bool] = {}
    for event in events:
        found = event.details.get(schema.HIGHER_IS_BETTER)
        if event.kind == "epoch_end" and isinstance(found, Mapping):
            said |= {name: v for name, v in found.items() if isinstance(v, bool)}
    for event in events:
        direction = event.details.get("direction")
        if event.kind == "score" and direction in ("min", "max"):
            said[str(event.details.get("objective"))] = direction == "max"
    return said


@functools.lru_cache(maxsize=1024)
def is_higher_better(metric: str) -> bool | None:
    """Tells by its name whether a metric is to rise; None if the name does not tell."""
    words = set(_WORD.findall(_BEFORE_CAPITAL.sub("_", metric).lower()))
    if words & _LOWER_IS_BETTER:
        return False
    return True if words & _HIGHER_IS_BETTER else None


def _rate_at(known: KnownRows, step: int) -> float | None:
    row = known.read_row(step)
    if schema.LEARNING_RATE not in row:
        return None
    return to_float(row[schema.LEARNING_RATE][0])
