"""Runs whose events hold what no writer of this package puts there."""

import functools
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from lr_plugin import metadata, schema
from lr_plugin.writer.event_log import EventLog

START = 1.7e9
COLUMNS = ("learning_rate", "loss")
ROWS = np.tile(np.array([[0.1, 0.5]], "f4"), (10, 1))
OVERVIEW = np.array([[0, 10, 10, 0.1, 0.1, 0.1, 0, 0.5, 0.5, 0.5, 0]], "f4")


class _Unchecked(EventLog):
    """Writes whatever it is given, times and steps that cannot be included."""

    def add(self, tag, step, value, summary_metadata, *, wall_time):
        super().add(tag, 0, value, summary_metadata, wall_time=START)
        event = type(self)._parse(self._pending.pop())
        event.step, event.wall_time = step, wall_time
        self._pending.append(event.SerializeToString())

    @staticmethod
    def _parse(data):
        from tensorboard.compat.proto import event_pb2

        return event_pb2.Event.FromString(data)


class OddRun:
    """Writes one run event by event."""

    def __init__(self, folder: Path):
        self._log = _Unchecked(str(folder / schema.SUBDIRECTORY))

    def info(self, text=None, wall_time=START):
        text = schema.to_json(schema.RunInfo()) if text is None else text
        described = metadata.create_summary_metadata("learning_rate")
        self._log.add("run_info", 0, text, described, wall_time=wall_time)

    def event(self, text, kind="a", tag=None, step=5):
        described = metadata.create_summary_metadata("learning_rate")
        self._log.add(
            tag or f"events/{kind}", step, text, described, wall_time=START + 2
        )

    def block(
        self, tensor=ROWS, step=0, columns=COLUMNS, content=None, wall_time=START + 1
    ):
        described = metadata.create_summary_metadata(
            "learning_rate_raw", columns=schema.stored_columns(columns)
        )
        if content is not None:
            described.plugin_data.content = content
        tag = metadata.iterations_tag(columns)
        self._log.add(tag, step, tensor, described, wall_time=wall_time)

    def overview(
        self, tensor=OVERVIEW, step=0, columns=None, content=None, wall_time=START + 1
    ):
        described = metadata.create_summary_metadata(
            "learning_rate", columns=columns or schema.overview_columns(COLUMNS)
        )
        if content is not None:
            described.plugin_data.content = content
        tag = metadata.overview_tag(COLUMNS)
        self._log.add(tag, step, tensor, described, wall_time=wall_time)

    def layers(self, tensor, columns=("a", "b"), layers=("k",)):
        described = metadata.create_summary_metadata(
            "learning_rate", columns=columns, layers=layers
        )
        self._log.add("layers/x", 0, tensor, described, wall_time=START + 2)

    def close(self):
        self._log.close()


def write_all(folder: Path) -> list[str]:
    """Writes every odd run into a folder of its own; gives their names."""
    names = []
    for name, write in _list_shapes():
        run = OddRun(folder / name)
        write(run)
        run.close()
        names.append(name)
    return names


def _list_shapes() -> Iterator[tuple[str, Callable[[OddRun], None]]]:
    for kind, argument, shapes in (
        ("block", "block", _BLOCKS),
        ("overview", "overview", _OVERVIEWS),
        ("info", "info", _INFOS),
        ("event", "event", _EVENTS),
        ("range_test", "test", _RANGE_TESTS),
        ("layers", "layers", _LAYERS),
        ("landscape", "landscape", _LANDSCAPES),
        ("content", "content", _CONTENTS),
        ("overview_content", "overview_content", _CONTENTS),
        ("time", "time", _TIMES),
        ("step", "step", _STEPS),
    ):
        for name, shape in shapes.items():
            yield f"{kind}_{name}", functools.partial(_write, **{argument: shape})


def _write(
    run,
    *,
    info=None,
    block=ROWS,
    overview=OVERVIEW,
    event=None,
    test=None,
    layers=None,
    landscape=None,
    content=None,
    overview_content=None,
    time=None,
    step=0,
):
    run.info(info, **({} if time is None else {"wall_time": time}))
    moment = START + 1 if time is None else time
    run.block(block, step, content=content, wall_time=moment)
    run.overview(overview, step, content=overview_content, wall_time=moment)
    if event is not None:
        run.event(event)
        good = schema.Event("b", 3, "A good one.", {"epoch": 0})
        run.event(schema.to_json(good), kind="b")
    if test is not None:
        run.event(test, tag="range_test")
    if layers is not None:
        run.layers(layers)
    if landscape is not None:
        run.event(landscape, tag="landscape")


