"""The learning rate and loss that other frameworks write as ordinary scalars.

Known are the tags of Keras' TensorBoard callback, of PyTorch Lightning's
LearningRateMonitor and of Composer's, of the Hugging Face Trainer, of fastai, and the
names that are given by hand.
"""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from lr_plugin import schema
from lr_plugin.rows import WALL_TIME, Rows

# Patterns of whole tags, the one that says most about single updates first.
_RATE_TAGS = (
    r"(train(ing)?[/_])?(learning[_ ]?rate|lr)(_step)?",  # HF: train/learning_rate
    r"lr-[^/]+(/(pg|group)\d+)?",  # Lightning: lr-Adam/pg1; Composer: lr-Adam/group0
    r"lr[_/-]?\d+",  # fastai: lr_0
    r"[^/]+/(learning[_ ]?rate|lr)([_/]?\d+)?",  # optim/lr
    r"(epoch_(learning_rate|lr)|(learning_rate|lr)_epoch)",  # Keras
)
_LOSS_TAGS = (
    r"batch_loss",  # Keras with update_freq="batch"
    r"(train(ing)?[/_])?loss(_step|_batch)?",  # HF: train/loss; Lightning: ..._step
    r"loss/train(ing)?(_step)?",
    r"train(ing)?/(batch_|total_)?loss",
    r"(epoch_loss|(train(ing)?[/_])?loss_epoch)",
)
_MOMENTUM = re.compile(r"-momentum|weight_decay", re.IGNORECASE)
# What these tags hold is known not to be the loss of one batch.
_CAVEATS = {
    "batch_loss": "Keras writes the mean loss since the start of the epoch as "
    "batch_loss, not the loss of the batch.",
    "epoch_loss": "One point for each epoch: the mean loss of the epoch, and the rate "
    "after its last update.",
    "train/loss": "The Hugging Face Trainer writes the mean loss since the last time "
    "it logged.",
}


def find_tags(tags: Sequence[str], patterns: Sequence[str]) -> list[str]:
    """Finds the tags that fit one of the patterns, the best fit first."""
    found = []
    for pattern in patterns:
        matches = re.compile(pattern, re.IGNORECASE).fullmatch
        found += [tag for tag in sorted(tags) if matches(tag) and tag not in found]
    return [tag for tag in found if not _MOMENTUM.search(tag)]


def find_rate_tags(tags: Sequence[str]) -> list[str]:
    """Finds the tags that hold a learning rate, the likeliest first."""
    return find_tags(tags, _RATE_TAGS)


def find_loss_tags(tags: Sequence[str]) -> list[str]:
    """Finds the tags that hold a training loss, the likeliest first."""
    return find_tags(tags, _LOSS_TAGS)


def name_run(run: str) -> str:
    """Names a run of scalars by its log directory; Keras writes into `train` in it."""
    return re.sub(r"^train$", ".", re.sub(r"[/\\]train$", "", run))


Points = Mapping[int, tuple[float, float]]


def join(
    rates: Mapping[str, Points], losses: Mapping[str, Points]
) -> tuple[Rows, dict[str, str], list[str]]:
    """Pairs the learning rate with the loss of the same step.

    Of several tags, the pair with the most steps in common is taken.

    Args:
        rates: Wall time and value by step, by tag; at least one tag, the likeliest
            first.
        losses: The same for losses; may be empty.

    Returns:
        Rows with `step`, `learning_rate`, `wall_time` and, unless no loss has a step in
        common with a rate, `loss`; the tags taken, by column; notes on what this
        leaves out.
    """
    common = {
        (rate, loss): rates[rate].keys() & losses[loss].keys()
        for rate in rates
        for loss in losses
    }
    best = max(common, key=lambda pair: len(common[pair]), default=None)
    if best is None or not common[best]:
        rate_tag = max(rates, key=lambda tag: len(rates[tag]))
        steps = sorted(rates[rate_tag])
        note = f"No training loss shares a step with {rate_tag}; the rate stands alone."
        return _make_rows(steps, rates[rate_tag]), {"learning_rate": rate_tag}, [note]
    rate_tag, loss_tag = best
    steps = sorted(common[best])
    rows = _make_rows(steps, rates[rate_tag])
    rows[schema.LOSS] = np.array([losses[loss_tag][step][1] for step in steps])
    notes = [
        f"Joined from the scalars {rate_tag} ({len(rates[rate_tag])} points kept by "
        f"TensorBoard) and {loss_tag} ({len(losses[loss_tag])}): {len(steps)} steps "
        "are in both. TensorBoard keeps at most 1000 points of a scalar by default."
    ]
    if loss_tag in _CAVEATS:
        notes.append(_CAVEATS[loss_tag])
    return rows, {"learning_rate": rate_tag, "loss": loss_tag}, notes


def _make_rows(steps: Sequence[int], rates: Points) -> dict[str, np.ndarray]:
    return {
        schema.STEP: np.array(steps, np.int64),
        schema.LEARNING_RATE: np.array([rates[step][1] for step in steps]),
        WALL_TIME: np.array([rates[step][0] for step in steps]),
    }
