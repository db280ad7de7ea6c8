"""How much of an update the next ones repeat, by the optimizer."""

from collections.abc import Mapping
from typing import Any

# How much further than SGD's a single update of the optimizer can go at the same
# distance from the best rate, beyond what its momentum explains. Chosen by
# benchmarks/landscape.py.
_SINGLE_UPDATES = {"SGD": 1.0, "Adam": 1.0, "AdamW": 1.0, "Muon": 7.0}
# Of an optimizer that was not tried nothing less is sure.
LARGEST_PERSISTENCE = 70.0
_MOMENTUM_NAMES = ("momentum", "beta_1")
_DEFAULT_MOMENTUM = {"SGD": 0.0, "Adam": 0.9, "AdamW": 0.9, "Muon": 0.95}
# Beyond what was tried; a sum over hundreds of updates is another matter.
_MAX_MOMENTUM = 0.99


def find_persistence(optimizer: Mapping[str, Any]) -> float | None:
    """Tells by how much the headroom of a single update exceeds that of the rate.

    With momentum b a gradient goes on in 1 / (1 - b) updates, half of which are made
    before what it did is seen: all of them together can go as far as a single one that
    is 0.5 / (1 - b) times as long. Muon's updates are as long in all directions, also
    in those in which the loss hardly changes.

    Args:
        optimizer: Class name and configuration, as a `RunInfo` has them.

    Returns:
        At least 1; None for an optimizer with which that was not measured.
    """
    name = optimizer.get("class_name")
    single = _SINGLE_UPDATES.get(str(name))
    if single is None:
        return None
    config = optimizer.get("config") or {}
    momentum = next(
        (config[key] for key in _MOMENTUM_NAMES if key in config),
        _DEFAULT_MOMENTUM[str(name)],
    )
    if not isinstance(momentum, int | float) or not 0 <= momentum <= _MAX_MOMENTUM:
        return None
    return single * max(1.0, 0.5 / (1 - momentum))
