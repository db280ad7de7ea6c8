"""Tells whether a step that was traced earlier uses a schedule as it is now.

Its numbers were baked into the step when that was traced, and may have changed since.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import jax
import keras
import numpy as np
from jax.extend import core

from lr_plugin.keras.capture.optimizers.optimizer_state import inner_optimizer
from lr_plugin.keras.capture.optimizers.rates_before import copied


def holds_rate(step: core.ClosedJaxpr, state: Any, optimizer: keras.Optimizer) -> bool:
    """Tells whether a traced step computes what a schedule does.

    Looks for its expression, down to the counter of the optimizer, with all constants,
    among those of the step and of what is called in it. What cannot be compared counts
    as different.

    Args:
        step: Of a train function, traced of a state and of data.
        state: What Keras hands from step to step.
    """
    try:
        inner = inner_optimizer(optimizer)
        schedule = copied(inner._learning_rate)
        (number,) = [
            i for i, each in enumerate(optimizer.variables) if each is inner._iterations
        ]
        counter = state[2][number]
        place = len(jax.tree_util.tree_leaves(state[:2])) + number
        now = jax.make_jaxpr(lambda step: schedule(step))(counter)
        (rate,) = _Expressions(now, 0).results
        return rate in _Expressions(step, place).found
    # A schedule of the program's own may be made in any way.
    except Exception:  # noqa: BLE001
        return False


class _Expressions:
    """The expressions of a traced function of the counter of an optimizer.

    Attributes:
        found: One number for each, equal for equal ones.
        results: Those of its outputs.
    """

    def __init__(self, traced: core.ClosedJaxpr, place: int):
        """Looks through a function, whose argument number `place` is the counter."""
        self.found: set[int] = set()
        arguments = [hash((id(self), i)) for i in range(len(traced.jaxpr.invars))]
        arguments[place] = hash("counter")
        self.results = self._add(traced.jaxpr, traced.consts, arguments)

    def _add(
        self, jaxpr: Any, constants: Sequence[Any], arguments: Sequence[int]
    ) -> list[int]:
        known = dict(zip(jaxpr.constvars, map(_of_constant, constants), strict=True))
        known.update(zip(jaxpr.invars, arguments, strict=True))

        def expression(atom: Any) -> int:
            return _of_constant(atom.val) if hasattr(atom, "val") else known[atom]

        for equation in jaxpr.eqns:
            inputs = [expression(atom) for atom in equation.invars]
            inner = list(_functions(equation.params))
            results: list[int] = []
            for each, values in inner:
                # What chooses a branch is not handed to it.
                given = inputs[len(inputs) - len(each.invars) :]
                if len(given) == len(each.invars):
                    results = self._add(each, values, given)
            if len(inner) != 1 or len(results) != len(equation.outvars):
                settings = {
                    name: value
                    for name, value in equation.params.items()
                    if not list(_functions({name: value}))
                }
                called = (equation.primitive.name, str(sorted(settings.items())))
                results = [
                    hash((*called, *inputs, i)) for i in range(len(equation.outvars))
                ]
            known.update(zip(equation.outvars, results, strict=True))
            self.found.update(results)
        return [expression(atom) for atom in jaxpr.outvars]


def _functions(params: dict[str, Any]) -> Iterator[tuple[Any, Sequence[Any]]]:
    """Yields the functions among the parameters of an equation, and their constants."""
    for value in params.values():
        for each in value if isinstance(value, list | tuple) else [value]:
            if isinstance(each, core.ClosedJaxpr):
                yield each.jaxpr, each.consts
            elif isinstance(each, core.Jaxpr) and not each.constvars:
                yield each, []


def _of_constant(value: Any) -> int:
    array = np.asarray(value)
    return hash((array.tobytes(), array.shape, array.dtype.name))
