"""Asks TensorBoard's data provider for this plugin's tags.

Works on what both of TensorBoard's loaders offer: a list of tags with their latest step
and time, and reading a tag as a whole.
"""

import dataclasses
import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tensorboard.context import RequestContext
from tensorboard.data.provider import DataProvider, RunTagFilter, TensorDatum

from lr_plugin import metadata, schema
from lr_plugin.reader.cache.brief_cache import BriefCache
from lr_plugin.reader.fence.event_check import find_flaws
from lr_plugin.reader.fence.flaws import FlawList, describe_failure
from lr_plugin.reader.overview import TensorEvent

# Providers want to know how many events to give, and 0 is none: these are all.
_ALL = 1 << 30
# For one answer: several copies of it are in memory while it is taken apart.
_MAX_BYTES = 8 << 20


@dataclasses.dataclass(frozen=True)
class Tag:
    """What is known of a tag before it is read.

    Attributes:
        columns: What the last axis of its tensors holds.
        layers: What the first axis of a sample of layers holds.
    """

    name: str
    plugin_name: str
    max_step: int
    max_wall_time: float
    columns: Sequence[str]
    layers: Sequence[str]


# Stands for the name of a run in `Scope.tag_choices`.
ALL_RUNS = "*"


@dataclasses.dataclass(frozen=True)
class Scope:
    """Whose data is asked for: the context of a request and its experiment.

    Attributes:
        tag_choices: Of runs of other programs, the tag of a column that the user chose,
            by run (or ALL_RUNS) and column; an empty tag stands for no such column.
    """

    context: RequestContext
    experiment_id: str
    tag_choices: Mapping[str, Mapping[str, str]] = dataclasses.field(
        default_factory=dict
    )


class TensorStore:
    """The tags of this plugin, run by run.

    Attributes:
        flaws: What of a run's events is left out.
        tag_flaws: Which of its tags are.
    """

    def __init__(self, data_provider: DataProvider):
        self._provider = data_provider
        self._listings: BriefCache[dict[str, dict[str, Tag]]] = BriefCache()
        self._all_runs: BriefCache[list[str]] = BriefCache()
        self.flaws = FlawList()
        # Of tags that cannot be read at all, which are found where tags are listed.
        self.tag_flaws = FlawList()

    def list_tags(self, scope: Scope) -> dict[str, dict[str, Tag]]:
        """Lists the tags of each run that this plugin has written.

        A run of which a later version wrote everything has no tags. What is listed is
        about a second old at most.
        """
        return self._listings.get(scope.experiment_id, lambda: self._list(scope))

    def list_all_runs(self, scope: Scope) -> list[str]:
        """Lists the runs of which TensorBoard has loaded a file, whoever wrote it.

        What is listed is about a second old at most.
        """

        def load() -> list[str]:
            found = self._provider.list_runs(
                scope.context, experiment_id=scope.experiment_id
            )
            return [run.run_name for run in found]

        return self._all_runs.get(scope.experiment_id, load)

    def _list(self, scope: Scope) -> dict[str, dict[str, Tag]]:
        found: dict[str, dict[str, Tag]] = {}
        for plugin_name in (metadata.PLUGIN_NAME, metadata.RAW_PLUGIN_NAME):
            listing = self._provider.list_tensors(
                scope.context,
                experiment_id=scope.experiment_id,
                plugin_name=plugin_name,
            )
            for run, series_by_name in listing.items():
                if run not in found:
                    self.tag_flaws.forget(run)
                tags = found.setdefault(run, {})
                for name, series in series_by_name.items():
                    tag = self._describe(run, name, plugin_name, series)
                    if tag is not None:
                        tags[name] = tag
        return found

    def read(
        self,
        scope: Scope,
        runs: Mapping[str, Sequence[Tag]],
        *,
        last_only: bool = False,
    ) -> Iterator[tuple[str, list[tuple[Tag, TensorDatum]]]]:
        """Reads the events of some tags of some runs, and gives each run's in turn.

        Asks for many runs at once, because a question has a cost of its own (40 ms with
        the fast loader), but not for all: an answer may hold 256 MB, and a run's events
        may be forgotten before the next answer is there.
        """
        for part in _split(runs, last_only=last_only):
            tags = {run: runs[run] for run in part}
            found = self._read_part(scope, tags, last_only=last_only)
            while found:
                yield found.popitem()

    def _read_part(
        self, scope: Scope, runs: Mapping[str, Sequence[Tag]], *, last_only: bool
    ) -> dict[str, list[tuple[Tag, TensorDatum]]]:
        """Reads some runs at once; what TensorBoard fails at is looked for alone."""
        found: dict[str, list[tuple[Tag, TensorDatum]]] = {run: [] for run in runs}
        pairs = [(run, tag) for run, tags in runs.items() for tag in tags]
        by_plugin: dict[str, list[tuple[str, Tag]]] = {}
        for run, tag in pairs:
            by_plugin.setdefault(tag.plugin_name, []).append((run, tag))
        for plugin_name, wanted in by_plugin.items():
            for run, tag, events in self._ask(
                scope, plugin_name, wanted, last_only=last_only
            ):
                found[run] += [(tag, e) for e in self._select_valid(run, tag, events)]
        return found

    def _ask(
        self,
        scope: Scope,
        plugin_name: str,
        wanted: Sequence[tuple[str, Tag]],
        *,
        last_only: bool,
    ) -> Iterator[tuple[str, Tag, Sequence[TensorDatum]]]:
        runs = {run for run, _ in wanted}
        try:
            data = self._provider.read_tensors(
                scope.context,
                experiment_id=scope.experiment_id,
                plugin_name=plugin_name,
                downsample=1 if last_only else _ALL,
                run_tag_filter=RunTagFilter(
                    runs=runs, tags={tag.name for _, tag in wanted}
                ),
            )
        # One tag may hold what TensorBoard cannot make an array of.
        except (ValueError, TypeError, OverflowError, MemoryError) as error:
            if len(wanted) == 1:
                self.flaws.note(wanted[0][0], describe_failure(error))
                return
            # Run by run, and of a single run tag by tag.
            parts = [[pair for pair in wanted if pair[0] == run] for run in runs]
            for part in parts if len(parts) > 1 else [[pair] for pair in wanted]:
                yield from self._ask(scope, plugin_name, part, last_only=last_only)
            return
        for run, tag in wanted:
            yield run, tag, data.get(run, {}).get(tag.name, ())

    def _select_valid(
        self, run: str, tag: Tag, events: Sequence[TensorDatum]
    ) -> list[TensorDatum]:
        flaws = find_flaws(tag.name, events, columns=tag.columns, layers=tag.layers)
        for flaw in filter(None, flaws):
            self.flaws.note(run, flaw)
        return [e for e, flaw in zip(events, flaws, strict=True) if flaw is None]

    def _describe(
        self, run: str, name: str, plugin_name: str, series: Any
    ) -> Tag | None:
        try:
            content = _parse_content(series.plugin_content)
        except ValueError as error:
            self.tag_flaws.note(run, str(error))
            return None
        wall_time = series.max_wall_time or 0.0
        # A tag may be listed before its first event is there.
        return Tag(
            name,
            plugin_name,
            series.max_step or 0,
            wall_time if math.isfinite(wall_time) else 0.0,
            content["columns"],
            content["layers"],
        )


