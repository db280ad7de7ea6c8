"""Every sentence that the reader says, with a run for which it must say it.

Its numbers are computed here from the run's CSV, as a user would: a wrong one in the
sentence is a failure. `EXPECTED` lists the findings; what is said of a run that others
wrote is in `test_foreign_notes.py`, the notices of damaged files in `test_damage.py`.
The sentences of the browser are in the files that `BROWSER` names: here it is held that
none is missing.
"""

import ast
import functools
import re
from pathlib import Path

import numpy as np
import pytest
from data_providers import SCOPE, python_loader
from sentence_runs import RUNS, stretched

from lr_plugin.reader import csv_text
from lr_plugin.reader.outcome.known_rows import MAX_ROWS_TO_READ
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader

ROOT = Path(__file__).resolve().parents[2]
FINDINGS = ROOT / "lr_plugin" / "reader" / "findings"
FRONTEND = ROOT / "lr_plugin" / "frontend" / "src"
# Files of tests that hold the list of the sentences in the browser.
BROWSER = (
    "tests/browser/test_browser_sentences.py",
    "tests/browser/test_browser_tags.py",
    "tests/browser/test_browser_jumps.py",
    "tests/browser/test_browser_zoom.py",
    "tests/browser/test_browser_metrics.py",
    "tests/browser/test_browser_figures.py",
    "tests/browser/test_browser_runs.py",
    "tests/browser/test_browser_which_rate.py",
    "tests/browser/test_browser_landscape.py",
    "lr_plugin/frontend/src/landscape/landscape.test.ts",
    "lr_plugin/frontend/src/layers/layers_scene.test.ts",
    "lr_plugin/frontend/src/picture/figure.test.ts",
    "lr_plugin/frontend/src/runs/runs_table.test.ts",
    "lr_plugin/frontend/src/timeline/metric_curves.test.ts",
    "lr_plugin/frontend/src/which_rate/verdict.test.ts",
    "lr_plugin/frontend/src/which_rate/recipes.test.ts",
    "lr_plugin/frontend/src/which_rate/which_rate_scene.test.ts",
    # No server that reads files says these; a browser gets them from others.
    "lr_plugin/frontend/src/widgets/captions.test.ts",
)
# What names a thing or says what a key does, and nothing of a run.
LABELS = {
    "Colours of the layers",
    "1 column: 82.5 mm (ICML)",
    "1 column: 89 mm (Nature, IEEE)",
    "2 columns: 183 mm (Nature, IEEE)",
    "text: 139.7 mm (NeurIPS)",
    "Size, letters and colours of saved pictures",
    "Draw all layers",
    "Draw this layer alone",
    "% of the usual height",
    "Draw no more:",
    "Draw one more column",
    "E goes to the next event, S to the next spike, F to the next finding, each with",
    "Height of the charts, below",
    "Hide the list of runs",
    "Kind of events",
    "Shift to the one before.",
    "Arrow keys left and right move from row to row, with Shift by ten;",
    "the run; Enter brings it out; plus and minus zoom across, Y and Shift Y",
    "upright; Page Up and Page Down pan, with Shift up and down; Escape shows",
    "Drag across, up or over a box to zoom · Shift-drag pans · Ctrl-wheel zooms, with "
    "Shift",
    "upright · double-click shows all · click brings out a run",
    "← → rows, with Shift ten · ↑ ↓ runs · Enter bring out · + − zoom, y Y upright · "
    "Page",
    "Up, Down pan · Esc all",
    "Fit the axis",
    "Fit the axis:",
    "Take the last step back (Ctrl+Z)",
    "Bring out this run",
    "Choose by names again",
    "Scalars in this log",
    "Tags of other programs’ runs",
    "by its name",
    "Best loss per rate",
    "compounding time decay",
    "inverse square root",
    "Bring out this run, fade the others",
    "Drag along an axis to choose the runs that pass there, click it to choose all",
    "Effective rate of each layer",
    "Filter runs by regular expression",
    "Filter runs (regular expression)",
    "Roboto, 'Helvetica Neue', Arial, sans-serif",
    "List of runs",
    "Metric of epochs",
    "Change of the loss",
    "Lines of the landscape",
    "critical rate / used rate",
    "Loss against rate",
    "Of a single iteration",
    "Of that epoch’s last update",
    "Of the first iteration",
    "Of the last iteration",
    "Losses that are not finite",
    "Iterations that changed no weight",
    "Part of a run’s name that is its seed, a regular expression",
    "Rate and step size",
    "Seed in the name",
    "Settings and outcome",
    "Share of the run",
    "Show the list of runs",
    "Width of the list of runs",
    "whichever others are drawn",
    "Show all runs alike",
    "Show the iterations around it",
    "Show this run alone in the timeline",
    "Skip the list of runs",
    "Table of runs",
    "Update to weight ratio",
    "Values of layers",
}


