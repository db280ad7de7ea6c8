"""Tells whether the `fit` in which a recording began is still under way."""

import inspect
import sys
import threading
import types
import weakref
from collections.abc import Callable, Iterator

import keras

_FIT = inspect.unwrap(keras.Model.fit).__code__
# What else of Keras makes a list of callbacks, and trains nothing.
_OTHERS = {
    inspect.unwrap(keras.Model.evaluate).__code__,
    inspect.unwrap(keras.Model.predict).__code__,
}
_LISTS = {
    keras.callbacks.CallbackList.set_model.__code__,
    keras.callbacks.CallbackList.on_train_begin.__code__,
}


class Lifetime:
    """The time until the innermost `fit` on the stack has ended, in whatever way.

    Keras tells callbacks nothing of an exception. But then the frame of `fit` is no
    longer on the stack of its thread, and the list of callbacks that it made is freed.
    One of the two is seen at once: a traceback that somebody keeps holds both, so that
    no other frame can be taken for this one.

    Where training is driven by hand there is no `fit`, and this never ends by itself.

    Attributes:
        is_by_hand: Whether no `fit` is on the stack.
        trains_nothing: Whether `evaluate` or `predict` is what runs.
    """

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self._frame_id: int | None = None
        self._callback_list: weakref.ref[keras.callbacks.CallbackList] | None = None
        self.trains_nothing = False
        for frame in _frames(sys._getframe(1)):
            if frame.f_code in _LISTS and self._callback_list is None:
                self._callback_list = weakref.ref(frame.f_locals["self"])
            if frame.f_code in _OTHERS:
                self.trains_nothing = True
                break
            if frame.f_code is _FIT:
                self._frame_id = id(frame)
                break

    @property
    def is_by_hand(self) -> bool:
        return self._frame_id is None

    def is_over(self) -> bool:
        """Tells whether it has ended; callable from any thread."""
        if self._callback_list is not None and self._callback_list() is None:
            return True
        if self._frame_id is None:
            return False
        if threading.get_ident() == self._thread:
            top: types.FrameType | None = sys._getframe(1)
        else:
            top = sys._current_frames().get(self._thread)
        return all(
            frame.f_code is not _FIT or id(frame) != self._frame_id
            for frame in _frames(top)
        )

    def when_over(self, call: Callable[[], None]) -> None:
        """Calls when the list of callbacks is freed, if there is one."""
        callback_list = self._callback_list and self._callback_list()
        if callback_list is not None:
            # Not where the program ends: there is no training to protect any more.
            weakref.finalize(callback_list, call).atexit = False


def _frames(top: types.FrameType | None) -> Iterator[types.FrameType]:
    while top is not None:
        yield top
        top = top.f_back
