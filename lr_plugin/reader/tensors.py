"""Asks TensorBoard's data provider for this plugin's tags.

Works on what both of TensorBoard's loaders offer: a list of tags with their latest step
and time, and reading a tag as a whole.
"""

import dataclasses
import functools
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tensorboard.context import RequestContext
from tensorboard.data.provider import DataProvider, RunTagFilter, TensorDatum

from lr_plugin import metadata, schema
from lr_plugin.reader.cache.brief_cache import BriefCache
from lr_plugin.reader.overview import TensorEvent

logger = logging.getLogger("tensorboard.lr_plugin")

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


@dataclasses.dataclass(frozen=True)
class Scope:
    """Whose data is asked for: the context of a request and its experiment."""

    context: RequestContext
    experiment_id: str


class TensorStore:
    """The tags of this plugin, run by run."""

    def __init__(self, data_provider: DataProvider):
        self._provider = data_provider
        self._notices: dict[str, None] = {}
        self._listings: BriefCache[dict[str, dict[str, Tag]]] = BriefCache()

    @property
    def notices(self) -> list[str]:
        """Sentences for the user about what could not be read."""
        return list(self._notices)

    def list_tags(self, scope: Scope) -> dict[str, dict[str, Tag]]:
        """Lists the tags of each run that this plugin has written.

        A run of which a later version wrote everything has no tags. What is listed is
        about a second old at most.
        """
        return self._listings.get(scope.experiment_id, lambda: self._list(scope))

    def _list(self, scope: Scope) -> dict[str, dict[str, Tag]]:
        found: dict[str, dict[str, Tag]] = {}
        for plugin_name in (metadata.PLUGIN_NAME, metadata.RAW_PLUGIN_NAME):
            listing = self._provider.list_tensors(
                scope.context,
                experiment_id=scope.experiment_id,
                plugin_name=plugin_name,
            )
            for run, series_by_name in listing.items():
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
            found: dict[str, list[tuple[Tag, TensorDatum]]] = {run: [] for run in part}
            tags = {t.name: t for run in part for t in runs[run]}
            for plugin_name in dict.fromkeys(t.plugin_name for t in tags.values()):
                names = [n for n, t in tags.items() if t.plugin_name == plugin_name]
                data = self._provider.read_tensors(
                    scope.context,
                    experiment_id=scope.experiment_id,
                    plugin_name=plugin_name,
                    downsample=1 if last_only else _ALL,
                    run_tag_filter=RunTagFilter(runs=part, tags=names),
                )
                for run, by_name in data.items():
                    for tag in runs[run]:
                        events = by_name.get(tag.name, ())
                        found[run] += [(tag, event) for event in events]
            while found:
                yield found.popitem()

    def _describe(
        self, run: str, name: str, plugin_name: str, series: Any
    ) -> Tag | None:
        try:
            content = _parse_content(series.plugin_content)
        except ValueError as error:
            notice = f"Run {run}: {error}"
            if notice not in self._notices:
                self._notices[notice] = None
                logger.warning(notice)
            return None
        # A tag may be listed before its first event is there.
        return Tag(
            name,
            plugin_name,
            series.max_step or 0,
            series.max_wall_time or 0.0,
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
