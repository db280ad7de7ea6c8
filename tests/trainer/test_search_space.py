import pytest

from trainer.errors import ConfigError
from trainer.settings.command_line import format_flags, parse_command_line
from trainer.settings.config import Config
from trainer.settings.durations import Duration
from trainer.settings.open_values import Choices, Range
from trainer.settings.schedule import SCHEDULES
from trainer.settings.search_space import (
    check_corners,
    corners,
    open_settings,
    trial_config,
    with_default_space,
)


def search(*flags):
    return Config(**parse_command_line(["--mode=search", *flags]))


def test_ranges_and_choices_are_written_as_flags():
    config = search(
        "--learning_rate=1e-4..1e-1",
        "--schedule=constant,cosine",
        "--warmup=0..10%",
        "--batch_size=16..64",
        "--optimizer=sgd",
    )
    assert open_settings(config) == {
        "schedule": Choices(("constant", "cosine")),
        "learning_rate": Range(1e-4, 1e-1),
        "warmup": Range(Duration(0, ""), Duration(10, "%")),
        "batch_size": Range(16, 64),
    }
    assert config.optimizer == "sgd"


def test_small_file_declares_a_space(tmp_path):
    path = tmp_path / "space.flags"
    path.write_text("--learning_rate=1e-4,1e-3,1e-2,1e-1\n--schedule=cosine\n")
    assert open_settings(search(f"--flagfile={path}")) == {
        "learning_rate": Choices((1e-4, 1e-3, 1e-2, 1e-1))
    }


def test_flagfile_repeats_the_search(tmp_path):
    config = search("--learning_rate=1e-4..0.1", "--warmup=0%..10%", "--tuner=bayesian")
    path = tmp_path / "flags.txt"
    path.write_text(format_flags(config))
    assert Config(**parse_command_line([f"--flagfile={path}"])) == config


def test_flags_of_a_trial_say_nothing_of_the_search():
    config = search("--learning_rate=1e-4..0.1", "--tuner=grid", "--max_trials=7")
    text = format_flags(trial_config(config, {"learning_rate": 0.003}))
    assert "--learning_rate=0.003\n" in text
    assert "--mode=train\n" in text
    assert "tuner" not in text
    assert "trials" not in text


def test_what_is_not_given_is_searched_by_default():
    assert open_settings(with_default_space(search())) == {
        "schedule": Choices(("constant", "exponential", "cosine")),
        "learning_rate": Range(1e-4, 1e-1),
        "warmup": Range(Duration(0, "%"), Duration(10, "%")),
    }


def test_what_is_given_is_fixed():
    config = with_default_space(search("--schedule=cosine", "--warmup=5%"))
    assert list(open_settings(config)) == ["learning_rate"]
    assert config.schedule == "cosine"


def test_given_range_is_all_that_is_searched():
    config = with_default_space(search("--learning_rate=1e-3..1e-1"))
    assert list(open_settings(config)) == ["learning_rate"]


def test_auto_finds_the_rate_and_leaves_the_rest():
    config = with_default_space(search("--search_space=auto", "--optimizer=adam,sgd"))
    assert config.learning_rate == "auto"
    assert list(open_settings(config)) == ["optimizer"]


def test_trial_has_the_parameters_of_its_own_schedule():
    config = search("--schedule=constant,step,exponential", "--decay_factor=0.1..0.5")
    constant = trial_config(config, {"schedule": "constant"})
    assert constant.decay_factor is None
    step = trial_config(config, {"schedule": "step", "decay_factor": 0.3})
    assert step.decay_factor == 0.3


def test_parameter_fixed_for_one_schedule_is_left_out_of_others():
    config = search("--schedule=cosine,step", "--decay_factor=0.2")
    assert trial_config(config, {"schedule": "cosine"}).decay_factor is None
    assert trial_config(config, {"schedule": "step"}).decay_factor == 0.2


def test_corners_are_the_ends_of_ranges_with_each_choice():
    config = search("--learning_rate=1e-3..1e-1", "--schedule=constant,cosine")
    found = {(each.schedule, each.learning_rate) for each in corners(config)}
    assert found == {
        ("constant", 1e-3),
        ("constant", 1e-1),
        ("cosine", 1e-3),
        ("cosine", 1e-1),
    }


def test_many_ranges_have_two_corners_for_each_choice():
    config = search(
        "--optimizer=adam,adamw,nadam",
        *(f"--{name}=0.5..0.9" for name in ("beta_1", "beta_2", "learning_rate")),
        *(f"--{name}=0.1..1" for name in ("clipnorm", "weight_decay", "epsilon")),
        "--batch_size=8..64",
    )
    # Not 3 * 2 ** 7.
    found = [(each.optimizer, each.beta_1, each.batch_size) for each in corners(config)]
    assert sorted(found) == [
        (name, beta, size)
        for name in ("adam", "adamw", "nadam")
        for beta, size in ((0.5, 8), (0.9, 64))
    ]


