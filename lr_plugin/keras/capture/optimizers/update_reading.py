"""Reads what one update of an optimizer uses, on any backend."""

import abc
from typing import Any

import keras

from lr_plugin import schema
from lr_plugin.keras.capture.optimizers import optimizer_state
from lr_plugin.keras.capture.optimizers.update_rules import (
    AppliedRule,
    Rule,
    count_updates,
    step_size_rule,
)
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
        self._num_micro_batches = optimizer_state.accumulation_steps(inner)
        self._position = optimizer_state.to_tensor(inner._iterations)
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
            rule = step_size_rule(inner, self._num_micro_batches)
            if rule is not None:
                columns = schema.LEARNING_RATE, schema.STEP
                cells[schema.STEP_SIZE] = self._compute(rule, cells, columns)
        if self._gradient_norm is not None:
            cells[schema.GRADIENT_NORM] = self._gradient_norm
        if self._momentum is not None:
            cells[schema.MOMENTUM] = self._momentum
        if inner is not optimizer or self._num_micro_batches > 1:
            applied = AppliedRule(self._num_micro_batches)
            after = optimizer_state.to_tensor(inner._iterations)
            cells[schema.APPLIED] = self._compute(applied, cells, (schema.STEP,), after)
        return cells

    def _compute(
        self, rule: Rule, cells: Cells, columns: tuple[str, ...], *values: Any
    ) -> Any:
        """Computes a cell of others, and of what follows."""
        return rule(*(cells[name] for name in columns), *values)

    def _rates(self) -> Cells:
        """Reads the rates that the update used, by column.

        Of a `keras.optimizers.MultiOptimizer` the first optimizer's rate is
        `learning_rate`, and every optimizer's is `learning_rate:<its name>` too.
        """
        rates: Cells = {}
        for name, optimizer in optimizer_state.leaves(self.optimizer).items():
            asked = self._asked_rate(optimizer)
            if asked is not None:
                rate = used_rate(optimizer, asked, self._count_updates)
                rates.setdefault(schema.LEARNING_RATE, rate)
                if name:
                    rates[schema.named_rate(name)] = rate
        return rates

    def _count_updates(self) -> Any:
        return count_updates(self._position, self._num_micro_batches)
