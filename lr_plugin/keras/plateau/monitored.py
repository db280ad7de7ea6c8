"""The monitored metric: its value, and which of two values is better."""

import warnings
from collections.abc import Mapping
from typing import Any

import keras

from lr_plugin.keras.metric_direction import ask_keras


class MonitoredMetric:
    """A metric by the name that it has in the logs of an epoch."""

    def __init__(self, name: str, mode: str):
        """Asks Keras nothing yet, because there may be no model.

        Args:
            name: Such as "val_loss".
            mode: "min" where lower is better, "max" where higher is; "auto" asks Keras.
        """
        self.name = name
        self._mode = mode
        self._is_higher_better: bool | None = None
        self._has_warned = False
        self.forget_direction()

    @property
    def has_direction(self) -> bool:
        """Whether it is known which of two values is better."""
        return self._is_higher_better is not None

    def forget_direction(self) -> None:
        """Forgets what Keras said, because another model may differ."""
        self._is_higher_better = None if self._mode == "auto" else self._mode == "max"

    def is_higher_better(self, model: keras.Model) -> bool:
        """Tells which of two values is better.

        Args:
            model: Must have trained a batch; before, Keras does not know all metrics.

        Raises:
            ValueError: Keras is asked and does not know.
        """
        if self._is_higher_better is None:
            self._is_higher_better = _ask_keras(model, self.name)
        return self._is_higher_better

    def read(self, epoch: int, logs: Mapping[str, Any]) -> float | None:
        """Reads the value at the end of an epoch.

        Returns:
            None, with a warning the first time, if a later epoch may have the value.

        Raises:
            ValueError: The value is not there, or not a number.
        """
        name = self.name
        if name not in logs:
            there = ", ".join(logs) or "nothing"
            # An epoch may be without validation.
            if not (name.startswith("val_") and name.removeprefix("val_") in logs):
                raise ValueError(
                    "`monitor` must name what an epoch reports. Received: monitor="
                    f"{name!r}, where epoch {epoch + 1} reported {there}. Give one of "
                    "these."
                )
            if not self._has_warned:
                self._has_warned = True
                warnings.warn(
                    f"MultiplyOnPlateau found no {name} at the end of epoch "
                    f"{epoch + 1}, only {there}. Until there is one, the rate stays "
                    "as it is: give `fit` validation_data.",
                    stacklevel=2,
                )
            return None
        try:
            return float(logs[name])
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"`monitor` must name one number. Received: monitor={name!r}, which is "
                f"{logs[name]!r}. Let the metric average, or name another."
            ) from error


def _ask_keras(model: keras.Model, name: str) -> bool:
    """Asks Keras for the direction of a metric, which it may not know."""
    is_higher_better = ask_keras(model, name)
    if is_higher_better is None:
        known = [
            metric.name
            for each in model.metrics
            # Keras puts those given to `compile` into one metric that holds them.
            for metric in getattr(each, "metrics", (each,))
        ]
        raise ValueError(
            "`mode` must say which values are better where Keras does not know it. "
            f"Received: mode='auto', monitor={name!r}; Keras knows {', '.join(known)}. "
            "Write mode='min' where lower is better, mode='max' where higher is, or "
            "correct `monitor`."
        )
    return is_higher_better
