"""Finds and reads the runs that other programs wrote as scalars."""

import dataclasses
import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from tensorboard.data.provider import DataProvider, RunTagFilter, ScalarTimeSeries
from tensorboard.plugins.scalar import metadata as scalar_metadata

from lr_plugin import schema
from lr_plugin.reader.cache.brief_cache import BriefCache
from lr_plugin.reader.cache.byte_cache import ByteCache
from lr_plugin.reader.cache.pace import Pace
from lr_plugin.reader.foreign.foreign_epochs import find_epochs
from lr_plugin.reader.foreign.foreign_events import find_epoch_ends, find_restarts
from lr_plugin.reader.foreign.foreign_notes import write_notes
from lr_plugin.reader.foreign.foreign_rows import make_rows
from lr_plugin.reader.foreign.foreign_run import ForeignRun
from lr_plugin.reader.foreign.run_families import Family, find_families
from lr_plugin.reader.foreign.scalar_source import Reading, ScalarSource
from lr_plugin.reader.foreign.tag_choice import PLUS, TagChoice, choose_tags
from lr_plugin.reader.foreign.tag_roles import find_role
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_summary import RunSummary
from lr_plugin.reader.tensors import ALL_RUNS, Scope

# Eight million rows of 24 bytes: of 300 runs, 27,000 each.
_MAX_BYTES = 192 << 20
# A run is joined and summed up as a whole, a million rows of rate and loss in a quarter
# of a second: so one that grows takes a twentieth of a processor, however long it is.
_BYTES_PER_SEC = 4 << 20
# As old as any list may be.
_MIN_HELD_SECS = 1.0
_MAX_TAGS_OFFERED = 32
_KERAS_EPOCHS = "epoch_"

ScalarListing = Mapping[str, Mapping[str, ScalarTimeSeries]]


@dataclasses.dataclass(frozen=True)
class ForeignTags:
    """Which tags of a run are drawn.

    Attributes:
        run: The run's name as TensorBoard has it.
        name: What a user would call it.
        wanted: Which tags the user named, as text.
        version: Changes with new points, and with the choice of tags.
    """

    run: str
    name: str
    family: Family
    choice: TagChoice
    wanted: str
    version: str


@dataclasses.dataclass(frozen=True)
class _Listing:
    """What TensorBoard has of others' scalars, and what belongs together in it."""

    scalars: ScalarListing
    runs: Mapping[str, str]
    families: Mapping[str, Family]


def list_scalars(
    data_provider: DataProvider, scope: Scope, recorded: Collection[str]
) -> ScalarListing:
    """Lists the scalars of all runs but those that this plugin has recorded.

    To list a scalar, the Python loader looks at each of its points: a third of a second
    for hundreds of runs, during which the server answers no other request.
    """
    found = data_provider.list_runs(scope.context, experiment_id=scope.experiment_id)
    others = {run.run_name for run in found}.difference(recorded)
    if not others:
        return {}
    return data_provider.list_scalars(
        scope.context,
        experiment_id=scope.experiment_id,
        plugin_name=scalar_metadata.PLUGIN_NAME,
        run_tag_filter=RunTagFilter(runs=others),
    )


