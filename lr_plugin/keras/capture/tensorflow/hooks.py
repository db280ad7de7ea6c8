"""Hooks that AutoGraph goes through as it would go through what was there before."""

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from lr_plugin.keras.capture import hook

# AutoGraph calls a function without a source file as it is, and hands on whether what
# that calls is to be converted. (Its own mark, `do_not_convert`, would also forbid it.)
_CALLED_AS_IT_IS = compile(
    "def hook(*args, **kwargs):\n    return call(*args, **kwargs)", "<string>", "exec"
)


class Hook(hook.Hook):
    """A hook whose original is converted by AutoGraph where it would have been."""

    @staticmethod
    def looking_like(original: Any, call: Callable[..., Any]) -> Any:
        return called_as_it_is(call, original)

    @staticmethod
    def call_class_method(method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return call_as_before(method, *args, **kwargs)


def called_as_it_is(call: Callable[..., Any], like: Callable[..., Any]) -> Any:
    """Makes a function that AutoGraph does not convert, and that looks like `like`."""
    scope: dict[str, Any] = {"call": call}
    exec(_CALLED_AS_IT_IS, scope)
    return functools.update_wrapper(scope["hook"], getattr(like, "__func__", like))


def call_as_before(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Calls a function as AutoGraph would have called it where no hook is."""
    control = tf.__internal__.autograph.control_status_ctx()
    if control.status.name == "ENABLED":
        function = tf.__internal__.autograph.tf_convert(function, control)
    return function(*args, **kwargs)
