"""Reads what one update of an optimizer uses, on any backend."""

import abc
from typing import Any

import keras

from lr_plugin import schema
from lr_plugin.keras.capture.optimizers import optimizer_state
from lr_plugin.keras.capture.optimizers.used_rate import used_rate

# The cells of a row, tensors of shape [], by column.
Cells = dict[str, Any]


class UpdateReading(abc.ABC):
    """Reads what one update of an optimizer uses: first before it, then after it.

    Attributes:
        optimizer: What makes the update.
        loss: The loss that it is for; None where it is not seen.
    """

    def __init__(self, optimizer: keras.Optimizer):
        """Reads what the update will change."""
        self.optimizer = optimizer
        self.loss: Any = None
        self._gradient_norm: Any = None
        self._inner = inner = optimizer_state.inner_optimizer(optimizer)
        self._position = optimizer_state.to_tensor(inner._iterations)
        # Asked for once: where gradients accumulate, Keras computes it each time.
        iterations = optimizer.iterations
        self._num_updates = (
            self._position
            if iterations is inner._iterations
            else optimizer_state.to_tensor(iterations)
        )
        self._momentum = optimizer_state.read_momentum(inner)

    @abc.abstractmethod
    def _asked_rate(self, optimizer: keras.Optimizer) -> Any:
        """Returns, after the update, the rate that was asked for; None if not known."""

    def end(self) -> Cells:
        """Returns, after the update, the cells by column."""
        optimizer, inner = self.optimizer, self._inner
        cells = {schema.STEP: self._position, **self._rates()}
        if self.loss is not None:
            cells[schema.LOSS] = self.loss
        if schema.LEARNING_RATE in cells:
            rule = optimizer_state.step_size_rule(inner)
            if rule is not None:
                rate = cells[schema.LEARNING_RATE]
                cells[schema.STEP_SIZE] = self._step_size(rule, rate)
        if self._gradient_norm is not None:
            cells[schema.GRADIENT_NORM] = self._gradient_norm
        if self._momentum is not None:
            cells[schema.MOMENTUM] = self._momentum
        if inner is not optimizer or optimizer_state.accumulation_steps(inner) > 1:
            after = optimizer_state.read_num_updates(optimizer)
            cells[schema.APPLIED] = after - self._num_updates
        return cells

    def _step_size(self, rule: optimizer_state.StepSizeRule, rate: Any) -> Any:
        return rule(rate, self._num_updates)

    def _rates(self) -> Cells:
        """Reads the rates that the update used, by column.

        Of a `keras.optimizers.MultiOptimizer` the first optimizer's rate is
        `learning_rate`, and every optimizer's is `learning_rate:<its name>` too.
        """
        rates: Cells = {}
        for name, optimizer in optimizer_state.leaves(self.optimizer).items():
            asked = self._asked_rate(optimizer)
            if asked is not None:
                rate = used_rate(optimizer, asked, self._num_updates)
                rates.setdefault(schema.LEARNING_RATE, rate)
                if name:
                    rates[schema.named_rate(name)] = rate
        return rates


def read_rates_before(optimizer: keras.Optimizer) -> dict[int, Any]:
    """Reads, before an update, the rates that it may change.

    Returns:
        Tensors of shape [] by the identity of the optimizer: of those in it whose rate
        is a variable, or whose class has a rule of its own for what its rate is.
    """
    before = {}
    for each in optimizer_state.leaves(optimizer).values():
        rate = getattr(each, "_learning_rate", None)
        if type(each).learning_rate is not keras.Optimizer.learning_rate:
            before[id(each)] = optimizer_state.to_tensor(each.learning_rate)
        elif isinstance(rate, keras.Variable):
            before[id(each)] = optimizer_state.to_tensor(rate)
    return before
