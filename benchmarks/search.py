"""Measures how soon a search finds a good learning rate, with and without a range test.

1. Trials and steps until the accuracy is within 0.2 points of the best known: random
   search by keras-tuner over everything, over the trainer's default range, and around
   the interval of a range test, whose steps are counted, too.
2. Wall time of one search by one program, and by a chief with one and two workers.

    python benchmarks/search.py                  some minutes
    python benchmarks/search.py --seeds=5 --searches=100

Each rate is rounded to the nearest of a grid, five in a decade, and its accuracy is the
mean over the seeds, smoothed over its neighbours. So every training is made only once,
however many searches there are.
MNIST is read from the file that MNIST_NPZ names, else through Keras.
"""

import argparse
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from searching.trials import print_trials
from searching.wall_time import print_wall_time


def main() -> None:
    sys.stdout.reconfigure(line_buffering=True)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", default="1,2", help="which of the two to do")
    parser.add_argument("--seeds", type=int, default=2, help="of part 1, for each rate")
    parser.add_argument("--searches", type=int, default=20, help="of part 1")
    parser.add_argument("--trials", type=int, default=12, help="of part 2")
    arguments = parser.parse_args()
    if "1" in arguments.parts:
        print_trials(num_seeds=arguments.seeds, num_searches=arguments.searches)
    if "2" in arguments.parts:
        print_wall_time(num_trials=arguments.trials)


if __name__ == "__main__":
    main()
