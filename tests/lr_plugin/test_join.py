"""Which rate was in force at a loss."""

import numpy as np
import pytest

from lr_plugin.reader.foreign.join import Joined, Refused, join
from lr_plugin.reader.foreign.points import Points


def made(steps, times=None, counted="steps"):
    steps = np.array(steps, np.int64)
    times = np.array(steps if times is None else times, np.float64)
    numbers = np.arange(len(steps))
    return Points(steps, numbers.astype(float), times, numbers, len(steps), (), counted)


def joined(rate, loss):
    found = join(rate, loss)
    assert isinstance(found, Joined), found
    return found.how, found.numbers.tolist()


def test_equal_steps():
    assert joined(made([0, 5, 9]), made([0, 5, 9])) == ("same", [0, 1, 2])


def test_a_rate_holds_until_the_next():
    rate, loss = made([0, 10, 20]), made([0, 5, 10, 15, 20, 25])
    assert joined(rate, loss) == ("held", [0, 0, 1, 1, 2, 2])


def test_losses_before_the_first_rate_have_none():
    assert joined(made([10, 20]), made([0, 10, 20])) == ("held", [-1, 0, 1])


def test_rates_at_the_beginning_of_epochs_losses_at_their_ends():
    rate, loss = made([0, 1104, 2208]), made([1103, 2207, 3311])
    assert joined(rate, loss) == ("held", [0, 1, 2])


def test_a_rate_that_is_logged_a_step_later_is_that_of_the_loss_before():
    rate = made(range(1, 1001, 10))
    found = join(rate, made(range(0, 1000, 10)))
    assert (found.how, found.lag) == ("later", 1)
    assert found.numbers.tolist() == list(range(100))


def test_one_rate_holds_for_all():
    assert joined(made([0]), made(range(500))) == ("held", [0] * 500)


def test_a_rate_that_is_logged_when_it_changes_holds():
    # The times tell that both count steps, though the rates end early.
    rate, loss = made([0, 1000]), made(range(0, 5000, 100))
    assert joined(rate, loss) == ("held", [0] * 10 + [1] * 40)


def test_a_rate_for_each_epoch_is_joined_by_time():
    rate = made([0, 1, 2], times=[0, 100, 200])
    loss = made(range(300), times=np.arange(300) + 0.5)
    assert joined(rate, loss) == ("time", [0] * 100 + [1] * 100 + [2] * 100)


def test_a_loss_for_each_epoch_beside_a_rate_for_each_step_is_joined_by_time():
    rate = made(range(300), times=range(300))
    loss = made([0, 1, 2], times=[99.5, 199.5, 299.5])
    assert joined(rate, loss) == ("time", [99, 199, 299])


def test_a_rate_at_the_end_of_its_epoch_is_refused():
    # Whether it is the epoch's own or the next one's, nobody can tell.
    rate = made([0, 1, 2], times=[99.7, 199.7, 299.7])
    loss = made(range(300), times=np.arange(300))
    found = join(rate, loss)
    assert isinstance(found, Refused)
    assert "written after the losses" in found.reason


@pytest.mark.parametrize(
    "times",
    [
        # All at once, and one scalar after the other, as of logs that were converted.
        (np.zeros(3), np.zeros(300)),
        (np.arange(3), np.arange(300) + 1000.0),
    ],
)
def test_different_counters_without_times_are_refused(times):
    found = join(made([0, 1, 2], times[0]), made(range(300), times[1]))
    assert isinstance(found, Refused)
    assert "times do not tell" in found.reason


def test_equal_ranges_without_times_are_joined_by_step():
    rate = made(range(0, 100, 10), np.zeros(10))
    assert joined(rate, made(range(100), np.zeros(100)))[0] == "held"


def test_points_that_were_numbered_alike_are_paired():
    rate = made(range(5), counted="order")
    assert joined(rate, made(range(5), counted="order")) == ("same", [0, 1, 2, 3, 4])
    passes = made([0, 7, 14, 21, 28], counted="passes")
    assert joined(rate, passes) == ("order", [0, 1, 2, 3, 4])
