"""Values are kept for a moment."""

import pytest

from lr_plugin.reader.cache.brief_cache import BriefCache


def test_a_value_is_loaded_again_when_it_is_too_old():
    now = 0.0
    cache = BriefCache(1.0, clock=lambda: now)
    values = iter("abc")

    assert cache.get("key", lambda: next(values)) == "a"
    now = 0.9
    assert cache.get("key", lambda: next(values)) == "a"
    now = 1.0
    assert cache.get("key", lambda: next(values)) == "b"
    assert cache.get("other", lambda: next(values)) == "c"


def test_what_is_being_loaded_again_is_given_as_it_was():
    now = 0.0
    cache = BriefCache(1.0, clock=lambda: now)
    cache.get("key", lambda: "old")
    now = 1.0

    def load():
        # Meanwhile another thread asks.
        assert cache.get("key", lambda: pytest.fail("Loaded twice.")) == "old"
        return "new"

    assert cache.get("key", load) == "new"
    assert cache.get("key", lambda: pytest.fail("Loaded again.")) == "new"


def test_what_cannot_be_loaded_is_tried_again():
    now = 0.0
    cache = BriefCache(1.0, clock=lambda: now)
    cache.get("key", lambda: "old")
    now = 1.0
    with pytest.raises(ZeroDivisionError):
        cache.get("key", lambda: 1 / 0)
    now = 2.0

    assert cache.get("key", lambda: "new") == "new"
