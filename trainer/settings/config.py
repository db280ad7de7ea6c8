"""What a run is made of: every setting, its default, its bounds and its meaning.

Nothing here imports TensorFlow, so that a wrong flag is answered at once.
"""

import dataclasses
import typing
from typing import Annotated, Any

from trainer.errors import ConfigError
from trainer.settings.config_checks import check_config, check_search
from trainer.settings.data import (
    DATASETS,
    MODELS,
    is_application,
    is_csv,
    is_own_model,
)
from trainer.settings.durations import ONE_EPOCH, Duration
from trainer.settings.flag_types import (
    FlagType,
    Length,
    Number,
    OneOf,
    PixelSize,
    Several,
    Switch,
    Text,
    Whole,
)
from trainer.settings.schedule import SCHEDULE_FLAGS
from trainer.settings.search_space import (
    Choices,
    Range,
    check_open,
    corners,
    format_value,
)

__all__ = [
    "AUGMENTATIONS",
    "DATASETS",
    "DEFAULT_OPTIMIZER",
    "MODELS",
    "SETTINGS",
    "Config",
    "ConfigError",
    "Setting",
    "is_application",
    "is_csv",
    "is_own_model",
    "refusal",
]

MODES = ("train", "range_test", "search", "preview")
TUNERS = ("random", "grid", "bayesian", "hyperband")
AUGMENTATIONS = (
    "flip",
    "flip_vertical",
    "rotate",
    "shift",
    "zoom",
    "brightness",
    "contrast",
)
STRATEGIES = ("none", "mirrored", "multi_worker")
DEFAULT_OPTIMIZER = "adam"


@dataclasses.dataclass(frozen=True)
class Setting:
    """One setting: what it may be, what it means, and what it is unless given."""

    name: str
    kind: FlagType
    help: str
    default: Any


