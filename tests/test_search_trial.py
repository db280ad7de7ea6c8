import dataclasses

import numpy as np
import pytest
from event_files import read_columns

from trainer.data.loading import load_data
from trainer.search.trial import TrialWatch, train_trial
from trainer.settings.config import Config


@pytest.mark.slow
def test_trial_that_goes_on_from_another_is_one_training_in_two_parts(tmp_path):
    config = Config(schedule="cosine", epochs=2, batch_size=128, logdir=str(tmp_path))
    data = load_data(config)

    def train(run, **where):
        watch = TrialWatch(
            "val_loss", is_hopeless=lambda values: False, is_taken=lambda: False
        )
        settings = dataclasses.replace(config, run=run)
        return train_trial(settings, data, watch, extra={"hparams": {}}, **where)

    train("whole", epochs=2)
    # As hyperband does: the schedule is that of the whole from the start.
    train("first", epochs=1)
    last = train("last", epochs=2, begin_at=tmp_path / "first")
    assert list(last.epochs) == [1]
    assert last.last_step == 23
    whole, first, last = (
        read_columns(tmp_path / run) for run in ("whole", "first", "last")
    )
    # 1438 digits in batches of 128 are 12 an epoch.
    for column in ("step", "learning_rate", "loss"):
        joined = np.concatenate([first[column], last[column]])
        np.testing.assert_array_equal(joined, whole[column])
