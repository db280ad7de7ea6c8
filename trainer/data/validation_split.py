"""Chooses which examples are held out for validation."""

import numpy as np

from trainer.errors import ConfigError

# The same split for all runs, so that runs with different seeds can be compared.
_SEED = 0


def split_indices(
    y: np.ndarray, share: float, *, stratify: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Splits `len(y)` examples into those to train with and those held out.

    Args:
        y: Labels; one-hot rows count as the class that they name.
        share: How much is held out, at least 0, below 1; 0 holds out nothing.
        stratify: Hold out the same share of every class, to the nearest example.

    Returns:
        Two arrays of numbers, both ascending. They say nothing of the order in which
        examples are trained.

    Raises:
        ConfigError: No example would be left on one of the sides.
    """
    num_held_out = int(len(y) * share)
    if (num_held_out == 0 and share > 0) or num_held_out == len(y):
        raise ConfigError(
            "`--validation_split` must leave examples on both sides. Received: "
            f"--validation_split={share:g} of {len(y)} examples. Use another share, or "
            "0 for no validation."
        )
    order = np.random.default_rng(_SEED).permutation(len(y))
    if stratify:
        classes = y.argmax(axis=1) if y.ndim == 2 else y
        order = _spread_classes(order, classes)
    return np.sort(order[num_held_out:]), np.sort(order[:num_held_out])


def _spread_classes(order: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Reorders so that the first n have each class in its share, for every n.

    The k-th of the n examples of a class comes at (k + 1/2) / n of the whole.
    """
    shuffled = classes[order]
    by_class = np.argsort(shuffled, kind="stable")
    counts = np.unique(shuffled, return_counts=True)[1]
    places = np.concatenate([(np.arange(n) + 0.5) / n for n in counts])
    return order[by_class[np.argsort(places, kind="stable")]]
