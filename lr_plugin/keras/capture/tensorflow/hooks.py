"""Hooks that AutoGraph goes through as it would go through what was there before."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from lr_plugin.keras.capture import hook


class Hook(hook.Hook):
    """A hook whose original is converted by AutoGraph where it would have been."""

    @staticmethod
    def call_class_method(method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return call_as_before(method, *args, **kwargs)


def call_as_before(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Calls a function as AutoGraph would have called it where no hook is."""
    control = tf.__internal__.autograph.control_status_ctx()
    if control.status.name == "ENABLED":
        function = tf.__internal__.autograph.tf_convert(function, control)
    return function(*args, **kwargs)
