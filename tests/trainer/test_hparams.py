"""What TensorBoard's HParams tab gets of a run."""

import pytest
from tensorboard.backend.event_processing.event_file_loader import (
    LegacyEventFileLoader,
)
from tensorboard.plugins.hparams import api_pb2, metadata

from trainer.runs.hparams import with_numbers, write_end, write_settings


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ({"warmup": "8.39%"}, {"warmup_percent": 8.39}),
        ({"warmup": "5ep"}, {"warmup_epochs": 5.0}),
        ({"cycle": "500"}, {"cycle_steps": 500.0}),
        ({"learning_rate": 1e-3, "optimizer": "adam"},) * 2,
        ({"timescale": "1000000"}, {"timescale_steps": 1e6}),
        # No durations: several of them, a name, and what no flag is.
        ({"boundaries": "10ep,20ep", "model": "128", "units": "128", "x": "5%"},) * 2,
        ({"mixed_precision": True, "seed": 3},) * 2,
    ],
)
def test_durations_are_numbers_with_their_unit_in_the_name(setting, expected):
    assert with_numbers(setting) == expected


def test_a_run_is_a_session_with_a_beginning_and_an_end(tmp_path):
    settings = {"momentum": 0.9, "units": "128", "optimizer": "sgd"}
    write_settings(tmp_path, settings)
    write_end(tmp_path, has_ended_well=False)

    contents = {
        value.tag: value.metadata.plugin_data.content
        for path in tmp_path.iterdir()
        for event in LegacyEventFileLoader(str(path)).Load()
        for value in event.summary.value
    }
    start = contents[metadata.SESSION_START_INFO_TAG]
    hparams = metadata.parse_session_start_info_plugin_data(start).hparams
    assert hparams["momentum"].number_value == 0.9
    assert hparams["units"].string_value == "128"
    assert hparams["optimizer"].string_value == "sgd"
    end = contents[metadata.SESSION_END_INFO_TAG]
    status = metadata.parse_session_end_info_plugin_data(end).status
    assert status == api_pb2.STATUS_FAILURE
