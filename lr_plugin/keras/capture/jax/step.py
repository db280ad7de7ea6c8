"""One training step of JAX, with what it hands out for its row."""

import functools
import threading
from collections.abc import Sequence
from typing import Any

import jax
import keras
import numpy as np
from jax import numpy as jnp
from jax.extend.core import get_opaque_trace_state

from lr_plugin import schema
from lr_plugin.keras.capture.host.update_reading import HostUpdateReading
from lr_plugin.keras.capture.optimizers.update_reading import Cells
from lr_plugin.keras.capture.optimizers.update_rules import Rule

# A step is two numbers in the row: float32 holds whole numbers up to 2^24 only.
_STEP_PARTS = 2.0**16


class Outputs:
    """What a step returns in the place of its logs.

    Attributes:
        logs: Its logs.
        row: The cells, of shape [num_columns + 1]; None where it has no row.
        columns: Their names, without the second part of the step.
    """

    def __init__(self, logs: Any, row: Any, columns: tuple[str, ...]):
        self.logs = logs
        self.row = row
        self.columns = columns


jax.tree_util.register_pytree_node(
    Outputs,
    lambda outputs: ((outputs.logs, outputs.row), outputs.columns),
    lambda columns, children: Outputs(*children, columns),
)


class StepNotes:
    """What is noted while one step is traced, or runs eagerly.

    Attributes:
        loss: What the model's metrics were given as the loss of the batch.
        target: The value whose gradient was taken last.
        is_scaled: Whether an optimizer has scaled a loss.
        updates: Optimizers and their cells, in order.
        num_unreachable: Updates in a loop or a branch.
    """

    def __init__(self) -> None:
        self.loss: Any = None
        self.target: Any = None
        self.is_scaled = False
        self.updates: list[tuple[keras.Optimizer, Cells]] = []
        self.num_unreachable = 0
        self._trace = get_opaque_trace_state()

    def is_reachable(self) -> bool:
        """Tells whether what is computed now can be used at the step's end."""
        return bool(self._trace == get_opaque_trace_state())


class StepsOfThread(threading.local):
    """The steps that are under way on one thread, the innermost last."""

    def __init__(self) -> None:
        self.steps: list[StepNotes] = []
        # How many calls are under way that take a row off again.
        self.num_takers = 0


class JaxUpdateReading(HostUpdateReading):
    """Reads an update, and compiles what is computed for it.

    Where the step is not compiled, each operation takes long.
    """

    def _compute(
        self, rule: Rule, cells: Cells, columns: tuple[str, ...], *values: Any
    ) -> Any:
        if not rule.is_fixed:
            return super()._compute(rule, cells, columns, *values)
        return _computed(rule, *(cells[name] for name in columns), *values)


@functools.partial(jax.jit, static_argnums=0)
def _computed(rule: Rule, *arguments: Any) -> Any:
    return rule(*arguments)


def pack(cells: Cells) -> tuple[jax.Array, tuple[str, ...]]:
    """Makes one array of the cells of a row: each array that a step returns costs."""
    values = [cell for name, cell in cells.items() if name != schema.STEP]
    row = _stack(cells[schema.STEP], values)
    return row, (schema.STEP, *(name for name in cells if name != schema.STEP))


# Compiled, as `_computed`.
@jax.jit
def _stack(step: Any, values: list[Any]) -> jax.Array:
    values = [jnp.asarray(value) for value in values]
    is_double = any(value.dtype == jnp.float64 for value in values)
    dtype = jnp.float64 if is_double else jnp.float32
    parts = [step // int(_STEP_PARTS), step % int(_STEP_PARTS), *values]
    return jnp.stack([jnp.reshape(part, ()).astype(dtype) for part in parts])


def unpack(rows: Sequence[jax.Array]) -> np.ndarray:
    """Waits for rows and brings them to the host: [num_rows, num_columns]."""
    table = np.stack([np.asarray(row) for row in rows]).astype(np.float64)
    table[:, 1] += table[:, 0] * _STEP_PARTS
    return table[:, 1:]
