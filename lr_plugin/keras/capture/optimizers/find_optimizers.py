"""Finds every optimizer that a model holds, and a name for each."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import keras


def find_optimizers(model: keras.Model) -> dict[str, keras.Optimizer]:
    """Returns the optimizers of a model by a name of their own.

    These are `model.optimizer`, which comes first, and what the model, its layers and
    the models in it hold as attributes, in lists and in dictionaries. One that was
    given a name keeps it; the others are called after the attribute: `d_optimizer`.
    """
    found: dict[str, keras.Optimizer] = {}
    for path, optimizer in _walk(model, (), set()):
        attribute = path[-1]
        name = attribute if _has_usual_name(optimizer) else str(optimizer.name)
        if name in found:
            name = "_".join(path)
        number = 2
        while name in found:
            name, number = f"{'_'.join(path)}_{number}", number + 1
        found[name] = optimizer
    return found


def _walk(
    owner: Any, path: tuple[str, ...], seen: set[int]
) -> Iterator[tuple[tuple[str, ...], keras.Optimizer]]:
    if id(owner) in seen:
        return
    seen.add(id(owner))
    if isinstance(owner, keras.Optimizer):
        yield path or ("optimizer",), owner
    elif isinstance(owner, keras.Layer):
        attributes = dict(vars(owner))
        # What Keras and TensorFlow keep besides, under names of their own, comes last.
        for name in sorted(attributes, key=_rank):
            yield from _walk(attributes[name], (*path, name), seen)
    elif isinstance(owner, Mapping):
        for name, value in list(owner.items()):
            yield from _walk(value, (*path[:-1], f"{path[-1]}_{name}"), seen)
    elif isinstance(owner, list | tuple):
        for number, value in enumerate(owner):
            yield from _walk(value, (*path[:-1], f"{path[-1]}_{number}"), seen)


def _rank(attribute: str) -> int:
    if attribute == "optimizer":
        return 0
    return 2 if attribute.startswith("_") else 1


def _has_usual_name(optimizer: keras.Optimizer) -> bool:
    """Tells whether Keras made the name: "adam", "adam_w", "adam_2"; 3.12: "SGD"."""
    name = re.sub(r"_\d+$", "", str(optimizer.name)).replace("_", "")
    return name.lower() == type(optimizer).__name__.lower()
