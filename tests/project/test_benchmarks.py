"""The benchmarks start: what they import is there, and is what they mean."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "benchmarks"


def test_no_benchmark_has_the_name_of_a_package_that_it_measures():
    # Python looks first in the folder of the script that it runs.
    names = {path.stem for path in BENCHMARKS.iterdir()}
    assert not names & {"lr_plugin", "trainer", "keras", "tensorboard", "numpy"}
