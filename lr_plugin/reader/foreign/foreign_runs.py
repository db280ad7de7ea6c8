"""Finds and reads the runs that other frameworks wrote as scalars."""

import dataclasses
from collections.abc import Collection, Mapping, Sequence

from tensorboard.data.provider import DataProvider, RunTagFilter, ScalarTimeSeries
from tensorboard.plugins.scalar import metadata as scalar_metadata

from lr_plugin.reader.foreign import scalars
from lr_plugin.reader.foreign.foreign_run import ForeignRun
from lr_plugin.reader.tensors import Scope

# TensorBoard keeps 1000 points of a scalar unless told otherwise; all are asked for.
_ALL = 1 << 30


ScalarListing = Mapping[str, Mapping[str, ScalarTimeSeries]]


@dataclasses.dataclass(frozen=True)
class ForeignTags:
    """Where a run keeps its learning rate and its loss.

    Attributes:
        run: The run's name as TensorBoard has it.
        version: Changes with every new point.
    """

    run: str
    rate_tags: Sequence[str]
    loss_tags: Sequence[str]
    version: str


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


def find_foreign_runs(
    listing: ScalarListing, recorded: Collection[str]
) -> dict[str, ForeignTags]:
    """Finds the runs whose scalars hold a learning rate, as a user would name them.

    Args:
        recorded: Runs, as TensorBoard names them, that this plugin has recorded: their
            scalars say the same again.
    """
    found: dict[str, ForeignTags] = {}
    for run, series in listing.items():
        rate_tags = [] if run in recorded else scalars.find_rate_tags(list(series))
        if not rate_tags:
            continue
        loss_tags = scalars.find_loss_tags(list(series))
        taken = [series[tag] for tag in (*rate_tags, *loss_tags)]
        last_step = max(one.max_step or 0 for one in taken)
        last_time = max(one.max_wall_time or 0.0 for one in taken)
        name = scalars.name_run(run)
        if name in listing or name in recorded or name in found:
            name = run
        found[name] = ForeignTags(
            run, rate_tags, loss_tags, f"{last_step}-{last_time!r}"
        )
    return found


def read_foreign_run(
    data_provider: DataProvider, scope: Scope, tags: ForeignTags
) -> ForeignRun:
    """Reads and joins the scalars of one run."""
    data = data_provider.read_scalars(
        scope.context,
        experiment_id=scope.experiment_id,
        plugin_name=scalar_metadata.PLUGIN_NAME,
        downsample=_ALL,
        run_tag_filter=RunTagFilter(
            runs=[tags.run], tags=[*tags.rate_tags, *tags.loss_tags]
        ),
    ).get(tags.run, {})
    # Where a step was written twice, the later value counts.
    points = {
        tag: {p.step: (p.wall_time, p.value) for p in values}
        for tag, values in data.items()
    }
    rows, used, notes = scalars.join(
        {tag: points[tag] for tag in tags.rate_tags if points.get(tag)},
        {tag: points[tag] for tag in tags.loss_tags if points.get(tag)},
    )
    return ForeignRun(tags.run, tags.version, rows, used, notes)
