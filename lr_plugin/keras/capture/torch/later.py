"""Step sizes that are computed once their rows are fetched, for many rows at once."""

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from lr_plugin.keras.capture.optimizers.optimizer_state import StepSizeRule


class Later(NamedTuple):
    """A cell that is `rule(rate, num_updates)`, of tensors that nothing changes.

    An operation takes PyTorch as long for one number as for a thousand.
    """

    rule: StepSizeRule
    rate: Any
    num_updates: Any


def stack(cells: Sequence[Any]) -> torch.Tensor:
    """Makes a tensor of shape [num_rows] of a column's cells."""
    parts = []
    for rule, group in itertools.groupby(cells, _rule):
        if rule is None:
            parts.append(torch.stack(list(group)))
        else:
            _, rates, nums_updates = zip(*group, strict=True)
            parts.append(rule(torch.stack(rates), torch.stack(nums_updates)))
    return torch.cat(parts)


def _rule(cell: Any) -> StepSizeRule | None:
    return cell.rule if isinstance(cell, Later) else None
