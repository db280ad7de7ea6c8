"""However a training ends, the recording of it ends with it."""

import gc
import sys
import threading
import time

import keras
import pytest
import tensorflow as tf
from event_files import read_columns
from training_cases import Stateful, Trainer, compiled, data, small

from lr_plugin.keras import LearningRateLogger, Recorder
from lr_plugin.keras.lifetime import Lifetime

pytestmark = pytest.mark.slow

STEPS_PER_EPOCH = 7  # 6 batches of 8 and one of 4


class Raise(keras.callbacks.Callback):
    """Raises in one method, the second time that it is called."""

    def __init__(self, method, error):
        super().__init__()
        self.num_calls = 0

        def act(*args, **kwargs):
            self.num_calls += 1
            if self.num_calls == 2:
                # Made here: one that is kept would keep its traceback.
                raise error("Elsewhere.")

        setattr(self, method, act)


def plain_attributes(model):
    return [dict(vars(owner)) for owner in (model, model.optimizer)]


def recorded_steps(folder):
    return read_columns(folder).get("step", []).tolist() if folder.exists() else []


@pytest.mark.parametrize(
    ("method", "num_rows"),
    [
        ("on_train_batch_begin", 1),
        ("on_train_batch_end", 2),
        ("on_test_begin", 14),
        ("on_test_batch_end", 7),
        ("on_epoch_begin", 7),
        ("on_epoch_end", 14),
    ],
)
@pytest.mark.parametrize(
    ("error", "is_first"), [(KeyboardInterrupt, True), (ValueError, False)]
)
def test_exception_in_another_callback_ends_the_recording(
    method, num_rows, error, is_first, tmp_path
):
    model = compiled("sgd")
    trainer = Trainer(tmp_path, LearningRateLogger)
    first, second = trainer.logger, LearningRateLogger(tmp_path / "second")
    other = Raise(method, error)
    others = {"first": [other]} if is_first else {}
    with pytest.raises(error):
        trainer.fit(
            model,
            *([] if is_first else [other]),
            validation_data=data(),
            **others,
        )
    after = plain_attributes(model)
    trainer.logger = second
    trainer.fit(model, epochs=1)
    trainer.fit(model, epochs=1, logged=False)

    assert {"train_step", "make_train_function", "compute_loss"}.isdisjoint(after[0])
    assert {"apply", "scale_loss", "_get_current_learning_rate"}.isdisjoint(after[1])
    first.on_train_end()
    num_before = recorded_steps(tmp_path / "run")
    assert num_before == list(range(num_rows))
    steps = recorded_steps(tmp_path / "second")
    assert steps == list(range(num_rows, num_rows + STEPS_PER_EPOCH))


def test_attributes_after_an_exception_are_those_without_the_logger(tmp_path):
    attributes = []
    for make_logger in (None, LearningRateLogger):
        keras.utils.set_random_seed(0)
        model = compiled("adam", model=Stateful())
        with pytest.raises(ValueError):
            Trainer(tmp_path, make_logger).fit(
                model, Raise("on_train_batch_end", ValueError)
            )
        attributes.append(
            [
                {name: type(value) for name, value in each.items()}
                for each in plain_attributes(model)
            ]
        )
    assert attributes[0] == attributes[1]


def test_kept_traceback_does_not_keep_the_recording(tmp_path):
    """As in a notebook, whose last traceback holds all frames."""
    model = compiled("sgd")
    trainer = Trainer(tmp_path, LearningRateLogger)
    with pytest.raises(KeyboardInterrupt) as kept:
        trainer.fit(model, Raise("on_train_batch_end", KeyboardInterrupt))
    trainer.fit(model, epochs=1, logged=False)
    model.optimizer.apply([tf.zeros_like(v) for v in model.trainable_variables])

    assert kept.traceback
    trainer.logger.on_train_end()
    assert recorded_steps(tmp_path / "run") == [0, 1]
    assert {"train_step", "make_train_function"}.isdisjoint(vars(model))


def test_files_are_closed_though_nobody_trains_again(tmp_path, monkeypatch):
    model = compiled("sgd")
    trainer = Trainer(tmp_path, LearningRateLogger)
    with pytest.raises(KeyboardInterrupt) as kept:
        trainer.fit(model, Raise("on_train_batch_end", KeyboardInterrupt))
    # As a prompt does.
    monkeypatch.setattr(sys, "last_traceback", kept.tb, raising=False)

    deadline = time.monotonic() + 15
    while writers() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert kept.traceback
    assert writers() == []
    assert recorded_steps(tmp_path / "run") == [0, 1]
    assert "train_step" not in vars(model)


def writers():
    return [t for t in threading.enumerate() if t.name == "lr_plugin writer"]


