"""Sees what a training differentiates with PyTorch: that is its loss."""

import functools
import threading
import weakref
from typing import Any, Protocol

import torch


class Listener(Protocol):
    """Wants to know of gradients that are taken."""

    def on_target(self, target: Any) -> None:
        """Takes a tensor whose gradient is about to be taken; must not raise."""


# What `Tensor.backward` and whoever needs gradients ask for.
_NAMES = ("backward", "grad")

_lock = threading.RLock()
# Made anew by each change: a step looks through them without the lock.
_listeners: tuple["weakref.ref[Listener]", ...] = ()
_displaced: dict[str, tuple[Any, Any]] = {}


def start_listening(listener: Listener) -> None:
    """Tells a listener of the gradients that are taken; stand-ins see to that."""
    global _listeners
    with _lock:
        _listeners = (*_without(listener), weakref.ref(listener))
        if _displaced:
            return
        for name in _NAMES:
            original = getattr(torch.autograd, name)
            ours = functools.wraps(original)(functools.partial(_call, original))
            _displaced[name] = original, ours
            setattr(torch.autograd, name, ours)


def stop_listening(listener: Listener) -> None:
    """Ends what `start_listening` began; with the last, the stand-ins go."""
    global _listeners
    with _lock:
        _listeners = _without(listener)
        if _listeners:
            return
        for name, (original, ours) in _displaced.items():
            # Somebody may have put a stand-in of their own around this one.
            if getattr(torch.autograd, name) is ours:
                setattr(torch.autograd, name, original)
        _displaced.clear()


def _without(listener: Listener) -> tuple["weakref.ref[Listener]", ...]:
    return tuple(each for each in _listeners if each() not in (None, listener))


def _call(original: Any, tensors: Any, *args: Any, **kwargs: Any) -> Any:
    target = tensors if isinstance(tensors, torch.Tensor) else next(iter(tensors), None)
    for each in _listeners:
        if (listener := each()) is not None:
            listener.on_target(target)
    return original(tensors, *args, **kwargs)