@dataclasses.dataclass(frozen=True)
class Config:
    """The settings of one run, checked when made.

    A setting that is None takes the default of what it belongs to: the optimizer's,
    as Keras has it, or the schedule's. Where `mode` is search, a setting may be a
    `Range` or `Choices`, from which each trial takes one value.

    Raises:
        ConfigError: A value is out of bounds, or two settings contradict each other.
    """

    mode: Annotated[
        str,
        OneOf(MODES),
        "train: train a model. range_test: find the learning rate. search: try many "
        "settings; those that it varies, of schedule and optimizer, are given as "
        "ranges, 1e-4..1e-1, or choices, adam,sgd. preview: show the schedule without "
        "training.",
    ] = "train"
    dataset: Annotated[
        str,
        Text(),
        "digits (8 x 8 pixels, needs no network); mnist, fashion_mnist, cifar10 "
        "(downloaded by Keras); the path of an .npz file with x_train, y_train and, if "
        "there are such parts, x_val, y_val, x_test, y_test; of a .csv file of "
        "numbers; of a folder with a folder of images for each class, or with such "
        "below train, validation and test; or module:function, which returns arrays, "
        "a tf.data.Dataset or a PyDataset.",
    ] = "digits"
    task: Annotated[
        str | None,
        OneOf(("classification", "regression")),
        "What whole numbers in the labels mean: classes or quantities. Default: found "
        "from the labels; whole numbers, one-hot rows, and 0 and 1 are classes.",
    ] = None
    target_column: Annotated[
        str | None,
        Text(),
        ".csv: the column to predict, by its name or its place counted from 1. "
        "Default: the last.",
    ] = None
    image_size: Annotated[
        tuple[int, int] | None,
        PixelSize(),
        "Images are resized to this, 96 or 96x128 (height x width). Default for a "
        "folder: what the network was made for; else the images' own size, if all have "
        "the same, at most 128; else 64.",
    ] = None
    skip_corrupt_images: Annotated[
        bool, Switch(), "Leave out images of a folder that cannot be read."
    ] = False
    cache_images: Annotated[
        bool | None,
        Switch(),
        "Keep the images of a folder in memory. Default: if they take at most 1 GB; "
        "otherwise each is read from disk whenever it is needed.",
    ] = None
    augment: Annotated[
        tuple[str, ...] | None,
        Several(OneOf(AUGMENTATIONS)),
        f"Random changes of the training images, some of {', '.join(AUGMENTATIONS)} "
        "with commas. Default: none.",
    ] = None
    steps_per_epoch: Annotated[
        int | None,
        Whole(at_least=1),
        "Data from module:function: how many of its batches are an epoch. Needed where "
        "it has no end.",
    ] = None
    model: Annotated[
        str,
        Text(),
        "mlp: one hidden layer. cnn: two convolutions with dropout, for images. A "
        "network of keras.applications, such as MobileNetV2, with a head for the data. "
        "A .keras file. module:function, which returns a model and may ask for "
        "input_shape, num_outputs and num_classes; one that is compiled keeps its "
        "loss, its metrics and, unless --optimizer is given, its optimizer.",
    ] = "mlp"
    weights: Annotated[
        str | None,
        Text(),
        "What the model begins with. imagenet (downloaded by Keras; keras.applications "
        "only), none, an .h5 file of such a network without its top, or a .keras file "
        "of a model that differs in its last layer only. Default: imagenet for "
        "keras.applications, else none.",
    ] = None
    freeze: Annotated[
        bool,
        Switch(),
        "Train the last layer alone; the others stay as --weights has them.",
    ] = False
    unfreeze_after: Annotated[
        Duration | None,
        Length(),
        "A duration in epochs, such as 5ep, after which all layers are trained, with a "
        "fresh optimizer and the schedule anew over the rest of the run. Default: "
        "never.",
    ] = None
    unfreeze_learning_rate: Annotated[
        float | None,
        Number(above=0),
        "The rate that the schedule starts from after --unfreeze_after. Default: a "
        "hundredth of --learning_rate.",
    ] = None
    epochs: Annotated[int, Whole(at_least=1), "Passes over the training data."] = 5
    batch_size: Annotated[int, Whole(at_least=1), "Examples in one batch."] = 32
    validation_split: Annotated[
        float,
        Number(at_least=0, below=1),
        "Share of the training data kept for validation, the same of every class, at "
        "least 0, below 1. Which examples these are does not depend on --seed. Data "
        "with a validation part of its own keeps that.",
    ] = 0.2
    seed: Annotated[
        int,
        Whole(at_least=0),
        "Seeds weights, dropout and the order of the data: the same seed gives the "
        "same run.",
    ] = 0
    deterministic: Annotated[
        bool | None,
        Switch(),
        "Use only TensorFlow operations that give the same bits every time. On one "
        "CPU the same seed, or a run that was resumed, is then equal to the last bit; "
        "TensorFlow promises no such thing between machines or versions, and for XLA "
        "not at all. Default: true, except with --jit_compile.",
    ] = None
    logdir: Annotated[str, Text(), "Folder of all runs; TensorBoard's --logdir."] = (
        "logs"
    )
    run: Annotated[
        str | None,
        Text(),
        "Name of this run and of its folder in --logdir. Default: made of the "
        "settings.",
    ] = None
    resume: Annotated[
        bool,
        Switch(),
        "Go on with --run where its last checkpoint is, with the settings it began "
        "with.",
    ] = False
    resume_with_changes: Annotated[
        bool,
        Switch(),
        "Let --resume change the length of the run, its schedule or other settings "
        "that the checkpoint does not fix.",
    ] = False
    checkpoint_every: Annotated[
        Duration,
        Length(),
        "A duration: how much of the run may have to be trained again after it was "
        "killed.",
    ] = ONE_EPOCH
    steps_per_execution: Annotated[
        int, Whole(at_least=1), "Iterations in one call of the compiled function."
    ] = 1
    jit_compile: Annotated[bool, Switch(), "Compile the step with XLA."] = False
    mixed_precision: Annotated[
        bool, Switch(), "Compute in float16, keep the weights in float32."
    ] = False
    accumulate: Annotated[
        int,
        Whole(at_least=1),
        "Batches whose gradients are added up for one update of the weights. "
        "Schedules and durations count updates.",
    ] = 1
    strategy: Annotated[
        str,
        OneOf(STRATEGIES),
        "none: one device. mirrored: all devices of this machine. multi_worker: all "
        "machines that TF_CONFIG names, the same command on each. --batch_size is "
        "divided among them.",
    ] = "none"

    learning_rate: Annotated[
        float | str | None,
        Number(above=0, words=("auto",)),
        "The rate that the schedule starts from, above 0, or auto: found by a range "
        "test first. Default: the optimizer's own in Keras, as 0.001 for adam.",
    ] = None
    range_test_min: Annotated[
        float,
        Number(above=0),
        "range_test, --learning_rate=auto: the lowest rate.",
    ] = 1e-6
    range_test_max: Annotated[
        float,
        Number(above=0),
        "range_test, --learning_rate=auto: the highest rate.",
    ] = 10.0
    range_test_steps: Annotated[
        int,
        Whole(at_least=10),
        "range_test, --learning_rate=auto: how many rates, log-spaced, one for each "
        "update.",
    ] = 100
    range_test_repeats: Annotated[
        int,
        Whole(at_least=1),
        "range_test, --learning_rate=auto: how often; each repeat takes other "
        "batches, and how far they disagree makes the interval.",
    ] = 3
    range_test_validation: Annotated[
        bool,
        Switch(),
        "range_test, --learning_rate=auto: take the losses of one fixed batch of "
        "held-out examples, at most 512, after each update, not those of the updates' "
        "own batches.",
    ] = False
    search_space: Annotated[
        str | None,
        OneOf(("auto",)),
        "search. auto: vary --learning_rate around the interval of a range test. "
        "Default: the ranges and choices of the other flags; without any, "
        "--learning_rate=1e-4..1e-1 --schedule=constant,exponential,cosine "
        "--warmup=0%..10%, as far as these are not given.",
    ] = None
    tuner: Annotated[
        str,
        OneOf(TUNERS),
        "search. random: anywhere. grid: everywhere, a range being 5 values. bayesian: "
        "where a Gaussian process expects most. hyperband: anywhere, for few epochs "
        "at first; the best go on up to --epochs.",
    ] = "random"
    max_trials: Annotated[
        int | None,
        Whole(at_least=1),
        "search: at most so many. Default: 20; for grid and hyperband all that these "
        "make.",
    ] = None
    objective: Annotated[
        str | None,
        Text(),
        "search: the quantity to compare trials by, at its best epoch. min: or max: "
        "before it, as in max:val_f1, says what is better where its name does not. "
        "Default: the validation accuracy if the model reports one, else the loss.",
    ] = None
    trial_seeds: Annotated[
        int,
        Whole(at_least=1),
        "search: how often each trial is trained, with --seed, --seed + 1, ...; the "
        "mean counts.",
    ] = 1
    stop_hopeless: Annotated[
        bool,
        Switch(),
        "search: end a trial whose best value so far is worse than the median of what "
        "others had on average by then.",
    ] = True
    retrain_best: Annotated[
        bool,
        Switch(),
        "search: train the best settings once more, and evaluate on the test set.",
    ] = True
    lost_after_secs: Annotated[
        float,
        Number(above=0),
        "search on many machines: a worker that is silent for so long is lost, and "
        "another takes over its trial.",
    ] = 60.0
    chief_wait_secs: Annotated[
        float,
        Number(above=0),
        "search on many machines: so long a worker waits for its chief.",
    ] = 600.0
    schedule: Annotated[
        str | None,
        OneOf(tuple(SCHEDULE_FLAGS)),
        f"How the rate moves: {', '.join(SCHEDULE_FLAGS)}. Default: constant, or "
        "time where --decay is given.",
    ] = None
    decay: Annotated[
        float | None,
        Number(at_least=0),
        "time: the rate of iteration i is learning_rate / (1 + decay * i), as with "
        "Keras' old decay argument. Default: ends at a tenth of the rate. "
        "time_per_epoch: the rate is divided by 1 + decay * epoch at every epoch, "
        "which compounds; no default.",
    ] = None
    decay_factor: Annotated[
        float | None,
        Number(above=0, at_most=1),
        "exponential, step: what the rate is multiplied by in every --decay_every, "
        "above 0, at most 1. Default: 0.1 (exponential), 0.5 (step).",
    ] = None
    decay_every: Annotated[
        Duration | None,
        Length(),
        "exponential, step: a duration. Default: 100% (exponential), 25% (step).",
    ] = None
    end_learning_rate: Annotated[
        float | None,
        Number(at_least=0),
        "linear, polynomial, cosine, cosine_restarts, one_cycle, "
        "warmup_stable_decay: the rate at the end, at least 0. Default: 0; a "
        "hundredth of the rate (one_cycle).",
    ] = None
    schedule_length: Annotated[
        Duration | None,
        Length(),
        "linear, polynomial, cosine, one_cycle: a duration, after which the rate "
        "stays. Default: what the warmup leaves of the run.",
    ] = None
    power: Annotated[
        float | None,
        Number(above=0),
        "polynomial: the exponent, above 0; 1 is linear. Default: 2.",
    ] = None
    boundaries: Annotated[
        tuple[Duration, ...] | None,
        Several(Length()),
        "piecewise: rising durations with commas, counted from the start of the "
        "run: 50%,75%.",
    ] = None
    values: Annotated[
        tuple[float, ...] | None,
        Several(Number(above=0)),
        "piecewise: the rate from each of the --boundaries on: 0.001,0.0001.",
    ] = None
    max_learning_rate: Annotated[
        float | None,
        Number(above=0),
        "triangular, triangular2, exp_range, one_cycle: the highest rate, above "
        "--learning_rate, which is the lowest. Default: ten times --learning_rate.",
    ] = None
    cycle: Annotated[
        Duration | None,
        Length(),
        "triangular, triangular2, exp_range: a duration, up and down again. "
        "cosine_restarts: until the first restart. Default: 25%.",
    ] = None
    cycle_growth: Annotated[
        float | None,
        Number(at_least=1),
        "cosine_restarts: how many times longer each cycle is than the one before. "
        "Default: 1.",
    ] = None
    cycle_factor: Annotated[
        float | None,
        Number(above=0, at_most=1),
        "cosine_restarts: what the rate of each restart is multiplied by. Default: 1.",
    ] = None
    gamma: Annotated[
        float | None,
        Number(above=0, at_most=1),
        "exp_range: what the height of the cycle is multiplied by in every update. "
        "Default: ends at a tenth of the height.",
    ] = None
    timescale: Annotated[
        Duration | None,
        Length(),
        "inverse_sqrt: a duration T; i updates after the warmup the rate is "
        "learning_rate * sqrt(T / (T + i)). Default: the warmup, else 10%.",
    ] = None
    decay_length: Annotated[
        Duration | None,
        Length(),
        "warmup_stable_decay: a duration, the fall at the end. Default: 20%.",
    ] = None
    cycle_momentum: Annotated[
        tuple[float, ...] | None,
        Several(Number(at_least=0, below=1)),
        "one_cycle: the lowest and the highest momentum (beta_1 for the Adam "
        "family), as in 0.85,0.95; high where the rate is low. Default: momentum "
        "does not move.",
    ] = None
    warmup: Annotated[
        Duration | None,
        Length(or_zero=True),
        "Any schedule: a duration before it, in which the rate rises to "
        "--learning_rate. Default: 10% for warmup_stable_decay, else 0.",
    ] = None
    warmup_shape: Annotated[
        str, OneOf(("linear", "exponential")), "How the rate rises in the warmup."
    ] = "linear"
    warmup_factor: Annotated[
        float,
        Number(at_least=0, below=1),
        "Where the warmup starts, as a share of --learning_rate; at least 0, below "
        "1, and above 0 where it is exponential.",
    ] = 0.01
    staircase: Annotated[
        bool, Switch(), "Any schedule: move the rate at the start of each epoch only."
    ] = False

    plateau: Annotated[
        str | None,
        Text(),
        "Any schedule: the quantity, such as val_loss, that must go on improving; "
        "where it does not, the rate is multiplied by --plateau_factor. Default: "
        "none.",
    ] = None
    plateau_factor: Annotated[float, Number(above=0, below=1), "Above 0, below 1."] = (
        0.1
    )
    plateau_every: Annotated[
        Duration,
        Length(),
        "A duration: how often the quantity is looked at. In epochs, at their ends; "
        "in iterations or as a share, the mean training loss since the last look.",
    ] = ONE_EPOCH
    plateau_patience: Annotated[
        int,
        Whole(at_least=0),
        "How many looks without improvement are allowed.",
    ] = 10
    plateau_min_delta: Annotated[
        float,
        Number(at_least=0),
        "The least change that is an improvement, at least 0.",
    ] = 0.0001
    plateau_delta_mode: Annotated[
        str,
        OneOf(("absolute", "relative")),
        "Whether --plateau_min_delta is a difference or a share of the best so far.",
    ] = "absolute"
    plateau_cooldown: Annotated[
        int, Whole(at_least=0), "How many looks after a cut do not count."
    ] = 0
    plateau_min_learning_rate: Annotated[
        float, Number(at_least=0), "No cut goes below this rate, at least 0."
    ] = 0.0
    plateau_mode: Annotated[
        str,
        OneOf(("auto", "min", "max")),
        "min: lower is better. max: higher is better. auto: max for accuracies.",
    ] = "auto"

    optimizer: Annotated[
        str | None,
        Text(),
        "Any optimizer of Keras by its name: adam, sgd, rmsprop, ... Default: that of "
        "a model that is compiled already, else adam.",
    ] = None
    beta_1: Annotated[
        float | None, Number(at_least=0, below=1), "Adam family: at least 0, below 1."
    ] = None
    beta_2: Annotated[
        float | None, Number(at_least=0, below=1), "Adam family: at least 0, below 1."
    ] = None
    epsilon: Annotated[
        float | None, Number(above=0), "Adaptive optimizers: above 0."
    ] = None
    amsgrad: Annotated[bool | None, Switch(), "adam, adamw: the AMSGrad variant."] = (
        None
    )
    momentum: Annotated[
        float | None, Number(at_least=0, at_most=1), "sgd, rmsprop: from 0 to 1."
    ] = None
    nesterov: Annotated[bool | None, Switch(), "sgd: Nesterov's momentum."] = None
    rho: Annotated[
        float | None, Number(at_least=0, below=1), "rmsprop, adadelta: below 1."
    ] = None
    weight_decay: Annotated[
        float | None, Number(at_least=0), "Any optimizer: decoupled, at least 0."
    ] = None
    clipnorm: Annotated[
        float | None, Number(above=0), "Any optimizer: bounds each gradient's norm."
    ] = None
    clipvalue: Annotated[
        float | None, Number(above=0), "Any optimizer: bounds each gradient's values."
    ] = None
    global_clipnorm: Annotated[
        float | None, Number(above=0), "Any optimizer: bounds all gradients' norm."
    ] = None

    def __post_init__(self) -> None:
        if self.optimizer is None and not is_own_model(self.model):
            object.__setattr__(self, "optimizer", DEFAULT_OPTIMIZER)
        for setting in SETTINGS.values():
            value = getattr(self, setting.name)
            if value is None and setting.default is None:
                continue
            try:
                if isinstance(value, Range | Choices):
                    _check_open(self, setting, value)
                else:
                    setting.kind.check(value)
            except (TypeError, ValueError) as error:
                raise refusal(setting, error, value) from None
        if self.mode == "search":
            check_search(self)
            for _ in corners(self):
                pass  # Each is checked where it is made.
        else:
            check_config(self)

    @property
    def schedule_name(self) -> str:
        """The schedule asked for; one that follows from --decay where none was."""
        return self.schedule or ("constant" if self.decay is None else "time")


def _settings() -> dict[str, Setting]:
    hints = typing.get_type_hints(Config, include_extras=True)
    settings = {}
    for field in dataclasses.fields(Config):
        kind, help = hints[field.name].__metadata__
        settings[field.name] = Setting(field.name, kind, help, field.default)
    return settings


SETTINGS = _settings()


def _check_open(config: Config, setting: Setting, value: Range | Choices) -> None:
    if config.mode != "search":
        raise ValueError("one value: ranges and choices are for --mode=search")
    check_open(setting.name, setting.kind, value)


def refusal(setting: Setting, rule: object, value: object) -> ConfigError:
    """The error for one setting: the rule, what came, and a value that is right."""
    shown = value if isinstance(value, str) else format_value(setting.kind, value)
    if setting.default is None:
        advice = f"Leave --{setting.name} out for its default."
    else:
        advice = f"For example --{setting.name}={setting.kind.format(setting.default)}."
    return ConfigError(
        f"`--{setting.name}` must be {rule}. Received: --{setting.name}={shown}. "
        f"{advice}"
    )
