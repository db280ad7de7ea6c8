import dataclasses
import math

import pytest

from trainer.errors import ConfigError
from trainer.settings.config import SETTINGS, Config
from trainer.settings.durations import Duration


def test_defaults_are_a_run_that_can_be():
    config = Config()
    assert (config.dataset, config.model, config.optimizer) == ("digits", "mlp", "adam")
    assert config.schedule_name == "constant"


def test_decay_alone_means_the_time_schedule():
    assert Config(decay=0.0002).schedule_name == "time"


def test_every_setting_is_explained():
    assert set(SETTINGS) == {field.name for field in dataclasses.fields(Config)}
    assert all(len(setting.help) > 10 for setting in SETTINGS.values())


@pytest.mark.parametrize("rate", [0, -0.1, math.nan, math.inf, True, "fast"])
def test_learning_rate_must_be_a_number_above_zero(rate):
    with pytest.raises(
        ConfigError, match=r"`--learning_rate` must be a number above 0 or auto\. "
    ):
        Config(learning_rate=rate)


def test_learning_rate_may_be_auto():
    assert Config(learning_rate="auto").learning_rate == "auto"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"epochs": 0},
            "`--epochs` must be a whole number of at least 1. Received: --epochs=0. "
            "For example --epochs=5.",
        ),
        (
            {"epochs": 1.5},
            "`--epochs` must be a whole number of at least 1. Received: --epochs=1.5. "
            "For example --epochs=5.",
        ),
        (
            {"validation_split": 1.0},
            "`--validation_split` must be a number at least 0 and below 1. Received: "
            "--validation_split=1.0. For example --validation_split=0.2.",
        ),
        (
            {"plateau_patience": -1},
            "`--plateau_patience` must be a whole number of at least 0. Received: "
            "--plateau_patience=-1. For example --plateau_patience=10.",
        ),
        (
            {"decay_every": Duration(0, "ep")},
            "`--decay_every` must be longer than 0. Received: --decay_every=0ep. Leave "
            "--decay_every out for its default.",
        ),
        (
            {"dataset": "digit"},
            "`--dataset` must be one of digits, mnist, fashion_mnist, cifar10 (did you "
            "mean digits?), an .npz or .csv file, a folder of class folders, or "
            "module:function. Received: --dataset=digit. For example --dataset=digits.",
        ),
        (
            {"dataset": "nowhere/data.npz"},
            "`--dataset` must be a file or a folder that exists. Received: "
            "--dataset=nowhere/data.npz. For example --dataset=digits.",
        ),
        (
            {"logdir": "s3:/bucket/logs"},
            "`--logdir` must have two slashes behind its scheme. Received: s3:/bucket/"
            "logs. Give it as text: pathlib joins the slashes to one.",
        ),
        (
            {"target_column": "y"},
            "`--target_column` belongs to a dataset in a .csv file. Received: "
            "--target_column=y --dataset=digits. Leave it out.",
        ),
        (
            {"image_size": (9, 8)},
            "`--image_size` belongs to a folder of images, or a keras.applications "
            "network. Received: --image_size=9x8 --dataset=digits. Leave it out.",
        ),
        (
            {"skip_corrupt_images": True},
            "`--skip_corrupt_images` belongs to a folder of images. Received: "
            "--skip_corrupt_images --dataset=digits. Leave it out.",
        ),
        (
            {"steps_per_epoch": 5},
            "`--steps_per_epoch` belongs to data from module:function. Received: "
            "--steps_per_epoch=5 --dataset=digits. Leave it out.",
        ),
        (
            {"model": "mlpp"},
            "`--model` must be one of mlp, cnn (did you mean mlp?), a network of "
            "keras.applications such as MobileNetV2, a .keras file, or "
            "module:function. Received: --model=mlpp. For example --model=mlp.",
        ),
        (
            {"model": "gone.keras"},
            "`--model` must be a .keras file that exists. Received: "
            "--model=gone.keras. Correct the path, or use a name such as --model=mlp.",
        ),
        (
            {"image_size": (0, 5)},
            "`--image_size` must be a size in pixels, 96 or 96x128 (height x width). "
            "Received: --image_size=0x5. Leave --image_size out for its default.",
        ),
        (
            {"augment": ("flip", "rotat")},
            "`--augment` must be one of flip, flip_vertical, rotate, shift, zoom, "
            "brightness, contrast (did you mean rotate?). Received: "
            "--augment=flip,rotat. Leave --augment out for its default.",
        ),
        (
            {"weights": "gone.h5"},
            "`--weights` must be imagenet, none or a file that exists. Received: "
            "--weights=gone.h5. Correct the path.",
        ),
        (
            {"weights": "imagenet"},
            "`--weights=imagenet` belongs to a network of keras.applications. "
            "Received: --model=mlp. Use --model=MobileNetV2, for example, or give "
            "--weights a .keras file.",
        ),
        (
            {"unfreeze_learning_rate": 0.1},
            "`--unfreeze_learning_rate` belongs to --unfreeze_after. Received: no "
            "--unfreeze_after. Add it, such as --unfreeze_after=5ep.",
        ),
        (
            {"unfreeze_after": Duration(2, "ep")},
            "`--unfreeze_after` needs --freeze: otherwise nothing is frozen. "
            "Received: --unfreeze_after=2ep alone. Add --freeze or leave it out.",
        ),
        (
            {"unfreeze_after": Duration(5, "ep"), "freeze": True},
            "`--unfreeze_after` must be whole epochs, fewer than --epochs. Received: "
            "--unfreeze_after=5ep --epochs=5. For example --unfreeze_after=1ep.",
        ),
        (
            {"run": "a/b"},
            "`--run` must be one folder's name, without slashes. Received: --run=a/b. "
            "Name the folder above it with --logdir.",
        ),
        (
            {"resume": True},
            "`--resume` must be told which run. Received: --resume without --run. Add "
            "--run=NAME, the name of its folder in --logdir.",
        ),
        (
            {"schedule": "cosine", "decay": 0.1},
            "`--decay` belongs to --schedule=time or time_per_epoch. Received: "
            "--schedule=cosine. Change --schedule or leave --decay out.",
        ),
        (
            {"schedule": "time_per_epoch"},
            "`--schedule=time_per_epoch` needs --decay. Received: none. Add it, such "
            "as --decay=0.01: the rate is divided by 1.01, then by 1.02, ...",
        ),
        (
            {"schedule": "piecewise", "boundaries": (Duration(5, "ep"),)},
            "`--schedule=piecewise` needs --boundaries and --values. Received: one or "
            "none of them. For example --boundaries=50%,75% --values=0.001,0.0001.",
        ),
        (
            {
                "schedule": "piecewise",
                "boundaries": (Duration(5, "ep"),),
                "values": (0.1, 0.01),
            },
            "`--values` must be as many as --boundaries: the rate from each on. "
            "Received: 1 boundaries, 2 values. The rate before the first boundary is "
            "--learning_rate.",
        ),
        (
            {
                "schedule": "triangular",
                "learning_rate": 0.1,
                "max_learning_rate": 0.01,
            },
            "`--max_learning_rate` must be above --learning_rate. Received: "
            "--max_learning_rate=0.01 --learning_rate=0.1. Raise one or lower the "
            "other.",
        ),
        (
            {"schedule": "one_cycle", "cycle_momentum": (0.95, 0.85)},
            "`--cycle_momentum` must be two numbers, the lower first. Received: "
            "--cycle_momentum=0.95,0.85. For example --cycle_momentum=0.85,0.95.",
        ),
        (
            {"warmup_shape": "exponential", "warmup_factor": 0.0},
            "`--warmup_factor` must be above 0 where the warmup is exponential. "
            "Received: --warmup_factor=0. Give a small share, such as 0.01.",
        ),
        (
            {"strategy": "mirrored", "accumulate": 2},
            "`--accumulate` works on one device only: where there are several, Keras "
            "cannot add up their gradients every few batches. Received: --accumulate=2 "
            "--strategy=mirrored. Leave one of them out.",
        ),
        (
            {"strategy": "multi_worker", "mode": "range_test"},
            "`--strategy=multi_worker` trains at a rate that is known. Received: "
            "--strategy=multi_worker with --mode=range_test. Look for the rate with "
            "--strategy=none first; a search shares its trials among machines without "
            "a strategy.",
        ),
        (
            {"strategy": "multi_worker", "jit_compile": True},
            "`--strategy=multi_worker` makes one call of TensorFlow for each batch, "
            "without XLA: Keras cannot do otherwise there. Received: "
            "--steps_per_execution=1 --jit_compile. Leave it out.",
        ),
        (
            {"jit_compile": True, "deterministic": True},
            "`--deterministic` cannot be promised for what XLA compiles. Received: "
            "--deterministic --jit_compile. Leave one of them out.",
        ),
    ],
)
def test_setting_that_cannot_be_is_refused_in_one_sentence_each(settings, message):
    with pytest.raises(ConfigError) as error:
        Config(**settings)
    assert str(error.value) == message


def test_unknown_schedule_is_answered_with_the_nearest():
    with pytest.raises(
        ConfigError, match=r"\(did you mean cosine\?\).*--schedule=cosin"
    ):
        Config(schedule="cosin")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["table.xlsx", "arrays.npy", "photo.jpg", "table"])
def test_file_of_another_kind_is_not_called_missing(tmp_path, name):
    path = tmp_path / name
    path.touch()
    with pytest.raises(ConfigError) as error:
        Config(dataset=str(path))
    assert str(error.value) == (
        "`--dataset` must be an .npz, .csv or .tsv file, a folder of class folders, or "
        f"module:function. Received: --dataset={path}, another kind of file. Save a "
        "table as CSV, arrays with numpy.savez, or read it in a function."
    )
