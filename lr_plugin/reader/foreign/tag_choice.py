"""Which of a run's tags are drawn: its rate, its loss, and what else belongs to it."""

import dataclasses
import functools
import itertools
import re
from collections.abc import Collection, Mapping, Sequence

from lr_plugin import schema
from lr_plugin.reader.foreign.conventions import CONVENTIONS, Convention
from lr_plugin.reader.foreign.tag_roles import find_role
from lr_plugin.reader.outcome.best_epochs import is_higher_better

# A loss that a program minimizes without writing it: the sum of these tags.
PLUS = " + "
# So many metrics of the training are read, which may have a point for each iteration.
_MAX_METRICS = 12


@dataclasses.dataclass(frozen=True)
class TagChoice:
    """The tags of one run.

    Attributes:
        rates: Those with a learning rate; the first is drawn as the run's rate.
        losses: Those with a loss of the training, sums among them; the first is drawn.
            Empty if there is none, or the user wants none.
        may_stand_in: How many of the losses may be drawn as the run's loss, the later
            ones where the earlier ones cannot be joined with the rate.
        epoch: The tag that says which epoch a step belongs to; None if there is none.
        validation: The tag of each metric, as Keras names it: "val_loss".
        training: The tags of metrics of the training, which may be those of epochs.
        caveat: What to know of the values of the program that wrote them, or nothing.
    """

    rates: Sequence[str]
    losses: Sequence[str]
    epoch: str | None
    validation: Mapping[str, str]
    training: Mapping[str, str] = dataclasses.field(default_factory=dict)
    may_stand_in: int = 1
    caveat: str = ""

    @functools.cached_property
    def tags(self) -> frozenset[str]:
        """All tags that have to be read."""
        parts = [part for loss in self.losses for part in loss.split(PLUS)]
        epoch = [] if self.epoch is None else [self.epoch]
        metrics = [*self.validation.values(), *self.training.values()]
        return frozenset([*self.rates, *parts, *self.losses, *epoch, *metrics])


def choose_tags(tags: frozenset[str], wanted: Mapping[str, str]) -> TagChoice:
    """Chooses among the tags of a run.

    Args:
        wanted: What the user said, by column: the tag of the rate or of the loss, or
            an empty text for no loss. A tag that the run does not have counts for
            nothing.
    """
    choice = _choose(tags)
    rate, loss = wanted.get(schema.LEARNING_RATE), wanted.get(schema.LOSS)
    if rate in tags:
        others = [tag for tag in choice.rates if tag != rate]
        losses = [tag for tag in choice.losses if tag != rate]
        choice = dataclasses.replace(choice, rates=[rate, *others], losses=losses)
    if loss == "":
        choice = dataclasses.replace(choice, losses=[], caveat="")
    elif loss is not None and all(part in tags for part in loss.split(PLUS)):
        others = [tag for tag in choice.losses if tag != loss]
        caveat = choice.caveat if choice.losses[:1] == [loss] else ""
        choice = dataclasses.replace(
            choice, losses=[loss, *others], may_stand_in=1, caveat=caveat
        )
    return choice


# Matching a run's tags takes a tenth of a millisecond, and is asked for with each
# request of each run; runs of one program have the same tags.
@functools.lru_cache(maxsize=4096)
def _choose(tags: frozenset[str]) -> TagChoice:
    by_kind: dict[str, list[str]] = {}
    for tag in sorted(tags, key=lambda tag: (find_role(tag).rank, tag)):
        by_kind.setdefault(find_role(tag).kind, []).append(tag)
    rates, losses = by_kind.get("learning_rate", []), by_kind.get("loss", [])
    # A part of the loss that does not call itself one may be anything: an entropy. But
    # below "loss" a generator or a student stands for its loss.
    first_losses = [tag for tag in losses if not _is_doubtful(tag)]
    caveat = ""
    for convention in CONVENTIONS:
        found_rates = _find(convention.rates, rates)
        found_losses = _find(convention.losses, losses)
        if found_rates and found_losses and _is_proven(convention, tags):
            rates = [*found_rates, *(tag for tag in rates if tag not in found_rates)]
            first_losses = found_losses
            caveat = convention.caveat if convention.proof else ""
            break
    if first_losses:
        losses = [*first_losses, *(tag for tag in losses if tag not in first_losses)]
    else:
        losses = []
    training = _name_metrics([*by_kind.get("loss", []), *by_kind.get("other", [])])
    epochs = by_kind.get("epoch", [])
    num_whole = sum(
        PLUS in loss or not find_role(loss).rank.is_aside for loss in losses
    )
    return TagChoice(
        rates,
        losses,
        epochs[0] if epochs else None,
        _name_metrics(by_kind.get("validation", [])),
        dict(itertools.islice(training.items(), _MAX_METRICS)),
        max(num_whole, 1),
        caveat,
    )


def _name_metrics(tags: Sequence[str]) -> dict[str, str]:
    """Finds the tags of metrics of which it is known which way they are to go."""
    metrics: dict[str, str] = {}
    for tag in tags:
        metric = find_role(tag).metric
        if metric and is_higher_better(metric) is not None:
            metrics.setdefault(metric, tag)
    return metrics


def _is_doubtful(tag: str) -> bool:
    rank = find_role(tag).rank
    return rank.is_aside and rank.is_not_named and rank.is_second


def _find(patterns: Sequence[str], tags: Sequence[str]) -> list[str]:
    """Finds the tags that fit one of the patterns, in the order of the patterns."""
    found: list[str] = []
    for pattern in patterns:
        matches = re.compile(pattern.removeprefix("+")).fullmatch
        matching = [tag for tag in tags if matches(tag) and tag not in found]
        if pattern.startswith("+"):
            found += [PLUS.join(sorted(matching))] if len(matching) > 1 else []
        else:
            found += matching
    return found


def _is_proven(convention: Convention, tags: Collection[str]) -> bool:
    """Tells whether the program may have written the tags."""
    if not convention.proof:
        return True
    matchers = [re.compile(pattern).fullmatch for pattern in convention.proof]
    return any(matches(tag) for tag in tags for matches in matchers)
