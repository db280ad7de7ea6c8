"""What must hold of images where they are changed, or shown to a network."""

from trainer.data.examples import ArrayExamples
from trainer.data.loading import Data
from trainer.data.own_function import Batched
from trainer.errors import ConfigError
from trainer.settings.config import Config
from trainer.settings.model import is_application


def check_images(config: Config, data: Data) -> None:
    """Refuses to augment what cannot be, and images whose scale is not known.

    Raises:
        ConfigError: --augment for a pipeline or for other data than images; numbers
            outside 0 to 1 for --augment or a network of keras.applications.
    """
    if config.augment:
        _check_augmented(config, data)
    if (config.augment or is_application(config.model)) and isinstance(
        data.train, ArrayExamples
    ):
        _check_scale("augment" if config.augment else "model", config, data.train)


def _check_augmented(config: Config, data: Data) -> None:
    shape = data.example_shape or ()
    if isinstance(data.train, Batched):
        received, advice = "batches made elsewhere", "Change the images there"
    elif len(shape) != 3:
        received = f"examples of {' x '.join(map(str, shape))}"
        advice = "Leave --augment out"
    else:
        return
    raise ConfigError(
        "`--augment` needs images, as arrays or in a folder. Received: --dataset="
        f"{config.dataset}, {received}. {advice}."
    )


def _check_scale(flag: str, config: Config, examples: ArrayExamples) -> None:
    lowest, highest = examples.value_range
    if lowest < 0 or highest > 1:
        raise ConfigError(
            f"`--{flag}` needs images as bytes (uint8) or as numbers from 0 to 1. "
            f"Received: --dataset={config.dataset}, numbers from {lowest:g} to "
            f"{highest:g}. Scale them, or give them as bytes."
        )
