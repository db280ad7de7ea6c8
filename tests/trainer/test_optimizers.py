import keras
import pytest

from trainer.errors import ConfigError
from trainer.optimizers.building import (
    base_learning_rate,
    build_optimizer,
    find_class,
)
from trainer.planning.plan import Plan
from trainer.settings.config import Config

CONSTANT = Plan(learning_rate=0.01, momentum=None, lines=())

NAMES = sorted(
    name
    for name in keras.optimizers.__dict__
    if name[0].isupper()
    and name
    not in ("Optimizer", "LossScaleOptimizer", "MultiOptimizer", "OptimizerMap")
)


def test_keras_has_the_optimizers_that_users_name():
    assert {"Adam", "AdamW", "Nadam", "SGD", "RMSprop", "Adagrad", "Lion"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_optimizer_of_keras_is_known_by_its_name(name):
    assert find_class(name.lower()) is getattr(keras.optimizers, name)
    optimizer = build_optimizer(Config(optimizer=name), CONSTANT)
    assert type(optimizer) is getattr(keras.optimizers, name)
    assert float(optimizer.learning_rate.numpy()) == pytest.approx(0.01)


@pytest.mark.parametrize("name", NAMES)
def test_defaults_are_keras_own(name):
    config = build_optimizer(Config(optimizer=name), CONSTANT).get_config()
    default = getattr(keras.optimizers, name)(learning_rate=0.01).get_config()
    del config["name"], default["name"]
    assert config == default


def test_learning_rate_unless_given_is_the_optimizers_in_keras():
    assert base_learning_rate(Config(optimizer="adam")) == 0.001
    assert base_learning_rate(Config(optimizer="sgd")) == 0.01
    assert base_learning_rate(Config(optimizer="sgd", learning_rate=0.5)) == 0.5


def test_parameters_reach_the_optimizer():
    settings = {"beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-5, "amsgrad": True}
    settings |= {"weight_decay": 0.01, "global_clipnorm": 1.0}
    config = build_optimizer(Config(**settings), CONSTANT).get_config()
    assert {name: config[name] for name in settings} == settings


def test_sgd_takes_momentum_and_nesterov():
    config = build_optimizer(
        Config(optimizer="sgd", momentum=0.9, nesterov=True), CONSTANT
    ).get_config()
    assert (config["momentum"], config["nesterov"]) == (0.9, True)


def test_accumulation_reaches_the_optimizer():
    optimizer = build_optimizer(Config(accumulate=4), CONSTANT)
    assert optimizer.gradient_accumulation_steps == 4


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"optimizer": "addam"},
            r"`--optimizer` must be one of adadelta, .* \(did you mean adam\?\)\. "
            r"Received: --optimizer=addam\. For example --optimizer=adam\.",
        ),
        (
            {"optimizer": "sgd", "beta_1": 0.9},
            r"`--beta_1` must be a parameter of the optimizer\. Received: --beta_1 "
            r"with --optimizer=sgd, which has momentum, nesterov, weight_decay, "
            r"clipnorm, clipvalue, global_clipnorm\. Leave --beta_1 out or change "
            r"--optimizer\.",
        ),
        (
            {"optimizer": "adam", "amsgrad": False, "momentum": 0.9},
            r"`--momentum` must be a parameter of the optimizer\.",
        ),
        (
            {"clipnorm": 1.0, "clipvalue": 1.0},
            r"Gradients can be clipped in one way only\. Received: --clipnorm "
            r"--clipvalue\. Leave all but one out\.",
        ),
        (
            {
                "optimizer": "adagrad",
                "schedule": "one_cycle",
                "cycle_momentum": (0.85, 0.95),
            },
            r"`--cycle_momentum` needs an optimizer with momentum or beta_1\. "
            r"Received: --optimizer=adagrad\.",
        ),
        (
            {"beta_1": 0.8, "schedule": "one_cycle", "cycle_momentum": (0.85, 0.95)},
            r"`--beta_1` and --cycle_momentum both set the momentum\.",
        ),
    ],
)
def test_what_an_optimizer_does_not_have_is_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        build_optimizer(Config(**settings), CONSTANT)


def test_rate_that_a_range_test_would_find_is_no_number_yet():
    with pytest.raises(ConfigError, match="must be a number where no range test"):
        base_learning_rate(Config(mode="preview", learning_rate="auto"))
