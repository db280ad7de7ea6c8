"""Values live for a moment."""

from lr_plugin.brief_cache import BriefCache


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
