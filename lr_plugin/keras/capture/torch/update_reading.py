"""Reads what one update of an optimizer uses with PyTorch."""

import functools
from typing import Any

import keras

from lr_plugin import schema
from lr_plugin.keras.capture.host.update_reading import HostUpdateReading
from lr_plugin.keras.capture.optimizers.update_reading import Cells
from lr_plugin.keras.capture.optimizers.update_rules import Rule, schedule_rule
from lr_plugin.keras.capture.torch.row_block import Later


class TorchUpdateReading(HostUpdateReading):
    """Reads an update, and leaves to later what need not be computed in the step."""

    def _asked_rate(self, optimizer: keras.Optimizer) -> Any:
        # Keras asks at updates only, and a schedule takes some ten operations.
        if self._num_micro_batches > 1 and self._before.value(optimizer) is None:
            rule = schedule_rule(optimizer)
            if rule is not None:
                asked = self._asked.get(id(optimizer))
                value = _not_asked(keras.config.floatx()) if asked is None else asked
                return Later(rule, (schema.STEP,), value)
        return super()._asked_rate(optimizer)

    def _compute(
        self, rule: Rule, cells: Cells, columns: tuple[str, ...], *values: Any
    ) -> Any:
        if rule.is_fixed:
            return Later(rule, columns, *values)
        return super()._compute(rule, cells, columns, *values)


@functools.cache
def _not_asked(dtype: str) -> Any:
    return keras.ops.convert_to_tensor(float("nan"), dtype)
