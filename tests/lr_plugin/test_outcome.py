"""Final loss, lowest loss and divergence, against loops over all rows."""

import numpy as np
import pytest

from lr_plugin.reader.epochs import find_epochs
from lr_plugin.reader.history import Beginnings
from lr_plugin.reader.outcome.known_rows import KnownRows, know_all, read_known_rows
from lr_plugin.reader.outcome.outcome import (
    find_divergence,
    find_final_loss,
    find_lowest_loss,
)
from lr_plugin.reader.outcome.smoothed_loss import SmoothedLoss, choose_width
from lr_plugin.reader.overview import TensorEvent, build_overview
from lr_plugin.rows import slice_rows, slice_steps
from lr_plugin.schema import RunInfo, overview_columns, summarize

EPOCHS = find_epochs([RunInfo(steps_per_epoch=100)], [], 1_000_000)


def make_rows(losses, rates=None):
    steps = np.arange(len(losses))
    rates = np.full(len(losses), 0.5) if rates is None else rates
    return {
        "step": steps,
        "learning_rate": rates.astype(np.float32),
        "loss": np.asarray(losses, np.float32),
        "applied": np.ones(len(losses), np.float32),
    }


def make_known(rows, *, with_rows=True):
    """What is known of a run through its overview, as of a long one."""
    names = ("learning_rate", "loss")
    num_rows = len(rows["step"])
    buckets = [
        summarize(slice_rows(rows, i, i + 256), first_step=0)
        for i in range(0, num_rows, 256)
    ]
    event = TensorEvent(0, 1.0, np.stack(buckets), overview_columns(names))
    overview = build_overview([event], Beginnings(), last_step=num_rows - 1)

    def read(start, stop):
        return slice_steps(rows, start, stop) if with_rows else {}

    return KnownRows(overview, None, read)


