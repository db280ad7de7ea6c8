"""The learning rate of every update, recorded and shown in TensorBoard.

`RunWriter` records a run from any training loop, and `read_run` reads one back as
arrays. What a Keras script imports is in `lr_plugin.keras`.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lr_plugin.reader.read_run import read_run
    from lr_plugin.writer.run_writer import RunWriter

__version__ = "0.1.0"
__all__ = ["RunWriter", "read_run"]

# TensorBoard imports this package at start-up to find the plugin: numpy and the rest
# are imported when one of these is asked for.
_HOMES = {
    "RunWriter": "lr_plugin.writer.run_writer",
    "read_run": "lr_plugin.reader.read_run",
}


# Hidden from type checkers, for which it would make every name one of this package's.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
