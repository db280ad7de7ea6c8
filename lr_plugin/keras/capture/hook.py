"""Stands in for a method of one object, and goes away without a trace."""

import functools
import types
import weakref
from collections.abc import Callable
from typing import Any

_ABSENT = object()


class Hook:
    """Puts a stand-in for a method into an object's own dictionary.

    That is past Keras' tracking of attributes. A copy of the object calls its class's
    method, as if it were a copy of the object without a hook.
    """

    def __init__(self, owner: Any, name: str, stand_in: Callable[..., Any]):
        """Puts the stand-in there.

        Args:
            stand_in: Takes the method as it was and the arguments.
        """
        self._owner = owner_ref = weakref.ref(owner)
        self._name = name
        original = getattr(owner, name)
        call_class_method = type(self).call_class_method

        def call(owner: Any, *args: Any, **kwargs: Any) -> Any:
            if owner is not owner_ref():
                return call_class_method(
                    getattr(type(owner), name), owner, *args, **kwargs
                )
            return stand_in(original, *args, **kwargs)

        method = types.MethodType(self.looking_like(original, call), owner)
        # The owner alone holds it, so that a forgotten hook does not hold the owner.
        self._method = weakref.ref(method)
        self._displaced = vars(owner).get(name, _ABSENT)
        vars(owner)[name] = method

    @staticmethod
    def looking_like(original: Any, call: Callable[..., Any]) -> Any:
        """Makes a function that calls `call` and has the original's name and text."""
        return functools.update_wrapper(call, getattr(original, "__func__", original))

    @staticmethod
    def call_class_method(method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Calls the method of a copy's class."""
        return method(*args, **kwargs)

    def remove(self) -> None:
        """Puts back what was there, unless somebody else has put something there."""
        owner = self._owner()
        method = self._method()
        if owner is None or method is None:
            return
        if vars(owner).get(self._name) is not method:
            return
        if self._displaced is _ABSENT:
            del vars(owner)[self._name]
        else:
            vars(owner)[self._name] = self._displaced
