"""Searches with keras-tuner, which nothing outside of this package imports.

For scripts: `RecordedHyperModel` around the user's function that builds a model, and
`hp_learning_rate`, `hp_schedule` and `hp_optimizer` to be called in that function.
"""

from trainer.search.hp import hp_learning_rate, hp_optimizer, hp_schedule
from trainer.search.hypermodel import RecordedHyperModel

__all__ = [
    "RecordedHyperModel",
    "hp_learning_rate",
    "hp_optimizer",
    "hp_schedule",
]
