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

    Keras tells callbacks nothing of an exception. But then the list of callbacks that
    `fit` made is freed. A traceback that somebody keeps keeps that list, too; then the
    frame of `fit` is no longer on the stack of its thread, which only that thread can
    look at: CPython 3.11 crashes now and then where another one does. Other threads
    see that the thread has ended, or that an interactive session keeps the traceback.

    Where training is driven by hand there is no `fit`, and this never ends by itself.

    Attributes:
        is_by_hand: Whether no `fit` is on the stack.
        trains_nothing: Whether `evaluate` or `predict` is what runs.
    """

    def __init__(self) -> None:
        self._thread = threading.current_thread()
        self._thread_id = threading.get_ident()
        self._frame_id: int | None = None
        self._depth = 0
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
        """Tells whether it is known to have ended; callable from any thread."""
        if self._callback_list is not None and self._callback_list() is None:
            return True
        if self._frame_id is None:
            return False
        if threading.get_ident() == self._thread_id:
            return not self._is_on_stack()
        return not self._thread.is_alive() or any(
            map(self._is_of_fit, _last_failed_frames())
        )

    def _is_on_stack(self) -> bool:
        """Tells whether the frame of `fit` is on the stack of this thread."""
        # Once a step, and most often as deep as in the step before: to look there
        # takes a fraction of the time of looking at all of them.
        try:
            frame: types.FrameType | None = sys._getframe(self._depth)
        except ValueError:
            frame = None
        if frame is not None and self._is_of_fit(frame):
            return True
        for depth, each in enumerate(_frames(sys._getframe(0))):
            if self._is_of_fit(each):
                self._depth = depth
                return True
        return False

    def _is_of_fit(self, frame: types.FrameType) -> bool:
        # Once a frame is gone, another may have its place in memory.
        return frame.f_code is _FIT and id(frame) == self._frame_id

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


def _last_failed_frames() -> Iterator[types.FrameType]:
    """Yields the frames that an exception ended, if it came up to a prompt."""
    traceback = getattr(sys, "last_traceback", None)
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next
