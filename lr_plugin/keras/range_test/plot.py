"""Draws a range test."""

from typing import TYPE_CHECKING, Any

from lr_plugin.schema import RangeTestRecord

if TYPE_CHECKING:
    from lr_plugin.shown_figure import ShownFigure

# In shares of the axes; the longest name is minimum/10.
_NAME_HEIGHT = 0.22


def draw_range_test(record: RangeTestRecord) -> "ShownFigure":
    """Draws the losses over the rates, and what the test concludes from them."""
    from lr_plugin.shown_figure import ShownFigure

    figure = ShownFigure(figsize=(7, 4.2), layout="constrained", dpi=110)
    axes = figure.add_subplot()
    rates = record.learning_rates
    for losses in record.losses:
        axes.plot(rates[: len(losses)], losses, ".", color="#9aa7b5", markersize=3)
    smoothed = record.smoothed
    axes.plot(rates[: len(smoothed)], smoothed, color="#1a4f8b", label="smoothed loss")
    if record.usable_band is not None:
        low, high = record.usable_band
        label = f"usable band {low:.3g} to {high:.3g}"
        axes.axvspan(low, high, color="#2e8b57", alpha=0.10, linewidth=0, label=label)
    if record.interval is not None:
        low, high = record.interval
        label = f"90 % interval {low:.3g} to {high:.3g}"
        axes.axvspan(low, high, color="#c4501b", alpha=0.35, linewidth=0, label=label)
    if record.suggestion is not None:
        axes.axvline(
            record.suggestion,
            color="#c4501b",
            label=f"suggestion {record.suggestion:.3g}",
        )
        _mark_other_rules(axes, record)
    else:
        axes.set_title("No suggestion (see the reason)", fontsize="medium")
    axes.set_xscale("log")
    axes.set_ylim(*_loss_limits(record))
    axes.set_xlabel("learning rate")
    axes.set_ylabel(record.loss_name)
    axes.legend(loc="upper left", fontsize="small")
    return figure


def _mark_other_rules(axes: Any, record: RangeTestRecord) -> None:
    suggestion = record.suggestion
    bottom = 0.02
    for name, rate in record.suggestions.items():
        if rate is not None and suggestion is not None and rate != suggestion:
            axes.axvline(rate, color="#6b7785", linestyle=":", linewidth=1)
            axes.annotate(
                name,
                (rate, bottom),
                xycoords=("data", "axes fraction"),
                rotation=90,
                # On the side away from the line of the suggestion.
                ha="right" if rate < suggestion else "left",
                fontsize="x-small",
                color="#6b7785",
            )
            # The rules often agree: the next name is above this one, not over it.
            bottom += _NAME_HEIGHT


def _loss_limits(record: RangeTestRecord) -> tuple[float, float]:
    """Chooses limits from the lowest loss to a little above the start.

    What diverges may leave the picture.
    """
    start = [loss for losses in record.losses for loss in losses[:10]]
    low = min([*(min(losses) for losses in record.losses if losses), *start], default=0)
    high = max(start, default=1)
    room = (high - low) or 1.0
    return low - 0.05 * room, high + 0.5 * room
