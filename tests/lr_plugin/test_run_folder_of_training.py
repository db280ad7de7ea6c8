"""Which folder a training gets, so that no training hides another."""

import subprocess
import sys

import numpy as np
import pytest
from event_files import read_columns

from lr_plugin.writer import RunWriter, run_folder
from lr_plugin.writer.folder_lock import lock_folder


def claim_run_folder(logdir, first_step, *, is_resumed=False):
    return run_folder.claim_run_folder(
        logdir,
        goes_on=lambda s: run_folder.trains_on(s, first_step, is_resumed=is_resumed),
    )


def write_rows(folder, start, stop):
    steps = np.arange(start, stop)
    with RunWriter(folder, resume=True) as writer:
        writer.write_rows({"step": steps, "learning_rate": np.full(len(steps), 0.1)})


def name_of(claimed, logdir):
    claimed.release()
    return claimed.path.removeprefix(str(logdir)).lstrip("/")


def test_a_training_that_begins_anew_gets_the_next_free_folder(tmp_path):
    for name in ("", "fit_2", "fit_3"):
        claimed = claim_run_folder(str(tmp_path), 0)
        assert not claimed.is_continued
        assert name_of(claimed, tmp_path) == name
        write_rows(tmp_path / name, 0, 10)


def test_a_folder_without_iterations_is_free(tmp_path):
    with RunWriter(tmp_path) as writer:
        writer.write_layers(0, ["dense"], {"weight_norm": np.ones(1)})
    assert name_of(claim_run_folder(str(tmp_path), 0), tmp_path) == ""


@pytest.mark.parametrize(
    ("first_step", "is_resumed", "name"),
    [
        (20, False, "fit_2"),  # Right after the latest run's last step.
        (10, False, "fit_3"),  # fit_2 has it, and the first run ends long after it.
        (10, True, "fit_2"),  # Killed and resumed: it replaces what it trains again.
        (0, True, "fit_3"),  # Nothing goes on from step 0.
        (25, True, ""),  # fit_2 never came so far.
        (50, False, ""),
        (51, True, "fit_3"),  # A gap: it was not this run that went on.
    ],
)
def test_only_a_training_that_goes_on_continues_a_run(
    tmp_path, first_step, is_resumed, name
):
    write_rows(tmp_path, 0, 50)
    write_rows(tmp_path / "fit_2", 5, 20)
    claimed = claim_run_folder(str(tmp_path), first_step, is_resumed=is_resumed)
    assert claimed.is_continued == (name != "fit_3")
    assert name_of(claimed, tmp_path) == name


def test_two_trainings_at_once_do_not_share_a_folder(tmp_path):
    first = claim_run_folder(str(tmp_path), 0)
    second = claim_run_folder(str(tmp_path), 0)
    assert (first.path, second.path) == (str(tmp_path), str(tmp_path / "fit_2"))
    second.release()
    # It has written nothing, so that its folder is free again.
    assert name_of(claim_run_folder(str(tmp_path), 0), tmp_path) == "fit_2"
    first.release()


@pytest.mark.slow
def test_a_training_of_another_process_keeps_its_folder_until_it_dies(tmp_path):
    code = (
        "from lr_plugin.writer.run_folder import claim_run_folder\n"
        f"claimed = claim_run_folder({str(tmp_path)!r}, goes_on=None)\n"
        "print(claimed.path, flush=True)\n"
        "input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout.readline() == f"{tmp_path}\n"
        claimed = claim_run_folder(str(tmp_path), 0)
        assert name_of(claimed, tmp_path) == "fit_2"
        other.kill()
    assert name_of(claim_run_folder(str(tmp_path), 0), tmp_path) == ""


def test_a_released_lock_leaves_no_file(tmp_path):
    lock = lock_folder(str(tmp_path))
    assert lock_folder(str(tmp_path)) is None
    lock.release()
    lock.release()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named_all_the_same(tmp_path):
    (tmp_path / "file").write_text("")
    claimed = claim_run_folder(str(tmp_path / "file"), 0)
    assert claimed.path == str(tmp_path / "file")
    claimed.release()


def test_a_damaged_end_is_not_looked_at(tmp_path):
    write_rows(tmp_path, 0, 10)
    (path,) = (tmp_path / "learning_rate").glob("*tfevents*")
    path.write_bytes(path.read_bytes() + b"\xff" * 40)
    claimed = claim_run_folder(str(tmp_path), 10)
    assert claimed.is_continued
    claimed.release()


def test_what_is_written_after_the_clock_went_back_is_later_all_the_same(
    tmp_path, monkeypatch
):
    for moment, (start, stop) in ((2000.0, (0, 30)), (1000.0, (20, 40))):
        monkeypatch.setattr("time.time", lambda moment=moment: moment)
        write_rows(tmp_path, start, stop)
    files = sorted((tmp_path / "learning_rate").glob("*tfevents*"))
    assert len(files) == 2
    # Step 20 was trained again, so the second file counts.
    assert read_columns(tmp_path)["step"].tolist() == list(range(40))


def test_a_writer_that_begins_anew_hides_no_run(tmp_path):
    for start, rate in ((0, 0.1), (0, 0.2), (5, 0.3)):
        with RunWriter(tmp_path) as writer:
            steps = np.arange(start, 10)
            writer.write_rows(
                {"step": steps, "learning_rate": np.full(10 - start, rate)}
            )
    first, second = read_columns(tmp_path), read_columns(tmp_path / "fit_2")
    assert first["learning_rate"].tolist() == [np.float32(0.1)] * 10
    # The third went on with the latest run from step 5.
    assert second["learning_rate"].tolist() == [
        *[np.float32(0.2)] * 5,
        *[np.float32(0.3)] * 5,
    ]


def test_a_writer_that_resumes_replaces_the_run_of_its_folder(tmp_path):
    for rate in (0.1, 0.2):
        with RunWriter(tmp_path, resume=True) as writer:
            writer.write_rows({"step": np.arange(3), "learning_rate": np.full(3, rate)})
    assert read_columns(tmp_path)["learning_rate"].tolist() == [np.float32(0.2)] * 3
    assert not (tmp_path / "fit_2").exists()


def test_what_is_said_of_no_iteration_stays_with_the_run_that_is_there(tmp_path):
    write_rows(tmp_path, 0, 10)
    with RunWriter(tmp_path) as writer:
        writer.write_layers(3, ["dense"], {"weight_norm": np.ones(1)})
    assert not (tmp_path / "fit_2").exists()
