"""The learning rate range test: finds a rate to train with, and leaves no trace.

Example:

```python
from lr_plugin.keras import range_test

result = range_test(model, x_train, y_train, batch_size=128)
print(result.reason)
result.plot("range_test.png")
```

Source: Smith, Cyclical Learning Rates for Training Neural Networks, 2017, section 3.3,
https://arxiv.org/abs/1506.01186.
"""

import functools
import math
from typing import Any

import keras
import numpy as np

from lr_plugin.keras.capture.backends import check_backend, check_model
from lr_plugin.keras.range_test.data import (
    check_data,
    data_variables,
    detached_data,
    has_no_examples,
    order_kept,
)
from lr_plugin.keras.range_test.defaults import (
    MAX_LEARNING_RATE,
    MIN_LEARNING_RATE,
    MIN_STEPS,
    NUM_REPEATS,
    NUM_STEPS,
)
from lr_plugin.keras.range_test.result import RangeTest
from lr_plugin.keras.range_test.suggestions import suggest
from lr_plugin.keras.range_test.sweep import Sweep, run_sweeps
from lr_plugin.keras.range_test.untouched import untouched


def range_test(
    model: keras.Model,
    x: Any,
    y: Any = None,
    *,
    min_learning_rate: float = MIN_LEARNING_RATE,
    max_learning_rate: float = MAX_LEARNING_RATE,
    num_steps: int = NUM_STEPS,
    repeats: int = NUM_REPEATS,
    validation_data: tuple[Any, ...] | None = None,
    **fit_arguments: Any,
) -> RangeTest:
    """Trains with a rising rate to find the one to train with.

    Each repeat starts from the model's weights, takes the next batches of the data, and
    applies one update at each of the rates, which are log-spaced from the lowest to the
    highest. It ends early where the loss diverges or is not finite. Afterwards all is
    as it was before, even if an exception or Ctrl-C ends the test: weights, statistics,
    optimizer, rate or schedule, metrics, random generators, and the order in which the
    data will be read.

    Args:
        model: Compiled; its optimizer may hold a schedule.
        x, y: The training data as `fit` takes it: arrays, a `tf.data.Dataset`, a
            `PyDataset`, a PyTorch `DataLoader`. It may be shorter than the test. What
            Python code within the data changes stays changed, such as a generator that
            `from_generator` closes over; only NumPy's and Python's global generators
            are restored.
        min_learning_rate: The first rate; should be too low to change anything.
        max_learning_rate: The last rate; should be too high to train with.
        num_steps: Number of rates, at least 10.
        repeats: How often the test is made; from 2 on, the interval shows how far
            repeats disagree.
        validation_data: `(x, y)` or `(x, y, sample_weight)`, one batch. If given, the
            losses are those of this batch after each update, free of the chance in
            batches and dropout; each costs an evaluation.
        **fit_arguments: What else `fit` takes to read the data: `batch_size`,
            `sample_weight`, `class_weight`, `shuffle`, `steps_per_epoch`.

    Raises:
        ValueError: An argument is out of bounds, the model is not compiled, or the data
            is empty or yields once only.

    Example:

    ```python
    result = range_test(model, x_train, y_train, batch_size=128)
    print(result.reason)
    model.optimizer.learning_rate = result.suggestion
    ```
    """
    _check_rates(min_learning_rate, max_learning_rate, num_steps, repeats)
    check_backend("range_test")
    check_model("range_test", model)
    _check_model(model)
    _check_fit_arguments(fit_arguments)
    _check_validation(validation_data)
    check_data(x)
    rates = np.geomspace(min_learning_rate, max_learning_rate, num_steps)
    data = detached_data(x, y=y, **fit_arguments)
    build = functools.partial(_build, model, data)
    with (
        order_kept(x),
        untouched(model, build=build, other_variables=data_variables(x)) as start,
    ):
        sweeps = run_sweeps(
            model,
            data,
            rates,
            num_sweeps=repeats,
            start=start,
            fixed_batch=validation_data,
        )
    return _conclude(
        rates,
        sweeps,
        loss_name="batch loss" if validation_data is None else "validation loss",
    )


