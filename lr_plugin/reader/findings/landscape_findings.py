"""What the loss landscape along the updates tells of the rates."""

from collections.abc import Iterator

from lr_plugin.reader.findings.evidence import Evidence
from lr_plugin.reader.findings.finding import Finding, make_finding, shorten
from lr_plugin.reader.landscape.headroom import find_low_rate


def find_rate_too_low(evidence: Evidence) -> Iterator[Finding]:
    """Finds that updates could have gone much further than they went."""
    found = evidence.landscape
    low = None if found is None else find_low_rate(found)
    if found is None or low is None:
        return
    place = evidence.place_of_step(int(found.steps[low.sample]))
    yield make_finding(
        "rate_too_low",
        "warning",
        f"The learning rate was low: of {low.num_samples} updates that were measured "
        f"while it was near its highest, half could have gone {shorten(low.headroom)} "
        "times as far or more before the loss of the next batch rose, as at "
        f"{place.with_rate}. Try a higher rate.",
        place,
    )
