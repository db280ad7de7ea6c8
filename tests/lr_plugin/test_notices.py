"""What is said of the parts of a run's files that cannot be shown."""

import numpy as np
import pytest
from data_providers import SCOPE, python_loader
from tensorboard.data.provider import TensorDatum

from lr_plugin import metadata, schema
from lr_plugin.reader.fence.event_check import find_flaw
from lr_plugin.reader.fence.flaws import FlawList
from lr_plugin.reader.files.damage import Damage
from lr_plugin.reader.findings import findings
from lr_plugin.reader.recording import parse_records
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from lr_plugin.schema import Event, RunInfo
from lr_plugin.writer.run_writer import RunWriter

NAMES = {"logs/a/learning_rate": "a"}


def test_many_flaws_of_a_run_are_counted():
    flaws = FlawList()
    for i in range(8):
        flaws.note("logs/a/learning_rate", f"Flaw {i}.")

    assert flaws.describe(NAMES) == [
        *(f"Run a: Flaw {i}." for i in range(5)),
        "Run a: 3 more of this kind.",
    ]


@pytest.mark.parametrize(
    ("damage", "text"),
    [
        (
            Damage("logs/events.1", 12_345, is_rest=True, first_step=None),
            "Run a: its event file events.1 is damaged from byte 12,345 on. No "
            "iteration can be read from it.",
        ),
        (
            Damage("logs/events.1", 12_345, is_rest=True, first_step=2048),
            "Run a: its event file events.1 is damaged from byte 12,345 on. Nothing "
            "that comes after the block which begins with iteration 2,048 can be read "
            "from it.",
        ),
        (
            Damage("logs/events.1", 99, is_rest=False, first_step=1024, last_step=2047),
            "Run a: a record of its event file events.1 is damaged (byte 99): "
            "iterations 1,024 to 2,047 cannot be read.",
        ),
        (
            Damage("logs/events.1", 99, is_rest=False, first_step=1024),
            "Run a: a record of its event file events.1 is damaged (byte 99): "
            "iterations from 1,024 on cannot be read.",
        ),
    ],
)
def test_a_damage_is_told_by_its_place_and_what_is_missing(damage, text):
    assert damage.describe("a") == text


def test_an_event_that_is_left_out_is_told_by_its_tag_and_step():
    flaw = find_flaw(
        metadata.RANGE_TEST_TAG, 7, 1.0, np.zeros([2]), columns=(), layers=()
    )

    assert flaw == (
        "Its event range_test at step 7 is left out: It must be a text. Received: "
        "float64 of shape [2]."
    )


def test_a_record_that_is_left_out_and_a_part_of_one_are_told():
    notes = []

    parse_records(Event, "event", [datum_of(b'{"kind": "note"}')], notes.append)
    parse_records(RunInfo, "record", [datum_of(b'{"epochs": "many"}')], notes.append)

    assert notes == [
        "Its event at step 3 is left out: A record must have all fields. Received: "
        "kind.",
        "A part of its record at step 3 is left out: `epochs` must be a whole "
        "number from 0 to 2**53, or None. Received: 'many'.",
    ]


def test_a_search_for_mistakes_that_fails_is_told_and_leaves_the_others(
    tmp_path, monkeypatch
):
    def fail(evidence):
        raise RuntimeError("Injected.")

    kinds = findings.FINDERS[(schema.LOSS,)]
    monkeypatch.setitem(findings.FINDERS, (schema.LOSS,), (fail, *kinds))
    with RunWriter(tmp_path / "run") as writer:
        losses = np.where(np.arange(300) < 200, 1.0, np.nan)
        writer.write_rows({"step": np.arange(300), "loss": losses})
    with python_loader() as load:
        directories = RunDirectories(logdir=str(tmp_path))
        reader = LearningRateReader(load(tmp_path), directories=directories)
        found = reader.find_findings(SCOPE, "run")
        notices = reader.list_runs(SCOPE)["notices"]

    assert [finding["kind"] for finding in found] == ["nonfinite_loss"]
    text = "Some mistakes cannot be looked for (RuntimeError: Injected)."
    assert notices == [f"Run run: {text}"]


def datum_of(text):
    return TensorDatum(step=3, wall_time=1.0, numpy=np.array(text, object))