def test_exception_while_the_step_is_traced(tmp_path):
    class Broken(Stateful):
        is_broken = True

        def train_step(self, batch):
            if self.is_broken:
                raise ValueError("Not yet.")
            return super().train_step(batch)

    model = compiled("sgd", model=Broken())
    trainer = Trainer(tmp_path, LearningRateLogger)
    with pytest.raises(ValueError, match="Not yet"):
        trainer.fit(model)
    assert {"train_step", "train_function_"}.isdisjoint(vars(model))
    assert tf.GradientTape.gradient.__code__.co_filename != "<string>"
    model.is_broken = False
    trainer.fit(model, epochs=1)
    assert recorded_steps(tmp_path / "run") == list(range(STEPS_PER_EPOCH))


def test_evaluation_with_the_logger_leaves_no_hooks(tmp_path):
    model = compiled("sgd")
    logger = LearningRateLogger(tmp_path)

    model.evaluate(*data(), callbacks=[logger], verbose=0)
    model.predict(data()[0], callbacks=[logger], verbose=0)

    assert {"train_step", "make_train_function"}.isdisjoint(vars(model))
    Trainer(tmp_path).fit(model, logged=False)
    assert list(tmp_path.iterdir()) == []


def test_evaluation_with_the_logger_in_its_own_training(tmp_path):
    logger = LearningRateLogger(tmp_path / "run")

    class Look(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.evaluate(*data(), callbacks=[logger], verbose=0)

    trainer = Trainer(tmp_path)
    trainer.logger = logger
    trainer.fit(compiled("sgd"), Look())

    assert recorded_steps(tmp_path / "run") == list(range(2 * STEPS_PER_EPOCH))


def test_list_of_callbacks_that_is_used_twice(tmp_path):
    model, logger = compiled("sgd"), LearningRateLogger(tmp_path / "run")
    callbacks = keras.callbacks.CallbackList([logger], add_history=True, model=model)

    for _ in range(2):
        model.fit(*data(), batch_size=8, callbacks=callbacks, verbose=0)

    assert recorded_steps(tmp_path / "run") == list(range(2 * STEPS_PER_EPOCH))


def test_training_in_the_middle_of_another_one(tmp_path):
    inner = compiled("adam")
    trainer = Trainer(tmp_path, LearningRateLogger)

    class TrainInner(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            Trainer(tmp_path / f"inner{epoch}", LearningRateLogger).fit(inner, epochs=1)

    trainer.fit(compiled("sgd"), TrainInner())

    assert recorded_steps(tmp_path / "run") == list(range(2 * STEPS_PER_EPOCH))
    steps = [recorded_steps(tmp_path / f"inner{epoch}" / "run") for epoch in (0, 1)]
    assert [*steps[0], *steps[1]] == list(range(2 * STEPS_PER_EPOCH))


def test_recorder_that_is_forgotten_leaves_no_hooks():
    model = compiled("sgd")
    recorder = Recorder(model, on_rows=lambda rows: None)
    recorder.attach()
    del recorder
    gc.collect()

    model.fit(*data(), verbose=0)

    assert {"train_step", "make_train_function"}.isdisjoint(vars(model))


def test_copy_made_while_training_trains_itself():
    model = small()
    model.compile("sgd", "mse")
    with Recorder(model, on_rows=lambda rows: None):
        copied = keras.models.clone_model(model)
        copied.compile("sgd", "mse")
        step = type(model).train_step
        hooked = vars(model)["train_step"]
        assert hooked.__func__.__wrapped__ is step
        # Called for another object, the hook is that object's own method.
        before = [v.numpy() for v in model.trainable_variables]
        hooked.__func__(copied, tuple(map(tf.constant, data())))
        after = [v.numpy() for v in model.trainable_variables]
    assert all((a == b).all() for a, b in zip(before, after, strict=True))


def test_lifetime_by_hand_never_ends():
    lifetime = Lifetime()
    assert lifetime.is_by_hand
    assert not lifetime.is_over()


def test_lifetime_of_a_fit_is_told_from_other_threads():
    # Threads take turns as often as they can, in all that a training does.
    interval = sys.getswitchinterval()
    seen = []

    class Watch(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.lifetime, self.is_ending = Lifetime(), False
            self.thread = threading.Thread(target=self.watch)
            self.thread.start()

        def watch(self):
            while not self.is_ending:
                seen.append(self.lifetime.is_over())

        def on_train_end(self, logs=None):
            self.is_ending = True
            self.thread.join()

    watch = Watch()
    sys.setswitchinterval(1e-6)
    try:
        Trainer(None).fit(compiled("sgd"), watch, epochs=15)
    finally:
        sys.setswitchinterval(interval)

    assert len(seen) > 10_000
    assert not any(seen)
    assert watch.lifetime.is_over()
    assert sys.getrefcount(watch) < 10


def test_lifetime_ends_with_its_thread():
    class Look(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.lifetime = Lifetime()

    look, kept = Look(), []

    def fit():
        with pytest.raises(ValueError) as error:
            Trainer(None).fit(compiled("sgd"), look, Raise("on_epoch_end", ValueError))
        kept.append(error)

    thread = threading.Thread(target=fit)
    thread.start()
    thread.join()
    assert kept[0].traceback
    assert look.lifetime.is_over()
