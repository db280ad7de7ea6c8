"""Shows a compiled model some of the data, so that what does not fit is said at once.

Else a training would end at its first step, or after its first epoch.
"""

from typing import Any

import keras

from trainer.data.loading import Data
from trainer.data.origin import Origin
from trainer.data.own_function import Batched
from trainer.data.pipeline import first_batch
from trainer.errors import ConfigError
from trainer.models.own_models import reason
from trainer.settings.config import Config


def try_batch(
    model: keras.Model, batch: tuple[Any, ...], part: str, config: Config
) -> dict[str, Any]:
    """Loss and metrics of a batch, by name; the model stays as it was.

    Args:
        part: Of the data, for the message.

    Raises:
        ConfigError: Model, loss or metrics do not take it.
    """
    try:
        values = model.test_on_batch(*batch, return_dict=True)
    # Whatever model, loss and metrics raise.
    except Exception as error:
        raise ConfigError(
            f"`--model`, its loss and metrics must take the {part} data. Received: "
            f"--model={config.model} --dataset={config.dataset}: {reason(error)}. "
            "Change the data, or the model and what it is compiled with."
        ) from error
    model.reset_metrics()
    return dict(values)


def try_pipelines(model: keras.Model, data: Data, config: Config) -> None:
    """Tries a batch of each part that a person's own pipeline yields.

    Raises:
        ConfigError: The model does not take it.
    """
    origin = Origin(f"--dataset={config.dataset}", "Correct what it yields.")
    parts = {
        "training": data.train,
        "validation": data.validation,
        "test": data.test,
    }
    for name, part in parts.items():
        if isinstance(part, Batched):
            try_batch(model, tuple(first_batch(part, origin)), name, config)
