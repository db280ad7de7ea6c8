"""The example runs, as the tab will see them."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
from data_providers import SCOPE, directory_of, python_loader

from lr_plugin import demo, read_run
from lr_plugin.demo.__main__ import main
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader


def read(logdir):
    with python_loader() as load:
        return LearningRateReader(
            load(logdir), directories=RunDirectories(logdir=str(logdir))
        )


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """Writes them once; gives the folder and the names."""
    logdir = tmp_path_factory.mktemp("logs")
    return logdir, demo.write_demo(logdir, num_runs=2, long_steps=0)


@pytest.fixture(scope="module")
def runs(examples):
    """Lists the examples once, by name."""
    logdir, _ = examples
    return {run["run"]: run for run in read(logdir).list_runs(SCOPE)["runs"]}


@pytest.mark.slow
def test_the_examples_show_what_there_is_to_see(examples, runs):
    _, names = examples

    assert set(runs) == set(names)
    assert runs["diverging"]["findings"][0]["kind"] == "nonfinite_loss"
    assert runs["accumulation"]["num_not_applied"] > 0
    assert runs["resumed"]["num_iterations"] == 3000
    assert runs["range_test"]["has"]["range_test"]
    assert runs["cosine_with_warmup"]["has"]["layers"]
    assert runs["search/trial_000"]["extra"]["hparams"]["learning_rate"] > 0
    assert 0 < runs["search/trial_001"]["extra"]["score"] < 1
    # Good trainings learn.
    for name in ("constant", "cosine_with_warmup", "step", "resumed"):
        assert runs[name]["loss"]["final"] < runs[name]["loss"]["first"] / 5
        assert runs[name]["findings"] == []


def test_the_landscapes_of_the_examples_are_valleys_with_a_cliff(examples):
    logdir, _ = examples
    found = {
        name: read_run(logdir / name).landscape
        for name in ("constant", "step", "diverging", "search/trial_000")
    }

    for landscape in found.values():
        assert 40 <= len(landscape) <= 43
        below = landscape.rates < landscape.critical_rates[:, None]
        above = landscape.rates > landscape.critical_rates[:, None]
        assert (landscape.loss_changes[below] < 0).all()
        assert (landscape.loss_changes[above] > 0).all()
        # A quadratic loss is back at the critical rate; half of the way it was lowest.
        lowest = np.nanargmin(landscape.loss_changes, axis=1)
        best = landscape.rates[np.arange(len(landscape)), lowest]
        assert (best * 2 / landscape.critical_rates < 2**0.6).all()
        assert (best * 2 / landscape.critical_rates > 2**-0.6).all()
        assert (landscape.rates == landscape.used_rates[:, None]).any(axis=1).all()
    # The rate of one is right, of one far too low, and of one it passes the cliff.
    assert 2 < np.median(found["constant"].headrooms) < 20
    assert np.median(found["search/trial_000"].headrooms) > 100
    assert found["diverging"].headrooms[0] > 30
    assert (found["diverging"].headrooms[-5:] < 1).all()


@pytest.mark.slow
def test_the_examples_started_one_after_the_other(examples, runs):
    _, names = examples

    ends = {name: (run["start_time"], run["last_time"]) for name, run in runs.items()}
    for earlier, later in itertools.pairwise(names):
        assert ends[earlier][1] < ends[later][0]


@pytest.mark.slow
def test_the_same_seed_gives_the_same_rows(examples, tmp_path):
    for directory, seed in (("same", 0), ("other", 1)):
        demo.write_demo(tmp_path / directory, num_runs=0, long_steps=0, seed=seed)
    found = []
    for logdir in (examples[0], tmp_path / "same", tmp_path / "other"):
        rows = read_run(logdir / "constant")
        found.append(np.stack([rows["loss"], rows["wall_time"]]))

    np.testing.assert_array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


@pytest.mark.slow
def test_what_is_said_in_the_examples_is_true_of_their_rows(examples):
    logdir, names = examples
    runs = {name: read_run(logdir / name) for name in names}
    said = {
        name: [event.text for event in run.events if event.kind != "epoch_end"]
        for name, run in runs.items()
    }

    rates = runs["step"]["learning_rate"]
    assert said["step"] == [
        f"No improvement for 5 epochs: the rate goes from {rates[at - 1]:g} to "
        f"{rates[at]:g}."
        for at in np.flatnonzero(np.diff(rates)) + 1
    ]
    (first, *_) = np.flatnonzero(np.isnan(runs["diverging"]["loss"]))
    assert said["diverging"] == [f"The loss is nan at step {first}."]
    # Of four micro-batches the last one makes the update.
    updates = np.arange(3, 2400, 4)
    skipped = updates[runs["accumulation"]["applied"][updates] == 0]
    assert said["accumulation"] == [
        f"The update at step {step} was skipped: gradients were not finite."
        for step in skipped
    ]
    # An epoch has 100 iterations.
    second = runs["resumed"].run_infos[1]
    assert second.first_step == 15 * 100
    assert said["resumed"] == ["Resumed from the checkpoint of epoch 15."]


@pytest.mark.slow
def test_the_long_run_shows_its_spike_at_every_zoom(tmp_path):
    demo.write_demo(tmp_path, num_runs=0)
    reader = read(tmp_path)

    for width in (1_000_000, 300_000, 50_000, 3000, 100):
        start = demo.SPIKE_STEP - width // 2
        window = reader.read_series(
            SCOPE,
            "long",
            ("step", "loss"),
            start=start,
            stop=start + width,
            max_points=500,
        )
        losses = window.columns["loss"]
        assert losses.max() == demo.SPIKE_LOSS
        assert window.columns["step"][losses.argmax()] == demo.SPIKE_STEP


@pytest.mark.slow
def test_the_command_says_what_it_wrote(tmp_path):
    command = [sys.executable, "-m", "lr_plugin.demo", str(tmp_path / "logs")]

    done = subprocess.run(
        [*command, "--num_runs=1", "--long_steps=0"],
        capture_output=True,
        text=True,
        check=True,
    )

    logdir = tmp_path / "logs"
    wrote, to_see_them = done.stdout.splitlines()
    assert wrote.startswith(f"Wrote 8 runs to {logdir}: constant, ")
    assert to_see_them == f"To see them: tensorboard --logdir {logdir}"
    assert directory_of(tmp_path / "logs" / "constant").is_dir()


def test_a_negative_number_of_runs_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main([str(tmp_path), "--num_runs=-1"])

    error = capsys.readouterr().err
    assert "--num_runs and --long_steps must be 0 or more." in error
