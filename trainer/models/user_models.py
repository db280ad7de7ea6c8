"""The user's model: what a function returns, or a .keras file."""

import re
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from trainer.data.loading import Data
from trainer.data.origin import Origin
from trainer.data.pipeline import first_batch
from trainer.data.target import Target
from trainer.data.user_function import Batched
from trainer.errors import ConfigError, first_line
from trainer.settings.imported_function import call_function
from trainer.settings.model import is_user_model

# Rows of probabilities add up to 1, as closely as float16 has it.
_TOLERANCE = 1e-2


def build_user_model(
    data: Data, *, model: str, dataset: str, mixed_precision: bool
) -> keras.Model:
    """Loads or makes the model, and shows it some examples so that it is built.

    A function may ask for `input_shape`, `num_outputs` and `num_classes`.

    Args:
        model, dataset, mixed_precision: The values of the flags.

    Raises:
        ConfigError: It cannot be loaded or made, or does not take the data.
    """
    if model.endswith(".keras"):
        built = _load_model(model, mixed_precision=mixed_precision)
    else:
        built = _call_builder(model, data)
    x = sample_batch(data, dataset)[0]
    try:
        outputs = built(x, training=False)
    # The user's code may raise anything.
    except Exception as error:
        raise ConfigError(
            f"`--model` must take the examples of --dataset. Received: --model="
            f"{model}, which does not take {_shape_text(x)}: "
            f"{quote_cause(error)}. Change the model's input, or the data."
        ) from error
    if data.target is not None and not built.compiled:
        _check_outputs(outputs, data.target, model)
    return built


def choose_loss(
    model: keras.Model, data: Data, *, name: str, dataset: str
) -> dict[str, Any]:
    """Chooses `loss` and `metrics` for `compile`, for a model that is not compiled.

    Args:
        name, dataset: --model and --dataset, for messages.

    Raises:
        ConfigError: They do not follow from the data.
    """
    target = require_target(data, model=name, dataset=dataset)
    if target.kind == "numbers":
        return {"loss": target.loss, "metrics": list(target.metrics)}
    outputs = np.asarray(model(sample_batch(data, dataset)[0], training=False))
    is_one_number = outputs.shape[-1] == 1
    if is_one_number:
        loss_class: Any = keras.losses.BinaryCrossentropy
    elif target.kind == "labels":
        loss_class = keras.losses.BinaryCrossentropy
    elif target.kind == "one_hot":
        loss_class = keras.losses.CategoricalCrossentropy
    else:
        loss_class = keras.losses.SparseCategoricalCrossentropy
    is_each = is_one_number or target.kind == "labels"
    from_logits = not _gives_probabilities(model, outputs, is_each=is_each)
    metric: Any = target.metrics[0]
    if is_each and from_logits:
        # Scores are cut at 0, where probabilities are cut at 0.5.
        metric = keras.metrics.BinaryAccuracy(name=metric, threshold=0.0)
    return {"loss": loss_class(from_logits=from_logits), "metrics": [metric]}


def require_target(data: Data, *, model: str, dataset: str) -> Target:
    """Gives what is to be predicted, for a model that is not compiled.

    Args:
        model, dataset: The values of the flags.

    Raises:
        ConfigError: It does not follow from the data.
    """
    target = data.target
    is_whole = target is not None and data.example_shape is not None
    if not is_whole and not is_user_model(model):
        raise ConfigError(
            "`--model` must be a model of your own where the data has several inputs "
            f"or targets. Received: --model={model} --dataset={dataset}. "
            "Give --model=module:function."
        )
    if target is None:
        raise ConfigError(
            "`--model` must be compiled where the data has several targets: its loss "
            f"does not follow from them. Received: --model={model}, which is "
            "not. Call model.compile(loss=...) before it is returned."
        )
    return target


