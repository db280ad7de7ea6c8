"""Settings and fixtures that every test file may use."""

import gc
import os
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Set before anything imports TensorFlow, Keras or matplotlib; also for child processes.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("MPLBACKEND", "Agg")


# What only the trainer and lr_plugin.keras may need.
TRAINING = {"jax", "keras", "keras_tuner", "sklearn", "tensorflow", "torch", "trainer"}


class Refuse:
    """Finds no module of these packages, as if they were not installed."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in TRAINING:
            raise ModuleNotFoundError(
                f"{name} must not be imported with --without-tensorflow.", name=name
            )


def pytest_addoption(parser):
    parser.addoption(
        "--without-tensorflow",
        action="store_true",
        help="run as where neither TensorFlow nor anything that trains is installed",
    )


def pytest_configure(config):
    if config.getoption("without_tensorflow"):
        sys.meta_path.insert(0, Refuse())


def pytest_collection_modifyitems(items):
    # Tests that start a browser or build a package need not be marked as slow.
    for item in items:
        if {"chromium", "checkout"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def op_determinism_ends_with_its_test():
    """Turns off deterministic operations, which a training by flags has turned on.

    TensorFlow has no public way to turn them off, and with them Keras refuses XLA.
    """
    yield
    config = sys.modules.get("tensorflow.python.framework.config")
    if config is not None and config.is_op_determinism_enabled():
        config.disable_op_determinism()


@pytest.fixture(autouse=True, scope="module")
def what_is_left_is_not_looked_through_again():
    """Leaves what the tests of a file have kept out of later collections of garbage.

    TensorFlow keeps some of every graph that it traced, and Keras' `clear_session`,
    which keras-tuner calls for every trial, looks through all objects there are.
    """
    yield
    if "tensorflow" in sys.modules:
        gc.collect()
        gc.freeze()


@pytest.fixture(autouse=True, scope="module")
def graphs_are_run_as_traced(request):
    """Lets TensorFlow run graphs as they were traced, unless `optimized_graphs` is set.

    To optimize the graph of a small model takes longer than to train it. Tests that
    compare bits with a training elsewhere, or prove what is seen within the graph, keep
    the optimization, as users have it.
    """
    if request.node.get_closest_marker("optimized_graphs"):
        yield
        return
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is not None:
        set_options = tensorflow.config.optimizer.set_experimental_options
        set_options({"disable_meta_optimizer": True})
    yield
    if tensorflow is not None:
        set_options({"disable_meta_optimizer": False})


@pytest.fixture
def user_module(tmp_path, monkeypatch):
    """Writes a module that can be imported by its name until the test ends."""
    names = []

    def write(name: str, text: str) -> None:
        (tmp_path / f"{name}.py").write_text(text)
        names.append(name)

    monkeypatch.syspath_prepend(tmp_path)
    yield write
    for name in names:
        sys.modules.pop(name, None)


@pytest.fixture(scope="session")
def mnist_npz() -> Path:
    """Gives the real MNIST, an .npz file with x_train, y_train, x_test and y_test."""
    path = os.environ.get("MNIST_NPZ")
    if not path:
        pytest.skip("MNIST_NPZ does not name a copy of mnist.npz.")
    return Path(path)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Finds the browser's executable."""
    names = ("chromium", "chromium-browser", "google-chrome")
    for name in (os.environ.get("CHROMIUM"), *names):
        if name and (path := shutil.which(name)):
            return path
    pytest.skip("No Chromium on the PATH: `make test` installs one.")
