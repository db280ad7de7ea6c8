"""Whatever fails in the recording, the training is the training without it."""

import ast
import functools
import importlib
import inspect
import pkgutil
import sys
import textwrap
import threading
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from event_files import load_events, load_texts, read_columns
from training_cases import Trainer

import lr_plugin.keras
from lr_plugin import schema
from lr_plugin.keras import LearningRateLogger

pytestmark = pytest.mark.slow

# What a script imports beside the recording, and what other backends use.
OTHERS = {"plateau", "range_test", "schedules"}
OTHER_BACKENDS = {"host", "jax", "torch"}
# These stand where the program's own method stood: they call it, and what they do
# besides fails in what they call. The guard itself is what is relied on, and what
# refuses a wrong use is to raise.
STAND_INS = {
    "asked_rate.watch_rate",
    "backends.check_backend",
    "backends.check_model",
    "call_sampling.CallSampling._around",
    "callback",
    "gradient_targets._gradient",
    "guard",
    "hooks.call_as_before",
    "model_hooks.ModelHooks._make_train_function",
    "recorded_function.RecordedFunction.__call__",
    "recorded_function.RecordedFunction.__getattr__",
    "recorder.Recorder.kept",
    "single_steps.make_single_steps",
    "step_capture.StepCapture._apply",
    "step_capture.StepCapture._compute_loss",
    "step_capture.StepCapture._scale_loss",
    "step_capture.StepCapture.on_gradient",
    "step_capture.StepCapture.train_step",
}


def find_modules():
    """Finds the modules of the recording, by the last part of their names."""
    prefix = f"{lr_plugin.keras.__name__}."
    found = {}
    for info in pkgutil.walk_packages(lr_plugin.keras.__path__, prefix):
        first, *parts = info.name.removeprefix(prefix).split(".")
        is_other = first in OTHERS or not OTHER_BACKENDS.isdisjoint(parts)
        if not info.ispkg and not is_other:
            found[info.name.rpartition(".")[2]] = importlib.import_module(info.name)
    return found


MODULES = find_modules()


def own_functions():
    """Names all functions and methods of the recording: "module.Class.method"."""
    for module_name, module in MODULES.items():
        for name, value in vars(module).items():
            if getattr(value, "__module__", None) != module.__name__:
                continue
            if inspect.isfunction(value):
                yield f"{module_name}.{name}"
            elif inspect.isclass(value):
                for method, function in vars(value).items():
                    if inspect.isfunction(function) or isinstance(function, property):
                        yield f"{module_name}.{name}.{method}"


def injected():
    for path in own_functions():
        parts = path.split(".")
        if {parts[0], path}.isdisjoint(STAND_INS):
            yield path


def break_function(monkeypatch, path):
    module, *names = path.split(".")
    owner = MODULES[module]

    def fail(*args, **kwargs):
        raise RuntimeError("Injected.")

    *classes, name = names
    for each in classes:
        owner = getattr(owner, each)
    original = inspect.getattr_static(owner, name)
    replacement = property(fail) if isinstance(original, property) else fail
    monkeypatch.setattr(owner, name, replacement)
    if not classes:
        # Where other modules have imported it.
        for other in MODULES.values():
            if getattr(other, name, None) is original:
                monkeypatch.setattr(other, name, fail)


def outcome(folder, make_logger, optimizer, steps_per_execution):
    keras.utils.set_random_seed(0)
    trainer = Trainer(folder, make_logger)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(optimizer, "mse", steps_per_execution=steps_per_execution)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        trainer.fit(model, epochs=1)
    texts = [str(w.message) for w in caught if "recorded" in str(w.message)]
    values = [v.numpy() for v in (*model.variables, *model.optimizer.variables)]
    return values, trainer.histories, texts


def notes_of(folder):
    (text,) = load_texts(folder, "run_info")
    events = load_events(folder, "note")
    return [*schema.from_json(schema.RunInfo, text).notes, *(e.text for e in events)]


# The loss landscape is measured where it is asked for: here of every other update.
with_landscape = functools.partial(LearningRateLogger, landscape_samples=100)

