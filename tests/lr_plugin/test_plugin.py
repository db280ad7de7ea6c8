"""The routes, asked as by TensorBoard's server."""

import contextlib
import csv
import io
import json
import time

import numpy as np
import pytest
from data_providers import fast_loader, python_loader
from plugin_client import get, make_client
from scalar_files import write_scalars
from tensorboard.plugins import base_plugin

from lr_plugin import static_files
from lr_plugin.loader import LearningRateLoader
from lr_plugin.schema import Event, LandscapeSample, RunInfo
from lr_plugin.writer.run_writer import RunWriter

ROUTES = (
    "series",
    "export.csv",
    "events",
    "findings",
    "range_tests",
    "layers",
    "landscape",
)
LANDSCAPE = (
    "steps",
    "used_rates",
    "losses",
    "rates",
    "loss_changes",
    "critical_rates",
)


# No test writes into this folder.
@pytest.fixture(scope="module")
def logdir(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("logs")
    with RunWriter(logdir / "run1") as writer:
        writer.write_run_info(RunInfo(steps_per_epoch=100))
        steps = np.arange(5000)
        losses = 1 / (1 + steps / 100)
        losses[4321] = np.nan
        rates = np.full(5000, 1e-3)
        writer.write_rows({"step": steps, "learning_rate": rates, "loss": losses})
        writer.write_event(Event("nonfinite_loss", 4321, "The loss is nan."))
    return logdir


@pytest.fixture(scope="module")
def client(logdir):
    return client_of(logdir)


def refuse(text):
    raise AssertionError(f"{text} is not JSON.")


def client_of(logdir, path_prefix=""):
    with python_loader() as load:
        return make_client(load(logdir), logdir, path_prefix)


def columns_of(response, num_columns=3):
    return np.frombuffer(response.data, "<f8").reshape(num_columns, -1)


@pytest.mark.slow
def test_runs_are_json(client):
    response = get(client, "runs")

    assert response.status_code == 200
    assert response.content_type == "application/json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    (run,) = response.json["runs"]
    assert (run["run"], run["num_iterations"]) == ("run1", 5000)
    assert response.json["notices"] == []


def test_json_has_no_nan(tmp_path):
    with RunWriter(tmp_path / "run1") as writer:
        writer.write_rows({"step": np.arange(9), "loss": np.full(9, np.nan)})

    text = get(client_of(tmp_path), "runs").text
    (run,) = json.loads(text, parse_constant=refuse)["runs"]
    assert run["loss"]["min"] == run["loss"]["last"] == "NaN"


def test_series_are_float64_column_after_column(client):
    response = get(client, "series", run="run1", start=4300, stop=4400)

    steps, rates, losses = columns_of(response)
    assert response.content_type == "application/octet-stream"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Exact"] == "rows"
    assert response.headers["X-Rows-In-Window"] == "100"
    assert steps.tolist() == list(range(4300, 4400))
    assert set(rates) == {np.float32(1e-3)}
    assert np.flatnonzero(np.isnan(losses)).tolist() == [21]
    assert losses[0] == np.float32(1 / 44)


def test_series_come_in_the_order_of_the_columns_asked_for(client):
    response = get(client, "series", run="run1", columns="loss,step", stop=2)

    losses, steps = columns_of(response, 2)
    assert steps.tolist() == [0, 1]
    assert losses.tolist() == [1, np.float32(1 / 1.01)]


def test_series_hold_at_most_2000_rows_unless_asked(client):
    response = get(client, "series", run="run1")
    steps, _, losses = columns_of(response)

    assert response.headers["X-Exact"] == "sampled"
    assert response.headers["X-Rows-In-Window"] == "5000"
    assert len(steps) <= 2000
    assert 4321 in steps[np.isnan(losses)]
    assert len(response.data) <= 100_000
    assert (
        len(columns_of(get(client, "series", run="run1", max_points=9000))[0]) == 5000
    )


@pytest.mark.slow
def test_series_of_runs_are_those_of_each_alone(tmp_path):
    for number in (1, 2, 3):
        with RunWriter(tmp_path / f"run{number}") as writer:
            steps = np.arange(900 * number)
            writer.write_rows({"step": steps, "loss": np.sin(steps / number)})
    client = client_of(tmp_path)
    query = {"columns": "loss,step", "start": 100, "max_points": 1000}
    names = ["run3", "none", "run1", "run2"]

    response = get(client, "series_of_runs", run=names, **query)

    heads, data = json.loads(response.headers["X-Runs"]), response.data
    assert response.content_type == "application/octet-stream"
    for name, head in zip(names, heads, strict=True):
        alone = get(client, "series", run=name, **query)
        if name == "none":
            assert head == {"error": alone.text}
            continue
        num_bytes = len(alone.data)
        assert (data[:num_bytes], head) == (
            alone.data,
            {
                "num_rows": num_bytes // 16,
                "rows_in_window": int(alone.headers["X-Rows-In-Window"]),
                "exact": alone.headers["X-Exact"],
            },
        )
        data = data[num_bytes:]
    assert data == b""
    assert {head.get("exact") for head in heads} == {None, "rows", "sampled"}


@pytest.mark.parametrize("runs", [[], ["run1", ""], ["run1"] * 101])
def test_series_of_no_run_or_of_too_many_are_refused(client, runs):
    response = get(client, "series_of_runs", run=runs)

    assert response.status_code == 400
    assert (
        "`run` must name 1 to 100 runs, as the route `runs` lists them, each in a "
        f"`run` of its own. Received: {len(runs)}."
    ) in response.text


def test_points_times_columns_times_runs_are_bounded(client):
    response = get(client, "series_of_runs", run=["run1"] * 9, max_points=10**6)

    assert response.status_code == 400
    assert "`max_points` must be at most 296296 for 27 columns" in response.text


def test_export_reads_back_to_the_same_numbers(client):
    response = get(client, "export.csv", run="run1", start=4320, stop=4323)

    assert response.content_type.startswith("text/csv")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert 'filename="run1.csv"' in response.headers["Content-Disposition"]
    header, *lines = csv.reader(io.StringIO(response.text))
    assert header == ["step", "learning_rate", "loss", "applied", "wall_time"]
    assert [line[0] for line in lines] == ["4320", "4321", "4322"]
    assert [line[1] for line in lines] == ["0.001"] * 3
    assert np.float32(lines[0][2]) == np.float32(1 / 44.2)
    assert lines[1][2] == "nan"
    assert [line[3] for line in lines] == ["1"] * 3


def test_events_and_findings_tell_of_the_loss_that_was_not_finite(client):
    (event,) = get(client, "events", run="run1").json["events"]
    found = get(client, "findings", run="run1").json["findings"]

    assert (event["kind"], event["step"]) == ("nonfinite_loss", 4321)
    assert (found[0]["kind"], found[0]["step"]) == ("nonfinite_loss", 4321)
    assert found[0]["severity"] == "error"


def test_a_run_without_range_tests_layers_and_landscape_has_none(client):
    assert get(client, "range_tests", run="run1").json == {"range_tests": []}
    assert get(client, "layers", run="run1").json["steps"] == []
    landscape = get(client, "landscape", run="run1").json
    assert landscape.pop("num_samples") == 0
    assert landscape == {name: [] for name in LANDSCAPE}


@pytest.mark.slow
def test_a_landscape_is_json_with_what_is_not_finite_as_text(client, logdir):
    with RunWriter(logdir / "run1", resume=True) as writer:
        writer.write_run_info(RunInfo(first_step=5000))
        for step, rates, changes, critical in (
            (5000, [0.5, 1.0, 2.0], [-0.25, 0.5, np.inf], 0.75),
            (5010, [0.5, 1.0], [-0.5, -0.25], np.inf),
        ):
            sample = LandscapeSample(
                used_rate=1.0,
                critical_rate=critical,
                loss=2.0,
                rates=rates,
                loss_changes=changes,
            )
            writer.write_landscape(step, sample)

    response = get(client_of(logdir), "landscape", run="run1")

    found = json.loads(response.text, parse_constant=refuse)
    assert found == {
        "num_samples": 2,
        "steps": [5000, 5010],
        "used_rates": [1.0, 1.0],
        "losses": [2.0, 2.0],
        "rates": [[0.5, 1.0, 2.0], [0.5, 1.0, "NaN"]],
        "loss_changes": [[-0.25, 0.5, "Infinity"], [-0.5, -0.25, "NaN"]],
        "critical_rates": [0.75, "Infinity"],
    }
    (run,) = get(client_of(logdir), "runs").json["runs"]
    assert run["has"]["landscape"]


@pytest.mark.parametrize("route", ROUTES)
def test_an_unknown_run_is_404_with_a_sentence(client, route):
    response = get(client, route, run="run2")

    assert response.status_code == 404
    assert 'No run "run2" with a learning rate was found' in response.text
    assert response.content_type.startswith("text/plain")
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("route", ROUTES)
def test_no_run_is_400_with_a_sentence(client, route):
    response = get(client, route)

    assert response.status_code == 400
    assert "`run` must name a run" in response.text


def test_an_unknown_column_is_404_with_a_sentence(client):
    response = get(client, "series", run="run1", columns="step,momentum")

    assert response.status_code == 404
    assert 'no column "momentum". It has: step, learning_rate, loss' in response.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("start", "x", "`start` must be a whole number. Received: 'x'."),
        ("start", "1.5", "`start` must be a whole number. Received: '1.5'."),
        ("start", "", "`start` must be a whole number. Received: ''."),
        ("stop", "1" * 40, "`stop` must be a whole number."),
        ("max_points", "many", "`max_points` must be a whole number."),
        ("max_points", "0", "`max_points` must be from 1 to 1000000. Received: 0."),
        ("max_points", "-5", "`max_points` must be from 1 to 1000000. Received: -5."),
        ("max_points", "2", "`max_points` must be at least 10"),
        ("spacing", "cubic", "`spacing` must be linear or log. Received: 'cubic'."),
        ("columns", "", "`columns` must be names separated by commas."),
        ("columns", "step,,loss", "`columns` must be names separated by commas."),
        (
            "columns",
            "loss," * 9999 + "loss",
            "`columns` must name each column once. Received: 'loss' 10000 times.",
        ),
    ],
)
def test_a_malformed_parameter_is_400_with_a_sentence(client, name, value, sentence):
    response = get(client, "series", run="run1", **{name: value})

    assert response.status_code == 400
    assert sentence in response.text


