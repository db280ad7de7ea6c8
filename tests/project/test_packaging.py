import configparser
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import lr_plugin

ROOT = Path(__file__).resolve().parents[2]
FRONTEND = ROOT / "lr_plugin" / "frontend"


@pytest.fixture(scope="module")
def wheel_names(wheel) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def sdist(checkout, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    command = [sys.executable, "-m", "build", "--sdist", "--outdir", folder, checkout]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (path,) = folder.glob("*.tar.gz")
    return path


def test_wheel_holds_the_bundle_and_the_data(wheel_names):
    assert "lr_plugin/static/index.js" in wheel_names
    assert "lr_plugin/http_api.md" in wheel_names
    assert "trainer/configs/digits.flags" in wheel_names


def test_wheel_holds_every_python_file_and_flagfile_of_the_packages(
    checkout, wheel_names
):
    files = [
        file
        for pattern in ("lr_plugin/**/*.py", "trainer/**/*.py", "trainer/**/*.flags")
        for file in checkout.glob(pattern)
        if "node_modules" not in file.parts
    ]
    assert {file.relative_to(checkout).as_posix() for file in files} <= wheel_names


def test_wheel_holds_neither_sources_of_the_bundle_nor_tests(checkout, wheel_names):
    packages = {
        file.parent.relative_to(checkout).as_posix()
        for file in checkout.glob("lr_plugin/**/__init__.py")
        if "frontend" not in file.parts
    }
    assert "lr_plugin/keras/schedules" in packages
    folders = {name.rpartition("/")[0] for name in wheel_names}
    assert {name for name in folders if name.startswith("lr_plugin")} == {
        *packages,
        "lr_plugin/static",
    }
    assert {name.partition("/")[0] for name in wheel_names} == {
        "lr_plugin",
        "lr_trainer.py",
        "trainer",
        f"tensorboard_plugin_lr-{lr_plugin.__version__}.dist-info",
    }


def test_wheel_is_small(wheel, record_property):
    # Python source and one minified bundle; node_modules would be a hundred times it.
    record_property("wheel_bytes", wheel.stat().st_size)
    assert wheel.stat().st_size < 600_000


def test_wheel_announces_the_plugin_to_tensorboard_and_the_program(wheel):
    name = f"tensorboard_plugin_lr-{lr_plugin.__version__}.dist-info/entry_points.txt"
    announced = configparser.ConfigParser()
    with zipfile.ZipFile(wheel) as archive:
        announced.read_string(archive.read(name).decode())
    assert {section: dict(announced[section]) for section in announced.sections()} == {
        "console_scripts": {"lr-trainer": "lr_trainer:main"},
        "tensorboard_plugins": {"learning_rate": "lr_plugin.loader:LearningRateLoader"},
    }


def test_the_oldest_versions_that_are_promised_are_those_that_are_tested():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    extras = settings["options.extras_require"]
    promised = dict(
        line.split(">=")
        for text in (
            settings["options"]["install_requires"],
            extras["train"],
            extras["search"],
        )
        for line in text.split()
        if ">=" in line
    )
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    (line,) = re.findall("^LOWEST := (.*)$", makefile, re.MULTILINE)
    tested = dict(each.removesuffix(".*").split("==") for each in line.split())
    assert promised == {name: tested[name] for name in promised}


def test_sdist_holds_the_bundle_and_its_sources(sdist):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert "lr_plugin/static/index.js" in names
    assert "lr_plugin/frontend/package-lock.json" in names
    assert "lr_plugin/frontend/build.mjs" in names
    assert "tests/project/test_packaging.py" in names
    assert not {name for name in names if "node_modules" in name}


def test_wheel_from_an_sdist_takes_its_bundle_without_npm(sdist, wheel, tmp_path):
    # Nothing listens at this address: npm would fail.
    env = {**os.environ, "npm_config_registry": "http://127.0.0.1:9"}
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    subprocess.run([*command, "--wheel-dir", tmp_path, sdist], env=env, check=True)
    (second,) = tmp_path.glob("*.whl")
    bundle = "lr_plugin/static/index.js"
    with zipfile.ZipFile(wheel) as ours, zipfile.ZipFile(second) as theirs:
        assert theirs.read(bundle) == ours.read(bundle)
        assert theirs.namelist() == ours.namelist()


def test_lock_file_pins_contents_and_names_no_registry():
    # The address would be that of whoever wrote the file.
    lock = json.loads((FRONTEND / "package-lock.json").read_text("utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert all(entry["integrity"] for entry in packages.values())
    assert not [name for name, entry in packages.items() if "resolved" in entry]
