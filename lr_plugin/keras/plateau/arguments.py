"""Checks the arguments of the callback that multiplies the rate on a plateau."""


def check_arguments(
    *,
    monitor: str,
    factor: float,
    mode: str,
    delta_mode: str,
    every_epochs: int,
    every_batches: int | None,
    **at_least_zero: float,
) -> None:
    """Refuses arguments that are wrong.

    Raises:
        ValueError: An argument is out of bounds, or two contradict each other.
    """
    if not 0 < factor < 1:
        raise ValueError(
            f"`factor` must be above 0 and below 1. Received: factor={factor}. For "
            "example factor=0.1."
        )
    for name, number in at_least_zero.items():
        if not number >= 0:
            raise ValueError(f"`{name}` must be at least 0. Received: {name}={number}.")
    _check_choice("mode", mode, ("auto", "min", "max"))
    _check_choice("delta_mode", delta_mode, ("absolute", "relative"))
    if not every_epochs >= 1:
        raise ValueError(
            f"`every_epochs` must be at least 1. Received: every_epochs={every_epochs}."
        )
    if every_batches is not None:
        _check_batches(every_batches, every_epochs, monitor)


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(
            f"`{name}` must be one of {', '.join(choices)}. Received: {name}={value!r}."
        )


def _check_batches(every_batches: int, every_epochs: int, monitor: str) -> None:
    if not every_batches >= 1:
        raise ValueError(
            "`every_batches` must be at least 1. Received: "
            f"every_batches={every_batches}."
        )
    if monitor != "loss":
        raise ValueError(
            "`every_batches` looks at the training loss. Received: every_batches="
            f"{every_batches}, monitor={monitor!r}. Give monitor='loss', or "
            "`every_epochs`."
        )
    if every_epochs != 1:
        raise ValueError(
            "Looks are counted in epochs or in batches. Received: every_epochs="
            f"{every_epochs}, every_batches={every_batches}. Leave one of them out."
        )
