"""Records a training whose step is compiled by PyTorch, from outside of it."""

from typing import Any

from lr_plugin.keras.capture.outside_rows import OutsideRows


class CompiledFunction:
    """Calls a compiled train function, and notes what can be told before and after.

    Attributes:
        original: The train function.
    """

    def __init__(self, original: Any, hooks: Any, outside: OutsideRows):
        self.original = original
        self._hooks = hooks
        self._outside = outside

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        recorders = self._hooks.recorders()
        if not recorders:
            return self.original(*args, **kwargs)
        with self._hooks.guard.keep("An iteration"):
            self._outside.before_call()
        try:
            logs = self.original(*args, **kwargs)
        except BaseException:
            self._hooks.detach_all(recorders)
            raise
        with self._hooks.guard.keep("An iteration"):
            self._outside.after_call()
        self._hooks.after_step(recorders)
        return logs
