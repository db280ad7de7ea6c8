"""Measures how far one update has moved each layer's weights."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from lr_plugin import schema
from lr_plugin.keras.capture.optimizers import optimizer_state
from lr_plugin.keras.capture.optimizers.weight_rates import read_weight_rates

_QUANTILES = {"p05": 0.05, "p50": 0.5, "p95": 0.95}
# What the device measures; the rest is arithmetic on the host, where a layer of zeros
# divides nothing by zero.
_MEASURED = ("update_norm", "weight_norm", "factor", *_QUANTILES)


class LayerMeasure:
    """Measures all trainable variables ("layers", as on the screen) of a model.

    Columns of what it returns:

    - `update_ratio`: ||update|| / ||weights||, with `update_norm` and `weight_norm`.
    - `effective_rate:p05`, `:p50`, `:p95`: quantiles over the weights of the rate that
      an adaptive optimizer gives each of them, see `weight_rates`. Others have no such
      column, and a layer without such rates has NaN there.

    Attributes:
        layers: The variables' paths.
        optimizers: Those that update them.
    """

    def __init__(self, model: keras.Model, optimizers: Mapping[str, keras.Optimizer]):
        """Notes the variables; the optimizers must be built."""
        self.variables: Sequence[keras.Variable] = list(model.trainable_variables)
        self.layers = [variable.path for variable in self.variables]
        self.optimizers = list(optimizers.values())
        leaves = _leaves(optimizers)
        self._owners = [_owner(leaves, variable) for variable in self.variables]
        self._has_rates = [False] * len(self.layers)
        self._is_measured = [False] * len(self.layers)

    def is_of(
        self, model: keras.Model, optimizers: Mapping[str, keras.Optimizer]
    ) -> bool:
        """Tells whether a model still has the variables that this measures."""
        now = [*model.trainable_variables, *optimizers.values()]
        then = [*self.variables, *self.optimizers]
        return list(map(id, now)) == list(map(id, then))

    def table(self, before: Sequence[Any]) -> Any:
        """Measures an update, given the weights before it.

        Returns:
            float32 of shape [num_layers, len(_MEASURED)], without a NaN of its own.
        """
        return ops.stack([self._row(i, weights) for i, weights in enumerate(before)])

    def columns(
        self, table: np.ndarray, row: Mapping[str, float]
    ) -> dict[str, np.ndarray]:
        """Returns the sample by column.

        Args:
            table: What was measured.
            row: The iteration's row, with the rates that it used.
        """
        measured = dict(zip(_MEASURED, np.asarray(table, np.float64).T, strict=True))
        columns = {name: measured[name] for name in ("update_norm", "weight_norm")}
        with np.errstate(all="ignore"):
            ratio = measured["update_norm"] / measured["weight_norm"]
            columns["update_ratio"] = ratio
            if any(self._has_rates):
                rates = np.array([_rate(owner, row) for owner in self._owners])
                rates = np.where(self._is_measured, 1.0, rates)
                rates = np.where(self._has_rates, rates * measured["factor"], np.nan)
                for name in _QUANTILES:
                    columns[f"effective_rate:{name}"] = rates / measured[name]
        return dict(sorted(columns.items()))

    def _select(self, values: Any, places: Sequence[int]) -> Sequence[Any]:
        """Returns the values that stand at these places once they are in order."""
        ordered = ops.sort(values)
        return [ordered[place] for place in places]

    def _row(self, index: int, before: Any) -> Any:
        variable, owner = self.variables[index], self._owners[index]
        after = ops.cast(variable.value, "float32")
        before = ops.reshape(ops.cast(before, "float32"), after.shape)
        cells = [_norm(after - before), _norm(before)]
        rates = read_weight_rates(owner[1], variable, before, after) if owner else None
        self._has_rates[index] = rates is not None
        self._is_measured[index] = rates is not None and rates.is_measured
        if rates is None or not rates.divisors.shape[0]:
            cells += [ops.zeros((), "float32")] * (1 + len(_QUANTILES))
            return ops.stack(cells)
        last = rates.divisors.shape[0] - 1
        # The largest divisors make the smallest rates.
        places = [last - round(quantile * last) for quantile in _QUANTILES.values()]
        return ops.stack([*cells, rates.factor, *self._select(rates.divisors, places)])


def _norm(values: Any) -> Any:
    return ops.sqrt(ops.sum(ops.square(values)))


_Leaf = tuple[str, keras.Optimizer]


def _leaves(optimizers: Mapping[str, keras.Optimizer]) -> list[_Leaf]:
    leaves: list[_Leaf] = []
    for name, optimizer in optimizers.items():
        for part, leaf in optimizer_state.leaves(optimizer).items():
            leaves.append((part or name, leaf))
    return leaves


def _owner(leaves: Sequence[_Leaf], variable: keras.Variable) -> _Leaf | None:
    """Finds the optimizer that updates a variable; None if it is not one alone."""
    found = [
        leaf
        for leaf in leaves
        if leaf[1]._var_key(variable) in leaf[1]._trainable_variables_indices
    ]
    return found[0] if len(found) == 1 else None


def _rate(owner: _Leaf | None, row: Mapping[str, float]) -> float:
    if owner is None:
        return np.nan
    rate = row.get(schema.LEARNING_RATE, np.nan)
    return row.get(schema.named_rate(owner[0]), rate)
