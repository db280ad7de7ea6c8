"""Sees the values whose gradients a training step takes: these are its losses."""

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import jax

OnValue = Callable[[Any], None]


class _OfThread(threading.local):
    def __init__(self) -> None:
        self.listeners: list[OnValue] = []


_of_thread = _OfThread()
_lock = threading.RLock()
_num_listening = 0
_displaced: dict[str, tuple[Any, Any]] = {}


@contextlib.contextmanager
def listening(on_value: OnValue) -> Iterator[None]:
    """Tells of the values that this thread differentiates meanwhile.

    As `jax.value_and_grad` and `jax.grad` are asked for by these names. As long as
    anybody listens, stand-ins are there instead.
    """
    _count(1)
    _of_thread.listeners.append(on_value)
    try:
        yield
    finally:
        _of_thread.listeners.remove(on_value)
        _count(-1)


def _count(change: int) -> None:
    global _num_listening
    with _lock:
        _num_listening += change
        if _num_listening > 0 and not _displaced:
            for name, stand_in in (
                ("value_and_grad", _value_and_grad),
                ("grad", _grad),
            ):
                original = getattr(jax, name)
                ours = functools.wraps(original)(
                    functools.partial(stand_in, jax.value_and_grad, original)
                )
                _displaced[name] = original, ours
            for name, (_, ours) in _displaced.items():
                setattr(jax, name, ours)
        elif _num_listening == 0:
            for name, (original, ours) in _displaced.items():
                # Somebody may have put a stand-in of their own around this one.
                if getattr(jax, name) is ours:
                    setattr(jax, name, original)
            _displaced.clear()


def _value_and_grad(
    value_and_grad: Any, original: Any, fun: Any, *args: Any, **kwargs: Any
) -> Any:
    function = original(fun, *args, **kwargs)
    if not _of_thread.listeners:
        return function
    has_aux = kwargs.get("has_aux", len(args) > 1 and args[1])

    @functools.wraps(function)
    def call(*inputs: Any, **named: Any) -> Any:
        result = function(*inputs, **named)
        value = result[0][0] if has_aux else result[0]
        for on_value in _of_thread.listeners[-1:]:
            on_value(value)
        return result

    return call


def _grad(
    value_and_grad: Any, original: Any, fun: Any, *args: Any, **kwargs: Any
) -> Any:
    """Computes what `jax.grad` computes, in the way in which that does it."""
    function = original(fun, *args, **kwargs)
    if not _of_thread.listeners:
        return function
    with_value = _value_and_grad(value_and_grad, value_and_grad, fun, *args, **kwargs)
    has_aux = kwargs.get("has_aux", len(args) > 1 and args[1])

    @functools.wraps(function)
    def call(*inputs: Any, **named: Any) -> Any:
        value, gradient = with_value(*inputs, **named)
        return (gradient, value[1]) if has_aux else gradient

    return call
