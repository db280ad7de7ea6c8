import math
import pathlib

import pytest

from trainer.search.curves import is_hopeless, mean_curve
from trainer.search.trial import TrialRun


def make_run(*values):
    epochs = {i: {"loss": 1.0, "val_loss": value} for i, value in enumerate(values)}
    return TrialRun(pathlib.Path(), epochs, last_step=0, is_hopeless=False)


def test_curve_is_the_mean_over_seeds():
    curve = mean_curve([make_run(1.0, 0.5), make_run(2.0, 1.5)], "val_loss")
    assert curve == {0: 1.5, 1: 1.0}


def test_curve_goes_on_with_the_seeds_that_got_there():
    curve = mean_curve([make_run(1.0), make_run(2.0, 1.5)], "val_loss")
    assert curve == {0: 1.5, 1: 1.5}


@pytest.mark.parametrize("last", [math.nan, math.inf])
def test_training_whose_end_is_not_finite_has_diverged(last):
    assert make_run(1.0, last).has_diverged("val_loss")
    assert not make_run(last, 1.0).has_diverged("val_loss")


# After two epochs these have averages of 0.9, 0.8, 0.7, 0.6 and 0.5.
PEERS = [[1.0, 0.8], [0.9, 0.7], [0.8, 0.6], [0.7, 0.5], [0.6, 0.4]]


def test_trial_worse_than_the_median_of_others_is_hopeless():
    assert is_hopeless([0.9, 0.71], PEERS, "min")
    assert not is_hopeless([0.69, 0.9], PEERS, "min")
    assert is_hopeless([0.1, 0.69], PEERS, "max")
    assert not is_hopeless([0.1, 0.71], PEERS, "max")


def test_a_few_others_say_nothing():
    assert not is_hopeless([9.0, 9.0], PEERS[:4], "min")


def test_others_that_ended_earlier_or_diverged_say_nothing():
    short = [[0.1] for _ in range(5)]
    diverged = [[0.1, math.inf] for _ in range(5)]
    assert not is_hopeless([9.0, 9.0], [*PEERS[:4], *short, *diverged], "min")
