"""Shows a compiled model some of the data, so that errors come at once.

Without it a training would end at its first step, or after its first epoch.
"""

from typing import Any

import keras

from trainer.data.loading import Data
from trainer.data.origin import Origin
from trainer.data.pipeline import first_batch
from trainer.data.user_function import Batched
from trainer.errors import ConfigError
from trainer.models.user_models import quote_cause


def try_batch(
    model: keras.Model, batch: tuple[Any, ...], *, part: str, name: str, dataset: str
) -> dict[str, Any]:
    """Computes loss and metrics of a batch, by name; the model stays as it was.

    Args:
        part: The part of the data, for the message.
        name, dataset: --model and --dataset, for the message.

    Raises:
        ConfigError: Model, loss or metrics do not take the batch.
    """
    try:
        values = model.test_on_batch(*batch, return_dict=True)
    # Model, loss and metrics may be the user's code, which may raise anything.
    except Exception as error:
        raise ConfigError(
            f"`--model`, its loss and metrics must take the {part} data. Received: "
            f"--model={name} --dataset={dataset}: {quote_cause(error)}. "
            "Change the data, or the model and what it is compiled with."
        ) from error
    model.reset_metrics()
    return dict(values)


def try_pipelines(model: keras.Model, data: Data, *, name: str, dataset: str) -> None:
    """Tries a batch of each part of the data that is a pipeline of the user.

    Args:
        name, dataset: --model and --dataset, for messages.

    Raises:
        ConfigError: The model does not take it.
    """
    origin = Origin(f"--dataset={dataset}", "Correct what it yields.")
    parts = {
        "training": data.train,
        "validation": data.validation,
        "test": data.test,
    }
    for part, batched in parts.items():
        if isinstance(batched, Batched):
            batch = tuple(first_batch(batched, origin))
            try_batch(model, batch, part=part, name=name, dataset=dataset)
