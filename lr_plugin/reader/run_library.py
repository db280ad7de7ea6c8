"""Every run that there is to draw, by the name that a person would use."""

import os
import re
from collections.abc import Collection, Mapping
from typing import Any

from tensorboard import errors
from tensorboard.data.provider import DataProvider

from lr_plugin import schema
from lr_plugin.reader.block_finder import BlockFinder
from lr_plugin.reader.cache.brief_cache import BriefCache
from lr_plugin.reader.cache.byte_cache import ByteCache
from lr_plugin.reader.findings.findings import find_findings
from lr_plugin.reader.foreign.foreign_runs import (
    ForeignRun,
    ForeignTags,
    ScalarListing,
    find_foreign_runs,
    list_scalars,
    read_foreign_run,
)
from lr_plugin.reader.recording import Recording, load_recordings
from lr_plugin.reader.run_summary import summarize_foreign_run, summarize_recording
from lr_plugin.reader.tensors import Scope, Tag, TensorStore, find_version
from lr_plugin.rows import count_bytes

# The overviews of a thousand runs of a million iterations.
_MAX_BYTES = 256 << 20
_SUFFIX = re.compile(rf"(^|[/\\]){schema.SUBDIRECTORY}$")


class RunLibrary:
    """Lists runs and finds one by name. Safe for several threads.

    What was read of a run is kept until TensorBoard has something new of it.
    """

    def __init__(
        self, data_provider: DataProvider, store: TensorStore, blocks: BlockFinder
    ):
        self._provider = data_provider
        self._store = store
        self._blocks = blocks
        self._recordings: ByteCache[Recording] = ByteCache(_MAX_BYTES)
        self._scalars: BriefCache[ScalarListing] = BriefCache()
        self._foreign: ByteCache[ForeignRun] = ByteCache(_MAX_BYTES // 8)
        # By experiment, replaced as a whole, so that runs that vanished are forgotten.
        self._summaries: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {}

    def list_runs(self, scope: Scope) -> list[dict[str, Any]]:
        """Describes every run, as the route `runs` does."""
        listing = self._store.list_tags(scope)
        summaries = self._summarize(scope, listing)
        runs = []
        for run, (version, summary) in sorted(summaries.items()):
            # A file grows before TensorBoard says so, and single iterations are read
            # from there: what is drawn may be newer than what is listed.
            num_bytes = self._blocks.measure_files(run)
            runs.append(
                {
                    "run": name_run(run, listing),
                    **summary,
                    "version": f"{version}-{num_bytes}",
                    "blocks": {**summary["blocks"], "in_files": num_bytes > 0},
                }
            )
        names = {run["run"] for run in runs}
        for name, tags in self._list_foreign(scope, listing).items():
            if name not in names:
                found = self._load_foreign(scope, tags)
                summary = summarize_foreign_run(found)
                runs.append({"run": name, **summary, "version": tags.version})
        return runs

    def has_runs(self, scope: Scope) -> bool:
        """Tells whether there is anything to draw."""
        listing = self._store.list_tags(scope)
        return any(listing.values()) or bool(self._list_foreign(scope, listing))

    def count_iterations(self, scope: Scope) -> int:
        """Counts the iterations of all recorded runs, as they were last listed."""
        if scope.experiment_id not in self._summaries:
            self.list_runs(scope)
        summaries = self._summaries[scope.experiment_id].values()
        return sum(summary["num_iterations"] for _, summary in summaries)

    def find_run(self, scope: Scope, name: str) -> Recording | ForeignRun:
        """Finds a run by the name that `list_runs` gave it.

        Raises:
            tensorboard.errors.NotFoundError: There is none.
        """
        listing = self._store.list_tags(scope)
        for run in _possible_runs(name):
            if listing.get(run):
                return self._load(scope, {run: listing[run]})[run]
        foreign = self._list_foreign(scope, listing)
        if name in foreign:
            return self._load_foreign(scope, foreign[name])
        raise errors.NotFoundError(
            f'No run "{name}" with a learning rate was found in the log directory. It '
            "may have been deleted, or TensorBoard has not loaded it yet."
        )

    def _summarize(
        self, scope: Scope, listing: Mapping[str, Mapping[str, Tag]]
    ) -> dict[str, tuple[str, dict[str, Any]]]:
        """Describes the recorded runs, each with its version."""
        versions = {run: find_version(tags) for run, tags in listing.items() if tags}
        known = self._summaries.get(scope.experiment_id, {})
        summaries = {
            run: known[run]
            for run, version in versions.items()
            if run in known and known[run][0] == version
        }
        changed = [run for run in versions if run not in summaries]
        for run, recording in self._load(
            scope, {run: listing[run] for run in changed}
        ).items():
            summary = summarize_recording(
                recording,
                first_rows=self._blocks.read_first_rows(recording),
                max_kept_blocks=self._blocks.max_kept_blocks,
                findings=find_findings(recording),
            )
            summaries[run] = (versions[run], summary)
        self._summaries[scope.experiment_id] = summaries
        return summaries

    def _load(
        self, scope: Scope, runs: Mapping[str, Mapping[str, Tag]]
    ) -> dict[str, Recording]:
        """Gives recordings, reading those of which there is something new."""
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
            self._recordings.put(key, recording.version, recording, recording.nbytes)
            found[run] = recording
        return found

    def _list_foreign(
        self, scope: Scope, recorded: Collection[str]
    ) -> dict[str, ForeignTags]:
        listing = self._scalars.get(
            scope.experiment_id, lambda: list_scalars(self._provider, scope, recorded)
        )
        return find_foreign_runs(listing, recorded)

    def _load_foreign(self, scope: Scope, tags: ForeignTags) -> ForeignRun:
        return self._foreign.get(
            (scope.experiment_id, tags.run),
            tags.version,
            lambda: read_foreign_run(self._provider, scope, tags),
            lambda run: count_bytes(run.rows),
        )


def name_run(run: str, runs: Collection[str]) -> str:
    """Names a recorded run as a person would: by its log directory.

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
