"""Finds out which array is which: x_train, X_train, train_images, labels, arr_0, ..."""

import re
from collections.abc import Iterable, Mapping

from trainer.data.origin import Origin

# What each part and each axis is called; capitals, underscores and order do not matter.
_PARTS = {
    "train": ("train", "training", "tr"),
    "val": ("val", "valid", "validation", "dev"),
    "test": ("test", "testing", "te"),
}
_AXES = {
    "x": ("x", "image", "images", "feature", "features", "input", "inputs", "data"),
    "y": ("y", "label", "labels", "target", "targets", "class", "classes"),
    "w": ("w", "weight", "weights", "sampleweight", "sampleweights"),
}
# As numpy.savez calls arrays that were given without names.
_UNNAMED = re.compile(r"arr_\d+")


def name_arrays(found: Iterable[str], origin: Origin) -> tuple[dict[str, str], str]:
    """Finds the arrays of a dataset among those with these names.

    Returns:
        The name that each has here, x_train, y_train, w_train, ..., with the name that
        it was found by; and a line about those whose names differ, for the user to
        read. Arrays with other names are left out.

    Raises:
        ConfigError: Two have the same meaning.
    """
    names = list(found)
    if len(names) in (2, 4, 6) and all(map(_UNNAMED.fullmatch, names)):
        meant = [f"{axis}_{part}" for part in ("train", "test", "val") for axis in "xy"]
        if len(names) == 6:
            meant = [f"{a}_{part}" for part in ("train", "val", "test") for a in "xy"]
        by_meaning = dict(zip(meant, sorted(names), strict=False))
        return by_meaning, _line(by_meaning, [])
    by_meaning, others = {}, []
    for name in names:
        meaning = _meaning(name)
        if meaning is None:
            others.append(name)
        elif meaning in by_meaning:
            raise origin.error(
                f"must hold one array that means {meaning}",
                f"{by_meaning[meaning]} and {name}",
                f"Call the right one {meaning}, and leave the other out.",
            )
        else:
            by_meaning[meaning] = name
    return by_meaning, _line(by_meaning, others)


def _meaning(name: str) -> str | None:
    """Gives x_train for X_train, trainX, train_images, images, ...; None for others."""
    plain = re.sub(r"[^a-z]", "", name.lower())
    for axis, axis_words in _AXES.items():
        for word in axis_words:
            if plain == word:
                return f"{axis}_train"
            for part, part_words in _PARTS.items():
                if any(plain in (word + p, p + word) for p in part_words):
                    return f"{axis}_{part}"
    return None


def _line(by_meaning: Mapping[str, str], others: list[str]) -> str:
    renamed = [f"{name} as {m}" for m, name in by_meaning.items() if name != m]
    parts = []
    if renamed:
        parts.append(f"Arrays are taken by their names: {', '.join(renamed)}.")
    if others and {"x_train", "y_train"} <= set(by_meaning):
        parts.append(f"Left out: {', '.join(others)}.")
    return " ".join(parts)
