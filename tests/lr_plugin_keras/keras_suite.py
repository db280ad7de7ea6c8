"""Runs the tests of Keras with a logger in every fit: those that pass must still pass.

    python tests/lr_plugin_keras/keras_suite.py CHECKOUT [FOLDER ...]

CHECKOUT is a checkout of Keras, at the tag of the version to try; the folders are those
with the tests to run, by default callbacks, optimizers, trainers and models. Each test
runs as it is, and with a `LearningRateLogger` among the callbacks of every fit. The
exit code is 1 if a test passes without and fails with the logger. This takes minutes
and is not part of `make test`.
"""

import argparse
import functools
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("callbacks", "optimizers", "trainers", "models")
_WITH_LOGGER = "LR_PLUGIN_LOGGER_IN_EVERY_FIT"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path, help="a checkout of Keras")
    parser.add_argument(
        "folders",
        nargs="*",
        default=[f"keras/src/{name}" for name in FOLDERS],
        help="folders or files of tests, within the checkout",
    )
    arguments = parser.parse_args()
    if not (arguments.checkout / "keras" / "src").is_dir():
        parser.error(
            "CHECKOUT must be a checkout of Keras, with a folder keras/src. Received: "
            f"{arguments.checkout}."
        )
    plain = run_tests(arguments.checkout, arguments.folders, with_logger=False)
    logged = run_tests(arguments.checkout, arguments.folders, with_logger=True)
    print("\n| | passed | failed | skipped |\n|---|---|---|---|")
    for name, outcomes in (("plain", plain), ("with a logger", logged)):
        counts = Counter(outcomes.values())
        numbers = (str(counts[o]) for o in ("passed", "failed", "skipped"))
        print(f"| {name} | {' | '.join(numbers)} |")
    broken = [t for t, o in plain.items() if o == "passed" and logged.get(t) != o]
    print(f"\nPassed plain, and not with a logger: {len(broken)}")
    for test in broken:
        print(f"  {test}")
    if not plain:
        print("No test ran.")
    return 1 if broken or not plain else 0


def run_tests(
    checkout: Path, folders: list[str], *, with_logger: bool
) -> dict[str, str]:
    """Runs the tests and returns "passed", "failed" or "skipped" by test."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        # For pytest to find Keras in the checkout, and this file as a plugin.
        paths = [str(checkout.resolve()), str(Path(__file__).parent), str(ROOT)]
        environment = os.environ | {
            "KERAS_BACKEND": os.environ.get("KERAS_BACKEND", "tensorflow"),
            "PYTHONPATH": os.pathsep.join(paths),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            _WITH_LOGGER: folder if with_logger else "",
        }
        command = [sys.executable, "-m", "pytest", "-p", "keras_suite", "-q"]
        command += [*folders, f"--junitxml={report}", "--tb=short", "-n", "2"]
        subprocess.run(command, cwd=checkout, env=environment, check=False)
        cases = ET.parse(report).getroot().iter("testcase")
        return {f"{c.get('classname')}.{c.get('name')}": _outcome(c) for c in cases}


def _outcome(case: ET.Element) -> str:
    children = {child.tag for child in case}
    if children & {"failure", "error"}:
        return "failed"
    return "skipped" if "skipped" in children else "passed"


def pytest_configure() -> None:
    """Adds a logger to every fit of the process; pytest calls this in its plugins."""
    logdir = os.environ.get(_WITH_LOGGER)
    if not logdir:
        return
    import keras

    from lr_plugin.keras import LearningRateLogger

    fit = keras.Model.fit

    @functools.wraps(fit)
    def logged_fit(self, *args, callbacks=None, **kwargs):
        logger = LearningRateLogger(tempfile.mkdtemp(dir=logdir))
        if isinstance(callbacks, keras.callbacks.CallbackList):
            # The callbacks of a CallbackList have their model already.
            callbacks.append(logger)
            logger.set_model(self)
        else:
            given = callbacks if isinstance(callbacks, list | tuple) else [callbacks]
            callbacks = [*(c for c in given if c is not None), logger]
        return fit(self, *args, callbacks=callbacks, **kwargs)

    keras.Model.fit = logged_fit


if __name__ == "__main__":
    sys.exit(main())
