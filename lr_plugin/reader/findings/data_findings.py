"""What the steps of the rows tell of the data."""

from collections.abc import Iterator

from lr_plugin.reader.findings.evidence import Evidence
from lr_plugin.reader.findings.finding import Finding, make_finding

# Of the steps without data, so many are named.
_NUM_NAMED = 3


def find_iterations_without_data(evidence: Evidence) -> Iterator[Finding]:
    """Finds that the optimizer counted an iteration more at the end of each epoch.

    Keras does so in graph mode where the data does not say how long it is: the train
    function learns that there is no more data after the optimizer has counted. Looked
    for where epochs ended, so that rows which are missing for another reason, as after
    a kill, are not taken for this.
    """
    recording = evidence.recording
    if any(info.steps_per_epoch for info in recording.run_infos):
        return
    begins = {info.first_step for info in recording.run_infos}
    ends = [event.step for event in recording.events if event.kind == "epoch_end"]
    inner = [end for end in ends if end < recording.overview.last_step]
    # Of hundreds of epochs in a long run, the first tell enough.
    for end in inner[: _NUM_NAMED + 1]:
        rows = evidence.known.read_row(end + 1)
        if rows or end + 1 in begins or not evidence.known.read_row(end + 2):
            return
    if not inner:
        return
    span = recording.overview.last_step + 1 - int(evidence.overview.steps[0])
    # A skipped update repeats a step; then the number is not known.
    num_missing = span - evidence.num_rows
    if num_missing != len(inner):
        return
    # The last epoch's is seen in the steps of the next only.
    num_steps = len(ends)
    steps = [f"{end + 1:,}" for end in ends[:_NUM_NAMED]]
    named = ", ".join(steps) + (", ..." if len(ends) > _NUM_NAMED else "")
    place = evidence.place_of_step(ends[0])
    yield make_finding(
        "iterations_without_data",
        "info",
        f"The optimizer counted {num_steps:,} iterations without data, one at the end "
        f"of each epoch (step {named}): the data does not say how long it is. The "
        "schedule is ahead by as many. Pass `steps_per_epoch`, or give the data its "
        "length (`tf.data.experimental.assert_cardinality`).",
        place,
    )
