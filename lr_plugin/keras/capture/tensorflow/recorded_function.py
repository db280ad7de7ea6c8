"""The train function of a model that is recorded."""

from typing import Any

import tensorflow as tf


class RecordedFunction:
    """Calls a train function and lets recorders take over what it has done.

    Attributes:
        original: What the model's train function is when nobody records any more.
    """

    def __init__(self, hooks: Any, original: Any, *, is_earlier: bool):
        """Wraps a function.

        Args:
            hooks: The `ModelHooks` of the model.
            is_earlier: Whether the function was made before anybody recorded.
        """
        self._hooks = hooks
        self._function = original
        self._is_undecided = is_earlier
        self.original = original

    def __getattr__(self, name: str) -> Any:
        if name == "original":
            raise AttributeError(name)
        return getattr(self.original, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        recorders = self._hooks.recorders()
        if not recorders:
            return self.original(*args, **kwargs)
        if self._is_undecided:
            self._is_undecided = False
            arguments = list(args)
            self._function = self._hooks.choose_function(self.original, arguments)
            args = tuple(arguments)
        outside = self._hooks.outside
        if outside is not None:
            with self._hooks.guard.keep("An iteration"):
                outside.before_call()
        for recorder in recorders:
            with recorder.kept("A sample of the layers"):
                recorder.before_call()
        function = self._function
        for recorder in recorders:
            with recorder.kept("The loss landscape"):
                function = recorder.stepping(function)
        try:
            logs = function(*args, **kwargs)
        except (StopIteration, tf.errors.OutOfRangeError):
            # The end of the data, which Keras expects.
            raise
        except BaseException:
            for recorder in recorders:
                with recorder.kept("The end of the training"):
                    recorder.detach()
            raise
        if outside is not None:
            with self._hooks.guard.keep("An iteration"):
                outside.after_call()
        for recorder in recorders:
            with recorder.kept("Some iterations"):
                recorder.after_call(recorder.model.steps_per_execution)
        return logs
