"""What of a run could not be written, as on a full disk: told once, and at the end."""

import contextlib
import pathlib
import sys
from collections.abc import Iterator

from lr_plugin.whole_file import replace_file
from trainer.errors import first_line


class LostFiles:
    """The files of a run that could not be written, and why.

    A training that goes on is worth more than a file beside it. So a file that cannot
    be written is a line on stderr, once; a file that could be written later is not
    lost.
    """

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}
        self._told: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._reasons)

    def __contains__(self, name: str) -> bool:
        return name in self._reasons

    @contextlib.contextmanager
    def keep(self, name: str) -> Iterator[None]:
        """Ends here what a file system raises while the file `name` is written."""
        try:
            yield
        except OSError as error:
            self.note(name, error.strerror or first_line(error))
        else:
            self._reasons.pop(name, None)

    def note(self, name: str, reason: str) -> None:
        """Notes that a file is missing."""
        self._reasons[name] = reason
        if name not in self._told:
            self._told.add(name)
            print(
                f"\nwarning: {name} could not be written ({reason}). The run goes on "
                "without it.",
                file=sys.stderr,
                flush=True,
            )

    def discard(self, name: str) -> None:
        """Takes a file off the list that is needed no more."""
        self._reasons.pop(name, None)

    def include(self, other: "LostFiles", folder: str) -> None:
        """Takes over what is missing of a run in `folder`, which was told already."""
        missing = {f"{folder}/{name}": why for name, why in other._reasons.items()}
        self._reasons.update(missing)

    def describe(self) -> str:
        """Lists what is missing, and why."""
        return ", ".join(f"{name} ({why})" for name, why in self._reasons.items())


def replace_text(path: pathlib.Path, text: str) -> None:
    """Writes a text, whole or not at all.

    Raises:
        OSError: It could not be written.
    """

    def write(part: pathlib.Path) -> None:
        part.write_text(text, encoding="utf-8")

    replace_file(path, write)
