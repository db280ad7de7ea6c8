"""What TensorBoard does and this package relies on; an upgrade may change it.

Nothing of this package is tested here, except that its own words are used for plugin
names and metadata. A test that fails says which assumption no longer holds.
"""

import argparse
import inspect
import json

import numpy as np
import pytest
from data_providers import LOADERS, SCOPE
from tensorboard import context, errors, plugin_util
from tensorboard.backend import application, http_util
from tensorboard.backend.event_processing import plugin_event_multiplexer
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.data import provider, server_ingester
from tensorboard.plugins import base_plugin
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import tensor_util
from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Request

PLUGIN = "some_plugin"


def event(step, values, *, tag="tag", data_class=summary_pb2.DATA_CLASS_TENSOR):
    value = summary_pb2.Summary.Value(
        tag=tag,
        tensor=tensor_util.make_tensor_proto(np.asarray(values)),
        metadata=summary_pb2.SummaryMetadata(
            plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name=PLUGIN),
            data_class=data_class,
        ),
    )
    summary = summary_pb2.Summary(value=[value])
    return event_pb2.Event(step=step, wall_time=1000.0 + step, summary=summary)


def write(path, events, *, damaged=None):
    """Writes events; of one of them, the last byte before its checksum is turned."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        writer = RecordWriter(file)
        writer.write(
            event_pb2.Event(
                wall_time=1, file_version="brain.Event:2"
            ).SerializeToString()
        )
        for number, one in enumerate(events):
            writer.write(one.SerializeToString())
            if number == damaged:
                writer.flush()
                file.seek(-5, 1)
                byte = file.tell()
                file.write(b"\xff")
                file.seek(byte + 5)


def list_tags(data):
    return data.list_tensors(SCOPE.context, experiment_id="", plugin_name=PLUGIN)


def read_steps(data, tag="tag", downsample=1 << 30):
    found = data.read_tensors(
        SCOPE.context,
        experiment_id="",
        plugin_name=PLUGIN,
        downsample=downsample,
        run_tag_filter=provider.RunTagFilter(tags=[tag]),
    )
    return [datum.step for datum in found.get("run", {}).get(tag, ())]


@pytest.fixture(scope="module", params=LOADERS)
def loaded(request, tmp_path_factory):
    """Loads, with one loader, a log in which each test has a tag or a run."""
    logdir = tmp_path_factory.mktemp("logs")
    events = [event(i, [i], tag="long") for i in range(150)]
    events += [event(0, [[1.5, np.nan], [np.inf, -np.inf]], tag="shaped")]
    events += [event(0, [1.0], tag="no class", data_class=0)]
    events += [event(i, [i], tag="restarted") for i in (0, 10, 20, 10, 15)]
    write(logdir / "run" / "events.out.tfevents.1", events)
    with LOADERS[request.param]() as load:
        yield request.param, load(logdir, {PLUGIN: 120})


def test_so_many_events_of_a_tag_are_kept_as_its_plugin_was_given(loaded):
    _, data = loaded
    steps = read_steps(data, "long")
    assert len(steps) == 120
    assert steps[-1] == 149


def test_a_question_for_no_events_has_none_and_for_more_has_all(loaded):
    _, data = loaded
    assert read_steps(data, "long", downsample=0) == []
    assert len(read_steps(data, "long", downsample=1 << 30)) == 120
    # The last of a tag is there when one is asked for.
    assert read_steps(data, "long", downsample=1) == [149]


def test_tensors_of_two_axes_come_whole(loaded):
    _, data = loaded
    found = data.read_tensors(
        SCOPE.context,
        experiment_id="",
        plugin_name=PLUGIN,
        downsample=10,
        run_tag_filter=provider.RunTagFilter(tags=["shaped"]),
    )
    (datum,) = found["run"]["shaped"]
    np.testing.assert_array_equal(
        datum.numpy, [[1.5, np.nan], [np.inf, -np.inf]], strict=True
    )


def test_a_tag_without_a_data_class_cannot_be_read(loaded):
    _, data = loaded
    assert "no class" not in list_tags(data)["run"]


def test_steps_that_come_again_replace_events_in_one_loader_and_add_in_the_other(
    loaded,
):
    name, data = loaded
    expected = {"fast": [0, 10, 15], "python": [0, 10, 20, 10, 15]}
    assert read_steps(data, "restarted") == expected[name]


def test_a_listing_tells_the_last_step_and_time(loaded):
    _, data = loaded
    series = list_tags(data)["run"]["long"]
    assert (series.max_step, series.max_wall_time) == (149, 1149.0)


def test_without_being_told_few_events_of_an_unknown_plugin_are_kept(tmp_path):
    write(tmp_path / "run" / "x.tfevents.1", [event(i, [i]) for i in range(150)])
    with LOADERS["python"]() as load:
        assert len(read_steps(load(tmp_path, {}))) == 10


@pytest.mark.parametrize("loader", LOADERS)
def test_a_record_with_a_wrong_checksum_is_not_shown(tmp_path, loader):
    events = [event(i, [i]) for i in range(5)]
    write(tmp_path / "run" / "x.tfevents.1", events, damaged=2)
    with LOADERS[loader]() as load:
        steps = read_steps(load(tmp_path, {PLUGIN: 0}))
    # Nor is what comes behind it in the file.
    assert steps == [0, 1]


def test_the_python_loader_leaves_the_older_of_two_files_that_both_grow(tmp_path):
    # Therefore a record has a directory of its own.
    folder = tmp_path / "run"
    write(folder / "x.tfevents.1", [event(0, [0])])
    write(folder / "x.tfevents.2", [event(0, [0], tag="other")])
    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRunsFromDirectory(str(tmp_path))
    multiplexer.Reload()
    with (folder / "x.tfevents.1").open("ab") as file:
        RecordWriter(file).write(event(1, [1]).SerializeToString())
    multiplexer.Reload()
    assert [one.step for one in multiplexer.Tensors("run", "tag")] == [0]


def test_a_file_has_tfevents_in_its_name(tmp_path):
    EventFileWriter(str(tmp_path)).close()
    (path,) = tmp_path.iterdir()
    assert "tfevents" in path.name


def test_the_data_server_is_there_and_one_answer_of_it_is_bounded():
    assert server_ingester.get_server_binary().path
    # What is read at once stays below.
    source = inspect.getsource(server_ingester)
    assert '("grpc.max_receive_message_length", 1024 * 1024 * 256)' in source


# Plugins.


def respond(content, content_type, **headers):
    request = Request(EnvironBuilder(headers=headers).get_environ())
    return http_util.Respond(request, content, content_type)


def test_numbers_that_are_not_finite_become_text_in_json():
    response = respond({"loss": [1.0, np.nan, np.inf]}, "application/json")
    assert json.loads(response.data) == {"loss": [1.0, "NaN", "Infinity"]}


def test_bytes_are_sent_as_they_are():
    response = respond(
        b"\x00" * 100_000, "application/octet-stream", accept_encoding="gzip"
    )
    assert response.data == b"\x00" * 100_000
    assert "Content-Encoding" not in response.headers
    assert response.headers["X-Content-Type-Options"] == "nosniff"


class Raising(base_plugin.TBPlugin):
    plugin_name = "raising"

    def __init__(self, error):
        self._error = error

    def get_plugin_apps(self):
        return {"/ask": self._ask}

    def is_active(self):
        return True

    def _ask(self, environ, start_response):
        raise self._error


@pytest.mark.parametrize(
    ("error", "code"),
    [(errors.NotFoundError("No run."), 404), (errors.InvalidArgumentError("x"), 400)],
)
def test_public_errors_are_answers_with_their_sentence(error, code):
    app = application.TensorBoardWSGI([Raising(error)], data_provider=None)
    answer = Client(app).get("/data/plugin/raising/ask")
    assert answer.status_code == code
    assert str(error) in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_plugin_that_fails_to_load_is_left_out(caplog):
    class Failing(base_plugin.TBLoader):
        def load(self, context):
            raise ImportError("a package that is not there")

    flags = argparse.Namespace(
        path_prefix="", logdir="", window_title="", samples_per_plugin={}
    )
    assert application.TensorBoardWSGIApp(flags, [Failing()], None, None, None)
    assert "Failed to load plugin" in caplog.text


def test_a_request_names_its_experiment_and_has_a_context():
    environ = EnvironBuilder(path="/data/plugin/x/runs").get_environ()
    assert plugin_util.experiment_id(environ) == ""
    assert isinstance(plugin_util.context(environ), context.RequestContext)
