"""What settings must hold together: dataset, run's name, schedule and its flags."""

import os
import pathlib
from typing import TYPE_CHECKING

from trainer.settings.flag_types import nearest

if TYPE_CHECKING:
    from trainer.settings.config import Config

DATASETS = ("digits", "mnist", "fashion_mnist", "cifar10")
MODELS = ("mlp", "cnn")

# The flags that shape each schedule. Those of the warmup, and --staircase, fit all.
SCHEDULE_FLAGS: dict[str, tuple[str, ...]] = {
    "constant": (),
    "time": ("decay",),
    "time_per_epoch": ("decay",),
    "linear": ("end_learning_rate", "schedule_length"),
    "polynomial": ("end_learning_rate", "schedule_length", "power"),
    "exponential": ("decay_factor", "decay_every"),
    "step": ("decay_factor", "decay_every"),
    "piecewise": ("boundaries", "values"),
    "cosine": ("end_learning_rate", "schedule_length"),
    "cosine_restarts": ("end_learning_rate", "cycle", "cycle_growth", "cycle_factor"),
    "triangular": ("max_learning_rate", "cycle"),
    "triangular2": ("max_learning_rate", "cycle"),
    "exp_range": ("max_learning_rate", "cycle", "gamma"),
    "one_cycle": (
        "max_learning_rate",
        "end_learning_rate",
        "schedule_length",
        "cycle_momentum",
    ),
    "inverse_sqrt": ("timescale",),
    "warmup_stable_decay": ("end_learning_rate", "decay_length"),
}


class ConfigError(ValueError):
    """A setting that cannot be: what must hold, what was received, what to do."""


def check_config(config: "Config") -> None:
    """Raises ConfigError where settings that are right alone contradict each other."""
    _check_dataset(config)
    _check_model(config)
    _check_transfer(config)
    _check_run(config)
    _check_schedule_flags(config)
    _check_piecewise(config)
    _check_cycle(config)
    _check_range_test(config)
    if config.warmup_shape == "exponential" and config.warmup_factor == 0:
        raise ConfigError(
            "`--warmup_factor` must be above 0 where the warmup is exponential. "
            "Received: --warmup_factor=0. Give a small share, such as 0.01."
        )
    if config.strategy != "none" and config.accumulate > 1:
        raise ConfigError(
            "`--accumulate` works on one device only: where there are several, Keras "
            "cannot add up their gradients every few batches. Received: "
            f"--accumulate={config.accumulate} --strategy={config.strategy}. Leave one "
            "of them out."
        )
    _check_workers(config)
    if config.jit_compile and config.deterministic:
        raise ConfigError(
            "`--deterministic` cannot be promised for what XLA compiles. Received: "
            "--deterministic --jit_compile. Leave one of them out."
        )


def _check_workers(config: "Config") -> None:
    if config.strategy != "multi_worker":
        return
    looks_for_a_rate = config.mode == "range_test" or config.learning_rate == "auto"
    if looks_for_a_rate or config.mode == "search":
        asked = f"--mode={config.mode}"
        if config.learning_rate == "auto":
            asked += " --learning_rate=auto"
        raise ConfigError(
            "`--strategy=multi_worker` trains at a rate that is known. Received: "
            f"--strategy=multi_worker with {asked}. Look for the rate with "
            "--strategy=none first; a search shares its trials among machines without "
            "a strategy."
        )
    if config.jit_compile or config.steps_per_execution > 1:
        raise ConfigError(
            "`--strategy=multi_worker` makes one call of TensorFlow for each batch, "
            "without XLA: Keras cannot do otherwise there. Received: "
            f"--steps_per_execution={config.steps_per_execution}"
            f"{' --jit_compile' if config.jit_compile else ''}. Leave it out."
        )