@pytest.mark.parametrize("text", ["", "soon", "-1", "nan"])
def test_a_time_that_is_none_is_400_with_a_sentence(client, text):
    response = get(client, "runs", max_secs=text)

    assert response.status_code == 400
    sentence = f"must be a number of seconds of at least 0. Received: {text!r}."
    assert f"`max_secs` {sentence}" in response.text


@pytest.mark.slow
def test_runs_are_described_briefly_where_no_time_is_left(logdir):
    client = client_of(logdir)
    answers = [get(client, "runs", max_secs=secs) for secs in ("0", "60", "0")]

    numbers = [sum(run["is_brief"] for run in a.json["runs"]) for a in answers]
    assert numbers == [1, 0, 0]


def test_points_times_columns_are_bounded(client):
    columns = ",".join(f"c{i}" for i in range(9))

    response = get(client, "series", run="run1", max_points=10**6, columns=columns)

    assert response.status_code == 400
    assert "`max_points` must be at most 888888 for 9 columns in all." in response.text


def test_large_answers_are_sent_to_few_at_once(client):
    def ask(route, **query):
        # Not buffered: a client that has not read its answer yet.
        address = f"/data/plugin/learning_rate/{route}"
        return client.get(
            address, query_string={"run": "run1", **query}, buffered=False
        )

    unread = [ask("export.csv") for _ in range(3)]
    unread.append(ask("series", max_points=100_000))

    for response in (ask("export.csv"), ask("series", max_points=100_000)):
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "2"
        assert "Ask again in 2 seconds, or for fewer points." in response.text
    assert ask("series", max_points=4000).status_code == 200

    for response in unread:
        response.close()
    assert ask("export.csv").status_code == 200