class ForeignLibrary:
    """Lists the runs of other programs and finds one by name. Safe for several threads.

    What was read of a run is kept until there is something new of it, and of a long
    run for some seconds more.
    """

    def __init__(
        self,
        data_provider: DataProvider,
        *,
        directories: RunDirectories,
        tags: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
    ):
        """Reads nothing yet.

        Args:
            directories: Where event files are.
            tags: The tags of the whole log, by column, if the user named some.
            clock: Tells the time in seconds.
        """
        self._provider = data_provider
        self._source = ScalarSource(data_provider, directories)
        self._tags = tags
        self._listings: BriefCache[_Listing] = BriefCache(clock=clock)
        self._pace = Pace(clock=clock)
        self._runs: ByteCache[ForeignRun | None] = ByteCache(_MAX_BYTES)
        # Some thousands of runs.
        self._summaries: ByteCache[RunSummary | None] = ByteCache(32 << 20)

    def list_runs(
        self, scope: Scope, recorded: Collection[str]
    ) -> dict[str, ForeignTags]:
        """Lists the runs that have a learning rate, by what a user would call them."""
        listing = self._list(scope, recorded)
        found = {name: self._describe(scope, listing, name) for name in listing.runs}
        return {name: tags for name, tags in found.items() if tags is not None}

    def name_runs(self, scope: Scope, recorded: Collection[str]) -> dict[str, str]:
        """Names every run that has scalars, by TensorBoard's name for it."""
        return {run: name for name, run in self._list(scope, recorded).runs.items()}

    def find_run(
        self, scope: Scope, recorded: Collection[str], name: str
    ) -> ForeignTags | None:
        """Finds a run that has a learning rate; None if there is none of this name."""
        listing = self._list(scope, recorded)
        return self._describe(scope, listing, name) if name in listing.runs else None

    def summarize(self, scope: Scope, tags: ForeignTags) -> RunSummary | None:
        """Sums up a run, under the user's name; None if it has no point yet."""

        def load() -> RunSummary | None:
            run = self.load(scope, tags)
            if run is None:
                return None
            return dataclasses.replace(run.summarize(), run=tags.name)

        key = (scope.experiment_id, tags.name)
        return self._summaries.get(key, tags.version, load, _estimate_bytes)

    def load(self, scope: Scope, tags: ForeignTags) -> ForeignRun | None:
        """Reads and joins the scalars of a run; None if it has no point yet."""

        def join() -> ForeignRun | None:
            run = make_foreign_run(tags, self._read(scope, tags))
            secs = 0.0 if run is None else run.nbytes / _BYTES_PER_SEC
            if secs > _MIN_HELD_SECS:
                key = (scope.experiment_id, tags.run, tags.wanted)
                self._pace.hold(key, tags.version, secs)
            return run

        return self._runs.get(
            (scope.experiment_id, tags.run),
            tags.version,
            join,
            lambda run: 1000 if run is None else run.nbytes,
        )

    def list_tags(
        self, scope: Scope, recorded: Collection[str], name: str | None
    ) -> list[dict[str, Any]]:
        """Lists the scalars of a run, or of all, the likeliest to be drawn first.

        Returns:
            For each tag its name, what it is taken for ("learning_rate", "loss",
            "validation", "epoch" or "other"), and of how many runs it is.
        """
        listing = self._list(scope, recorded)
        counts: dict[str, int] = {}
        for found, run in listing.runs.items():
            if name in (None, found):
                for tag in listing.families[run].places:
                    counts[tag] = counts.get(tag, 0) + 1
        order = ["learning_rate", "loss", "validation", "epoch", "other"]
        tags = sorted(
            counts, key=lambda t: (order.index(find_role(t).kind), find_role(t).rank, t)
        )
        return [
            {"tag": tag, "kind": find_role(tag).kind, "num_runs": counts[tag]}
            for tag in tags
        ]

    def _list(self, scope: Scope, recorded: Collection[str]) -> _Listing:
        def load() -> _Listing:
            scalars = list_scalars(self._provider, scope, recorded)
            families = find_families(scalars)
            return _Listing(scalars, _name_runs(families, scalars, recorded), families)

        return self._listings.get(scope.experiment_id, load)

    def _describe(
        self, scope: Scope, listing: _Listing, name: str
    ) -> ForeignTags | None:
        run = listing.runs[name]
        family = listing.families[run]
        wanted = {
            **self._tags,
            **scope.tag_choices.get(ALL_RUNS, {}),
            **scope.tag_choices.get(name, {}),
        }
        choice = choose_tags(family.tags, wanted)
        if not choice.rates:
            return None
        places = [family.places[tag] for tag in choice.tags if tag in family.places]
        series = [listing.scalars[place.run][place.tag] for place in places]
        last_step = max(one.max_step or 0 for one in series)
        last_time = max(one.max_wall_time or 0.0 for one in series)
        num_bytes = self._source.measure(sorted({place.run for place in places}))
        text = json.dumps(wanted, sort_keys=True) if wanted else ""
        version = f"{len(series)}-{last_step}-{last_time!r}-{num_bytes}{text}"
        version = self._pace.choose((scope.experiment_id, run, text), version)
        return ForeignTags(run, name, family, choice, text, version)

    def _read(self, scope: Scope, tags: ForeignTags) -> Reading:
        places = {
            tag: tags.family.places[tag]
            for tag in tags.choice.tags
            if tag in tags.family.places
        }
        return self._source.read(scope, places)


def make_foreign_run(tags: ForeignTags, reading: Reading) -> ForeignRun | None:
    """Joins what was read of a run; None if it has no rate yet."""
    choice, points = tags.choice, reading.points
    made = make_rows(choice, points)
    if made is None:
        return None
    shown = made.loss_tag or made.rate_tag
    epochs = find_epochs(
        made.base,
        points.get(choice.epoch) if choice.epoch else None,
        are_steps=shown.startswith(_KERAS_EPOCHS),
    )
    ends, left_out = find_epoch_ends(choice, points, made.base, epochs)
    events = sorted([*find_restarts(made.base), *ends], key=lambda event: event.step)
    columns = {schema.LEARNING_RATE: made.rate_tag}
    loss_tag = made.refused[0] if made.refused else made.loss_tag
    if loss_tag is not None:
        columns[schema.LOSS] = loss_tag
    return ForeignRun(
        run=tags.run,
        version=tags.version,
        rows=made.rows,
        apart=made.apart,
        tags=columns,
        tag_choices={
            schema.LEARNING_RATE: _offer(choice.rates),
            schema.LOSS: _offer(choice.losses),
        },
        timed_events=events,
        epochs=epochs,
        notes=write_notes(made, choice, reading, left_out),
        is_sampled=reading.is_kept,
        num_rates_left_out=made.num_rates_left_out,
    )


def _name_runs(
    families: Mapping[str, Family], scalars: ScalarListing, recorded: Collection[str]
) -> dict[str, str]:
    """Gives each run a name of its own, the user's if no other run has it."""
    names: dict[str, str] = {}
    for run, family in families.items():
        name = family.name
        if name != run and (name in scalars or name in recorded or name in names):
            name = run
        names[name] = run
    return names


def _offer(tags: Sequence[str]) -> list[str]:
    plain = [tag for tag in tags if PLUS not in tag]
    return [*(tag for tag in tags if PLUS in tag), *plain][:_MAX_TAGS_OFFERED]


def _estimate_bytes(summary: RunSummary | None) -> int:
    return 1000 if summary is None else 4000 + 200 * len(summary.epoch_marks)
