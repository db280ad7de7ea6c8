"""Measures how well the range test finds the rate, beside fastai's and Lightning's.

1. Synthetic curves whose steepest point and onset of divergence are known.
2. The digits and MNIST: how far the suggestions for 20 seeds lie apart.
3. MNIST: accuracy at the suggested rate and at all rates of a grid.

    python benchmarks/finder.py                 everything with the mlp
    python benchmarks/finder.py --models=mlp,cnn --keep=finder.jsonl

MNIST is read from the file that MNIST_NPZ names, else through Keras. --keep names a
file for results, with which an interrupted benchmark goes on.
"""

import argparse
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from rate_finding.grid import print_grid
from rate_finding.kept import Kept
from rate_finding.spread import print_spread
from rate_finding.synthetic import print_synthetic


def main() -> None:
    sys.stdout.reconfigure(line_buffering=True)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", default="1,2,3", help="which of the three to do")
    parser.add_argument("--seeds", type=int, default=20, help="of part 2")
    parser.add_argument("--grid_seeds", type=int, default=3, help="of part 3")
    parser.add_argument("--models", default="mlp", help="mlp, cnn or mlp,cnn")
    parser.add_argument("--keep", type=pathlib.Path, help="file of what is done")
    arguments = parser.parse_args()
    models = arguments.models.split(",")
    kept = Kept(arguments.keep)
    if "1" in arguments.parts:
        print_synthetic()
    if "2" in arguments.parts:
        problems = [("digits", "mlp"), *(("mnist", model) for model in models)]
        for dataset, model in problems:
            print_spread(dataset, model, arguments.seeds, kept)
    if "3" in arguments.parts:
        for model in models:
            print_grid(model, arguments.grid_seeds, kept)


if __name__ == "__main__":
    main()