def test_every_choice_is_a_corner_however_many_there_are():
    rates = ",".join(str(i / 1000) for i in range(1, 301))
    assert len(list(corners(search(f"--learning_rate={rates}")))) == 300


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (
            ["--learning_rate=1e-1..1e-4"],
            "`--learning_rate` must be a range whose lower end comes first, such as "
            "1e-4..1e-1. Received: --learning_rate=0.1..0.0001. Leave --learning_rate "
            "out for its default.",
        ),
        (
            ["--learning_rate=0.1..0.1"],
            "`--learning_rate` must be a range whose lower end comes first, such as "
            "1e-4..1e-1. Received: --learning_rate=0.1..0.1. Leave --learning_rate "
            "out for its default.",
        ),
        (
            ["--learning_rate=0.1,0.1"],
            "`--learning_rate` must be values that differ from each other. Received: "
            "--learning_rate=0.1,0.1. Leave --learning_rate out for its default.",
        ),
        (
            ["--decay=0..0.1"],
            "`--decay` must be a range that begins above 0: it is searched by factors. "
            "Received: --decay=0.0..0.1. Leave --decay out for its default.",
        ),
        (
            ["--warmup=5..10%"],
            "`--warmup` must be a range with one unit, such as 0%..10%. Received: "
            "--warmup=5..10%. Leave --warmup out for its default.",
        ),
        (
            ["--schedule=cosine..linear"],
            "`--schedule` must be a list with commas: a range is for numbers. "
            "Received: --schedule=cosine..linear. Leave --schedule out for its "
            "default.",
        ),
        (
            ["--schedule=cosine,line"],
            f"`--schedule` must be one of {', '.join(SCHEDULES)} (did you mean "
            "linear?). Received: --schedule=cosine,line. Leave --schedule out for its "
            "default.",
        ),
        (
            ["--schedule=constant,cosine", "--decay_factor=0.1..0.5"],
            "`--decay_factor` belongs to --schedule=exponential or step. Received: "
            "--schedule=constant. Change --schedule or leave --decay_factor out.",
        ),
        (
            [
                "--schedule=triangular",
                "--learning_rate=1e-3..1",
                "--max_learning_rate=0.1..1",
            ],
            "`--max_learning_rate` must be above --learning_rate. Received: "
            "--max_learning_rate=0.1 --learning_rate=1. Raise one or lower the other.",
        ),
        (
            ["--search_space=auto", "--learning_rate=0.1"],
            "`--search_space=auto` finds the range of the rate. Received: "
            "--learning_rate, too. Leave one of them out.",
        ),
        (
            ["--objective=up:val_loss"],
            "`--objective` must be a name, with min: or max: before it where the name "
            "alone does not tell. Received: --objective=up:val_loss. For example "
            "--objective=max:val_accuracy.",
        ),
    ],
)
def test_space_that_cannot_be_is_refused_in_one_sentence_each(flags, message):
    with pytest.raises(ConfigError) as error:
        check_corners(search(*flags))
    assert str(error.value) == message


def test_search_that_cannot_be_at_an_end_of_its_range_is_made_without_a_check():
    # Each check of an end makes another Config, of which there may be hundreds.
    config = search("--schedule=constant,cosine", "--decay_factor=0.1..0.5")
    assert list(open_settings(config)) == ["schedule", "decay_factor"]


def test_range_belongs_to_a_search():
    with pytest.raises(ConfigError, match="ranges and choices are for --mode=search"):
        Config(learning_rate=Range(1e-3, 1e-1))


def test_setting_that_no_search_varies_is_answered_with_those_that_it_may():
    with pytest.raises(ConfigError) as error:
        Config(mode="search", epochs=Choices((1, 2)))
    assert str(error.value) == (
        "`--epochs` must be one value: a search varies schedule, optimizer, "
        "learning_rate, decay, decay_factor, decay_every, end_learning_rate, "
        "schedule_length, power, max_learning_rate, cycle, cycle_growth, cycle_factor, "
        "gamma, timescale, decay_length, decay_shape, pct_start, warmup, warmup_shape, "
        "warmup_factor, batch_size, beta_1, beta_2, epsilon, momentum, rho, "
        "weight_decay, clipnorm, clipvalue, global_clipnorm. Received: --epochs=1,2. "
        "For example --epochs=5."
    )


def test_nothing_to_search_is_said():
    config = search("--learning_rate=0.1", "--schedule=cosine", "--warmup=0")
    with pytest.raises(ConfigError, match=r"^`--mode=search` needs something to searc"):
        with_default_space(config)