def sample_batch(data: Data, dataset: str, num_examples: int = 2) -> tuple[Any, ...]:
    """Takes a few examples and their targets; the first batch of a pipeline.

    The highest label is among them: the one for which a model may lack an output.

    Args:
        dataset: --dataset, for messages.
    """
    if isinstance(data.train, Batched):
        origin = Origin(f"--dataset={dataset}", "Correct what it yields.")
        return tuple(first_batch(data.train, origin))
    # Where there are too few, some are taken more than once.
    numbers = np.arange(num_examples) % data.train.num_examples
    if data.train.y.ndim == 1:
        numbers[-1] = data.train.y.argmax()
    return data.train.gather(tf.constant(numbers))


def _load_model(path: str, *, mixed_precision: bool) -> keras.Model:
    try:
        model = keras.saving.load_model(path)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(
            "`--model` must be a model that Keras can load. Received: --model="
            f"{path}: {first_line(error)}. A model with classes of your own "
            "can be had from --model=module:function."
        ) from error
    if mixed_precision:
        raise ConfigError(
            "`--mixed_precision` cannot change the precision of a saved model. "
            f"Received: --mixed_precision --model={path}. Leave it out, or "
            "build the model in --model=module:function."
        )
    return model


def _call_builder(text: str, data: Data) -> keras.Model:
    target = data.target
    model = call_function(
        "model",
        text,
        input_shape=data.example_shape,
        num_outputs=None if target is None else target.num_outputs,
        num_classes=None if target is None else target.num_classes,
    )
    if not isinstance(model, keras.Model):
        raise ConfigError(
            "`--model` must name a function that returns a keras.Model. Received: "
            f"--model={text}, which returned "
            f"{'None' if model is None else 'a ' + type(model).__name__}. Correct what "
            "it returns."
        )
    return model


def _check_outputs(outputs: Any, target: Target, model: str) -> None:
    shape = tuple(getattr(outputs, "shape", ()))
    size = shape[-1] if len(shape) == 2 else None
    if target.kind in ("numbers", "one_hot", "labels"):
        fits, wanted = size == target.num_outputs, str(target.num_outputs)
    elif target.kind == "binary":
        fits, wanted = size is not None, "1 or 2"
    else:
        fits = size is not None and size >= target.num_outputs
        wanted = str(target.num_classes)
    if not fits:
        received = (
            f"{size} numbers"
            if size is not None
            else f"an output of shape {list(shape) or type(outputs).__name__}"
        )
        raise ConfigError(
            f"`--model` must give {wanted} numbers for an example: the data has "
            f"{target}. Received: --model={model}, which gives {received}. "
            "Change its last layer, or return it compiled with a loss of its own."
        )


def _gives_probabilities(
    model: keras.Model, outputs: np.ndarray, *, is_each: bool
) -> bool:
    """Tells whether the outputs went through a softmax or a sigmoid.

    Args:
        is_each: Whether each output is a probability of its own.
    """
    if ((outputs < 0) | (outputs > 1)).any():
        return False
    if not is_each:
        return bool(np.allclose(outputs.sum(axis=-1), 1, atol=_TOLERANCE))
    # Scores may be between 0 and 1 by chance.
    is_chain = isinstance(model, keras.Sequential)
    steps = model.layers if is_chain else getattr(model, "operations", None)
    activation = getattr(steps[-1], "activation", None) if steps else None
    return activation is not keras.activations.linear


def _shape_text(x: Any) -> str:
    shape = getattr(x, "shape", None)
    if shape is None:
        return "them"
    return f"examples of {' x '.join(map(str, shape[1:])) or 'one number'}"


def quote_cause(error: Exception) -> str:
    """Quotes the line in which Keras or TensorFlow says what is wrong with an input."""
    text = re.sub(r"\x1b\[\d*m", "", str(error)).split("[[{{")[0]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines:
        if "expected" in line.lower() or "incompatible" in line.lower():
            # The whole batch may be printed before what was expected.
            return line[max(line.find("Expected shape"), 0) :].rstrip(".")
    # First comes the place. The cause follows it: in the next line for a call, in the
    # last one for a graph.
    if len(lines) > 1 and lines[0].startswith("Exception encountered when calling"):
        return lines[1].rstrip(".")
    if lines and lines[0].startswith("Graph execution error"):
        return lines[-1].rstrip(".")
    return first_line(error)
