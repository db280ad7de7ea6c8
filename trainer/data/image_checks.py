"""Checks images that are to be augmented, or shown to a network."""

from collections.abc import Sequence

from trainer.data.examples import ArrayExamples
from trainer.data.loading import Data
from trainer.data.user_function import Batched
from trainer.errors import ConfigError
from trainer.settings.model import is_application


def check_images(
    data: Data, *, dataset: str, model: str, augment: Sequence[str] | None
) -> None:
    """Refuses data that cannot be augmented, and images whose scale is not known.

    Args:
        dataset, model, augment: The values of the flags.

    Raises:
        ConfigError: --augment is given for a pipeline or for data that are no images;
            or numbers outside 0 to 1 for --augment or a network of keras.applications.
    """
    if augment:
        _check_augmented(data, dataset)
    is_changed = augment or is_application(model)
    if is_changed and isinstance(data.train, ArrayExamples):
        _check_scale(data.train, flag="augment" if augment else "model", name=dataset)


def _check_augmented(data: Data, dataset: str) -> None:
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
        f"{dataset}, {received}. {advice}."
    )


def _check_scale(examples: ArrayExamples, *, flag: str, name: str) -> None:
    lowest, highest = examples.value_range
    if lowest < 0 or highest > 1:
        raise ConfigError(
            f"`--{flag}` needs images as bytes (uint8) or as numbers from 0 to 1. "
            f"Received: --dataset={name}, numbers from {lowest:g} to "
            f"{highest:g}. Scale them, or give them as bytes."
        )