def test_an_export_is_read_block_by_block(client):
    response = client.get(
        "/data/plugin/learning_rate/export.csv",
        query_string={"run": "run1"},
        buffered=False,
    )

    lines = [len(piece.splitlines()) for piece in response.response]
    # A header, then blocks of 1024 of the run's 5000 rows.
    assert lines == [1, 1024, 1024, 1024, 1024, 904]
    response.close()


def test_a_refused_series_gives_its_place_back(client):
    for _ in range(10):
        response = get(client, "series", run="none", max_points=100_000)
        assert response.status_code == 404


def test_other_methods_are_refused(client):
    assert client.post("/data/plugin/learning_rate/runs").status_code == 400


@pytest.mark.slow
def test_routes_answer_under_a_prefix_and_an_experiment(logdir):
    client = client_of(logdir, "/tools/tensorboard")

    for prefix in ("/tools/tensorboard", "/tools/tensorboard/experiment/EXP"):
        response = get(client, "series", prefix, run="run1", stop=5)
        assert response.status_code == 200
        assert columns_of(response)[0].tolist() == [0, 1, 2, 3, 4]


def test_static_files_have_their_types(client, tmp_path, monkeypatch):
    monkeypatch.setattr(static_files, "_STATIC", tmp_path)
    (tmp_path / "index.js").write_text("export function render() {}")
    (tmp_path / "style.css").write_text("body {}")
    (tmp_path / "secret.py").write_text("")

    response = get(client, "index.js")
    assert response.content_type == "text/javascript; charset=utf-8"
    assert response.text == "export function render() {}"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert get(client, "static/style.css").content_type.startswith("text/css")
    names = ["none.js", "secret.py", "..%2f..%2fplugin.py", f"{'a' * 300}.js", "%00.js"]
    for name in (f"static/{name}" for name in names):
        assert get(client, name).status_code == 404
    assert "The tab has no file none.js." in get(client, "static/none.js").text


