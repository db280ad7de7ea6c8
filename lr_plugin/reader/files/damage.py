"""What of event files turned out to be damaged, and what that takes from a run."""

import dataclasses
import os
import threading

import numpy as np

from lr_plugin.reader.event_file import FileIndex


@dataclasses.dataclass(frozen=True)
class Damage:
    """A place in an event file that cannot be read.

    Attributes:
        path: Of the file.
        place: Which byte of it.
        is_rest: Whether nothing behind it can be read either.
        first_step: The first iteration that is missing; of a damaged rest, the first
            of the last block before it, or None if there is none.
        last_step: The last iteration that is missing; None if unknown.
    """

    path: str
    place: int
    is_rest: bool
    first_step: int | None
    last_step: int | None = None

    def describe(self, run: str) -> str:
        """Says what cannot be read of a run."""
        name = os.path.basename(self.path)
        if not self.is_rest:
            if self.last_step is None:
                missing = f"iterations from {self.first_step:,} on"
            else:
                missing = f"iterations {self.first_step:,} to {self.last_step:,}"
            return (
                f"Run {run}: a record of its event file {name} is damaged (byte "
                f"{self.place:,}): {missing} cannot be read."
            )
        missing = "No iteration can be read from it."
        if self.first_step is not None:
            missing = (
                "Nothing that comes after the block which begins with iteration "
                f"{self.first_step:,} can be read from it."
            )
        return (
            f"Run {run}: its event file {name} is damaged from byte {self.place:,} on. "
            f"{missing}"
        )


class DamageList:
    """Remembers what was found to be damaged. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rests: dict[str, Damage] = {}
        self._records: dict[str, tuple[tuple[int, int], dict[int, Damage]]] = {}

    def note_index(self, index: FileIndex) -> None:
        """Notes how far a file could be read now."""
        blocks = index.records[index.records["is_block"]]
        step = int(blocks["step"][-1]) if len(blocks) else None
        with self._lock:
            self._rests.pop(index.path, None)
            if index.is_damaged:
                self._rests[index.path] = Damage(
                    index.path, index.num_bytes, True, step
                )

    def note_record(self, index: FileIndex, place: int, step: int) -> None:
        """Notes a block, at a byte and a step, whose checksum is wrong."""
        blocks = index.records[index.records["is_block"]]
        later = blocks["step"][blocks["offset"] > place]
        later = later[later > step]
        last_step = int(np.min(later)) - 1 if len(later) else None
        with self._lock:
            identity, found = self._records.get(index.path, (index.identity, {}))
            if identity != index.identity:
                found = {}
            found[place] = Damage(index.path, place, False, step, last_step)
            self._records[index.path] = (index.identity, found)

    def list_damages(self, paths: list[str]) -> list[Damage]:
        """Lists the damages of some files, as far as these were read."""
        found = []
        with self._lock:
            for path in paths:
                if path in self._records:
                    _, records = self._records[path]
                    found += [records[place] for place in sorted(records)]
                if path in self._rests:
                    found.append(self._rests[path])
        return found
