"""Checkpoints with one damage each: does a training go on from what is whole?"""

import random
import tempfile
from pathlib import Path

import numpy as np
from attacks.damage import damage

from trainer.training.checkpoint import Checkpoint, read_checkpoint, write_checkpoint


def attack_checkpoints(num_damages: int) -> tuple[int, int, int]:
    """Damages the newer of two checkpoints again and again.

    Returns:
        How often reading failed; gave numbers that were never written; fell back to the
        older one.
    """
    generator = random.Random(0)
    failed = wrong = fell_back = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = {epoch: _make(epoch) for epoch in (1, 2)}
        write_checkpoint(kept[1], folder)
        newest = write_checkpoint(kept[2], folder)
        content = newest.read_bytes()
        for _ in range(num_damages):
            newest.write_bytes(damage(content, generator))
            try:
                read = read_checkpoint(folder)
            except Exception as error:  # noqa: BLE001
                print(f"failed: {type(error).__name__}: {error}")
                failed += 1
                continue
            if read is None:
                failed += 1
                continue
            fell_back += read.epoch == 1
            wrong += not _is_same(read, kept.get(read.epoch))
    return failed, wrong, fell_back


def _make(epoch: int) -> Checkpoint:
    random_numbers = np.random.default_rng(epoch)
    arrays = {
        f"model/{i}": random_numbers.random((20, 10), np.float32) for i in range(12)
    }
    names = {key: f"layer/{key}" for key in arrays}
    return Checkpoint(epoch, 0, {"first_epoch": 0}, arrays, names, {"python": []})


def _is_same(read: Checkpoint, written: Checkpoint | None) -> bool:
    return written is not None and all(
        np.array_equal(read.arrays[key], array) for key, array in written.arrays.items()
    )
