"""Writes the score that a trial reached."""

import math
import os

from tensorboard.compat.proto import summary_pb2
from tensorboard.plugins.scalar import metadata as scalar_metadata
from tensorboard.util import tensor_util

from lr_plugin import schema
from lr_plugin.writer.run_writer import RunWriter
from trainer.runs.hparams import make_end, write_summaries


def record_score(
    folder: str | os.PathLike[str],
    score: float,
    *,
    objective: str,
    direction: str,
    step: int,
    text: str,
) -> None:
    """Writes for both tabs which score a run reached.

    Args:
        score: Infinite where the run diverged.
        direction: "min" or "max".
        step: The last iteration.
        text: The sentence of the event: how the run ended.
    """
    details = {"objective": objective, "direction": direction, "score": score}
    event = schema.Event("score", step, text, details)
    with RunWriter(folder) as writer:
        writer.write_event(event)
    has_ended_well = math.isfinite(score)
    summaries = []
    if has_ended_well:
        value = summary_pb2.Summary.Value(
            tag=objective,
            metadata=scalar_metadata.create_summary_metadata(objective, ""),
            tensor=tensor_util.make_tensor_proto(score, dtype="float32"),
        )
        summaries.append(summary_pb2.Summary(value=[value]))
    summaries.append(make_end(has_ended_well=has_ended_well))
    write_summaries(folder, step, summaries)