def _conclude(rates: np.ndarray, sweeps: list[Sweep], *, loss_name: str) -> RangeTest:
    losses = [sweep.losses for sweep in sweeps]
    found = suggest(
        rates.tolist(),
        losses,
        diverged=any(len(sweep.losses) < len(rates) for sweep in sweeps),
        loss_name=loss_name,
    )
    return RangeTest(
        learning_rates=rates.tolist(),
        losses=losses,
        smoothed=found.smoothed,
        suggestion=found.suggestion,
        interval=found.interval,
        reason=found.reason,
        suggestions=found.suggestions,
        usable_band=found.usable_band,
        stop_reason="; ".join(
            f"in repeat {number} {sweep.stop_reason}"
            for number, sweep in enumerate(sweeps, start=1)
        ),
        loss_name=loss_name,
    )


def _build(model: keras.Model, data: dict[str, Any]) -> None:
    # Keras builds the model from the first batch, in whatever form the data is. Unlike
    # `evaluate`, this needs no loss, which a `train_step` may compute by itself.
    known = {name: data[name] for name in ("x", "batch_size") if name in data}
    model.predict(**known, steps=1, verbose=0)


def _check_rates(lowest: float, highest: float, num_steps: int, repeats: int) -> None:
    if not (0 < lowest < highest and math.isfinite(highest)):
        raise ValueError(
            "`min_learning_rate` must be above 0 and below `max_learning_rate`. "
            f"Received: min_learning_rate={lowest}, max_learning_rate={highest}. For "
            f"example min_learning_rate={MIN_LEARNING_RATE}, "
            f"max_learning_rate={MAX_LEARNING_RATE}."
        )
    if num_steps < MIN_STEPS:
        raise ValueError(
            f"`num_steps` must be at least {MIN_STEPS}: fewer updates do not show "
            f"where the loss falls. Received: num_steps={num_steps}. Use {NUM_STEPS}."
        )
    if repeats < 1:
        raise ValueError(
            f"`repeats` must be at least 1. Received: repeats={repeats}. Use "
            f"{NUM_REPEATS}."
        )


def _check_model(model: keras.Model) -> None:
    if not model.compiled or model.optimizer is None:
        raise ValueError(
            "The model must be compiled: the test needs its optimizer and its loss. "
            f"Received: a model named {model.name!r} that is not. Call model.compile() "
            "first."
        )
    if hasattr(model.optimizer, "optimizers"):
        raise ValueError(
            "The model must have one optimizer: a test of one rate cannot choose "
            f"several. Received: a {type(model.optimizer).__name__}. Compile the model "
            "with one of them."
        )


def _check_validation(batch: Any) -> None:
    if batch is None:
        return
    if not isinstance(batch, tuple) or len(batch) not in (2, 3):
        raise ValueError(
            "`validation_data` must be one batch, a tuple (x, y) or (x, y, "
            f"sample_weight). Received: a {type(batch).__name__}. For example "
            "validation_data=(x_val[:512], y_val[:512])."
        )
    if has_no_examples(batch[0]):
        raise ValueError(
            "`validation_data` must hold at least one example. Received: none."
        )


_FIT_ARGUMENTS = (
    "batch_size",
    "class_weight",
    "sample_weight",
    "shuffle",
    "steps_per_epoch",
)


def _check_fit_arguments(arguments: dict[str, Any]) -> None:
    for name in arguments:
        if name not in _FIT_ARGUMENTS:
            raise TypeError(
                "`range_test` takes of the arguments of `fit` those that tell how to "
                f"read the data: {', '.join(_FIT_ARGUMENTS)}. Received: {name}."
            )
