"""The bound in bytes, what is forgotten first, and that no value goes stale."""

import concurrent.futures

from lr_plugin.reader.cache.byte_cache import ByteCache


def test_a_value_is_loaded_once():
    cache = ByteCache(100)
    loads = []

    for _ in range(3):
        assert cache.get("a", 1, lambda: loads.append(1) or "value", len) == "value"

    assert len(loads) == 1
    assert cache.num_bytes == 5


def test_a_value_of_another_version_is_loaded_again_and_replaced():
    cache = ByteCache(100)
    cache.get("a", 1, lambda: "old", len)

    assert cache.peek("a", 2) is None
    assert cache.get("a", 2, lambda: "newer", len) == "newer"

    assert cache.peek("a", 1) is None
    assert cache.peek("a", 2) == "newer"
    assert cache.num_bytes == 5


def test_a_value_can_be_had_in_whichever_version_is_kept():
    cache = ByteCache(100)
    assert cache.peek_any("a") is None

    cache.put("a", 7, "value", 5)

    assert cache.peek_any("a") == "value"


def test_what_was_used_longest_ago_is_forgotten_first():
    cache = ByteCache(10)
    for key in "abc":
        cache.put(key, 1, key, 3)
    cache.peek("a", 1)

    cache.put("d", 1, "d", 3)

    assert [cache.peek(key, 1) for key in "abcd"] == ["a", None, "c", "d"]
    assert cache.num_bytes == 9


def test_a_value_too_large_is_given_but_not_kept():
    cache = ByteCache(10)
    cache.put("a", 1, "small", 5)

    assert cache.get("b", 1, lambda: "x" * 11, len) == "x" * 11

    assert cache.peek("b", 1) is None
    assert cache.peek("a", 1) == "small"


def test_a_value_put_again_counts_once():
    cache = ByteCache(10)
    for size in (3, 9, 4):
        cache.put("a", 1, size, size)

    assert (cache.peek("a", 1), cache.num_bytes) == (4, 4)
    cache.put("a", 1, 11, 11)
    assert (cache.peek("a", 1), cache.num_bytes) == (None, 0)


def test_threads_never_exceed_the_bound():
    cache = ByteCache(1000)

    def use(seed):
        for i in range(2000):
            key = (seed * 31 + i * 7) % 50
            assert (
                cache.get(key, i % 2, lambda key=key: key, lambda key: 10 + key) == key
            )
            assert cache.num_bytes <= 1000

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(use, range(4)))