def check_search(config: "Config") -> None:
    """Raises ConfigError where a search cannot be as asked for."""
    _check_workers(config)
    _check_run(config)
    if config.search_space == "auto" and config.learning_rate not in (None, "auto"):
        raise ConfigError(
            "`--search_space=auto` finds the range of the rate. Received: "
            "--learning_rate, too. Leave one of them out."
        )
    if config.objective is not None:
        direction, colon, name = config.objective.rpartition(":")
        if (colon and direction not in ("min", "max")) or not name:
            raise ConfigError(
                "`--objective` must be a name, with min: or max: before it where the "
                f"name alone does not tell. Received: --objective={config.objective}. "
                "For example --objective=max:val_accuracy."
            )


def is_own_model(model: str) -> bool:
    """Whether --model names a model that somebody else builds."""
    return ":" in model or model.endswith(".keras")


def _check_dataset(config: "Config") -> None:
    name = config.dataset
    path = pathlib.Path(name)
    is_file = path.suffix.lower() in (".npz", ".csv", ".tsv")
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
    if config.target_column is not None and path.suffix.lower() not in (".csv", ".tsv"):
        raise ConfigError(
            "`--target_column` belongs to a dataset in a .csv file. Received: "
            f"--target_column={config.target_column} --dataset={name}. Leave it out."
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
    is_network = model not in MODELS and not is_own_model(model)
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


def _check_run(config: "Config") -> None:
    name = config.run
    if (name is not None and pathlib.PurePath(name).parts != (name,)) or name == "..":
        raise ConfigError(
            "`--run` must be one folder's name, without slashes. Received: "
            f"--run={name}. Name the folder above it with --logdir."
        )
    if config.resume and name is None:
        raise ConfigError(
            "`--resume` must be told which run. Received: --resume without --run. Add "
            "--run=NAME, the name of its folder in --logdir."
        )


def _check_schedule_flags(config: "Config") -> None:
    used = SCHEDULE_FLAGS[config.schedule_name]
    names = {name for flags in SCHEDULE_FLAGS.values() for name in flags}
    for name in sorted(names - set(used)):
        if getattr(config, name) is not None:
            owners = [s for s, flags in SCHEDULE_FLAGS.items() if name in flags]
            raise ConfigError(
                f"`--{name}` belongs to --schedule={' or '.join(owners)}. Received: "
                f"--schedule={config.schedule_name}. Change --schedule or leave "
                f"--{name} out."
            )
    if config.schedule_name == "time_per_epoch" and config.decay is None:
        raise ConfigError(
            "`--schedule=time_per_epoch` needs --decay. Received: none. Add it, such "
            "as --decay=0.01: the rate is divided by 1.01, then by 1.02, ..."
        )


def _check_piecewise(config: "Config") -> None:
    if config.schedule_name != "piecewise":
        return
    if config.boundaries is None or config.values is None:
        raise ConfigError(
            "`--schedule=piecewise` needs --boundaries and --values. Received: one or "
            "none of them. For example --boundaries=50%,75% --values=0.001,0.0001."
        )
    if len(config.boundaries) != len(config.values):
        raise ConfigError(
            "`--values` must be as many as --boundaries: the rate from each on. "
            f"Received: {len(config.boundaries)} boundaries, {len(config.values)} "
            "values. The rate before the first boundary is --learning_rate."
        )


def _check_cycle(config: "Config") -> None:
    base, top = config.learning_rate, config.max_learning_rate
    if top is not None and isinstance(base, (int, float)) and top <= base:
        raise ConfigError(
            "`--max_learning_rate` must be above --learning_rate. Received: "
            f"--max_learning_rate={top:g} --learning_rate={base:g}. Raise one or "
            "lower the other."
        )
    pair = config.cycle_momentum
    if pair is not None and (len(pair) != 2 or pair[0] >= pair[1]):
        raise ConfigError(
            "`--cycle_momentum` must be two numbers, the lower first. Received: "
            f"--cycle_momentum={','.join(f'{value:g}' for value in pair)}. For "
            "example --cycle_momentum=0.85,0.95."
        )


def _check_range_test(config: "Config") -> None:
    lowest, highest = config.range_test_min, config.range_test_max
    if lowest >= highest:
        raise ConfigError(
            "`--range_test_min` must be below --range_test_max. Received: "
            f"--range_test_min={lowest:g} --range_test_max={highest:g}. For example "
            "--range_test_min=1e-6 --range_test_max=10."
        )
