"""Reads what one update of an optimizer uses, and makes the cells of a row of it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
from keras import ops

from lr_plugin import schema
from lr_plugin.keras.capture.optimizers import optimizer_state
from lr_plugin.keras.capture.optimizers.rates_before import RatesBefore
from lr_plugin.keras.capture.optimizers.update_reading import Cells, UpdateReading


class HostUpdateReading(UpdateReading):
    """Reads an update with `keras.ops`, and the rate where Keras has asked for it."""

    def __init__(self, optimizer: keras.Optimizer):
        """Reads what the update will change."""
        super().__init__(optimizer)
        self._before = RatesBefore(optimizer)
        self._asked: dict[int, Any] = {}

    def note_rate(self, optimizer: keras.Optimizer, rate: Any) -> None:
        """Notes what Keras itself got where it asked for the rate.

        A schedule of the program's own may count how often it is called, and a function
        may give another rate each time: so neither is called once more.
        """
        self._asked[id(optimizer)] = optimizer_state.to_tensor(rate)

    def read_gradient_norm(self, gradients: Iterable[Any]) -> None:
        """Reads the norm of all gradients, before clipping and without loss scaling."""
        squares = [
            ops.sum(ops.square(ops.cast(gradient, "float32")))
            for gradient in gradients
            if gradient is not None
        ]
        norm = ops.sqrt(ops.sum(ops.stack(squares)))
        self._gradient_norm = norm / read_loss_scale(self.optimizer)

    def _asked_rate(self, optimizer: keras.Optimizer) -> Any:
        known = self._before.value(optimizer)
        if known is None:
            known = self._asked.get(id(optimizer))
        return self._before.ask(optimizer, self._position) if known is None else known


def read_loss_scale(optimizer: keras.Optimizer) -> Any:
    """Reads what the optimizer multiplies a loss by, a tensor of shape []."""
    one = ops.ones((), "float32")
    return ops.cast(type(optimizer).scale_loss(optimizer, one), "float32")


def join_updates(
    updates: Sequence[tuple[keras.Optimizer, Cells]], names: Mapping[int, str]
) -> tuple[Cells, list[str]]:
    """Makes the row of one step, in which one or several optimizers made updates.

    With several, the columns are those of the first one of the model, and besides for
    each of them `learning_rate:<name>`, the rate of its newest update, and
    `updates:<name>`, how many it made.

    Args:
        updates: In their order, at least one.
        names: Of the model's optimizers by their identity, the first one first.

    Returns:
        The cells, and what is to be said of them.
    """
    if len(updates) == 1:
        return dict(updates[0][1]), []
    newest: dict[int, Cells] = {}
    counts: dict[int, int] = {}
    owners: dict[int, keras.Optimizer] = {}
    for optimizer, cells in updates:
        key = id(optimizer)
        newest[key], owners[key] = cells, optimizer
        counts[key] = counts.get(key, 0) + 1
    keys = sorted(newest, key=lambda key: list(names).index(key) if key in names else 9)
    row = dict(newest[keys[0]])
    notes: list[str] = []
    for key in keys:
        name = names.get(key) or str(owners[key].name)
        if len(keys) > 1 and schema.LEARNING_RATE in newest[key]:
            row[schema.named_rate(name)] = newest[key][schema.LEARNING_RATE]
        row[f"updates:{name}"] = ops.convert_to_tensor(float(counts[key]))
        if counts[key] > 1:
            notes.append(
                f"The optimizer `{name}` makes {counts[key]} updates in each step. Its "
                "rate is that of the last one."
            )
    return row, notes