def running_medians(losses):
    """Medians over a hundredth of the rows; what is not finite is infinite."""
    width = choose_width(len(losses))
    values = np.where(np.isfinite(losses), losses, np.inf).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(values, width)
    return np.sort(windows, axis=1)[:, width // 2], width


def noise(n, seed=0, scale=0.05):
    return np.exp(scale * np.random.default_rng(seed).standard_normal(n))


@pytest.mark.parametrize("num_rows", [1, 9, 50, 511, 512, 600, 5000])
def test_final_loss_is_the_mean_of_the_last_tenth(num_rows):
    losses = 2.3 * np.exp(-5.4 * np.arange(num_rows) / num_rows)
    count = max(1, num_rows // 10)
    expected = losses[-count:].mean()

    found = find_final_loss(know_all(make_rows(losses)))

    assert found.loss == pytest.approx(expected, rel=1e-6)
    assert found.is_exact


@pytest.mark.parametrize("num_rows", [40_000, 40_001, 51_200, 99_999])
def test_final_loss_of_a_long_run_is_exact_where_its_rows_can_be_read(num_rows):
    losses = 2.3 * np.exp(-5.4 * np.arange(num_rows) / num_rows)
    losses[num_rows - 4000] = np.nan
    expected = np.nanmean(losses[-(num_rows // 10) :])

    found = find_final_loss(make_known(make_rows(losses)))

    assert found.is_exact
    assert found.loss == pytest.approx(expected, rel=1e-6)


def test_final_loss_without_rows_says_that_it_is_not_exact():
    losses = 2.3 * np.exp(-5.4 * np.arange(40_000) / 40_000)
    rows = make_rows(losses)

    found = find_final_loss(make_known(rows, with_rows=False))

    # 15 whole buckets, the last of 64 rows, and 96 rows of the one before them.
    assert not found.is_exact
    assert found.loss == pytest.approx(losses[-4000:].mean(), rel=1e-3)
    # The last tenth of 51,200 rows is 20 whole buckets.
    losses = 2.3 * np.exp(-5.4 * np.arange(51_200) / 51_200)
    assert find_final_loss(make_known(make_rows(losses), with_rows=False)).is_exact


@pytest.mark.parametrize("num_rows", [180, 5000, 40_000])
def test_final_loss_is_nan_where_the_last_loss_is_not_finite(num_rows):
    losses = np.ones(num_rows)
    losses[-1] = np.inf
    rows = make_rows(losses)
    make = know_all if num_rows <= 5000 else make_known

    assert np.isnan(find_final_loss(make(rows)).loss)
    losses[-1], losses[-2] = 1, np.inf
    assert find_final_loss(make(make_rows(losses))).loss == 1


@pytest.mark.parametrize("num_rows", [1, 30, 99, 100, 250, 1234, 6000])
@pytest.mark.parametrize("seed", range(3))
def test_lowest_loss_is_the_lowest_running_median(num_rows, seed):
    steps = np.arange(num_rows)
    losses = (1 + 0.5 * np.cos(steps / num_rows * 5)) * noise(num_rows, seed, 0.3)
    losses[seed::17] = np.nan
    losses[seed::23] = np.inf
    rows = make_rows(losses)
    medians, width = running_medians(rows["loss"])

    found = find_lowest_loss(know_all(rows), EPOCHS)

    if not np.isfinite(medians.min()):
        assert found is None
        return
    window = int(np.argmin(medians))
    assert found.loss == np.float32(medians.min())
    assert window <= found.step < window + width
    # It is a row of the run, and its values are the row's.
    assert rows["loss"][found.step] == np.float32(found.loss)
    assert found.epoch == found.step // 100


def test_lowest_loss_of_a_long_run_is_a_row_of_its_lowest_buckets():
    steps = np.arange(50_000)
    losses = (1 + ((steps - 30_000) / 20_000) ** 2) * noise(50_000)
    rows = make_rows(losses, rates=steps + 1.0)
    medians, _ = running_medians(rows["loss"])

    found = find_lowest_loss(make_known(rows), EPOCHS)

    assert found.loss == pytest.approx(medians.min(), rel=0.01)
    assert rows["loss"][found.step] == np.float32(found.loss)
    assert found.learning_rate == found.step + 1
    assert find_lowest_loss(make_known(rows, with_rows=False), EPOCHS) is None


def test_lowest_loss_of_a_run_without_a_finite_one_is_unknown():
    assert find_lowest_loss(know_all(make_rows(np.full(9, np.nan))), EPOCHS) is None


def diverging(num_rows, turn):
    """Falls to 0.1, and doubles every 5 % of the run from `turn` on."""
    steps = np.arange(num_rows)
    fall = 0.1 + 2.2 * np.exp(-steps / (turn / 8))
    rise = 0.1 * 2 ** ((steps - turn) / (num_rows / 20))
    return np.where(steps < turn, fall, rise) * noise(num_rows)


@pytest.mark.parametrize("num_rows", [1000, 3000, 30_000])
def test_a_run_diverged_where_its_loss_was_low_for_the_last_time(num_rows):
    turn = num_rows * 6 // 10
    rows = make_rows(diverging(num_rows, turn), rates=np.arange(num_rows) + 1.0)

    found = find_divergence(know_all(rows), EPOCHS)

    assert abs(found.step - turn) < 0.02 * num_rows
    assert found.learning_rate == found.step + 1
    assert rows["loss"][found.step] == np.float32(found.loss)


def test_a_long_run_diverged_in_a_row_that_is_read():
    rows = make_rows(diverging(60_000, 40_000), rates=np.arange(60_000) + 1.0)

    found = find_divergence(make_known(rows), EPOCHS)

    assert abs(found.step - 40_000) < 1200
    assert found.learning_rate == found.step + 1
    assert rows["loss"][found.step] == np.float32(found.loss)
    assert find_divergence(make_known(rows, with_rows=False), EPOCHS) is None


@pytest.mark.parametrize("num_rows", [180, 1500, 60_000])
def test_a_run_whose_losses_are_nan_in_the_end_diverged_before(num_rows):
    losses = np.linspace(2, 1, num_rows)
    first = num_rows * 3 // 4
    losses[first:] = np.nan
    make = know_all if num_rows <= 1500 else make_known

    found = find_divergence(make(make_rows(losses)), EPOCHS)

    assert first - num_rows // 100 - 260 <= found.step < first


def test_losses_that_explode_at_once_diverged_in_the_first_row():
    losses = np.full(180, np.nan)
    losses[:3] = 2.4, 8e13, 1e34

    assert find_divergence(know_all(make_rows(losses)), EPOCHS).step == 0


@pytest.mark.parametrize(
    "losses",
    [
        np.linspace(2, 0.1, 1000),
        # Rises to twice its lowest, below its beginning.
        np.concatenate([np.linspace(2, 0.5, 500), np.linspace(0.5, 1, 500)]),
        # Noise around its beginning.
        2.3 * noise(1000, scale=0.2),
        # Above its beginning in between.
        np.concatenate([np.linspace(2, 9, 100), np.linspace(9, 0.1, 900)]),
        # One loss in the end is not finite.
        np.concatenate([np.linspace(2, 0.1, 999), [np.nan]]),
        # Never finite.
        np.full(100, np.nan),
        # The last of few is above the first.
        np.concatenate([[1.0], np.full(20, 0.1), [3.0]]),
    ],
)
def test_other_runs_did_not_diverge(losses):
    assert find_divergence(know_all(make_rows(losses)), EPOCHS) is None


def test_medians_are_asked_for_one_by_one_and_for_all():
    losses = np.array([3, 1, np.nan, 2, 5, np.inf, 4.0])
    smoothed = SmoothedLoss(losses, 3)

    # Windows (3 1 nan), (1 nan 2), (nan 2 5), (2 5 inf), (5 inf 4).
    assert [smoothed.median_at(i) for i in range(5)] == [3, 2, 5, 5, 5]
    assert smoothed.lowest == 2
    assert smoothed.are_at_most(3).tolist() == [True, True, False, False, False]
    assert smoothed.row_at(1) == 3


@pytest.mark.parametrize("width", [1, 3, 101])
@pytest.mark.parametrize(
    "make_losses",
    [
        lambda random, n: random.normal(size=n),
        lambda random, n: np.exp(-np.arange(n) / 300) + random.normal(0, 0.01, n),
        lambda random, n: np.round(random.normal(size=n)),
        lambda random, n: np.where(random.random(n) < 0.6, np.nan, random.random(n)),
        lambda random, n: np.arange(n)[::-1] / n,
        lambda random, n: np.full(n, 2.0),
        lambda random, n: np.full(n, np.nan),
    ],
    ids=["noise", "decay", "ties", "nan", "line", "constant", "all_nan"],
)
def test_the_lowest_median_is_the_lowest_of_all_windows(make_losses, width):
    losses = make_losses(np.random.default_rng(0), 1000)
    higher = np.where(np.isfinite(losses), losses, np.inf)
    medians = [sorted(higher[i : i + width])[width // 2] for i in range(1001 - width)]
    assert SmoothedLoss(losses, width).lowest == min(medians)


@pytest.mark.parametrize(
    ("num_rows", "width"), [(1, 1), (199, 1), (200, 3), (1000, 11), (10**6, 255)]
)
def test_the_loss_is_smoothed_over_a_hundredth_of_the_run(num_rows, width):
    assert choose_width(num_rows) == width


def test_all_rows_of_a_short_run_are_known():
    rows = make_rows(np.linspace(2, 1, 3000))
    overview = make_known(rows).overview

    assert read_known_rows(overview, lambda a, b: slice_steps(rows, a, b)).rows
    assert read_known_rows(overview, lambda a, b: {}).rows is None
