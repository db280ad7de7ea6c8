"""What an optimizer of Keras makes of the learning rate that it is asked to use.

"The rate used" is the factor of the whole update that is the same for all weights: what
the asked-for rate has become once the optimizer's own rule for the rate was applied.
What differs between layers or weights is not in it; it shows in the layers' samples.

| optimizer | the rate used |
|---|---|
| SGD, RMSprop, Adagrad, Adam, AdamW, Adamax, Nadam, Lion | the asked-for rate |
| Adafactor | min(rate, 1 / sqrt(t)); the scale of each layer's weights is the layer's |
| ScheduleFreeAdamW | rate * min(t / warmup_steps, 1); its weight decay uses the rate |
| Adadelta | the asked-for rate, a factor of its own step (usually 1) |
| Ftrl | the asked-for rate, from which the rates of weights follow |
| Lamb | the asked-for rate; the ratio of norms is the layer's |
| Muon | the asked-for rate; `adam_lr_ratio` and `rms_rate` are the layer's |
| LossScaleOptimizer | that of its inner optimizer |
| MultiOptimizer | that of each of its optimizers, by name |
| a class with an `update_step` of its own | the asked-for rate, which that is given |

t is the number of the update, counted from 1.

Sources: Shazeer & Stern, Adafactor: Adaptive Learning Rates with Sublinear Memory Cost,
2018, algorithm 5, https://arxiv.org/abs/1804.04235; Defazio et al., The Road Less
Scheduled, 2024, https://arxiv.org/abs/2405.15682. Both as Keras computes them: its
Adafactor takes the minimum with any `relative_step`.
"""

import functools
from collections.abc import Callable
from typing import Any

import keras
from keras import ops


def used_rate(
    optimizer: keras.Optimizer, asked: Any, count_updates: Callable[[], Any]
) -> Any:
    """Returns the rate that an update uses.

    Args:
        optimizer: One without others in it.
        asked: The rate that it was asked to use, a tensor of shape [].
        count_updates: Returns how many updates it had made before this one, likewise;
            called where the rate depends on it.
    """
    if uses_asked_rate(optimizer):
        return asked
    t = ops.cast(count_updates() + 1, asked.dtype)
    if defining_class(optimizer) is keras.optimizers.Adafactor:
        return ops.minimum(asked, 1 / ops.sqrt(t))
    share = t / ops.cast(optimizer.warmup_steps, asked.dtype)
    return asked * ops.minimum(share, 1)


def uses_asked_rate(optimizer: keras.Optimizer) -> bool:
    """Tells whether an optimizer has no rule of its own for the rate."""
    rule = defining_class(optimizer)
    if rule.__name__ == "ScheduleFreeAdamW":
        return not optimizer.warmup_steps > 0
    return rule is not keras.optimizers.Adafactor


def defining_class(optimizer: keras.Optimizer) -> type[Any]:
    """Returns the class whose `update_step` an optimizer uses.

    A class of the program's own that computes updates in its own way: what is known of
    the class of Keras that it extends may not hold for it.
    """
    if "update_step" in vars(optimizer):
        return type(None)
    cls: Any = type(optimizer)
    return _defining_class(cls)


# Asked in each step, where that is not compiled.
@functools.lru_cache(maxsize=64)
def _defining_class(cls: Any) -> type[Any]:
    return next(
        (each for each in cls.__mro__ if "update_step" in vars(each)), type(None)
    )
