"""What the program prints besides its own lines: TensorFlow's at its start, colours."""

import contextlib
import gc
import importlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from typing import Any, TextIO, cast

_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
# Lines that the C++ parts of TensorFlow write, from before they know of the level, and
# the one that goes on from one of these.
_OF_TENSORFLOW = re.compile(
    rb"([IWEF]\d{4} \d\d:\d\d|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] "
    rb"|WARNING: All log messages before absl::|To enable the following instructions)"
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def import_tensorflow() -> None:
    """Imports TensorFlow and Keras without their lines about the processor.

    A user who sets TF_CPP_MIN_LOG_LEVEL below 3 sees them. What is no such line, and
    the error where an import fails, is printed as always.
    """
    os.environ.setdefault(_LEVEL, "3")
    if os.environ[_LEVEL] != "3":
        _import_quickly("tensorflow", "keras")
        return
    with _without_lines_of_tensorflow():
        _import_quickly("tensorflow", "keras")
        # It looks for devices when it is first asked for one, and says so.
        sys.modules["tensorflow"].config.list_physical_devices()


def _import_quickly(*names: str) -> None:
    """Imports modules that are there to stay.

    Python would look through their 700,000 objects for garbage again and again, and
    find next to none: a sixth of the time of the import, and 0.2 s whenever it does so
    later.
    """
    if names[0] in sys.modules:
        return
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        for name in names:
            importlib.import_module(name)
    finally:
        if was_collecting:
            gc.freeze()
            gc.enable()


@contextlib.contextmanager
def _without_lines_of_tensorflow() -> Iterator[None]:
    sys.stderr.flush()
    try:
        # C++ writes to the file descriptor, past sys.stderr.
        kept = os.dup(2)
    except OSError:
        yield
        return
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            for line in file:
                if not _OF_TENSORFLOW.match(line):
                    os.write(2, line)


@contextlib.contextmanager
def chosen_output(*, quiet: bool) -> Iterator[None]:
    """Prints nothing where asked to, and no colours where NO_COLOR says so.

    Source: https://no-color.org
    """
    if quiet:
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            yield
    elif os.environ.get("NO_COLOR"):
        with contextlib.redirect_stdout(cast(TextIO, _WithoutColours(sys.stdout))):
            yield
    else:
        yield


class _WithoutColours:
    """Another stream without colours."""

    def __init__(self, stream: Any):
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        self._stream.write(_COLOUR.sub("", text))
        return len(text)
