"""Takes the numbers out of what Keras and other callbacks report of an epoch."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

# A metric of many classes is shown class by class, a confusion matrix hardly.
_MAX_ELEMENTS = 64


def number_metrics(
    logs: Mapping[str, Any], *, note: Callable[[str], None]
) -> dict[str, float]:
    """Returns the metrics that are numbers, by name.

    An array gives one metric for each element: `f1_score[0]`, `matrix[0,1]`. What is
    no number, and all but the first elements of a large array, is left out with a note.
    """
    metrics: dict[str, float] = {}
    for name, value in logs.items():
        try:
            array = np.asarray(value)
        # Objects of other programs may refuse in any way.
        except Exception:  # noqa: BLE001
            array = np.asarray(None)
        if array.dtype.kind not in "biuf":
            note(f"`{name}` in the epochs' logs is no number, and was left out.")
            continue
        values = array.astype(np.float64)
        if values.ndim == 0:
            metrics[str(name)] = float(values)
            continue
        if values.size > _MAX_ELEMENTS:
            note(
                f"`{name}` in the epochs' logs has {values.size} elements; the first "
                f"{_MAX_ELEMENTS} were recorded."
            )
        for index in list(np.ndindex(values.shape))[:_MAX_ELEMENTS]:
            place = ",".join(map(str, index))
            metrics[f"{name}[{place}]"] = float(values[index])
    return metrics