def _fields(cls, **changes):
    """Gives the JSON of a record for each field with a value of another type."""
    values = {
        "number": 5,
        "fraction": 93.75,
        "negative": -5,
        "text": "x",
        "list": [1, 2],
        "object": {"a": [{"b": None}]},
        "none": None,
        "true": True,
        "large": 1e999,
        "nan": math.nan,
    }
    texts = {}
    for field, good in changes.items():
        for name, value in values.items():
            record = {**changes, field: value}
            if value != good:
                texts[f"{field}_is_{name}"] = json.dumps(record)
    return texts


_TEXTS = {
    "is_a_list": "[1, 2]",
    "is_empty": "",
    "is_null": "null",
    "is_a_number": "17",
    "is_a_text": '"text"',
    "is_cut": '{"steps_per_epoch": ',
    "has_a_long_number": '{"step": ' + "9" * 5000 + ', "steps_per_epoch": 1}',
    "is_nested_deeply": "[" * 100_000,
    "is_an_empty_object": "{}",
    "is_no_utf8": b"\xff\xfe{}",
    "is_an_array_of_numbers": np.arange(3.0, dtype="f4"),
    "is_an_array_of_texts": np.array([b"{}", b"{}"], object),
    "has_proto": '{"__proto__": {"x": 1}, "constructor": 1}',
}
_INFOS = {
    **_TEXTS,
    **_fields(
        schema.RunInfo,
        optimizer={},
        schedule={},
        steps_per_epoch=5,
        epochs=2,
        first_step=0,
        first_epoch=0,
        versions={},
        notes=[],
        extra={},
    ),
    "hparams_are_a_list": json.dumps({"extra": {"hparams": [1, 2]}}),
    "hparams_are_nested": json.dumps({"extra": {"hparams": {"a": {"b": [1]}}}}),
    "hparams_are_proto": '{"extra": {"hparams": {"__proto__": 1, "toString": 2}}}',
    "score_is_text": json.dumps({"extra": {"score": "x", "objective": 5}}),
    "optimizer_is_odd": json.dumps({"optimizer": {"class_name": 5, "config": 7}}),
    "schedule_is_odd": json.dumps({"schedule": {"class_name": [], "config": "x"}}),
}
_EVENTS = {
    **_TEXTS,
    **_fields(schema.Event, kind="a", step=5, text="t", details={}),
    **{
        f"details_{name}": json.dumps(
            {"kind": "epoch_end", "step": 5, "text": "t", "details": details}
        )
        for name, details in {
            "epoch_is_text": {"epoch": "x"},
            "epoch_is_huge": {"epoch": 10**400},
            "epoch_is_negative": {"epoch": -7, "val_loss": 0.5},
            "loss_is_a_list": {"epoch": 1, "val_loss": [1, 2], "loss": {"a": 1}},
            "loss_is_huge": {"epoch": 1, "val_loss": 10**400},
            "loss_is_true": {"epoch": 1, "val_loss": True},
            "objective_is_odd": {"objective": [1], "direction": {}, "score": "a"},
        }.items()
    },
    "score_is_odd": json.dumps(
        {"kind": "score", "step": 5, "text": "", "details": {"objective": [1]}}
    ),
}
_RANGE_TESTS = {
    **_TEXTS,
    **_fields(
        schema.RangeTestRecord,
        learning_rates=[0.1],
        losses=[[1.0]],
        smoothed=[1.0],
        suggestion=None,
        interval=None,
        reason="r",
        suggestions={},
        usable_band=None,
    ),
}
_LANDSCAPES = {
    **_TEXTS,
    **_fields(
        schema.LandscapeSample,
        used_rate=0.1,
        critical_rate=0.2,
        loss=1.0,
        rates=[0.05, 0.1],
        loss_changes=[-0.5, 0.5],
    ),
    "of_other_lengths": json.dumps(
        {
            "used_rate": 1.0,
            "critical_rate": 2.0,
            "loss": 1.0,
            "rates": [1.0],
            "loss_changes": [1.0, 2.0],
        }
    ),
}
_BLOCKS = {
    "of_three_axes": np.zeros((2, 3, 4), "f4"),
    "of_one_axis": np.zeros(7, "f4"),
    "of_no_axis": np.float32(3),
    "of_text": "hello",
    "without_rows": np.ones((0, 2), "f4"),
    "without_columns": np.ones((3, 0), "f4"),
    "of_many_columns": np.ones((3, 9), "f4"),
    "of_nan_steps": np.full((10, 4), np.nan, "f4"),
    "of_falling_steps": np.tile(np.array([[0.1, 1, 1, 5]], "f4"), (3, 1))
    * np.array([[1], [0.5], [0.2]], "f4"),
    "of_infinite_steps": np.full((2, 4), np.inf, "f4"),
    "of_whole_numbers": np.ones((10, 2), "i8"),
    "of_int32": np.ones((10, 2), "i4"),
    "of_booleans": np.ones((10, 2), "?"),
    "of_complex": np.ones((10, 2), "c8"),
    "of_texts": np.full((10, 2), b"x", object),
    "of_halves": np.ones((10, 2), "f2"),
    "of_doubles": np.ones((10, 2), "f8"),
}
_OVERVIEWS = {
    "of_one_axis": np.zeros(5, "f4"),
    "of_text": "x",
    "of_nan": np.full((3, 11), np.nan, "f4"),
    "of_infinity": np.full((3, 11), np.inf, "f4"),
    "of_large_numbers": np.full((3, 11), 3e38, "f4"),
    "of_negative_numbers": np.full((3, 11), -3, "f4"),
    "of_zeros": np.zeros((3, 11), "f4"),
    "of_nothing": np.zeros((0, 11), "f4"),
    "of_few_columns": np.zeros((3, 4), "f4"),
    "of_whole_numbers": np.ones((3, 11), "i8"),
    "of_three_axes": np.ones((1, 1, 11), "f4"),
    "of_steps_that_fall": np.array([[9, *OVERVIEW[0, 1:]], OVERVIEW[0]], "f4"),
}
_LAYERS = {
    "of_another_shape": np.zeros((5, 7), "f4"),
    "of_text": "x",
    "of_texts": np.full((1, 2), b"x", object),
    "of_no_axis": np.float32(1),
    "of_nan": np.full((1, 2), np.nan, "f4"),
}
_CONTENTS = {
    "is_missing": b"",
    "is_no_json": b"{",
    "is_a_list": b"[1]",
    "is_no_utf8": b"\xff\xfe",
    "columns_are_a_number": b'{"version": 1, "columns": 5}',
    "columns_are_a_text": b'{"version": 1, "columns": "loss"}',
    "columns_are_numbers": b'{"version": 1, "columns": [1, 2]}',
    "columns_are_twins": b'{"version": 1, "columns": ["loss", "loss"]}',
    "columns_are_others": b'{"version": 1, "columns": ["a", "applied", "step"]}',
    "columns_are_proto": b'{"version": 1, "columns": ["__proto__", "a"]}',
    "columns_are_missing": b'{"version": 1}',
    "columns_are_nested": b'{"version": 1, "columns": [["loss"]]}',
    "layers_are_a_number": b'{"version": 1, "layers": 5}',
    "version_is_infinite": b'{"version": 1e999}',
    "version_is_text": b'{"version": "x"}',
    "version_is_null": b'{"version": null}',
    "version_is_later": b'{"version": 9}',
    "is_nested_deeply": b"[" * 100_000,
}
_TIMES = {"is_nan": math.nan, "is_infinite": math.inf, "is_large": 1e300, "is_0": 0.0}
_STEPS = {"is_the_largest": 2**63 - 1, "is_negative": -5, "is_beyond_floats": 2**53 + 2}

