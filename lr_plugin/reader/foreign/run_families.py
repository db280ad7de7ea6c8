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
    """Gives a run that has rates alone the losses of `train` beside it.

    So it is where a rate is written into `metrics` beside what Keras writes.
    """
    for run, family in list(families.items()):
        kinds = {find_role(tag).kind for tag in family.places}
        folder, _, last = run.rpartition(os.sep)
        beside = _join(folder, "train")
        if "learning_rate" not in kinds or "loss" in kinds or last == "train":
            continue
        other = families.get(beside)
        if other is None or "learning_rate" in {
            find_role(t).kind for t in other.places
        }:
            continue
        families[run] = Family(folder or run, {**other.places, **family.places})
        del families[beside]
    return families


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
