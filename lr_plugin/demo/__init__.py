"""Writes example runs, without any training: `python -m lr_plugin.demo LOGDIR`.

The curves are made by formulas and look like those of real trainings; the same seed
gives the same runs. One run has a million iterations, in one of which the loss spikes.
"""

from lr_plugin.demo.example_runs import SPIKE_LOSS as SPIKE_LOSS
from lr_plugin.demo.example_runs import SPIKE_STEP as SPIKE_STEP
from lr_plugin.demo.example_runs import write_demo as write_demo
