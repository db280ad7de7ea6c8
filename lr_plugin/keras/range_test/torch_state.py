"""What PyTorch keeps that a range test must leave as it was."""

import contextlib
from collections.abc import Iterator

import torch
from torch.utils.data import DataLoader


@contextlib.contextmanager
def random_state_kept() -> Iterator[None]:
    """Restores PyTorch's global generators, those of GPUs among them."""
    with torch.random.fork_rng():
        yield


@contextlib.contextmanager
def order_kept(loader: DataLoader) -> Iterator[None]:
    """Restores the generators with which a `DataLoader` shuffles."""
    owners = [loader, loader.sampler, loader.batch_sampler]
    found = [getattr(owner, "generator", None) for owner in owners]
    generators = {id(each): each for each in found if each is not None}
    states = {key: each.get_state() for key, each in generators.items()}
    try:
        yield
    finally:
        for key, each in generators.items():
            each.set_state(states[key])
