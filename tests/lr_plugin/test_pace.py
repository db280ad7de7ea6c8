"""What is costly is done anew only after a while."""

from lr_plugin.reader.cache.pace import Pace


def test_a_version_is_held_for_its_time():
    now = 100.0
    pace = Pace(clock=lambda: now)
    assert pace.choose("run", "v1") == "v1"

    pace.hold("run", "v1", 5.0)
    now = 104.9
    assert pace.choose("run", "v2") == "v1"
    now = 105.0
    assert pace.choose("run", "v2") == "v2"


def test_each_key_is_held_for_itself():
    pace = Pace(clock=lambda: 0.0)
    pace.hold("run", "v1", 5.0)
    pace.hold("other", "w1", 5.0)
    assert pace.choose("run", "v2") == "v1"
    assert pace.choose("other", "w2") == "w1"
    assert pace.choose("third", "x2") == "x2"


def test_a_later_version_takes_the_place_of_the_one_before():
    now = 0.0
    pace = Pace(clock=lambda: now)
    pace.hold("run", "v1", 5.0)
    now = 4.0
    pace.hold("run", "v2", 5.0)
    now = 8.9
    assert pace.choose("run", "v3") == "v2"
