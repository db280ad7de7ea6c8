"""What a range test has found, written by hand."""

import numpy as np

from lr_plugin.keras.range_test.result import RangeTest

FOUND = RangeTest(
    learning_rates=np.geomspace(1e-6, 1, 4).tolist(),
    losses=[[2.3, 2.2, 1.0, 5.0]],
    smoothed=[2.3, 2.2, 1.0, 5.0],
    suggestion=1e-3,
    interval=(6e-4, 1.6e-3),
    reason="The loss falls fastest here.",
    suggestions={"steepest": 1e-3, "valley": 2e-3, "slide": None},
    usable_band=(2e-4, 0.1),
    stop_reason="the loss was four times its lowest value",
)
