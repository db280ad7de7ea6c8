"""Reads the points of scalars: all from the event files, or those TensorBoard kept."""

import dataclasses
import os
import re
from collections.abc import Mapping, Sequence

import numpy as np
from tensorboard.data.provider import DataProvider, RunTagFilter
from tensorboard.plugins.scalar import metadata as scalar_metadata

from lr_plugin.folders import is_remote
from lr_plugin.reader.cache.byte_cache import ByteCache
from lr_plugin.reader.files.scalar_file import ScalarFile, read_scalar_file
from lr_plugin.reader.files.scalar_records import POINT
from lr_plugin.reader.foreign.points import Points, take_points
from lr_plugin.reader.foreign.run_families import Place
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.tensors import Scope

_UP_TO_SECOND = re.compile(r".*tfevents\.\d+")
# TensorBoard keeps 1000 points of a scalar unless told otherwise; all are asked for.
_ALL = 1 << 30
# Eight million points: of 300 runs, 27,000 each. A run with more is not read in full:
# it would take half a minute for each answer, and all of the memory.
_MAX_BYTES = 256 << 20


@dataclasses.dataclass(frozen=True)
class Reading:
    """What was read of a run.

    Attributes:
        points: By tag, of those that have any.
        is_kept: Whether these are what TensorBoard kept, as the files cannot be read.
        is_too_long: Whether that is because there are too many points.
        num_damaged: How many records were left out because of their checksum.
        damaged_files: Names of files of which the rest cannot be read.
    """

    points: Mapping[str, Points]
    is_kept: bool = False
    is_too_long: bool = False
    num_damaged: int = 0
    damaged_files: Sequence[str] = ()


class ScalarSource:
    """Reads scalars. Safe for several threads."""

    def __init__(self, data_provider: DataProvider, directories: RunDirectories):
        """Reads nothing yet.

        Args:
            directories: Where event files are; of no directory, to ask the provider.
        """
        self._provider = data_provider
        self._directories = directories
        self._files: ByteCache[ScalarFile] = ByteCache(_MAX_BYTES)

    def measure(self, runs: Sequence[str]) -> int:
        """Measures the event files of some directories; 0 if they cannot be read."""
        try:
            return sum(sum(self._list_files(run).values()) for run in runs)
        except OSError:
            return 0

    def read(self, scope: Scope, places: Mapping[str, Place]) -> Reading:
        """Reads all points of some tags."""
        wanted: dict[str, set[str]] = {}
        for place in places.values():
            wanted.setdefault(place.run, set()).add(place.tag)
        files: dict[str, list[ScalarFile]] = {}
        kept: dict[str, Mapping[str, np.ndarray]] = {}
        is_too_long = False
        for run, tags in wanted.items():
            try:
                files[run] = self._read_files(run, frozenset(tags))
            except OSError:
                files[run] = []
            if sum(file.nbytes for file in files[run]) > _MAX_BYTES:
                files[run], is_too_long = [], True
            if not files[run]:
                kept[run] = self._read_kept(scope, run, tags)
        points = {}
        for tag, place in places.items():
            if place.run in kept:
                found = [kept[place.run].get(place.tag)]
            else:
                found = [file.points.get(place.tag) for file in files[place.run]]
            taken = take_points([np.empty(0, POINT) if f is None else f for f in found])
            if len(taken):
                points[tag] = taken
        read = [file for found in files.values() for file in found]
        return Reading(
            points,
            is_kept=bool(kept),
            is_too_long=is_too_long,
            num_damaged=sum(file.num_damaged for file in read),
            damaged_files=[os.path.basename(f.path) for f in read if f.is_lost],
        )

    def _list_files(self, run: str) -> dict[str, int]:
        directory = self._directories.find(run)
        # From elsewhere, whole files would be fetched: TensorBoard has done that.
        if directory is None or is_remote(directory):
            return {}
        return self._directories.list_files(directory)

    def _read_files(self, run: str, tags: frozenset[str]) -> list[ScalarFile]:
        found = []
        for path in self._list_files(run):
            # Any version will do: what is known of a file grows as it does.
            file = read_scalar_file(path, tags, self._files.peek_any(path))
            version = (file.identity, file.num_bytes, file.tags)
            self._files.put(path, version, file, file.nbytes)
            found.append(file)
        return sorted(found, key=_order_of)

    def _read_kept(
        self, scope: Scope, run: str, tags: set[str]
    ) -> Mapping[str, np.ndarray]:
        data = self._provider.read_scalars(
            scope.context,
            experiment_id=scope.experiment_id,
            plugin_name=scalar_metadata.PLUGIN_NAME,
            downsample=_ALL,
            run_tag_filter=RunTagFilter(runs=[run], tags=sorted(tags)),
        ).get(run, {})
        return {
            tag: np.array(
                [
                    (number, datum.step, datum.wall_time, datum.value)
                    for number, datum in enumerate(
                        sorted(points, key=lambda datum: datum.wall_time)
                    )
                ],
                POINT,
            )
            for tag, points in data.items()
        }


def _order_of(file: ScalarFile) -> tuple[str, float]:
    """Tells when a file was begun: in the second of its name, at its first point.

    Behind the second there are the host and numbers, "10" before "9".
    """
    name = os.path.basename(file.path)
    up_to_second = _UP_TO_SECOND.match(name)
    times = [points["wall_time"][0] for points in file.points.values() if len(points)]
    return up_to_second[0] if up_to_second else name, float(min(times, default=0.0))
