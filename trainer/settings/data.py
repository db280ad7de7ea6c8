"""What must hold of --dataset, --model and what belongs to them."""

import os
import pathlib
from typing import TYPE_CHECKING

from trainer.errors import ConfigError
from trainer.settings.flag_types import nearest

if TYPE_CHECKING:
    from trainer.settings.config import Config

DATASETS = ("digits", "mnist", "fashion_mnist", "cifar10")
MODELS = ("mlp", "cnn")


def check_dataset_and_model(config: "Config") -> None:
    """Raises ConfigError where one of them, or what goes with it, cannot be."""
    _check_dataset(config)
    _check_flags_of_datasets(config)
    _check_model(config)
    _check_transfer(config)


def is_csv(dataset: str) -> bool:
    """Whether --dataset names a table in a file."""
    return pathlib.Path(dataset).suffix.lower() in (".csv", ".tsv")


def is_own_model(model: str) -> bool:
    """Whether --model names a model that somebody else builds."""
    return ":" in model or model.endswith(".keras")


def is_application(model: str) -> bool:
    """Whether --model names a network of keras.applications, known or not."""
    return model not in MODELS and not is_own_model(model)


def _check_dataset(config: "Config") -> None:
    name = config.dataset
    path = pathlib.Path(name)
    is_file = path.suffix.lower() == ".npz" or is_csv(name)
    if name in DATASETS or path.is_dir() or (is_file and path.is_file()):
        pass
    elif is_file or "/" in name or os.sep in name:
        raise ConfigError(
            f"`--dataset` must be a file or a folder that exists. Received: --dataset="
            f"{name}. For example --dataset=digits."
        )
    elif not _names_function(name):
        raise ConfigError(
            f"`--dataset` must be one of {', '.join(DATASETS)}"
            f"{nearest(name, DATASETS)}, an .npz or .csv file, a folder of class "
            f"folders, or module:function. Received: --dataset={name}. For example "
            "--dataset=digits."
        )


def _check_flags_of_datasets(config: "Config") -> None:
    path = pathlib.Path(config.dataset)
    of_table = ("a dataset in a .csv file", is_csv(config.dataset))
    of_folder = ("a folder of images", path.is_dir())
    of_images = (
        "a folder of images, or a keras.applications network",
        path.is_dir() or is_application(config.model),
    )
    of_function = ("data from module:function", _names_function(config.dataset))
    for flag, (owner, is_given_one) in {
        "target_column": of_table,
        "image_size": of_images,
        "skip_corrupt_images": of_folder,
        "cache_images": of_folder,
        "steps_per_epoch": of_function,
    }.items():
        value = getattr(config, flag)
        if not value or is_given_one:
            continue
        shown = "x".join(map(str, value)) if isinstance(value, tuple) else value
        raise ConfigError(
            f"`--{flag}` belongs to {owner}. Received: --{flag}"
            f"{'' if value is True else f'={shown}'} --dataset={config.dataset}. "
            "Leave it out."
        )


def _check_model(config: "Config") -> None:
    name = config.model
    if name.endswith(".keras"):
        if not pathlib.Path(name).is_file():
            raise ConfigError(
                "`--model` must be a .keras file that exists. Received: --model="
                f"{name}. Correct the path, or use a name such as --model=mlp."
            )
    # The networks of keras.applications, whose names begin with a capital, are known
    # to Keras only, which is not imported here.
    elif name not in MODELS and not name[:1].isupper() and not _names_function(name):
        raise ConfigError(
            f"`--model` must be one of {', '.join(MODELS)}{nearest(name, MODELS)}, a "
            "network of keras.applications such as MobileNetV2, a .keras file, or "
            f"module:function. Received: --model={name}. For example --model=mlp."
        )


def _names_function(text: str) -> bool:
    module, colon, name = text.partition(":")
    parts = [*module.split("."), name]
    return bool(colon) and all(part.isidentifier() for part in parts)


def _check_transfer(config: "Config") -> None:
    weights, model = config.weights, config.model
    is_network = is_application(model)
    if (
        weights not in (None, "none", "imagenet")
        and not pathlib.Path(weights).is_file()
    ):
        raise ConfigError(
            "`--weights` must be imagenet, none or a file that exists. Received: "
            f"--weights={weights}. Correct the path."
        )
    if weights == "imagenet" and not is_network:
        raise ConfigError(
            "`--weights=imagenet` belongs to a network of keras.applications. "
            f"Received: --model={model}. Use --model=MobileNetV2, for example, or give "
            "--weights a .keras file."
        )
    if weights not in (None, "none", "imagenet") and (
        not weights.endswith((".keras", ".h5"))
        or (weights.endswith(".h5") and not is_network)
    ):
        raise ConfigError(
            "`--weights` must be a .keras file"
            f"{', or an .h5 file of weights' if is_network else ''}. Received: "
            f"--weights={weights} --model={model}. Save the model with "
            "model.save('path.keras')."
        )
    if config.unfreeze_after is None:
        if config.unfreeze_learning_rate is not None:
            raise ConfigError(
                "`--unfreeze_learning_rate` belongs to --unfreeze_after. Received: no "
                "--unfreeze_after. Add it, such as --unfreeze_after=5ep."
            )
        return
    after = config.unfreeze_after
    if not config.freeze:
        raise ConfigError(
            "`--unfreeze_after` needs --freeze: otherwise nothing is frozen. Received: "
            f"--unfreeze_after={after} alone. Add --freeze or leave it out."
        )
    if after.unit != "ep" or after.value % 1 or not 1 <= after.value < config.epochs:
        raise ConfigError(
            "`--unfreeze_after` must be whole epochs, fewer than --epochs. Received: "
            f"--unfreeze_after={after} --epochs={config.epochs}. For example "
            "--unfreeze_after=1ep."
        )
