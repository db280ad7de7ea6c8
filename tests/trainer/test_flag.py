import dataclasses

import pytest

from trainer.settings.config import SETTINGS, Config
from trainer.settings.data import data_flag
from trainer.settings.flag import flag, flags_of, schedule_flag
from trainer.settings.flag_types import Whole

FACTS = {"searched": "no", "on_resume": "fixed"}


@pytest.mark.parametrize(
    ("declare", "facts", "forgotten"),
    [
        (flag, FACTS, "searched"),
        (flag, FACTS, "on_resume"),
        (schedule_flag, {**FACTS, "schedules": (), "is_rate": False}, "schedules"),
        (schedule_flag, {**FACTS, "schedules": (), "is_rate": False}, "is_rate"),
        (data_flag, {**FACTS, "needs": None}, "needs"),
    ],
)
def test_flag_that_leaves_out_how_it_is_treated_is_refused(declare, facts, forgotten):
    declare(1, Whole(at_least=0), "Something to count.", **facts)
    left = {name: fact for name, fact in facts.items() if name != forgotten}
    with pytest.raises(TypeError, match=forgotten):
        declare(1, Whole(at_least=0), "Something to count.", **left)


def test_field_without_a_flag_is_refused():
    @dataclasses.dataclass(frozen=True)
    class Group:
        num_cats: int = flag(1, Whole(at_least=0), "How many cats there are.", **FACTS)
        num_dogs: int = 2

    with pytest.raises(KeyError):
        flags_of(Group)


def test_field_has_the_default_of_its_flag():
    @dataclasses.dataclass(frozen=True)
    class Group:
        num_cats: int = flag(3, Whole(at_least=0), "How many cats there are.", **FACTS)

    assert Group() == Group(num_cats=3)
    assert flags_of(Group)["num_cats"].help == "How many cats there are."


def test_flags_of_a_config_are_in_the_order_of_its_groups():
    names = list(SETTINGS)
    assert names == [field.name for field in dataclasses.fields(Config)]
    firsts = ["mode", "dataset", "model", "epochs", "logdir", "steps_per_execution"]
    firsts += ["learning_rate", "search_space", "schedule", "warmup", "plateau"]
    firsts += ["optimizer"]
    assert sorted(firsts, key=names.index) == firsts
