"""What the hooks into a model ask of whoever takes the rows."""

import contextlib
from collections.abc import Callable
from typing import Any, Protocol

import keras

from lr_plugin.keras.capture.drain import Drain
from lr_plugin.keras.guard import Guard
from lr_plugin.keras.lifetime import Lifetime


class RowTaker(Protocol):
    """A recorder, as the hooks know it; see `Recorder` for what each member means."""

    model: keras.Model
    gradient_norm: bool
    sampler: Any
    guard: Guard
    lifetime: Lifetime
    is_attached: bool
    drain: Drain

    def kept(self, what: str) -> contextlib.AbstractContextManager[None]: ...

    def detach(self) -> None: ...

    def begin_ring(self, ring: Any, num_before: int) -> None: ...

    def before_call(self) -> None: ...

    def stepping(self, function: Callable[..., Any]) -> Callable[..., Any]: ...

    def after_call(self, num_iterations: int) -> None: ...

    def count_iterations(self, num_iterations: int) -> None: ...