class Csv:
    """The columns of export.csv."""

    def __init__(self, text):
        header, *lines = text.strip().split("\n")
        columns = zip(*(line.split(",") for line in lines), strict=True)
        values = dict(zip(header.split(","), columns, strict=True))
        self.step = np.array(values["step"], int)
        self.rate = np.array(values["learning_rate"], np.float32)
        self.loss = np.array(values["loss"], float)
        self.applied = np.array(values["applied"], int)

    def __len__(self):
        return len(self.step)

    def at(self, row, *, length=100):
        """Names a row as a sentence does; `length` is that of an epoch."""
        epoch = f" (epoch {self.step[row] // length + 1})" if length else ""
        return f"iteration {self.step[row]:,}{epoch}"


def g(value):
    """Writes a number as the tab does, with three digits."""
    if 0 < abs(value) < 1e-3 or abs(value) >= 1e6:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def smooth(losses, width):
    values = np.where(np.isfinite(losses), losses, np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(values, width)
    return np.median(windows, axis=1)


def tell_nonfinite_loss(csv, found):
    rows = np.flatnonzero(~np.isfinite(csv.loss))
    first = rows[0]
    assert len(rows) == len(csv) - first
    return first, (
        f"The loss was NaN or infinite in {len(rows)} iterations, first at "
        f"{csv.at(first)}, where the rate was {g(csv.rate[first])}. It has not "
        "recovered: the updates since then were of no use. Lower the rate, warm up "
        "longer, clip the gradients (`clipnorm`), or look for bad values in the data."
    )


def tell_diverged(csv, found):
    medians = smooth(csv.loss, 31)
    row = int(np.flatnonzero(csv.step == found["step"])[0])
    # Within a window around the turn at 2,000, and low there.
    assert abs(row - 2000) <= 31
    assert csv.loss[row] <= 1.1 * medians.min()
    return row, (
        "The training diverged: the loss was low for the last time at "
        f"{csv.at(row)}, {g(csv.loss[row])}, where the rate was {g(csv.rate[row])}; it "
        f"began at {g(medians[0])} and ended at {g(medians[-1])} (medians of 31 "
        f"iterations). Stay below {g(csv.rate[row])}; a range test tells how far."
    )


def tell_flat_loss(csv, found):
    fifth = len(csv) // 5
    return len(csv) - 1, (
        f"The loss did not change: {g(csv.loss[:fifth].mean())} in the first fifth of "
        f"the run, {g(csv.loss[-fifth:].mean())} in the last with rates from "
        f"{g(csv.rate.min())} to {g(csv.rate.max())}. The rate is far too low or far "
        "too high, or the model cannot learn this; a range test tells which."
    )


def tell_spike(csv, found):
    row = int(csv.loss.argmax())
    around = np.r_[csv.loss[row - 64 : row - 8], csv.loss[row + 9 : row + 65]]
    return row, (
        f"The loss shot up to {g(csv.loss[row])} at {csv.at(row)}, where the rate was "
        f"{g(csv.rate[row])}; around it the median is {g(np.median(around))}, the "
        f"highest {g(around.max())}. Look at this batch's data, clip the gradients "
        "(`clipnorm`), or lower the rate."
    )


def tell_still_falling(csv, found):
    tenth = len(csv) // 10
    last, before = csv.loss[-tenth:], csv.loss[-2 * tenth : -tenth]
    return len(csv) - 1, (
        f"The loss was still falling when the training ended: {g(last.mean())} in the "
        f"last tenth of the run, {g(before.mean())} in the tenth before. Train longer."
    )


def tell_rate_too_low(csv, found):
    # All 20 samples are near the peak, and have the same headroom. The first third of
    # them, 6, is looked at; the middle one, the lower of two, is the third.
    # 5 * sqrt(40.96) is 32.
    assert csv.rate.max() == pytest.approx(0.01)
    return 100, (
        "The learning rate was low: of the first 6 updates that were measured while it "
        "was near its highest, half could have gone 41 times as far or more before the "
        f"loss of the next batch rose, as at {csv.at(100)}, where the rate was "
        f"{g(csv.rate[100])}. Try a rate around 0.32 (0.107 to 4.8)."
    )


def tell_rate_too_high(csv, found):
    # (15 * 0.4 - 5 * 0.2) / 20 is a quarter; 200, 400, ... lower it.
    return 50, (
        "The learning rate was high: of 20 updates that were measured while it was "
        "near its highest, 75% raised the loss of the next batch, and all of them "
        "changed it by +25% or more on average. The loss of the next batch rose most "
        f"at {csv.at(50)}, where the rate was {g(csv.rate[50])}: by 0.2. Try "
        "a lower rate."
    )


def tell_decayed_with_room(csv, found):
    # Below 0.01 from iteration 150 on, where the rate is 0.1 * 0.01 ** 0.5: 17 samples.
    # From 250 on none of the rates that were tried raised the loss, 64 times is most.
    rows = np.arange(150, 1000, 50)
    assert len(rows) == 17 and csv.rate[rows].max() < 0.01 < csv.rate[100]
    row = int(rows[8])
    return row, (
        "The rate decayed early: at 17 of 20 moments that were measured it was below a "
        "tenth of its peak, 0.1, and half of these updates could have gone 64 times "
        f"as far or more before the loss of the next batch rose, as at {csv.at(row)}, "
        f"where the rate was {g(csv.rate[row])}. Let it decay later."
    )


def tell_cut_while_falling(csv, found):
    row = int(np.flatnonzero(np.diff(csv.rate) < 0)[0]) + 1
    last, before = csv.loss[row - 200 : row], csv.loss[row - 400 : row - 200]
    return row, (
        f"The rate was cut at {csv.at(row)} while the loss was falling: "
        f"{g(last.mean())} in the 200 iterations before, {g(before.mean())} in the 200 "
        "before these. Raise the patience, or lower the least change that counts as an "
        "improvement."
    )


def tell_decayed_too_early(csv, found):
    row = int(np.flatnonzero(csv.step == found["step"])[0])
    peak, rate, rest = csv.rate.max(), csv.rate[row], csv.loss[row:]
    # Flat from there on, a tenth at a time, and not before.
    tenths = [part.mean() for part in np.array_split(rest, 10)]
    assert max(tenths) < 1.02 * min(tenths)
    assert csv.loss[row - 40 : row].mean() > 1.02 * rest.mean()
    return row, (
        f"The rate decayed too early: since {csv.at(row)}, where it was {g(rate)} "
        f"({rate / peak:.2g} of its peak, {g(peak)}), the loss has been flat, "
        f"{g(rest.mean())} on average for {len(rest) / len(csv):.0%} of the run, and "
        "it was falling before. Let the schedule take the length of the run."
    )


def tell_ignored_decay(csv, found):
    (rate,) = set(csv.rate)
    return 0, (
        f"decay=0.0002 was asked for, but all {len(csv):,} iterations used the rate "
        f"{g(rate)}: Keras 3 ignores an optimizer's `decay`. Give it "
        f"`InverseTimeDecay({g(rate)}, 1, 0.0002)` as its learning rate."
    )


def tell_zero_rate(csv, found):
    rows = np.flatnonzero(csv.rate == 0)
    return rows[0], (
        f"The rate was 0 in {len(rows)} of {len(csv):,} iterations, first at "
        f"{csv.at(rows[0])}: these learned nothing. Give the schedule the length of "
        "the run, or an end above 0."
    )


def tell_rate_jump(csv, found):
    row = int(np.argmax(csv.rate[1:] / csv.rate[:-1])) + 1
    return row, (
        f"The rate jumped from {g(csv.rate[row - 1])} to {g(csv.rate[row])} at "
        f"{csv.at(row)}, where a training began. If that is not meant, restore the "
        "state of the schedule, or of the callback that lowers the rate, when a "
        "training goes on."
    )


def tell_skipped_updates(csv, found):
    rows = np.flatnonzero(csv.applied == 0)
    return rows[0], (
        f"{len(rows)} of {len(csv):,} updates ({len(rows) / len(csv):.0%}) were "
        f"skipped because gradients were not finite, first at {csv.at(rows[0])}. A few "
        "are normal while the loss scale settles; this many cost training time. Lower "
        "the rate, or begin with a lower loss scale."
    )


def tell_schedule_never_ends(csv, found):
    return len(csv) - 1, (
        "CosineDecay takes 10,000 iterations to its end, but the training is planned "
        f"for 2,000: so far the rate went from {g(csv.rate[0])} to {g(csv.rate[-1])}. "
        "Set `decay_steps` to the length of the run, warm-up not included."
    )


def tell_schedule_ended_early(csv, found):
    row = int(np.flatnonzero(csv.rate != csv.rate[-1])[-1]) + 1
    share = (len(csv) - row) / len(csv)
    return row, (
        f"The rate has stayed at {g(csv.rate[-1])} since {csv.at(row)}, for "
        f"{share:.0%} of the run: PolynomialDecay came to its end before the training "
        "did. Give it the length of the run unless this is meant."
    )


def tell_short_warmup(csv, found):
    length = int(np.argmin(np.diff(csv.rate) > 0)) + 1
    medians = smooth(csv.loss, 15)
    row = int(np.flatnonzero(csv.step == found["step"])[0])
    # Not each median was looked at: the highest of those is not much lower.
    near = medians[row - 14 : row + 1]
    told = next(
        m for m in near if g(m) == found["text"].split("rose to ")[1].split()[0]
    )
    assert told > 0.98 * medians.max()
    peak = csv.rate[length - 1]
    return row, (
        f"After a warm-up of {length} iterations to the rate {g(peak)}, the loss rose "
        f"to {g(told)} around {csv.at(row)}; it began at "
        f"{g(medians[0])} (medians of 15 iterations). Warm up longer, or to a lower "
        "rate."
    )


def tell_iterations_without_data(csv, found):
    gaps = np.flatnonzero(np.diff(csv.step) > 1)
    steps = [csv.step[gap] + 1 for gap in gaps]
    # The last epoch's would show in the next one.
    return gaps[0], (
        f"The optimizer counted {len(steps) + 1} iterations without data, one at the "
        f"end of each epoch (step {', '.join(map(str, steps))}, ...): the data does "
        "not say how long it is. The schedule is ahead by as many. Pass "
        "`steps_per_epoch`, or give the data its length "
        "(`tf.data.experimental.assert_cardinality`)."
    )


EXPECTED = {
    name.removeprefix("tell_"): tell
    for name, tell in list(globals().items())
    if name.startswith("tell_")
}


def make_reader(logdir, *, from_files):
    directories = RunDirectories(logdir=str(logdir)) if from_files else RunDirectories()
    with python_loader() as load:
        return LearningRateReader(load(logdir), directories=directories)


def read_csv(reader):
    return Csv("".join(csv_text.format_rows(*reader.export_rows(SCOPE, "run"))))


@pytest.fixture(scope="module")
def logdir_of(tmp_path_factory):
    """Gives the folder of the run of a kind, which is written once."""

    @functools.cache
    def write(kind):
        logdir = tmp_path_factory.mktemp(kind)
        RUNS[kind](logdir / "run")
        return logdir

    return write


@pytest.mark.slow
@pytest.mark.parametrize("from_files", [True, False])
@pytest.mark.parametrize("kind", EXPECTED)
def test_a_finding_says_what_its_csv_says(logdir_of, kind, from_files):
    reader = make_reader(logdir_of(kind), from_files=from_files)
    csv = read_csv(reader)

    found = reader.find_findings(SCOPE, "run")

    assert [finding["kind"] for finding in found] == [kind]
    (finding,) = found
    row, text = EXPECTED[kind](csv, finding)
    assert finding["text"] == text
    # The link goes to the row, and says what is there.
    assert finding["step"] == csv.step[row]
    assert np.float32(finding["learning_rate"]) == csv.rate[row]
    np.testing.assert_equal(np.float32(finding["loss"]), np.float32(csv.loss[row]))


def test_every_kind_of_finding_in_the_code_is_listed_here():
    kinds = set()
    for path in FINDINGS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if is_call and node.func.id in ("make_finding", "Finding"):
                name = node.args[0]
                if isinstance(name, ast.Constant):
                    kinds.add(name.value)
                else:
                    assert path.name == "finding.py", f"{path.name} builds a kind."

    assert kinds == set(EXPECTED) == set(RUNS)


# Longer runs are looked at by buckets of 256 rows, of which few are opened.
STRETCHED = (
    "nonfinite_loss",
    "diverged",
    "decayed_too_early",
    "zero_rate",
    "rate_jump",
    "skipped_updates",
    "schedule_ended_early",
    "schedule_never_ends",
    "still_falling",
    "flat_loss",
)


@pytest.mark.slow
@pytest.mark.parametrize("kind", STRETCHED)
def test_a_finding_of_a_long_run_names_a_row_too(tmp_path, kind):
    factor = 22
    with stretched(factor):
        RUNS[kind](tmp_path / "run")
    reader = make_reader(tmp_path, from_files=True)
    csv = read_csv(reader)
    assert len(csv) > MAX_ROWS_TO_READ

    (finding,) = reader.find_findings(SCOPE, "run")

    assert finding["kind"] == kind
    row = int(np.flatnonzero(csv.step == finding["step"])[0])
    assert csv.at(row, length=100 * factor) in finding["text"] or row == len(csv) - 1
    assert np.float32(finding["learning_rate"]) == csv.rate[row]
    np.testing.assert_equal(np.float32(finding["loss"]), np.float32(csv.loss[row]))
    firsts = {
        "nonfinite_loss": ~np.isfinite(csv.loss),
        "zero_rate": csv.rate == 0,
        "skipped_updates": csv.applied == 0,
        "rate_jump": np.r_[False, csv.rate[1:] > 3 * csv.rate[:-1]],
        "schedule_ended_early": csv.rate == csv.rate[-1],
    }
    if kind in firsts:
        assert row == int(np.argmax(firsts[kind]))
    if kind in ("nonfinite_loss", "zero_rate", "skipped_updates"):
        assert f"{firsts[kind].sum():,}" in finding["text"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", [k for k in EXPECTED if k != "iterations_without_data"]
)
def test_without_its_rows_a_finding_names_no_row(logdir_of, kind, monkeypatch):
    # As of a run that is too long for TensorBoard's memory, on a remote disk.
    reader = make_reader(logdir_of(kind), from_files=False)
    from lr_plugin.reader.block_finder import BlockFinder

    monkeypatch.setattr(BlockFinder, "read_rows", lambda *args: {})

    for finding in reader.find_findings(SCOPE, "run"):
        assert finding["step"] is None
        assert finding["learning_rate"] is None


# What the browser says.

_TEXT = re.compile(r'"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`')
_PLACEHOLDER = re.compile(r"\$\{((?:[^{}]|\{[^{}]*\})*)\}")
_MARKUP = re.compile(r"(?<=[>}])[^<>{}\"`;=]*[A-Za-z][^<>{}\"`;=]*(?=[<{])")
_CODE = re.compile(
    r"[;=&|\\\\]|\blr-|\b(function|interface|const|of scene)\b|\): |: string\)"
    r"|: state\.|\w\("
)


def list_texts(code, *, has_markup=True):
    """Lists the texts in TypeScript: strings, and what stands between tags."""
    code = re.sub(r"/\*.*?\*/|(?<=\s)//[^\n]*", "", code, flags=re.DOTALL)
    texts = []
    for match in _TEXT.finditer(code):
        text = match[1] if match[1] is not None else match[2]
        texts += _PLACEHOLDER.sub("\0", text).split("\0")
        for inner in _PLACEHOLDER.findall(text):
            texts += list_texts(inner, has_markup=False)
    return texts + _MARKUP.findall(code) if has_markup else texts


def list_sentences(path):
    """Lists what of the texts has three words or more, and is no code."""
    texts = list_texts(path.read_text(), has_markup=path.suffix == ".tsx")
    texts = (" ".join(text.rstrip("$").split()) for text in texts)
    return {
        text
        for text in texts
        if len(re.findall(r"(?:^| )\S*[A-Za-z]{2}", text)) >= 3
        and not _CODE.search(text)
    }


def test_no_sentence_of_the_browser_is_missing_in_its_list():
    listed = []
    for path in BROWSER:
        source = (ROOT / path).read_text()
        if path.endswith(".ts"):
            listed += [first or second for first, second in _TEXT.findall(source)]
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                listed.append(node.value)
    missing = [
        f"{path.name}: {text}"
        for path in sorted(FRONTEND.rglob("*.ts*"))
        if ".test." not in path.name
        for text in sorted(list_sentences(path) - LABELS)
        if not any(text in one for one in listed)
    ]

    assert missing == []


def test_texts_in_code_are_found():
    code = """
    // No "text of a comment".
    const one = "All of this is " + `said of ${plural(2, "run that is")} here`;
    return <p>This is <b>between</b> tags {one} too.</p>;
    """

    assert [text for text in list_texts(code) if " " in text.strip()] == [
        "All of this is ",
        "said of ",
        "run that is",
        "This is ",
    ]
