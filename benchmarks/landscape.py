"""Asks what one training's loss landscape tells of its rate, where a grid knows it.

    python benchmarks/landscape.py --mnist=mnist.npz --logdir=runs [--num_grids=75]

Trains networks at nine rates, from far too low to diverging, and three seeds, and
compares what the tab says of each single run with the grid's best rate: that of the
lowest final validation loss, mean over seeds. Grids are those of five tasks, five
optimizers and three schedules; `--num_grids=25` has a third of them, in which each task
and each optimizer meets each schedule. Thresholds were chosen on every other pair of a
task and an optimizer; the second table has the others. On these, what the landscapes
suggest is trained, beside what a range test and trials of keras-tuner suggest.

Goes on where it stopped: `--logdir` keeps a folder for each run, and a line in
`results.csv`.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "jax"

import jax


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mnist", help="MNIST as a file; else that of MNIST_NPZ")
    parser.add_argument("--logdir", type=Path, required=True)
    parser.add_argument("--num_grids", type=int, default=25)
    arguments = parser.parse_args()
    if arguments.mnist:
        os.environ["MNIST_NPZ"] = arguments.mnist
    # Imported once the backend is chosen.
    from landscapes.comparison import print_comparison
    from landscapes.report import make_grids, print_report
    from landscapes.settings import is_calibration, list_settings
    from landscapes.trainings import list_grid, read_results, train_missing
    from landscapes.verdicts import read_verdicts

    arguments.logdir.mkdir(parents=True, exist_ok=True)
    # Compiling takes longer than training.
    jax.config.update("jax_compilation_cache_dir", str(arguments.logdir / "compiled"))
    path, runs = arguments.logdir / "results.csv", arguments.logdir / "runs"
    settings = list_settings()[: arguments.num_grids]
    train_missing(
        [run for setting in settings for run in list_grid(setting)], path, runs
    )
    results = [result for result in read_results(path) if result.setting in settings]
    grids = make_grids(list(read_verdicts(results, runs)))
    print_report(grids)
    held_out = [grid for grid in grids if not is_calibration(grid.setting)]
    print_comparison(held_out, arguments.logdir)


if __name__ == "__main__":
    main()
