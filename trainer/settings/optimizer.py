"""The optimizer and its parameters."""

import dataclasses

from trainer.settings.flag import flag, flags_of
from trainer.settings.flag_types import Number, Switch, Text

DEFAULT_OPTIMIZER = "adam"


@dataclasses.dataclass(frozen=True)
class OptimizerFlags:
    """The optimizer and its parameters; Keras has the defaults."""

    optimizer: str | None = flag(
        None,
        Text(),
        "Any optimizer of Keras by its name: adam, sgd, rmsprop, ... Default: that of "
        "a model that is compiled already, else adam.",
        searched="first",
        on_resume="fixed",
    )
    beta_1: float | None = flag(
        None,
        Number(at_least=0, below=1),
        "Adam family: at least 0, below 1.",
        searched="evenly",
        on_resume="free",
    )
    beta_2: float | None = flag(
        None,
        Number(at_least=0, below=1),
        "Adam family: at least 0, below 1.",
        searched="evenly",
        on_resume="free",
    )
    epsilon: float | None = flag(
        None,
        Number(above=0),
        "Adaptive optimizers: above 0.",
        searched="by factors",
        on_resume="free",
    )
    amsgrad: bool | None = flag(
        None,
        Switch(),
        "adam, adamw: the AMSGrad variant.",
        searched="no",
        on_resume="fixed",
    )
    momentum: float | None = flag(
        None,
        Number(at_least=0, at_most=1),
        "sgd, rmsprop: from 0 to 1.",
        searched="evenly",
        on_resume="fixed",
    )
    nesterov: bool | None = flag(
        None,
        Switch(),
        "sgd: Nesterov's momentum.",
        searched="no",
        on_resume="free",
    )
    rho: float | None = flag(
        None,
        Number(at_least=0, below=1),
        "rmsprop, adadelta: below 1.",
        searched="evenly",
        on_resume="free",
    )
    weight_decay: float | None = flag(
        None,
        Number(at_least=0),
        "Any optimizer: decoupled, at least 0.",
        searched="by factors",
        on_resume="free",
    )
    clipnorm: float | None = flag(
        None,
        Number(above=0),
        "Any optimizer: bounds each gradient's norm.",
        searched="evenly",
        on_resume="free",
    )
    clipvalue: float | None = flag(
        None,
        Number(above=0),
        "Any optimizer: bounds each gradient's values.",
        searched="evenly",
        on_resume="free",
    )
    global_clipnorm: float | None = flag(
        None,
        Number(above=0),
        "Any optimizer: bounds all gradients' norm.",
        searched="evenly",
        on_resume="free",
    )


PARAMETERS = tuple(name for name in flags_of(OptimizerFlags) if name != "optimizer")