def _split(
    runs: Mapping[str, Sequence[Tag]], *, last_only: bool
) -> Iterator[list[str]]:
    """Splits runs into parts whose answers are small enough."""
    part: list[str] = []
    num_bytes = 0
    for run, tags in runs.items():
        size = sum(_estimate_bytes(tag, last_only=last_only) for tag in tags)
        if part and num_bytes + size > _MAX_BYTES:
            yield part
            part, num_bytes = [], 0
        part.append(run)
        num_bytes += size
    if part:
        yield part


def _estimate_bytes(tag: Tag, *, last_only: bool) -> int:
    if last_only or tag.name.startswith(metadata.EVENTS_PREFIX):
        return 100_000
    if tag.name.startswith(metadata.OVERVIEW_PREFIX):
        return 4 * len(tag.columns) * tag.max_step // schema.ROWS_PER_BUCKET
    return 0


_parse_content = functools.lru_cache(maxsize=256)(metadata.parse_plugin_content)


def tags_with(prefix: str, tags: Mapping[str, Tag]) -> list[Tag]:
    """Takes the tags of one kind."""
    return [tag for name, tag in tags.items() if name.startswith(prefix)]


def as_tensor_event(tag: Tag, datum: TensorDatum) -> TensorEvent:
    """Puts an event and its tag's description together."""
    return TensorEvent(datum.step, datum.wall_time, datum.numpy, tag.columns)


def find_version(tags: Mapping[str, Tag]) -> str:
    """Gives a text that changes whenever TensorBoard has something new of a run."""
    max_step = max(tag.max_step for tag in tags.values())
    last_time = max(tag.max_wall_time for tag in tags.values())
    return f"{len(tags)}-{max_step}-{last_time!r}"
