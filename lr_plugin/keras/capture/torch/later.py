"""Cells of a row that are computed once the row is fetched, for many rows at once."""

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import torch


@dataclasses.dataclass(frozen=True)
class Later:
    """A cell that is `compute(*arguments)`, of tensors that nothing changes any more.

    An operation takes PyTorch as long for one number as for a thousand.

    Attributes:
        compute: Takes tensors of any one shape; equal ones do the same.
        arguments: Tensors of shape [].
    """

    compute: Callable[..., Any]
    arguments: tuple[Any, ...]


def stack(cells: Sequence[Any]) -> torch.Tensor:
    """Makes a tensor of shape [num_rows] of a column's cells."""
    parts = []
    for compute, group in itertools.groupby(cells, _compute):
        if compute is None:
            parts.append(torch.stack(list(group)))
        else:
            arguments = zip(*(cell.arguments for cell in group), strict=True)
            parts.append(compute(*map(torch.stack, arguments)))
    return torch.cat(parts)


def _compute(cell: Any) -> Any:
    return cell.compute if isinstance(cell, Later) else None
