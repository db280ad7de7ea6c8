"""What is built of a checkout, and what it does where there is no TensorFlow."""

import configparser
import json
import os
import re
import subprocess
import sys
import tarfile
import time
import urllib.request
import venv
import zipfile
from pathlib import Path
from urllib.parse import urlencode

import pytest
from build import ProjectBuilder
from build.env import DefaultIsolatedEnv
from pyproject_hooks import quiet_subprocess_runner

import lr_plugin

ROOT = Path(__file__).resolve().parents[2]
FRONTEND = ROOT / "lr_plugin" / "frontend"
DEADLINE_SECS = 60  # a start takes about 5 s; much more on a busy machine


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """Clones the last commit, so that only what the user would get is there."""
    clone = tmp_path_factory.mktemp("checkout") / "repository"
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    return clone


@pytest.fixture(scope="module")
def build_in(checkout):
    """Builds in a folder, in an environment that has what pyproject.toml requires.

    As pip does for each build; here it is made once. With nothing else on the PATH a
    build is that of a machine without Node.
    """
    with DefaultIsolatedEnv() as env, pytest.MonkeyPatch.context() as patch:

        def make_builder(folder):
            return ProjectBuilder.from_isolated_env(
                env, folder, runner=quiet_subprocess_runner
            )

        env.install(make_builder(checkout).build_system_requires)
        patch.setenv("PATH", "")
        yield lambda folder, kind, out: Path(make_builder(folder).build(kind, out))


@pytest.fixture(scope="module")
def wheel(build_in, checkout, tmp_path_factory) -> Path:
    return build_in(checkout, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def wheel_names(wheel) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def sdist(build_in, checkout, tmp_path_factory) -> Path:
    return build_in(checkout, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.mark.slow
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
    assert wheel.stat().st_size < 800_000


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


def test_the_version_is_the_same_everywhere():
    version = lr_plugin.__version__
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.findall(r"^version: (.*)$", citation, re.MULTILINE) == [version]
    assert re.findall(r"^## ([\d.]+)", changes, re.MULTILINE)[0] == version


def test_the_description_for_package_indexes_says_what_the_readme_says():
    texts = [
        (ROOT / name).read_text("utf-8") for name in ("README.md", "DESCRIPTION.md")
    ]
    readme, blocks = (re.findall(r"```(\w*)\n(.*?)```", t, re.DOTALL) for t in texts)

    assert len(blocks) > 3
    assert [block for block in blocks if block not in readme] == []
    # An index shows no file of the repository.
    assert re.findall(r"\]\((?!https?://)[^)]*\)", texts[1]) == []


def test_wheel_holds_the_licences_of_all_that_it_bundles(wheel):
    package = json.loads((FRONTEND / "package.json").read_text("utf-8"))
    folder = f"tensorboard_plugin_lr-{lr_plugin.__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        texts = archive.read("lr_plugin/static/LICENSES.txt").decode()
        metadata = archive.read(f"{folder}/METADATA").decode()
    for name, version in package["dependencies"].items():
        # Both are those of the MIT licence.
        licence = texts.partition(f"{name} {version}\n")[2]
        assert "Permission is hereby granted, free of charge" in licence
    assert "\nLicense-Expression: Apache-2.0 AND MIT\n" in metadata
    assert "\nLicense-File: LICENSE\n" in metadata
    assert "\nProject-URL: Homepage, https://pypi.org/project/" in metadata


@pytest.mark.slow
def test_sdist_holds_the_bundle_and_its_sources(sdist):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert "lr_plugin/static/index.js" in names
    assert "lr_plugin/frontend/package-lock.json" in names
    assert "lr_plugin/frontend/build.mjs" in names
    assert "tests/project/test_packaging.py" in names
    assert not {name for name in names if "node_modules" in name}


def test_wheel_from_an_sdist_takes_its_bundle_without_npm(
    build_in, sdist, wheel, tmp_path, monkeypatch
):
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    folder = tmp_path / sdist.name.removesuffix(".tar.gz")
    # Nothing listens at this address: npm would fail.
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    second = build_in(folder, "wheel", tmp_path)
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


@pytest.fixture(scope="module")
def bare(wheel, tmp_path_factory) -> Path:
    """Makes an environment with the wheel and what it requires; gives its `bin`."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder)
    # Of the modules that it installs, few are imported: none is compiled beforehand.
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python"]
    subprocess.run([*pip, "install", "--quiet", "--no-compile", wheel], check=True)
    return folder / "bin"


@pytest.fixture(scope="module")
def server(bare, tmp_path_factory):
    """Starts a TensorBoard on the runs of `lr_plugin.demo`; gives its address."""
    logdir = tmp_path_factory.mktemp("logs")
    outside = logdir.parent  # where only the installed package can be imported
    few = ["--num_runs=0", "--long_steps=0"]
    command = [bare / "python", "-m", "lr_plugin.demo", logdir, *few]
    subprocess.run(command, cwd=outside, check=True)
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [bare / "tensorboard", "--logdir", logdir, "--port", "0"],
            cwd=outside,
            stdout=output,
            stderr=output,
        )
    try:
        yield _wait_for(lambda: _announced_address(process, log))
    finally:
        process.terminate()
        process.wait()


def test_the_environment_has_no_tensorflow(bare):
    code = (
        "from importlib.util import find_spec\n"
        "print(any(map(find_spec, ('tensorflow', 'keras', 'sklearn', 'matplotlib'))))"
    )
    command = [bare / "python", "-c", code]
    assert subprocess.check_output(command, text=True) == "False\n"


def test_the_trainer_is_a_program_that_no_other_trainer_hides(bare, tmp_path):
    (tmp_path / "trainer.py").write_text("raise RuntimeError")
    result = subprocess.run(
        [bare / "lr-trainer"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 2
    assert result.stderr.startswith("error: Training needs TensorFlow.")


def test_the_tab_is_served(server):
    plugins = json.loads(_get(f"{server}data/plugins_listing"))
    assert plugins["learning_rate"]["enabled"]
    with urllib.request.urlopen(
        f"{server}data/plugin/learning_rate/index.js"
    ) as answer:
        assert "javascript" in answer.headers["Content-Type"]
        assert b"render" in answer.read()


def test_a_written_run_is_read_back(server):
    route = f"{server}data/plugin/learning_rate"
    runs = _wait_for(lambda: json.loads(_get(f"{route}/runs"))["runs"])
    run = max(runs, key=lambda run: run["num_iterations"])
    query = {
        "run": run["run"],
        "columns": "step,learning_rate",
        "start": run["last_step"] - 9,
        "stop": run["last_step"] + 1,
        "max_points": 100,
    }
    # Ten rows of two float64 columns.
    assert len(_get(f"{route}/series?{urlencode(query)}")) == 10 * 2 * 8


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        return answer.read()


def _announced_address(process: subprocess.Popen, log: Path) -> str | None:
    found = re.search(r"http://\S+", log.read_text("utf-8"))
    if not found and process.poll() is not None:
        raise RuntimeError(f"TensorBoard ended:\n{log.read_text('utf-8')}")
    return found and found.group()


def _wait_for(read):
    """Returns the first answer of `read` that is not empty."""
    deadline = time.monotonic() + DEADLINE_SECS
    while not (answer := read()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Nothing after {DEADLINE_SECS} s.")
        time.sleep(0.2)
    return answer
