"""The learning rate as a function of the step, in parts that compose.

Every schedule is a serializable Keras `LearningRateSchedule`. The functions for time,
exponential, step, polynomial and cosine decay return those of Keras; the classes here
are what Keras lacks, and what joins schedules. A plain number is a schedule, too: a
rate that never moves.

Steps are counted from 0 and computed in whole numbers, so that a boundary is exactly
where it should be, however long the training.

Example:

```python
from lr_plugin.keras import schedules

schedule = schedules.with_warmup(schedules.cosine(0.1, 0.0, 900), 100, factor=0.01)
model.compile(keras.optimizers.SGD(schedule), "mse")
```
"""

from lr_plugin.keras.schedules.composed import Clock, Joined, Staircase
from lr_plugin.keras.schedules.cyclical import CosineRestarts, Triangular
from lr_plugin.keras.schedules.decay import (
    CompoundingTimeDecay,
    InverseSquareRoot,
    SqrtFall,
    cosine,
    exponential,
    linear,
    piecewise,
    polynomial,
    time_decay,
)
from lr_plugin.keras.schedules.one_cycle import one_cycle, one_cycle_momentum

# Not among the names below because it is a type for annotations, not a schedule.
from lr_plugin.keras.schedules.schedule import Schedule as Schedule
from lr_plugin.keras.schedules.schedule import rate_at
from lr_plugin.keras.schedules.warmup import warmup_stable_decay, with_warmup

__all__ = [
    "Clock",
    "CompoundingTimeDecay",
    "CosineRestarts",
    "InverseSquareRoot",
    "Joined",
    "SqrtFall",
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
