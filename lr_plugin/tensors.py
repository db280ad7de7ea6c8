"""Asks TensorBoard's data provider for this plugin's tags.

Works on what both of TensorBoard's loaders offer: a list of tags with their latest step
and time, and reading a tag as a whole.
"""

import dataclasses
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tensorboard.context import RequestContext
from tensorboard.data.provider import DataProvider, RunTagFilter, TensorDatum

from lr_plugin import metadata
from lr_plugin.overview import TensorEvent

logger = logging.getLogger("tensorboard.lr_plugin")

# Providers keep all that they show; a number is asked for, and 0 means nothing.
_ALL = 1 << 30


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

    @property
    def notices(self) -> list[str]:
        """Sentences about what was met and could not be read."""
        return list(self._notices)

    def list_tags(
        self, scope: Scope, runs: Iterable[str] | None = None
    ) -> dict[str, dict[str, Tag]]:
        """Lists the tags of each run that this plugin has written.

        Args:
            runs: Names as TensorBoard has them; all runs, if None.
        """
        run_filter = None if runs is None else RunTagFilter(runs=list(runs))
        found: dict[str, dict[str, Tag]] = {}
        for plugin_name in (metadata.PLUGIN_NAME, metadata.RAW_PLUGIN_NAME):
            listing = self._provider.list_tensors(
                scope.context,
                experiment_id=scope.experiment_id,
                plugin_name=plugin_name,
                run_tag_filter=run_filter,
            )
            for run, tags in listing.items():
                for name, series in tags.items():
                    tag = self._describe(run, name, plugin_name, series)
                    if tag is not None:
                        found.setdefault(run, {})[name] = tag
        return found

    def read(
        self, scope: Scope, run: str, tags: Sequence[Tag], *, last_only: bool = False
    ) -> list[tuple[Tag, TensorDatum]]:
        """Reads the events of tags of one run; runs are read one by one.

        One answer of the fast loader may hold 256 MB, which many runs would exceed.
        """
        found = []
        for plugin_name in dict.fromkeys(tag.plugin_name for tag in tags):
            by_name = {t.name: t for t in tags if t.plugin_name == plugin_name}
            data = self._provider.read_tensors(
                scope.context,
                experiment_id=scope.experiment_id,
                plugin_name=plugin_name,
                downsample=1 if last_only else _ALL,
                run_tag_filter=RunTagFilter(runs=[run], tags=list(by_name)),
            )
            for name, events in data.get(run, {}).items():
                found += [(by_name[name], event) for event in events]
        return found

    def _describe(
        self, run: str, name: str, plugin_name: str, series: Any
    ) -> Tag | None:
        try:
            content = metadata.parse_plugin_content(series.plugin_content)
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


def tags_with(prefix: str, tags: Mapping[str, Tag]) -> list[Tag]:
    """Takes the tags of one kind."""
    return [tag for name, tag in tags.items() if name.startswith(prefix)]


def as_tensor_event(tag: Tag, datum: TensorDatum) -> TensorEvent:
    """Puts an event and its tag's description together."""
    return TensorEvent(datum.step, datum.wall_time, datum.numpy, tag.columns)
