"""Reads what one update of an optimizer uses, and makes the cells of a row of it."""

from collections.abc import Iterable, Mapping
from typing import Any

import keras
from keras import ops

from lr_plugin import schema
from lr_plugin.keras.capture.optimizers import optimizer_state
from lr_plugin.keras.capture.optimizers.used_rate import used_rate

# The cells of a row, tensors of shape [], by column.
Cells = dict[str, Any]


class UpdateReading:
    """Reads what one update uses: first before it, then after it.

    Attributes:
        optimizer: What makes the update.
        loss: The loss that it is for; None where it is not seen.
    """

    def __init__(self, optimizer: keras.Optimizer):
        """Reads what the update will change."""
        self.optimizer = optimizer
        self.loss: Any = None
        self._position = optimizer_state.read_position(optimizer)
        self._num_updates = optimizer_state.read_num_updates(optimizer)
        self._momentum = optimizer_state.read_momentum(optimizer)
        self._gradient_norm: Any = None
        self._before: dict[int, Any] = {}
        self._asked: dict[int, Any] = {}
        for each in optimizer_state.leaves(optimizer).values():
            rate = getattr(each, "_learning_rate", None)
            if type(each).learning_rate is not keras.Optimizer.learning_rate:
                # A class with a rule of its own for what its rate is.
                self._before[id(each)] = optimizer_state.to_tensor(each.learning_rate)
            elif isinstance(rate, keras.Variable):
                self._before[id(each)] = optimizer_state.to_tensor(rate)

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

    def end(self) -> Cells:
        """Returns the cells, after the update."""
        optimizer = self.optimizer
        cells = {schema.STEP: self._position, **self._rates()}
        if self.loss is not None:
            cells[schema.LOSS] = self.loss
        if schema.LEARNING_RATE in cells:
            step_size = optimizer_state.read_step_size(
                optimizer, cells[schema.LEARNING_RATE], self._num_updates
            )
            if step_size is not None:
                cells[schema.STEP_SIZE] = step_size
        if self._gradient_norm is not None:
            cells[schema.GRADIENT_NORM] = self._gradient_norm
        if self._momentum is not None:
            cells[schema.MOMENTUM] = self._momentum
        if optimizer_state.may_skip_updates(optimizer):
            after = optimizer_state.read_num_updates(optimizer)
            cells[schema.APPLIED] = after - self._num_updates
        return cells

    def _rates(self) -> Cells:
        """Reads the rates that the update used, by column; see `Row` of TensorFlow."""
        leaves = optimizer_state.leaves(self.optimizer)
        rates = {}
        for name, optimizer in leaves.items():
            asked = self._asked_rate(optimizer)
            if asked is not None:
                rate = used_rate(optimizer, asked, self._num_updates)
                rates[schema.named_rate(name)] = rate
        if not rates:
            return {}
        first = {schema.LEARNING_RATE: next(iter(rates.values()))}
        return first if "" in leaves else {**first, **rates}

    def _asked_rate(self, optimizer: keras.Optimizer) -> Any:
        for known in (self._before, self._asked):
            if id(optimizer) in known:
                return known[id(optimizer)]
        rate = optimizer._learning_rate
        if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
            # Keras asked in a branch of its own, or had no need to ask.
            return optimizer_state.to_tensor(rate(self._position))
        return None


def read_loss_scale(optimizer: keras.Optimizer) -> Any:
    """Reads what the optimizer multiplies a loss by, a tensor of shape []."""
    one = ops.ones((), "float32")
    return ops.cast(type(optimizer).scale_loss(optimizer, one), "float32")


def join_updates(
    updates: Iterable[tuple[keras.Optimizer, Cells]], names: Mapping[int, str]
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
    if counts == {keys[0]: 1}:
        return row, notes
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
