"""Sees what a training step differentiates: that is its loss."""

import contextlib
import dataclasses
import functools
import threading
import weakref
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import tensorflow as tf

from lr_plugin.keras.capture.tensorflow.hooks import called_as_it_is

# Targets that no update has asked for are forgotten, oldest first.
_MAX_TARGETS = 32


class Listener(Protocol):
    """Wants to know of gradients that are taken on its thread."""

    def on_gradient(
        self, gradients: Any, target: Any, sources: Any, **settings: Any
    ) -> None:
        """Takes what was returned, and the arguments; must not raise."""


@dataclasses.dataclass(frozen=True)
class _Taken:
    targets: list[Any]
    sources: set[int]
    # Kept as long as this is, or another tensor might get the identity of one.
    gradients: list[Any]


class GradientTargets:
    """The targets of the gradients that were taken in one step."""

    def __init__(self) -> None:
        self._taken: list[_Taken] = []

    def add(self, target: Any, sources: Any, gradients: Any) -> None:
        """Notes one call of `GradientTape.gradient` and what it returned."""
        taken = _Taken(
            tf.nest.flatten(target),
            {each for source in tf.nest.flatten(sources) for each in _identity(source)},
            [g for g in tf.nest.flatten(gradients) if g is not None],
        )
        self._taken = [*self._taken[1 - _MAX_TARGETS :], taken]

    def find(self, gradients: Sequence[Any], variables: Sequence[Any]) -> list[Any]:
        """Finds the targets of the gradients that an optimizer is given.

        By the gradients themselves; where these were clipped or gathered on the way,
        by the variables; else those of the last gradients that were taken.
        """
        wanted = {id(gradient) for gradient in gradients}
        for taken in reversed(self._taken):
            if any(id(gradient) in wanted for gradient in taken.gradients):
                return taken.targets
        wanted = {each for variable in variables for each in _identity(variable)}
        for taken in reversed(self._taken):
            if taken.sources & wanted:
                return taken.targets
        return self._taken[-1].targets if self._taken else []


def _identity(variable: Any) -> tuple[int, ...]:
    # The same variable is asked for as Keras' and as TensorFlow's.
    value = getattr(variable, "_value", None)
    return (id(variable),) if value is None else (id(variable), id(value))


class _OfThread(threading.local):
    def __init__(self) -> None:
        self.listeners: list[Listener] = []


_of_thread = _OfThread()
_of_all_threads: "weakref.WeakSet[Listener]" = weakref.WeakSet()
_lock = threading.RLock()
_num_listening = 0
_displaced: tuple[Any, Any] | None = None


@contextlib.contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Tells a listener of the gradients that this thread takes meanwhile."""
    _count(1)
    _of_thread.listeners.append(listener)
    try:
        yield
    finally:
        _of_thread.listeners.remove(listener)
        _count(-1)


def start_listening(listener: Listener) -> None:
    """Tells a listener of what any thread takes outside of `listening`."""
    with _lock:
        if listener not in _of_all_threads:
            _of_all_threads.add(listener)
            _count(1)


def stop_listening(listener: Listener) -> None:
    """Ends what `start_listening` began, if it did."""
    with _lock:
        if listener in _of_all_threads:
            _of_all_threads.discard(listener)
            _count(-1)


def _count(change: int) -> None:
    """Puts a stand-in for `GradientTape.gradient` there as long as anybody listens."""
    global _num_listening, _displaced
    with _lock:
        _num_listening += change
        if _num_listening > 0 and _displaced is None:
            original = tf.GradientTape.gradient
            stand_in = called_as_it_is(functools.partial(_gradient, original), original)
            _displaced = original, stand_in
            tf.GradientTape.gradient = stand_in
        elif _num_listening == 0 and _displaced is not None:
            original, stand_in = _displaced
            _displaced = None
            # Somebody may have put a stand-in of their own around this one.
            if tf.GradientTape.gradient is stand_in:
                tf.GradientTape.gradient = original


def _gradient(original: Any, tape: Any, *args: Any, **kwargs: Any) -> Any:
    gradients = original(tape, *args, **kwargs)
    if _of_thread.listeners:
        _of_thread.listeners[-1].on_gradient(gradients, *args, **kwargs)
    else:
        for listener in list(_of_all_threads):
            listener.on_gradient(gradients, *args, **kwargs)
    return gradients
