"""The learning rate as a function of the step, in parts that compose.

Every schedule is a serializable Keras `LearningRateSchedule`. What Keras has is
Keras' own (time, exponential, step, polynomial and cosine decay); here is what it
lacks, and what joins them. Where a schedule is expected a plain number will do: a
rate that never moves.

Steps are counted from 0 and computed in whole numbers, so that a boundary falls
exactly where it is said to, however long the training.

Example:

```python
from lr_plugin.keras import schedules

schedule = schedules.with_warmup(schedules.cosine(0.1, 0.0, 900), 100, factor=0.01)
model.compile(keras.optimizers.SGD(schedule), "mse")
```
"""

from lr_plugin.keras.schedules.composed import Clock, Joined, Staircase
from lr_plugin.keras.schedules.cyclical import (
    CosineRestarts,
    Triangular,
    one_cycle,
    one_cycle_momentum,
)
from lr_plugin.keras.schedules.decay import (
    CompoundingTimeDecay,
    InverseSquareRoot,
    cosine,
    exponential,
    linear,
    piecewise,
    polynomial,
    time_decay,
)

# A type to annotate with, not a schedule; hence not among the names below.
from lr_plugin.keras.schedules.schedule import Schedule as Schedule
from lr_plugin.keras.schedules.schedule import rate_at
from lr_plugin.keras.schedules.warmup import warmup_stable_decay, with_warmup

__all__ = [
    "Clock",
    "CompoundingTimeDecay",
    "CosineRestarts",
    "InverseSquareRoot",
    "Joined",
    "Staircase",
    "Triangular",
    "cosine",
    "exponential",
    "linear",
    "one_cycle",
    "one_cycle_momentum",
    "piecewise",
    "polynomial",
    "rate_at",
    "time_decay",
    "warmup_stable_decay",
    "with_warmup",
]
