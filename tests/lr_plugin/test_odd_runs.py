"""Runs that hold what they cannot: each costs nobody anything but its own odd part."""

import json

import numpy as np
import odd_shapes
import pytest
from data_providers import LOADERS
from plugin_client import get, make_client

from lr_plugin.schema import RunInfo
from lr_plugin.writer.run_writer import RunWriter

NUM_STEPS = 3000
ROUTES = (
    "series",
    "export.csv",
    "events",
    "findings",
    "range_tests",
    "layers",
    "landscape",
)
# What the odd part of a run is read for, by the beginning of its name.
ROUTES_OF = {
    "info": ("findings", "export.csv"),
    "event": ("events", "findings"),
    "range_test": ("range_tests",),
    "layers": ("layers",),
    "landscape": ("landscape",),
}


def losses(steps):
    return (2.3 * np.exp(-steps / 900)).astype(np.float32)


def write_good(folder):
    steps = np.arange(NUM_STEPS)
    with RunWriter(folder) as writer:
        writer.write_run_info(RunInfo(steps_per_epoch=100))
        writer.write_rows(
            {"step": steps, "learning_rate": 0.1 / (1 + steps), "loss": losses(steps)}
        )


@pytest.fixture(scope="module")
def logdir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    write_good(folder / "good")
    odd_shapes.write_all(folder)
    return folder


@pytest.fixture(scope="module", params=LOADERS)
def client(logdir, request):
    with LOADERS[request.param]() as load:
        yield make_client(load(logdir), logdir)


def refuse(text):
    raise AssertionError(f"{text} is not JSON.")


@pytest.fixture(scope="module")
def listing(client):
    response = get(client, "runs")
    assert response.status_code == 200
    return json.loads(response.text, parse_constant=refuse)


@pytest.mark.slow
def test_there_are_many_of_them(logdir):
    assert len(list(logdir.iterdir())) > 200


@pytest.mark.slow
def test_the_good_run_is_exact(client, listing):
    (run,) = (run for run in listing["runs"] if run["run"] == "good")
    assert run["num_iterations"] == NUM_STEPS
    assert run["steps_per_epoch"] == 100

    data = get(client, "series", run="good", columns="step,loss", max_points=5000).data
    steps, found = np.frombuffer(data, "<f8").reshape(2, -1)
    assert steps.tolist() == list(range(NUM_STEPS))
    np.testing.assert_array_equal(found, losses(np.arange(NUM_STEPS)))


@pytest.mark.slow
def test_no_route_fails_at_any_run(client, logdir, listing):
    for folder in sorted(logdir.iterdir()):
        kinds = [kind for kind in ROUTES_OF if folder.name.startswith(kind)]
        for route in ROUTES_OF[kinds[0]] if kinds else ROUTES:
            response = get(client, route, run=folder.name)
            assert response.status_code in (200, 404), (folder.name, route)


@pytest.mark.slow
def test_each_odd_run_is_told_of(client, logdir, listing):
    for name in (path.name for path in logdir.iterdir()):
        if name.startswith(("range_test", "layers", "landscape")):
            get(
                client, name.partition("_")[0].replace("range", "range_tests"), run=name
            )
    # These are read when somebody looks at them.
    notices = get(client, "runs").json["notices"]

    named = {notice.split(":")[0].removeprefix("Run ") for notice in notices}
    silent = {path.name for path in logdir.iterdir()} - named - {"good"}

    assert all(notice.endswith(".") for notice in notices)
    assert not any("Traceback" in notice for notice in notices)
    # TensorBoard's fast loader leaves out what has no time.
    assert silent - odd_shapes.HARMLESS <= {"time_is_infinite", "time_is_nan"}


@pytest.mark.slow
def test_no_number_is_shown_that_was_not_recorded(client, logdir, listing):
    for run in listing["runs"]:
        if run["run"] == "good":
            continue
        assert 0 <= run["num_iterations"] <= 10, run["run"]
        if "loss" not in run["columns"]:
            continue
        data = get(client, "series", run=run["run"], columns="step,loss").data
        steps, found = np.frombuffer(data, "<f8").reshape(2, -1)
        assert set(found[~np.isnan(found)]) <= {0.5, 1.0}, run["run"]
        assert set(steps) <= set(range(10)), run["run"]
