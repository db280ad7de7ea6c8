"""Sees the learning rate that Keras itself reads for an update.

A schedule of the program's own may count how often it is called, and a function that
stands for the rate may give another one each time. So neither is called once more: what
Keras gets from it while it updates is noted on the way.
"""

import threading
from typing import Any

import keras
import tensorflow as tf

from lr_plugin.keras.capture.optimizers import optimizer_state
from lr_plugin.keras.capture.optimizers.rates_before import RatesBefore
from lr_plugin.keras.capture.tensorflow.graph_reach import is_reachable
from lr_plugin.keras.capture.tensorflow.hooks import Hook, call_as_before


class _OfThread(threading.local):
    def __init__(self) -> None:
        self.updates: list[AskedRates] = []


_of_thread = _OfThread()


def watch_rate(optimizer: keras.Optimizer) -> Hook:
    """Puts a hook there that sees the rate for whichever update is under way."""

    def note(original: Any) -> Any:
        rate = call_as_before(original)
        if _of_thread.updates:
            _of_thread.updates[-1].asked[id(optimizer)] = rate
        return rate

    return Hook(optimizer, "_get_current_learning_rate", note)


class AskedRates:
    """The rates that are read while one optimizer updates.

    Attributes:
        asked: What was read last, by the identity of the optimizer.
    """

    def __init__(self, optimizer: keras.Optimizer):
        """Reads, before the update, what the update will change."""
        self._optimizer = optimizer
        self._position = optimizer_state.read_position(optimizer)
        self._before = RatesBefore(optimizer)
        self.asked: dict[int, Any] = {}

    def __enter__(self) -> "AskedRates":
        _of_thread.updates.append(self)
        return self

    def __exit__(self, *exception: object) -> None:
        _of_thread.updates.remove(self)

    def read(self, optimizer: keras.Optimizer) -> tf.Tensor | None:
        """Returns, after the update, the rate that an optimizer was asked to use.

        None where a function gives the rate, and what it gave is out of reach.
        """
        known = self._before.value(optimizer)
        if known is not None:
            return known
        asked = self.asked.get(id(optimizer))
        if asked is not None and is_reachable(asked):
            return optimizer_state.to_tensor(asked)
        return self._before.ask(optimizer, self._position)