def test_a_missing_bundle_is_explained(client, tmp_path, monkeypatch):
    monkeypatch.setattr(static_files, "_STATIC", tmp_path / "none")

    response = get(client, "index.js")

    assert response.status_code == 404
    assert (
        "The tab's browser code is missing: this is a checkout without its bundle. "
        "Install it with `pip install -e .`, which builds the bundle, or run `npm ci "
        "&& node build.mjs` in lr_plugin/frontend."
    ) in response.text


@pytest.mark.slow
def test_the_tab_is_named_and_active_where_there_is_data(logdir, tmp_path_factory):
    def plugin(directory):
        with python_loader() as load:
            provider = load(directory)
        return LearningRateLoader().load(
            base_plugin.TBContext(data_provider=provider, logdir=str(directory))
        )

    assert plugin(logdir).is_active()
    assert not plugin(tmp_path_factory.mktemp("empty")).is_active()
    frontend = plugin(logdir).frontend_metadata()
    assert (frontend.tab_name, frontend.es_module_path) == (
        "Learning Rate",
        "/index.js",
    )
    assert not frontend.disable_reload


def test_an_empty_log_directory_has_no_runs(tmp_path):
    assert get(client_of(tmp_path), "runs").json == {"runs": [], "notices": []}


def test_tags_of_other_programs_are_listed(tmp_path):
    write_scalars(tmp_path / "run1", [(0, {"loss": 1.0, "eta": 2.0})])
    client = client_of(tmp_path)

    assert get(client, "tags").json == get(client, "tags", run="run1").json
    assert get(client, "tags").json["tags"] == [
        {"tag": "loss", "kind": "loss", "num_runs": 1},
        {"tag": "eta", "kind": "other", "num_runs": 1},
    ]
    assert get(client, "runs").json["runs"] == []


def test_chosen_tags_are_those_of_every_route(tmp_path):
    write_scalars(tmp_path / "run1", [(i, {"loss": 1.0, "eta": 2.0}) for i in range(3)])
    client = client_of(tmp_path)
    tags = json.dumps({"*": {"learning_rate": "eta"}})

    (run,) = get(client, "runs", tags=tags).json["runs"]
    rates = columns_of(get(client, "series", run="run1", tags=tags))[1]
    table = get(client, "export.csv", run="run1", tags=tags).text

    assert run["tags"] == {"learning_rate": "eta", "loss": "loss"}
    assert rates.tolist() == [2, 2, 2]
    assert table.splitlines()[1].startswith("0,2.0,1.0,")


@pytest.mark.slow
@pytest.mark.parametrize(
    "tags",
    [
        "eta",
        "[]",
        '"eta"',
        '{"*": "eta"}',
        '{"*": {"rate": "eta"}}',
        '{"*": {"loss": 1}}',
        # Deeper than any JSON is read.
        "[" * 100_000,
        '{"a":' * 50_000,
    ],
)
def test_malformed_tags_are_400(client, tags):
    response = get(client, "runs", tags=tags)
    assert response.status_code == 400
    assert "`tags` must be JSON such as" in response.text
    assert tags[:200] in response.text
    assert len(response.text) < 500


def test_names_of_any_length_are_answered_in_a_sentence(client):
    for query in ({"run": "a/" * 5000}, {"run": "run1", "columns": "x" * 100_000}):
        response = get(client, "series", **query)
        assert response.status_code == 404
        assert len(response.text) < 500


def test_a_data_server_that_ended_is_503_with_a_sentence(logdir):
    # As the fast loader does at a record that claims more bytes than there can be.
    with contextlib.ExitStack() as stack:
        provider = stack.enter_context(fast_loader())(logdir)
        client = make_client(provider, logdir)
        assert get(client, "runs").status_code == 200
        stack.close()
        time.sleep(1.1)

        response = get(client, "runs")

    assert response.status_code == 503
    assert "TensorBoard's data server must answer. Received: UNAVAILABLE." in (
        response.text
    )
