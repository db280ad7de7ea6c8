"""A whole search, and what it leaves."""

import contextlib
import io
import math
import types

import numpy as np
import pytest
from data_providers import LOADERS, SCOPE
from event_files import load_events, read_columns
from search_runs import FLAGS, NUM_STEPS, RUNS, read_results
from tensorboard.plugins.base_plugin import TBContext
from tensorboard.plugins.hparams import api_pb2, backend_context, list_session_groups

from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from trainer.__main__ import main

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("logs")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = main([*FLAGS, f"--logdir={logdir}", "--run=search1"])
    assert code == 0
    return types.SimpleNamespace(
        logdir=logdir, folder=logdir / "search1", said=said.getvalue()
    )


def test_every_trial_is_a_run_with_a_readable_name(searched):
    for run in RUNS[:2]:
        rows = read_columns(searched.folder / run)
        np.testing.assert_array_equal(rows["step"], np.arange(NUM_STEPS))
        rate = float(run.split("lr")[1])
        np.testing.assert_allclose(rows["learning_rate"], rate, rtol=1e-6)


def test_trial_that_diverges_ends_at_once_and_is_the_worst_result(searched):
    results = read_results(searched.folder)
    assert list(results)[-1] == RUNS[2]
    assert results[RUNS[2]]["ended"] == "diverged"
    assert float(results[RUNS[2]]["val_accuracy"]) == -math.inf
    rows = read_columns(searched.folder / RUNS[2])
    assert len(rows["step"]) < NUM_STEPS
    assert not np.isfinite(rows["loss"][-1])


def test_score_is_the_best_epoch_and_the_table_is_sorted_by_it(searched):
    scores = {}
    for run in RUNS[:2]:
        ends = load_events(searched.folder / run, "epoch_end")
        scores[run] = max(event.details["val_accuracy"] for event in ends)
    results = read_results(searched.folder)
    for run, score in scores.items():
        assert float(results[run]["val_accuracy"]) == pytest.approx(score, rel=1e-9)
    assert next(iter(results)) == max(scores, key=scores.__getitem__)


def test_search_says_what_it_does_and_what_it_found(searched):
    assert "Search: Running Trial #1" in searched.said
    assert "Best Value So Far" in searched.said
    table = searched.said.split("Search of 3 trials by val_accuracy (1 diverged):\n")[1]
    lines = table.splitlines()
    columns = ["trial", "val_accuracy", "learning_rate", "epochs", "ended"]
    assert lines[0].split() == columns
    assert lines[3].split() == ["03", "-inf", "1e+30", "1", "diverged"]
    flags = searched.folder / "best.flags"
    assert f"Repeat the best: python -m trainer --flagfile={flags}" in table


def test_best_flags_repeat_the_best_trial(searched):
    best = next(iter(read_results(searched.folder)))
    flags = [f"--flagfile={searched.folder / 'best.flags'}"]
    assert main([*flags, f"--logdir={searched.logdir}", "--run=again"]) == 0
    trial = read_columns(searched.folder / best)
    for folder in (searched.logdir / "again", searched.folder / "best"):
        again = read_columns(folder)
        for column in ("learning_rate", "loss"):
            np.testing.assert_array_equal(again[column], trial[column])
    assert (searched.folder / "best" / "model.keras").exists()


def test_trials_leave_no_checkpoints_behind(searched):
    assert not list(searched.folder.glob("*-lr*/checkpoints"))


@pytest.mark.parametrize("loader", LOADERS)
def test_tab_has_hyperparameters_and_score_of_each_trial(searched, loader):
    with LOADERS[loader]() as load:
        reader = LearningRateReader(
            load(searched.folder),
            directories=RunDirectories(logdir=str(searched.folder)),
        )
        listed = {run["run"]: run for run in reader.list_runs(SCOPE)["runs"]}
    assert set(listed) == {*RUNS, "best"}
    results = read_results(searched.folder)
    for run, rate in zip(RUNS, (0.01, 0.1, 1e30), strict=True):
        extra = listed[run]["extra"]
        assert extra["hparams"] == {"learning_rate": rate}
        assert extra["score"] == float(results[run]["val_accuracy"])


@pytest.mark.parametrize("loader", LOADERS)
def test_hparams_tab_of_tensorboard_lists_the_trials(searched, loader):
    with LOADERS[loader]() as load:
        sessions = {
            s.name: (group, s) for group, s in _list_sessions(load(searched.folder))
        }
    assert set(sessions) == {*RUNS, "best"}
    results = read_results(searched.folder)
    for run, rate in zip(RUNS, (0.01, 0.1, 1e30), strict=True):
        group, session = sessions[run]
        assert group.hparams["learning_rate"].number_value == rate
        if run == RUNS[2]:
            assert session.status == api_pb2.STATUS_FAILURE
        else:
            (found,) = [v for v in session.metric_values if not v.name.group]
            score = float(results[run]["val_accuracy"])
            assert (found.name.tag, found.value) == (
                "val_accuracy",
                pytest.approx(score),
            )
            assert session.status == api_pb2.STATUS_SUCCESS


def _list_sessions(provider):
    """Asks TensorBoard's HParams plugin."""
    context = backend_context.Context(TBContext(data_provider=provider))
    metadata = context.hparams_metadata(SCOPE.context, "")
    experiment = context.experiment_from_metadata(SCOPE.context, "", True, metadata, {})
    columns = [
        api_pb2.ColParams(metric=info.name) for info in experiment.metric_infos
    ] + [api_pb2.ColParams(hparam=info.name) for info in experiment.hparam_infos]
    request = api_pb2.ListSessionGroupsRequest(
        allowed_statuses=[
            api_pb2.STATUS_SUCCESS,
            api_pb2.STATUS_FAILURE,
            api_pb2.STATUS_RUNNING,
        ],
        col_params=columns,
        start_index=0,
        slice_size=100,
    )
    handler = list_session_groups.Handler(SCOPE.context, context, "", request)
    for group in handler.run().session_groups:
        for session in group.sessions:
            yield group, session


def test_another_search_never_shares_the_folder(searched, capsys):
    assert main([*FLAGS, f"--logdir={searched.logdir}", "--run=search1"]) == 2
    assert capsys.readouterr().err.startswith("error: `--run` must name a new run")


def test_search_that_goes_on_is_the_same_search(searched, capsys):
    flags = [f"--logdir={searched.logdir}", "--run=search1", "--resume"]
    assert main([*FLAGS, *flags, "--tuner=random"]) == 2
    assert capsys.readouterr().err == (
        "error: `--tuner` must stay what the run began with. Received: --tuner=random; "
        "it began with --tuner=grid. Leave it out, or begin another run with another "
        "--run.\n"
    )


def test_search_that_is_over_is_not_trained_again(searched):
    before = {path: path.stat().st_mtime_ns for path in searched.folder.glob("*-lr*/*")}
    flags = [f"--logdir={searched.logdir}", "--run=search1", "--resume"]
    assert main([*FLAGS, *flags]) == 0
    after = {path: path.stat().st_mtime_ns for path in searched.folder.glob("*-lr*/*")}
    assert after == before
