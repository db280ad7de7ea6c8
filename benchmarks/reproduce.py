"""Trains what the article and the questions train, and prints both their values.

1. MNIST with a convolutional network and five fixed rates.
2. The article's decay schemes, cyclical and plateau, against the best fixed rate.
3. Adam with decay: what stock Keras trains and shows, and what the trainer does.
4. Transfer learning with rates of 0.001, 0.0001 and, for contrast, 0.01.
5. One cycle of 12 epochs against 85 epochs of inverse decay, with a LeNet.

    python benchmarks/reproduce.py                   few epochs
    python benchmarks/reproduce.py --full            all epochs: over an hour
    python benchmarks/reproduce.py --full --seeds=5  and all seeds of parts 2 and 5

You may interrupt it: the same command goes on where it was. MNIST is read from the file
that MNIST_NPZ names, else through Keras. Every training is a run that the tab shows
while it trains: tensorboard --logdir=logs/reproduce

A finished training is a line of results.csv and is not trained again. The results
behind the tables of docs/reproduction.md are in benchmarks/reproduction/results.csv:
--results=FILE prints them, and adds those that the file does not have yet.
"""

import argparse
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from benchmarks.reproduction.attempts import add_attempt
from benchmarks.reproduction.results import add_result, read_results, rows_of
from benchmarks.reproduction.tables import format_tables
from benchmarks.reproduction.trainings import (
    NUM_SEEDS,
    ROOT,
    Training,
    list_trainings,
)

PARTS = tuple(NUM_SEEDS)


def main() -> int:
    sys.stdout.reconfigure(line_buffering=True)
    arguments = parse_arguments()
    trainings = list_trainings(
        full=arguments.full, max_seeds=arguments.seeds, parts=arguments.parts
    )
    logdir = arguments.logdir.absolute()
    path = (arguments.results or logdir / "results.csv").absolute()
    exit_code = 0 if arguments.table else train_all(trainings, logdir, path)
    rows = rows_of(read_results(path), trainings)
    print(format_tables(rows, trainings, arguments.parts))
    return exit_code


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="all epochs")
    parser.add_argument(
        "--seeds",
        type=int,
        default=1,
        help="of each training at most so many; 3 are all of part 2, 5 of part 5",
    )
    parser.add_argument(
        "--parts", type=parse_parts, default=PARTS, help="such as 1,3; default: all"
    )
    parser.add_argument(
        "--logdir", type=pathlib.Path, default=pathlib.Path("logs/reproduce")
    )
    parser.add_argument(
        "--results",
        type=pathlib.Path,
        help="where results are kept; default: results.csv in the logdir",
    )
    parser.add_argument(
        "--table", action="store_true", help="print what is done and train nothing"
    )
    arguments = parser.parse_args()
    if arguments.seeds < 1:
        parser.error(f"--seeds must be at least 1. Received: {arguments.seeds}.")
    return arguments


def parse_parts(text: str) -> tuple[int, ...]:
    parts = [part for part in PARTS if str(part) in text.split(",")]
    if len(parts) != len(text.split(",")):
        raise argparse.ArgumentTypeError(
            f"must be numbers from 1 to {max(PARTS)} with commas between them. "
            f"Received: {text}."
        )
    return tuple(parts)


def train_all(
    trainings: Sequence[Training], logdir: pathlib.Path, results: pathlib.Path
) -> int:
    """Trains what is not trained yet, and adds it to the results.

    Returns:
        0, or the exit code of the first program that failed or was interrupted.
    """
    num_epochs = sum(training.epochs for training in trainings)
    num_done, num_done_now, begin = 0, 0, time.monotonic()
    for number, training in enumerate(trainings, 1):
        if training.run_name not in read_results(results):
            left = ""
            if num_done_now:
                secs = (time.monotonic() - begin) / num_done_now
                minutes = secs * (num_epochs - num_done) / 60
                left = f"; about {minutes:.0f} minutes left at {secs:.0f} s an epoch"
            print(
                f"\n== {number} of {len(trainings)}: {training.run_name} ({num_done} "
                f"of {num_epochs} epochs are done{left})"
            )
            was_trained = is_trained(training, logdir)
            exit_code = train_one(training, logdir)
            if exit_code:
                print("\nThis command again goes on from here. What is done so far:")
                return exit_code
            # Imported here because it needs TensorFlow, which --table does not.
            from benchmarks.reproduction.finished import read_finished

            results.parent.mkdir(parents=True, exist_ok=True)
            add_result(results, read_finished(logdir / training.run_name, training))
            num_done_now += 0 if was_trained else training.epochs
        num_done += training.epochs
    return 0


def is_trained(training: Training, logdir: pathlib.Path) -> bool:
    return (logdir / training.run_name / "model.keras").exists()


def train_one(training: Training, logdir: pathlib.Path) -> int:
    """Trains, or goes on with, one run unless it is over; returns the exit code."""
    if is_trained(training, logdir):
        return 0
    # --results may have its result, but its model is needed in this logdir.
    if training.begins_with and (exit_code := train_one(training.begins_with, logdir)):
        return exit_code
    folder = logdir / training.run_name
    can_resume = any(folder.glob("checkpoints/*.npz"))
    if not can_resume and folder.exists():
        # It was interrupted before its first checkpoint.
        shutil.rmtree(folder)
    return run_program(training.command(logdir, resume=can_resume), folder)


def run_program(command: Sequence[str], folder: pathlib.Path) -> int:
    """Runs a training until it ends, or stops in order at a signal."""
    process: subprocess.Popen[bytes] | None = None

    def stop(number: int, frame: object) -> None:
        # Ctrl-C reaches the training anyway; other signals are handed on.
        if process is not None and number != signal.SIGINT:
            process.send_signal(number)

    former = {
        number: signal.signal(number, stop)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    begin, cpu_begin = time.monotonic(), children_cpu_secs()
    try:
        process = subprocess.Popen(command, cwd=ROOT)
        exit_code = process.wait()
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    if folder.exists():
        secs, cpu_secs = time.monotonic() - begin, children_cpu_secs() - cpu_begin
        add_attempt(folder, secs=secs, cpu_secs=cpu_secs)
    return exit_code if exit_code >= 0 else 128 - exit_code


def children_cpu_secs() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    sys.exit(main())