# Strange, but nothing in them is wrong.
HARMLESS = {
    "content_columns_are_others",
    "block_of_doubles",
    "block_of_halves",
    "event_details_epoch_is_huge",
    "event_details_epoch_is_negative",
    "event_details_epoch_is_text",
    "event_details_is_object",
    "event_details_loss_is_a_list",
    "event_details_loss_is_huge",
    "event_details_loss_is_true",
    "event_details_objective_is_odd",
    "event_kind_is_text",
    "event_score_is_odd",
    "event_text_is_text",
    "info_epochs_is_none",
    "info_epochs_is_number",
    "info_extra_is_object",
    "info_first_epoch_is_number",
    "info_first_step_is_number",
    "info_has_a_long_number",
    "info_has_proto",
    "info_hparams_are_a_list",
    "info_hparams_are_nested",
    "info_hparams_are_proto",
    "info_is_an_empty_object",
    "info_optimizer_is_object",
    "info_schedule_is_object",
    "info_score_is_text",
    "info_steps_per_epoch_is_none",
    "info_versions_is_object",
    "landscape_critical_rate_is_fraction",
    "landscape_critical_rate_is_large",
    "landscape_critical_rate_is_nan",
    "landscape_critical_rate_is_negative",
    "landscape_critical_rate_is_number",
    "landscape_loss_changes_is_list",
    "landscape_loss_is_fraction",
    "landscape_loss_is_large",
    "landscape_loss_is_nan",
    "landscape_loss_is_negative",
    "landscape_loss_is_number",
    "landscape_rates_is_list",
    "landscape_used_rate_is_fraction",
    "landscape_used_rate_is_large",
    "landscape_used_rate_is_nan",
    "landscape_used_rate_is_negative",
    "landscape_used_rate_is_number",
    "layers_of_nan",
    "range_test_interval_is_list",
    "range_test_learning_rates_is_list",
    "range_test_reason_is_text",
    "range_test_smoothed_is_list",
    "range_test_suggestion_is_fraction",
    "range_test_suggestion_is_large",
    "range_test_suggestion_is_nan",
    "range_test_suggestion_is_negative",
    "range_test_suggestion_is_number",
    "range_test_usable_band_is_list",
    "time_is_0",
}
