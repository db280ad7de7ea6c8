"""Draws a small picture of every schedule: python docs/gallery.py docs/schedules.png"""

import pathlib
import sys
from typing import Any

from trainer.planning.plan import build_plan
from trainer.preview import draw_schedules, rates_at, sampled_steps
from trainer.settings.config import Config
from trainer.settings.durations import Duration, RunLength
from trainer.settings.schedule import SCHEDULES

_RUN = RunLength(batches_per_epoch=50, num_epochs=20)
_LEARNING_RATE = 0.01

# Flags without a default, and those that make a picture clearer.
_EXAMPLES: dict[str, dict[str, Any]] = {
    "time_per_epoch": {"decay": 0.02},
    "piecewise": {
        "boundaries": (Duration(40, "%"), Duration(75, "%")),
        "values": (0.003, 0.001),
    },
    "cosine_restarts": {"cycle_factor": 0.8},
    "inverse_sqrt": {"warmup": Duration(10, "%")},
}


def draw_gallery(path: pathlib.Path) -> None:
    """Draws all schedules, and one of them with a warmup and as a staircase."""
    settings = {
        name: {"schedule": name, **_EXAMPLES.get(name, {})} for name in SCHEDULES
    }
    settings["one_cycle, cosine"] = {"schedule": "one_cycle", "decay_shape": "cosine"}
    settings["warmup_stable_decay, 1-sqrt"] = {
        "schedule": "warmup_stable_decay",
        "decay_shape": "1-sqrt",
    }
    settings["cosine with warmup"] = {"schedule": "cosine", "warmup": Duration(10, "%")}
    settings["cosine, staircase"] = {"schedule": "cosine", "staircase": True}
    steps = sampled_steps(1000)
    curves = []
    for title, flags in settings.items():
        plan = build_plan(Config(**flags), _LEARNING_RATE, _RUN)
        curves.append((title, steps, rates_at(plan.learning_rate, steps)))
    draw_schedules(curves, path, columns=6)


if __name__ == "__main__":
    draw_gallery(pathlib.Path(sys.argv[1]))