# A function fails in the first of these that calls it: those of SGD are traced sooner.
TRAININGS = (
    (LearningRateLogger, "sgd", 1),
    (LearningRateLogger, "sgd", 3),
    (LearningRateLogger, "adam", 1),
    (with_landscape, "sgd", 1),
    (with_landscape, "sgd", 3),
)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """What comes of a training without a logger, by its optimizer and its steps."""
    folder = tmp_path_factory.mktemp("plain")
    return {
        settings: outcome(folder / "-".join(map(str, settings)), None, *settings)
        for settings in {training[1:] for training in TRAININGS}
    }


@pytest.fixture(scope="module")
def called(tmp_path_factory):
    """By the function's name, the first training that calls it.

    Without those that hand on what fails in another one, which is called by them alone.
    """
    folder = tmp_path_factory.mktemp("called")
    paths = {code_of(path): path for path in injected()}
    found = {}
    for number, training in enumerate(TRAININGS):
        callers = callers_by_code(folder / str(number), set(paths), *training)
        new = {code: by for code, by in callers.items() if paths[code] not in found}
        only_callers = {next(iter(by)) for by in new.values() if len(by) == 1}
        for code in new:
            is_covered = code in only_callers and hands_on_failures(paths[code])
            found[paths[code]] = None if is_covered else training
    return {path: training for path, training in found.items() if training}


def hands_on_failures(path):
    """Tells whether a function has nothing that could catch what fails in it."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function_of(path)))).body
    return not any(isinstance(node, ast.Try | ast.With) for node in ast.walk(tree))


def callers_by_code(folder, codes, *training):
    """Trains; returns what has called each of these codes, by the code."""
    callers = {}

    def profile(frame, event, argument):
        if event == "call" and frame.f_code in codes:
            caller = frame.f_back and frame.f_back.f_code
            callers.setdefault(frame.f_code, set()).add(caller)

    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        outcome(folder, *training)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return callers


def code_of(path):
    return function_of(path).__code__


def function_of(path):
    module, *names = path.split(".")
    function = MODULES[module]
    for name in names:
        function = inspect.getattr_static(function, name)
    return inspect.unwrap(getattr(function, "fget", function))


@pytest.mark.parametrize("path", list(injected()))
def test_failure_in_any_function_leaves_the_training_alone(
    path, plain, called, tmp_path, monkeypatch
):
    if path not in called:
        pytest.skip("No training calls it, or what it calls is broken instead.")
    make_logger, *settings = called[path]
    break_function(monkeypatch, path)

    values, histories, texts = outcome(tmp_path, make_logger, *settings)

    expected_values, expected_histories, _ = plain[tuple(settings)]
    assert histories == expected_histories
    for recorded, expected in zip(values, expected_values, strict=True):
        np.testing.assert_array_equal(recorded, expected)
    assert len(texts) <= 1
    # What stays set here ends every later training under a strategy.
    assert tf.compat.v1.get_variable_scope().caching_device is None
    if make_logger is with_landscape:
        (text,) = texts
        assert text.removesuffix(" Training goes on.") in "".join(
            notes_of(tmp_path / "run")
        )


def test_failure_is_one_warning_and_a_note_in_the_run(tmp_path, monkeypatch):
    break_function(monkeypatch, "layer_sampler.LayerSampler.before_call")

    _, _, texts = outcome(tmp_path, *TRAININGS[0])

    text = "A sample of the layers could not be recorded (RuntimeError: Injected.)."
    assert texts == [f"{text} Training goes on."]
    assert text in "".join(notes_of(tmp_path / "run"))
    assert len(read_columns(tmp_path / "run")["loss"]) == 7


def test_training_after_a_failure_is_recorded(tmp_path, monkeypatch):
    break_function(monkeypatch, "model_hooks.ModelHooks._install")
    outcome(tmp_path / "failed", *TRAININGS[0])
    monkeypatch.undo()

    _, _, texts = outcome(tmp_path / "next", *TRAININGS[0])

    assert texts == []
    assert len(read_columns(tmp_path / "next" / "run")["loss"]) == 7
