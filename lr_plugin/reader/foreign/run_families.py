"""Which directories of a log are one run, and how a user would call it.

Some programs write a run into several directories: PyTorch's `add_scalars` makes one
for every curve, Keras has one for the training and one for the validation.
"""

import dataclasses
import functools
import os
import re
from collections.abc import Collection, Mapping

from lr_plugin.reader.foreign.tag_roles import find_role

_VALIDATION = ("validation", "valid", "val", "eval", "evaluation", "test", "dev")
_TRAINING = ("train", "training", "train_inner")
_KERAS_TAG = re.compile(r"(epoch|batch)_.+")


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a scalar is: the run as TensorBoard has it, and the tag there."""

    run: str
    tag: str


@dataclasses.dataclass(frozen=True)
class Family:
    """What belongs to one run.

    Attributes:
        name: What a user would call it.
        places: By tag; tags of other directories have the name of these before them.
    """

    name: str
    places: Mapping[str, Place]

    @functools.cached_property
    def tags(self) -> frozenset[str]:
        """All tags."""
        return frozenset(self.places)


Tags = Mapping[str, Collection[str]]


def find_families(listing: Tags) -> dict[str, Family]:
    """Finds what belongs together, by the run that stands for it.

    Args:
        listing: The tags of every run, as TensorBoard names both.
    """
    curves = _find_curves(listing)
    taken = {place.run for places in curves.values() for place in places.values()}
    families = {}
    for run in sorted({*listing, *curves}):
        if run in taken:
            continue
        places = {tag: Place(run, tag) for tag in listing.get(run, ())}
        places |= curves.get(run, {})
        name = _name_run(run, listing)
        for other in _list_validation(run):
            for tag in listing.get(other, ()):
                places.setdefault(f"validation/{tag}", Place(other, tag))
        families[run] = Family(name, places)
    return _add_losses_beside(families, listing)


def _find_curves(listing: Tags) -> dict[str, dict[str, Place]]:
    """Finds the directories that `add_scalars` made, by the run above them.

    PyTorch writes the tag `loss` of `add_scalars("loss", {"train": ...})` into
    `loss_train`, tensorboardX into `loss/train`.
    """
    found: dict[str, dict[str, Place]] = {}
    for run, tags in listing.items():
        if len(tags) != 1:
            continue
        (tag,) = tags
        parts = run.split(os.sep)
        name = tag.replace("/", "_") + "_"
        depth = tag.count("/") + 2
        if parts[-1].startswith(name) and len(parts[-1]) > len(name):
            above, curve = parts[:-1], parts[-1][len(name) :]
        elif parts[-depth:-1] == tag.split("/"):
            above, curve = parts[:-depth], parts[-1]
        else:
            continue
        parent = os.sep.join(above) or "."
        found.setdefault(parent, {})[f"{tag}/{curve}"] = Place(run, tag)
    return found


def _list_validation(run: str) -> list[str]:
    """Lists where the validation of a run may be."""
    folder, _, last = run.rpartition(os.sep)
    prefix = "" if run == "." else run + os.sep
    names = [prefix + name for name in _VALIDATION]
    if last in _TRAINING:
        names += [_join(folder, name) for name in _VALIDATION]
    return names


def _add_losses_beside(families: dict[str, Family], listing: Tags) -> dict[str, Family]:
    """Gives a run that has rates alone the losses of `train` beside it, or below it.

    So it is where a rate is written into `metrics`, or into the log directory itself,
    and what Keras writes into `train`.
    """
    for run, family in list(families.items()):
        folder, _, last = run.rpartition(os.sep)
        if last == "train" or not _has(family, "learning_rate") or _has(family, "loss"):
            continue
        below = _join("" if run == "." else run, "train")
        for place, name in ((below, run), (_join(folder, "train"), folder or run)):
            other = families.get(place)
            if other is not None and not _has(other, "learning_rate"):
                families[run] = Family(name, {**other.places, **family.places})
                del families[place]
                break
    return families


def _has(family: Family, kind: str) -> bool:
    return any(find_role(tag).kind == kind for tag in family.places)


def _name_run(run: str, listing: Tags) -> str:
    """Names a run by its log directory, where Keras has written into `train` in it."""
    folder, _, last = run.rpartition(os.sep)
    if last != "train" or not folder:
        return run
    has_validation = any(_join(folder, name) in listing for name in _VALIDATION)
    is_keras = any(_KERAS_TAG.fullmatch(tag) for tag in listing.get(run, ()))
    return folder if has_validation or is_keras else run


def _join(folder: str, name: str) -> str:
    return f"{folder}{os.sep}{name}" if folder else name
