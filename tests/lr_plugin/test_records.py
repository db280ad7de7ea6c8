"""What is said of a run is checked where it enters, and again where it is read."""

import json
import threading

import numpy as np
import pytest

from lr_plugin.schema import Event, RangeTestRecord, RunInfo, from_json, to_json


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"steps_per_epoch": 3000 / 32},
            "`steps_per_epoch` must be a whole number from 0 to 2**53, or None. "
            "Received: 93.75.",
        ),
        ({"steps_per_epoch": True}, "`steps_per_epoch` must be a whole number"),
        ({"epochs": -1}, "`epochs` must be a whole number from 0 to 2**53"),
        ({"first_step": None}, "`first_step` must be a whole number from 0 to 2**53."),
        ({"optimizer": "Adam"}, "`optimizer` must be a mapping with `class_name`"),
        ({"schedule": {"class_name": 5}}, "`schedule` must be a mapping with"),
        ({"extra": [1, 2]}, "`extra` must be a mapping from names to values."),
        ({"notes": "one"}, "`notes` must be a list of texts. Received: 'one'."),
    ],
)
def test_a_run_info_refuses_other_types_by_the_name_of_the_field(fields, sentence):
    with pytest.raises(ValueError) as error:
        RunInfo(**fields)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (("\ud800", 5, "t"), "`kind` must be a text that UTF-8 can hold."),
        (("a", 5, "t", None), "`details` must be a mapping from names to values."),
        (
            ("a", "5", "t"),
            "`step` must be a whole number from 0 to 2**53. Received: '5'.",
        ),
        (
            ("a", -1, "t"),
            "`step` must be a whole number from 0 to 2**53. Received: -1.",
        ),
        ((5, 5, "t"), "`kind` must be a text that UTF-8 can hold. Received: 5."),
    ],
)
def test_an_event_refuses_other_types_by_the_name_of_the_field(values, sentence):
    with pytest.raises(ValueError) as error:
        Event(*values)
    assert sentence in str(error.value)


def test_what_means_the_same_is_taken():
    info = RunInfo(steps_per_epoch=94.0, epochs=np.int64(3), first_step=np.float32(8))

    assert (info.steps_per_epoch, info.epochs, info.first_step) == (94, 3, 8)
    assert {type(info.steps_per_epoch), type(info.epochs)} == {int}


def test_a_long_value_is_cut_in_the_message():
    with pytest.raises(ValueError) as error:
        RunInfo(notes="x" * 100_000)
    assert len(str(error.value)) < 200


def test_a_bad_field_of_a_file_is_left_out_and_told():
    flaws = []
    text = json.dumps({"steps_per_epoch": 93.75, "epochs": 7, "of_later": 1})

    info = from_json(RunInfo, text, on_flaw=flaws.append)

    assert (info.steps_per_epoch, info.epochs) == (None, 7)
    assert flaws == [
        "`steps_per_epoch` must be a whole number from 0 to 2**53, or None. Received: "
        "93.75."
    ]


def test_a_record_without_a_field_that_it_needs_is_none():
    with pytest.raises(ValueError, match=r"must have all fields. Received: step."):
        from_json(Event, '{"step": 5}', on_flaw=lambda _: None)


def test_numbers_that_no_program_knows_are_infinite():
    text = '{"kind": "a", "step": 5, "text": "", "details": {"x": ' + "9" * 9000 + "}}"
    assert from_json(Event, text).details == {"x": float("inf")}


def test_whatever_a_configuration_holds_can_be_written():
    itself: dict = {}
    itself["itself"] = itself
    config = {("a", 1): 2, "lock": threading.Lock(), "array": np.arange(2)}

    text = to_json(RunInfo(optimizer={"class_name": "A", "config": config}))
    found = from_json(RunInfo, text).optimizer["config"]
    assert found["('a', 1)"] == 2
    assert found["array"] == [0, 1]
    assert found["lock"].startswith("<unlocked _thread.lock")
    assert "itself" in to_json(RunInfo(extra=itself))


def test_a_range_test_comes_back_as_it_was():
    record = RangeTestRecord(
        learning_rates=np.array([0.1, 0.2]),
        losses=[[1.0, float("nan")]],
        smoothed=(),
        suggestion=np.float32(0.5),
        interval=[0.1, 0.2],
        reason="It falls most there.",
        suggestions={"steep": None},
    )
    found = from_json(RangeTestRecord, to_json(record))
    assert found.learning_rates == (0.1, 0.2)
    assert found.interval == (0.1, 0.2)
    assert np.isnan(found.losses[0][1])
