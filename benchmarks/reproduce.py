"""Trains what the article and the questions trained, and prints it beside their values.

1. MNIST with a convolutional network and five fixed rates.
2. The article's decay schemes, cyclical and plateau, against the best fixed rate.
3. Adam with decay: what stock Keras trains and shows, and what this package does.
4. Transfer learning with rates of 0.001, 0.0001 and, for contrast, 0.01.
5. One cycle of 12 epochs against 85 epochs of inverse decay, with a LeNet.

    python benchmarks/reproduce.py                  few epochs, one seed: minutes
    python benchmarks/reproduce.py --full --seeds=1 all epochs, one seed: about an hour
    python benchmarks/reproduce.py --full           all epochs and seeds: three hours

Times are those of two cores. Interrupt it as you like: it goes on where it was. MNIST
is read from the file that MNIST_NPZ names, else through Keras. Every training is a run
that the tab shows while it trains: tensorboard --logdir=logs/reproduce
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

from benchmarks.reproduction.results import is_finished, note_attempt, read_rows
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
    exit_code = 0 if arguments.table else train_all(trainings, logdir)
    print(format_tables(read_rows(logdir, trainings), trainings, arguments.parts))
    return exit_code


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="all epochs and seeds")
    parser.add_argument("--seeds", type=int, help="at most so many of each training")
    parser.add_argument(
        "--parts", type=parse_parts, default=PARTS, help="such as 1,3; default: all"
    )
    parser.add_argument(
        "--logdir", type=pathlib.Path, default=pathlib.Path("logs/reproduce")
    )
    parser.add_argument(
        "--table", action="store_true", help="print what is done and train nothing"
    )
    arguments = parser.parse_args()
    if arguments.seeds is not None and arguments.seeds < 1:
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


def train_all(trainings: Sequence[Training], logdir: pathlib.Path) -> int:
    """Does what is not done yet.

    Returns:
        The exit code: of the first program that failed, or that was interrupted.
    """
    num_epochs = sum(training.epochs for training in trainings)
    num_done, num_done_now, begin = 0, 0, time.monotonic()
    for number, training in enumerate(trainings, 1):
        if not is_finished(logdir / training.run):
            left = ""
            if num_done_now:
                secs = (time.monotonic() - begin) / num_done_now
                minutes = secs * (num_epochs - num_done) / 60
                left = f"; about {minutes:.0f} minutes left at {secs:.0f} s an epoch"
            print(
                f"\n== {number} of {len(trainings)}: {training.run} ({num_done} of "
                f"{num_epochs} epochs are done{left})"
            )
            was_trained = (logdir / training.run / "model.keras").exists()
            exit_code = train_one(training, logdir)
            if exit_code:
                print("\nThis command again goes on from here. What is done so far:")
                return exit_code
            num_done_now += 0 if was_trained else training.epochs
        num_done += training.epochs
    return 0


def train_one(training: Training, logdir: pathlib.Path) -> int:
    """Trains, or goes on with, one run and tests its model; returns the exit code."""
    folder = logdir / training.run
    if not (folder / "model.keras").exists():
        can_resume = any(folder.glob("checkpoints/*.npz"))
        if not can_resume and folder.exists():
            # Interrupted before there was anything to go on from.
            shutil.rmtree(folder)
        exit_code = run_program(training.command(logdir, resume=can_resume), folder)
        if exit_code:
            return exit_code
    # Imports TensorFlow, which --table does without.
    from benchmarks.reproduction.scores import write_scores

    write_scores(folder, training.recipe.examples)
    return 0


def run_program(command: Sequence[str], folder: pathlib.Path) -> int:
    """Runs a training to its end, or to its own orderly stop."""
    process: subprocess.Popen[bytes] | None = None

    def stop(number: int, frame: object) -> None:
        # Ctrl-C reaches the training by itself; whatever else stops us is handed on.
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
        note_attempt(folder, secs=secs, cpu_secs=cpu_secs)
    return exit_code if exit_code >= 0 else 128 - exit_code


def children_cpu_secs() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    sys.exit(main())
