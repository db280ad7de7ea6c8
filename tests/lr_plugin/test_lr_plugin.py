"""What the package itself gives to a script, and what it costs to import."""

import subprocess
import sys

import pytest

import lr_plugin


def test_public_names_are_there_and_explained():
    assert set(lr_plugin.__all__) <= set(dir(lr_plugin))
    for name in lr_plugin.__all__:
        assert getattr(lr_plugin, name).__doc__


def test_another_name_is_not_there():
    with pytest.raises(AttributeError, match="has no attribute 'read_runs'"):
        _ = lr_plugin.read_runs


@pytest.mark.slow
def test_importing_the_package_is_light():
    # TensorBoard imports it at every start.
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "import lr_plugin\n"
        "dir(lr_plugin)\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})\n"
        "lr_plugin.read_run\n"
        "print('numpy' in sys.modules)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )

    loaded, is_numpy_loaded_then = said.stdout.splitlines()
    assert {"numpy", "tensorboard", "keras", "tensorflow"} & set(
        loaded.split()
    ) == set()
    assert is_numpy_loaded_then == "True"
