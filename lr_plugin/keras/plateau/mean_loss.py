"""Computes the mean training loss since the last look, also across epochs."""

import keras
from keras import ops

from lr_plugin.keras.plateau.rule import PlateauState


def take_losses(state: PlateauState, model: keras.Model, *, at_epoch_end: bool) -> None:
    """Adds to `state` the losses of this epoch that it does not hold yet.

    Args:
        at_epoch_end: Whether the mean that Keras keeps begins anew after this.
    """
    total, count = _sum_of_epoch(model)
    state.total += total - state.seen_total
    state.count += count - state.seen_count
    state.seen_total, state.seen_count = (0.0, 0.0) if at_epoch_end else (total, count)


def mean_loss(state: PlateauState) -> float:
    """Returns the mean of the losses since the last look, and forgets them."""
    mean = state.total / state.count
    state.total = state.count = 0.0
    return mean


def check_loss_is_kept(model: keras.Model) -> None:
    """Refuses a model that keeps no mean of its training loss.

    Raises:
        ValueError: It keeps none.
    """
    if _mean_of_epoch(model) is None:
        raise ValueError(
            "`every_batches` needs a model with a keras.metrics.Mean named 'loss' "
            "among its `metrics`, as `compile(loss=...)` makes it. Received: "
            f"{', '.join(metric.name for metric in model.metrics) or 'none'}. Use "
            "`every_epochs` instead."
        )


def _sum_of_epoch(model: keras.Model) -> tuple[float, float]:
    """Returns sum and number of this epoch's losses from the mean that Keras keeps."""
    mean = _mean_of_epoch(model)
    assert mean is not None
    total, count = (ops.convert_to_numpy(value) for value in (mean.total, mean.count))
    return float(total), float(count)


def _mean_of_epoch(model: keras.Model) -> keras.metrics.Mean | None:
    for metric in model.metrics:
        if metric.name == "loss" and isinstance(metric, keras.metrics.Mean):
            return metric
    return None
