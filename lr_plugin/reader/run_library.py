"""Every run that there is to draw, by the name that a user would use."""

import dataclasses
import math
import os
import re
import time
from collections.abc import Collection, Mapping
from typing import Any

from tensorboard import errors

from lr_plugin import schema
from lr_plugin.reader.block_finder import BlockFinder
from lr_plugin.reader.cache.byte_cache import ByteCache
from lr_plugin.reader.foreign.foreign_runs import ForeignLibrary
from lr_plugin.reader.recorded_run import RecordedRun
from lr_plugin.reader.recording import Recording, load_recordings
from lr_plugin.reader.run import Run
from lr_plugin.reader.run_summary import RunSummary
from lr_plugin.reader.tensors import Scope, Tag, TensorStore, find_version

# The overviews of a thousand runs of a million iterations.
_MAX_BYTES = 256 << 20
_SUFFIX = re.compile(rf"(^|[/\\]){schema.SUBDIRECTORY}$")


@dataclasses.dataclass(frozen=True)
class _Listed:
    """A recorded run as it was last listed.

    Attributes:
        version: That of the recording which was summed up.
    """

    version: str
    summary: RunSummary


class RunLibrary:
    """Lists runs and finds one by name. Safe for several threads.

    What was read of a run is kept until TensorBoard has something new of it.
    """

    def __init__(
        self, store: TensorStore, blocks: BlockFinder, foreign: ForeignLibrary
    ):
        """Reads nothing yet."""
        self._store = store
        self._foreign = foreign
        self._blocks = blocks
        self._recordings: ByteCache[Recording] = ByteCache(_MAX_BYTES)
        # By experiment, replaced as a whole, so that runs that vanished are forgotten.
        self._listed: dict[str, dict[str, _Listed]] = {}

    def list_runs(
        self, scope: Scope, *, max_secs: float = math.inf
    ) -> list[RunSummary]:
        """Sums up every run, under the name that a user would use.

        Args:
            max_secs: After so many seconds, recorded runs are summed up briefly.
        """
        deadline = time.monotonic() + max_secs
        listing = self._store.list_tags(scope)
        listed = self._list_recorded(scope, listing, deadline)
        summaries = [listed[run].summary for run in sorted(listed)]
        names = {summary.run for summary in summaries}
        # What still cannot be read is noted again below.
        for run in self._foreign.name_runs(scope, listing):
            self._store.flaws.forget(run)
        for name, tags in self._foreign.list_runs(scope, listing).items():
            if name not in names:
                with self._store.flaws.keep(tags.run):
                    summary = self._foreign.summarize(scope, tags)
                    summaries += [summary] if summary is not None else []
        return summaries

    def list_tags(self, scope: Scope, name: str | None) -> list[dict[str, Any]]:
        """Lists the scalars of a run of another program, or of all such runs."""
        return self._foreign.list_tags(scope, self._store.list_tags(scope), name)

    def describe_flaws(self, scope: Scope) -> list[str]:
        """Says what cannot be read of the runs that there are."""
        listing = self._store.list_tags(scope)
        names = {run: name_run(run, listing) for run in listing}
        names |= self._foreign.name_runs(scope, listing)
        damages = [
            text
            for run in self._listed.get(scope.experiment_id, {})
            for text in self._blocks.describe_damages(run, names.get(run, run))
        ]
        flaws = self._store.flaws.describe(names)
        unloaded = self._describe_unloaded(scope, listing)
        return [*self._store.tag_flaws.describe(names), *flaws, *damages, *unloaded]

    def _describe_unloaded(
        self, scope: Scope, listing: Mapping[str, Mapping[str, Tag]]
    ) -> list[str]:
        """Says of which recordings TensorBoard has loaded nothing.

        It gives up a file at the first damaged record.
        """
        names = self._store.list_all_runs(scope)
        sentences = []
        for run in names:
            if not _SUFFIX.search(run) or run in listing:
                continue
            name = name_run(run, names)
            if self._blocks.holds_blocks(run):
                sentences.append(
                    f"Run {name}: TensorBoard has loaded nothing of its event files, "
                    "which hold iterations. If that stays so, one is damaged at its "
                    "beginning."
                )
            else:
                sentences += self._blocks.describe_damages(run, name)
        return sentences

    def has_runs(self, scope: Scope) -> bool:
        """Tells whether there is anything to draw."""
        listing = self._store.list_tags(scope)
        return any(listing.values()) or bool(self._foreign.list_runs(scope, listing))

    def count_iterations(self, scope: Scope) -> int:
        """Counts the iterations of all recorded runs, as they were last listed."""
        if scope.experiment_id not in self._listed:
            self.list_runs(scope, max_secs=0)
        listed = self._listed[scope.experiment_id].values()
        return sum(one.summary.num_iterations for one in listed)

    def find_run(self, scope: Scope, name: str) -> Run:
        """Finds a run by the name that `list_runs` gave it.

        Raises:
            tensorboard.errors.NotFoundError: There is none.
        """
        listing = self._store.list_tags(scope)
        for run in _possible_runs(name):
            if listing.get(run):
                found = self._load_recorded(scope, {run: listing[run]})
                if run in found:
                    return found[run]
                reasons = self._store.flaws.describe({run: name})
                raise errors.NotFoundError(" ".join(reasons))
        tags = self._foreign.find_run(scope, listing, name)
        foreign = None if tags is None else self._foreign.load(scope, tags)
        if foreign is not None:
            return foreign
        raise errors.NotFoundError(
            f'No run "{name[:200]}" with a learning rate was found in the log '
            "directory. It may have been deleted, or TensorBoard has not loaded it yet."
        )

    def _list_recorded(
        self, scope: Scope, listing: Mapping[str, Mapping[str, Tag]], deadline: float
    ) -> dict[str, _Listed]:
        """Sums up the recorded runs, by TensorBoard's name."""
        versions = {run: find_version(tags) for run, tags in listing.items() if tags}
        known = self._listed.get(scope.experiment_id, {})
        listed = {
            run: known[run]
            for run, version in versions.items()
            if run in known
            and known[run].version == version
            and not known[run].summary.is_brief
        }
        changed = {run: listing[run] for run in versions if run not in listed}
        for run, recorded in self._load_recorded(scope, changed).items():
            with self._store.flaws.keep(run):
                is_brief = time.monotonic() >= deadline
                summary = recorded.summarize(is_brief=is_brief)
                listed[run] = _Listed(versions[run], summary)
        listed = {run: self._refresh(run, one, listing) for run, one in listed.items()}
        self._listed[scope.experiment_id] = listed
        return listed

    def _refresh(self, run: str, listed: _Listed, runs: Collection[str]) -> _Listed:
        """Says how a run is called now, and how large its files are.

        A file grows before TensorBoard says so, and single iterations are read from
        there: what is drawn may be newer than what is summed up.
        """
        name, num_bytes = name_run(run, runs), self._blocks.measure_files(run)
        version, summary = f"{listed.version}-{num_bytes}", listed.summary
        if (summary.run, summary.version) == (name, version):
            return listed
        blocks = summary.blocks
        if blocks is not None:
            blocks = dataclasses.replace(blocks, in_files=num_bytes > 0)
        summary = dataclasses.replace(summary, run=name, version=version, blocks=blocks)
        return dataclasses.replace(listed, summary=summary)

    def _load_recorded(
        self, scope: Scope, runs: Mapping[str, Mapping[str, Tag]]
    ) -> dict[str, RecordedRun]:
        """Gives recorded runs, reading those of which there is something new."""
        found, changed = {}, {}
        for run, tags in runs.items():
            key = (scope.experiment_id, run)
            known = self._recordings.peek(key, find_version(tags))
            if known is not None:
                found[run] = known
            else:
                changed[run] = tags
        for run, recording in load_recordings(self._store, scope, changed).items():
            key = (scope.experiment_id, run)
            with self._store.flaws.keep(run):
                recording = self._blocks.look_for_damage(recording)
            self._recordings.put(key, recording.version, recording, recording.nbytes)
            found[run] = recording
        return {
            run: RecordedRun(recording, scope, self._store, self._blocks)
            for run, recording in found.items()
        }


def name_run(run: str, runs: Collection[str]) -> str:
    """Names a recorded run as a user would: by its log directory.

    Args:
        run: The run as TensorBoard names it, after the directory of the event files.
        runs: All recorded runs. Where one has the shorter name already, `run` stays.
    """
    name = _SUFFIX.sub("", run) or "."
    return run if name != run and name in runs else name


def _possible_runs(name: str) -> list[str]:
    """Gives the names that TensorBoard may have for a run, in order of precedence."""
    if name == ".":
        return [".", schema.SUBDIRECTORY]
    separators = dict.fromkeys(("/", os.sep))
    return [name, *(f"{name}{s}{schema.SUBDIRECTORY}" for s in separators)]
