"""Every sentence of the browser, on a page where it must be said.

Its numbers are computed here from the run's CSV, as a user would. Each function below
is a page: it gives, one after the other, where a sentence stands and how it reads.
`test_sentences.py` holds that no sentence of the browser's code is missing here.
"""

import json
import re

import browser_sentence_runs as written
import numpy as np
import pytest
from browser_server import serve
from browser_tab import KEY
from playwright.sync_api import expect

PAGES = {}
CAPTION = '[data-caption="exactness"]'
STATUS = ".lr-app > [role=status]"
WARNING, ERROR = ".lr-notice-warning", ".lr-notice-error"
EMPTY = ".lr-empty"
DETAILS = ".lr-details"


def page(fragment="", **options):
    """Registers a page of the tab: what the URL holds, and the window's size."""

    def register(say):
        PAGES[say.__name__] = (fragment, options, say)
        return say

    return register


def keys(**state):
    return "".join(f"{KEY}{name}={value}" for name, value in state.items())


class Csv:
    """The columns of export.csv by name, as float64."""

    def __init__(self, server, run):
        text = server.get(f"export.csv?run={run}").decode()
        table = np.genfromtxt(text.splitlines(), delimiter=",", names=True)
        # Values are float32, and written with as few digits as stand for these.
        self.columns = {
            name: np.atleast_1d(table[name]).astype(np.float32).astype(float)
            for name in table.dtype.names
        }

    def __getattr__(self, name):
        return self.columns[name]

    def __len__(self):
        return len(self.columns["step"])


def g(value, digits=4):
    """Writes a number as the browser does."""
    if value == 0 or 1e-3 <= abs(value) < 1e6:
        if abs(value) >= 10**digits:
            return f"{round(value):,}"
        return np.format_float_positional(
            value, digits, unique=False, fractional=False, trim="-"
        )
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"


# What is drawn, and how much of it.


@page(keys(runs="plain"))
def whole_run(tab, csv):
    rows = csv("plain")
    yield CAPTION, f"All {len(rows)} iterations of this window are drawn."
    first, last = (f"{g(rows.learning_rate[i])}" for i in (0, -1))
    losses = f"{g(rows.loss[0])} to {g(rows.loss[-1])}"
    yield (
        STATUS,
        f"1 run, Steps 0 to 299. plain: rate {first} to {last}, loss {losses}.",
    )
    tab.table()
    yield "caption", f"{len(rows)} drawn rows of plain in this window."
    yield ".lr-runs-tools", "1 of 13 runs drawn"


@page(keys(runs="plain,odd", window="100~149"))
def window_of_two_runs(tab, csv):
    yield CAPTION, "Every iteration of 2 runs in this window is drawn."
    tab.locator("summary:text-is('CSV of every row')").click()
    # One more row on either side, for the lines.
    yield ".lr-links", "steps 100 to 149"


@page(keys(runs="plain,odd", window="350~380"))
def window_beyond_a_run(tab, csv):
    yield CAPTION, "1 run has no iteration in this window."
    yield STATUS, "plain: no rows in this window"


@page(keys(runs="plain", window="1000~1100"))
def window_beyond_all(tab, csv):
    yield CAPTION, "No iteration is in this window."


@page(keys(runs="plain,single", window="1000~1100"))
def window_beyond_both(tab, csv):
    yield CAPTION, "2 runs have no iteration in this window."


@page(keys(runs="single"))
def one_row(tab, csv):
    assert len(csv("single")) == 1
    yield CAPTION, "The one row of this window is drawn."


@page(keys(runs="foreign"))
def points_of_others(tab, csv):
    yield CAPTION, f"All {len(csv('foreign'))} logged points of this window are drawn."
    yield ".lr-notes", "foreign: lr and loss at the same steps."
    title = tab.locator(".lr-run-name[title^=foreign]").first.get_attribute("title")
    assert "from the scalars of another program" in title


@page(keys(runs="foreign", window="1000~1100"))
def no_points_of_others(tab, csv):
    yield CAPTION, "No logged point is in this window."


@page(keys(runs="foreign,plain"))
def points_and_iterations(tab, csv):
    yield CAPTION, "Every iteration or logged point of 2 runs in this window is drawn."


@page(keys(runs="eventful"))
def sampled_run(tab, csv):
    rows = csv("eventful")
    caption = tab.table() and tab.locator("table caption").inner_text()
    drawn = re.match(r"([\d,]+) drawn rows", caption)[1]
    assert 1000 < int(drawn.replace(",", "")) <= 2000
    yield (
        CAPTION,
        f"{drawn} of {len(rows):,} iterations are drawn, among them the minimum and "
        "maximum of every interval. Zoom in for the others.",
    )
    yield (
        "table caption",
        f"{drawn} drawn rows of eventful in this window; the first 500 are listed "
        "here, the CSV has all.",
    )
    tab.locator("summary:text-is('Events (320)')").click()
    yield ".lr-details", "The first 300 are listed."
    yield ".lr-details", "Note number 299."


@page(keys(runs="huge"))
def band(tab, csv):
    text = (
        f"{written.NUM_HUGE:,} iterations, drawn as a band from the minimum to the "
        "maximum of every interval"
    )
    yield CAPTION, f"{text}. Zoom in for single iterations."
    # 1 + 0.1 sin(step).
    yield STATUS, "rate between 0.01 and 0.01, loss between 0.9 and 1.1."
    tab.table()
    yield (
        "table caption",
        re.compile(
            "the CSV has all. Two follow each other with the lowest and the highest "
            r"values of the iterations from the one step to the other\.$"
        ),
    )
    change_runs(tab, lambda run: run["blocks"].update(in_files=False))
    blocks = -(-written.NUM_HUGE // 1024)
    yield (
        CAPTION,
        f"{text} (TensorBoard kept raw 32 of {blocks:,} blocks). Zoom in for single "
        "iterations.",
    )


@page(keys(runs="plain,eventful,huge"))
def runs_drawn_in_three_ways(tab, csv):
    yield (
        CAPTION,
        "1 run with every iteration, 1 run sampled, with the minimum and maximum of "
        "every interval and 1 run as a band from the minimum to the maximum of every "
        "interval. Zoom in for single iterations.",
    )


@page(keys(runs="plain,eventful", window="0~50"))
def rows_that_are_late(tab, csv):
    tab.wait_until_drawn()
    tab.page.route("**/series*", lambda route: None)
    tab.page.evaluate("location.hash = location.hash.replace('0~50', '100~250')")
    yield CAPTION, "The iterations of this window are not here yet."


# Odd rows.


@page(keys(runs="odd"))
def odd_rows(tab, csv):
    rows = csv("odd")
    nonfinite = np.sum(~np.isfinite(rows.loss))
    low, skipped = np.sum(rows.loss <= 0), np.sum(rows.applied == 0)
    yield (
        CAPTION,
        f"{nonfinite} losses in these runs are NaN or infinite (×). {low} losses at or "
        f"below 0 are drawn at the lower edge. {skipped} iterations in these runs "
        "applied no update (bars at the bottom, where there is room).",
    )


@page(keys(runs="odd", window="0~40"))
def odd_rows_under_the_cursor(tab, csv):
    rows = csv("odd")
    nan = int(np.flatnonzero(np.isnan(rows.loss))[0])
    point_at_step(tab, "loss", nan)
    yield '[data-readout="loss"]', f"The loss of step {nan} is NaN."
    skipped = int(np.flatnonzero(rows.applied == 0)[0])
    point_at_step(tab, "rate", skipped)
    readout = '[data-readout="rate"]'
    yield readout, f"No update was applied in step {skipped}."
    place = f"odd: step {skipped}, epoch {g(skipped / 100)}, "
    yield (
        f"{readout} .lr-readout-place",
        re.compile(place + r"[\d.]+ s after the start, 20"),
    )
    yield f"{readout} tbody", g(rows.loss[skipped], 6)


@page(keys(runs="huge"))
def odd_row_of_a_band(tab, csv):
    tab.wait_until_drawn()
    box = tab.plot("loss")
    x = box["x"] + box["width"] * 2_000_000 / written.NUM_HUGE
    for shift in (0, 0.5, -0.5, 1, -1, 2, -2, 3, -3):
        tab.page.mouse.move(x + shift, box["y"] + box["height"] / 2)
        remark = tab.locator('[data-readout="loss"] .lr-readout-remark')
        if remark.count():
            break
    said = re.search(r"A loss near step ([\d,]+) is NaN", remark.first.inner_text())
    assert abs(int(said[1].replace(",", "")) - 2_000_000) < written.NUM_HUGE / 500
    yield '[data-readout="loss"]', f"A loss near step {said[1]} is NaN or infinite."


@page(keys(runs="plain", xscale="log"))
def first_row_on_a_log_axis(tab, csv):
    assert csv("plain").step[0] == 0
    yield CAPTION, "The first iteration, at 0, has no place on a log axis."


@page(keys(runs="plain", smoothing="25"))
def smoothed(tab, csv):
    yield (
        CAPTION,
        "The stronger line is the mean of the middle half of the drawn losses within "
        "2.5 % of what is shown on either side; the pale one is the loss as it was.",
    )


@page(keys(runs="diverged,plain,odd,trials%252Fa,trials%252Fb"))
def cut_axis(tab, csv):
    top = max(
        np.nanmax(csv(name).loss) for name in ("plain", "odd", "trials/a", "trials/b")
    )
    extreme = g(csv("diverged").loss.max(), 2)
    cut = '[data-cut="Loss"]'
    expect(tab.locator(cut)).to_contain_text("The axis ends at")
    said = re.search(r"ends at ([\d.]+);", tab.locator(cut).inner_text())[1]
    # A little above the others, to have room.
    assert top < float(said) < 1.2 * top
    yield (
        cut,
        f"The axis ends at {said}; 1 run goes beyond, to {extreme}. Show all",
    )
    tab.frame.get_by_role("button", name="Show all: Loss").click()
    yield (
        cut,
        f"The axis goes on to {extreme} for 1 run; it could end at {said}. "
        "Cut the axis",
    )


# The cursor.


@page(keys(runs="eventful"))
def cursor_of_many_rows(tab, csv):
    tab.wait_until_drawn()
    rows = csv("eventful")
    box = tab.plot("loss")
    x = box["width"] * 7777 / 19_999
    tab.page.mouse.move(box["x"] + x, box["y"] + 0.08 * box["height"])
    yield '[data-readout="loss"] .lr-readout-place', "eventful: step 7,777, epoch 15.55"
    yield (
        '[data-readout="loss"] .lr-readout-around',
        re.compile(r"lowest … highest of \d+ iterations"),
    )
    text = tab.locator('[data-readout="loss"] .lr-readout-around').inner_text()
    count = int(re.search(r"of (\d+) iterations", text)[1])
    # A pixel's share of the rows; around it, the spike is the highest.
    assert abs(count - 20_000 / box["width"]) <= 2
    around = rows.loss[7777 - count : 7778 + count]
    low = float(re.search(r"([\d.]+) … 50", text)[1])
    assert round(low, 5) in around.round(5)


@page(keys(runs="plain"))
def spoken_row(tab, csv):
    tab.wait_until_drawn()
    rows = csv("plain")
    tab.locator('[data-chart="loss"]').focus()
    tab.page.keyboard.press("Home")
    values = f"rate {g(rows.learning_rate[0], 6)}, loss {g(rows.loss[0], 6)}"
    yield STATUS, re.compile(r"plain: step 0, epoch 0, [\d.]+ s after.*: " + values)


@page(keys(runs="*", view="timeline", loss="linear"))
def cursor_of_many_runs(tab, csv):
    tab.wait_until_drawn()
    box = tab.plot("loss")
    tab.page.mouse.move(box["x"] + 1, box["y"] + 4)
    # Of thirteen runs ten are listed.
    yield '[data-readout="loss"]', "and 3 more"


# Loss against rate.


@page(keys(runs="odd", view="loss-rate"))
def rates_beside_the_picture(tab, csv):
    yield CAPTION, "to the left of the picture."
    said = re.search(
        r"(\d+) drawn rows with a rate below (\S+) lie", tab.caption.inner_text()
    )
    rates = csv("odd").learning_rate
    # Five decades below the highest, and a little room.
    assert 0.5e-5 < float(said[2]) / rates.max() < 1e-5
    # Two digits are said, and neighbouring rows differ by four percent.
    assert int(said[1]) == pytest.approx(np.sum(rates < float(said[2])), abs=2)
    yield CAPTION, f"{said[1]} drawn rows with a rate below {said[2]} lie"
    yield ".lr-time-legend", "first drawn iteration"
    yield ".lr-time-legend", "last drawn iteration"


@page(keys(runs="plain,odd", view="loss-rate", best="on"))
def best_per_rate(tab, csv):
    yield STATUS, "2 runs, loss against rate. plain: rate 0.01 to 0.001, "
    tab.locator('[data-chart="loss-rate"]').focus()
    for key in ("ArrowDown", "ArrowDown", "Home"):
        tab.page.keyboard.press(key)
    yield (
        '[data-readout="loss-rate"] .lr-readout-place',
        re.compile("best per rate: median of neighbouring rows of (plain|odd)"),
    )


@page(keys(runs="tests%252Ffound", view="loss-rate"))
def range_test(tab, csv):
    rates = [g(rate, 3) for rate in (1e-3, *written.INTERVAL, *written.BAND, 2e-3)]
    suggested, low, high, band_low, band_high, valley = rates
    card = "section[aria-label='Range test of tests/found']"
    yield (
        card,
        f"Suggested rate {suggested}, between {low} and {high} with 90 % confidence. "
        "The loss falls fastest here.",
    )
    yield card, f"Usable band: {band_low} to {band_high}."
    yield card, f"By rule: steepest {suggested}, valley {valley}."
    yield card, "Drawn is the validation loss."
    yield card, "It ended because the loss was four times its lowest value."
    yield STATUS, f"tests/found suggests {suggested}."
    tab.locator('[data-chart="loss-rate"]').focus()
    place = '[data-readout="loss-rate"] .lr-readout-place'
    tab.page.keyboard.press("ArrowDown")
    tab.page.keyboard.press("Home")
    yield place, "tests/found (range test): range test, smoothed, update 1"
    box = tab.plot("loss-rate")
    for y in range(10, int(box["height"]), 6):
        tab.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + y)
        if tab.locator(place, has_text="repeat 2").count():
            break
    # Half of the way from 1e-6 to 1 is 1e-3, update 25 or 26 of 50.
    yield place, re.compile("range test, repeat 2 of 2, update 2[4567]")
    _, svg = tab.download(tab.button("SVG"))
    assert "usable band of tests/found" in svg.decode()


@page(keys(runs="tests%252Fnone", view="loss-rate"))
def range_test_without_suggestion(tab, csv):
    card = "section[aria-label='Range test of tests/none']"
    yield card, "No suggestion. The loss is flat."


@page(keys(runs="trials%252Fa,trials%252Fb,trials%252Fc", view="which-rate"))
def outcomes(tab, csv):
    yield CAPTION, "Each dot is one of 3 runs."
    tab.locator('[data-chart="which-rate"]').focus()
    tab.page.keyboard.press("Home")
    place = '[data-readout="which-rate"] .lr-readout-place'
    yield place, "trials/a: 0.9, learning_rate 0.001"
    tab.page.keyboard.press("End")
    yield place, "trials/c: diverged, learning_rate 0.5"
    use = "section[aria-label='Use it']"
    yield use, f"Best run, trials/b: {g(csv('trials/b').learning_rate.max(), 3)}"


@page(keys(view="which-rate", metric="loss", seed="%28"))
def outcomes_of_all(tab, csv):
    yield (
        WARNING,
        "“(” is not a regular expression, so no run is taken for a repetition.",
    )
    yield CAPTION, "All listed runs are in this picture until some are chosen."


@page(keys(runs="single", view="which-rate"))
def no_outcomes(tab, csv):
    yield (
        EMPTY,
        "None of the chosen runs has such a value. Choose another metric, or other "
        "runs.",
    )


@page(keys(runs="odd", view="layers"))
def step_sizes(tab, csv):
    rows = csv("odd")
    yield (
        CAPTION,
        "Dashed: the nominal rate. Solid: rate · √(1−β₂ᵗ) / (1−β₁ᵗ), the step size "
        "after bias correction.",
    )
    count = np.sum(~np.isfinite(rows.step_size))
    yield CAPTION, f"{count} drawn row with a step size of NaN or infinity (×)."
    yield (
        ".lr-layer-advice",
        "What to look for: an update of about a thousandth of its weights (1e-3) is a "
        "rule of thumb for a good rate; far above it the rate is likely too high, far "
        "below it too low (A. Karpathy, CS231n). A layer far below the others hardly "
        "learns, and one that rises away from them may be about to diverge.",
    )
    yield ".lr-layer-legend", "The colours go from the first layer to the last:"
    # The layers' ratios go from 0.001 to 0.5.
    colors = "[aria-label='Colours of Update to weight ratio']"
    yield colors, "Update to weight ratio"
    yield colors, "0.01"
    yield colors, "0.1"
    yield colors, "Blank: no value above 0"
    tab.locator("summary:text-is('Table of layers')").click()
    yield "[aria-label=Layers] caption", "At step 100."


@page(keys(runs="plain", view="layers"))
def no_step_sizes(tab, csv):
    yield (
        EMPTY,
        "None of the chosen runs has samples of its layers or a step size. "
        "LearningRateLogger samples layers unless layer_samples=0; a step size is that "
        "of the Adam family.",
    )


# Runs, and what was found in them.


@page(keys(view="runs", runs="plain,diverged"))
def table_of_runs(tab, csv):
    yield ".lr-controls", "13 runs, 2 of them drawn"
    rows = csv("plain")
    final = g(rows.loss[-30:].mean())
    medians = np.lib.stride_tricks.sliding_window_view(rows.loss, 3)
    medians = np.median(medians, axis=1)
    lowest = int(np.flatnonzero(rows.loss == medians.min())[0])
    row = "tr:has-text('plain')"
    yield f"{row} td:text-is('{final}')", final
    yield row, f"{g(rows.loss[lowest])} (step {lowest})"
    yield row, f"0.25 (epoch 2, rate {g(rows.learning_rate[199], 3)})"
    rows = csv("diverged")
    onset = int(rows.loss.argmin())
    shown = tab.locator("tr:has-text('diverged') td", has_text="step 4").last
    said = re.search(r"step (\d+)", shown.inner_text())
    # Within a window of 11 rows.
    assert abs(int(said[1]) - onset) <= 11
    tab.locator("summary:text-is('What the columns mean')").click()
    meanings = ".lr-meanings"
    yield (
        meanings,
        "Final loss: Mean loss of the last tenth of the run’s rows, at least one; NaN "
        "if the last row’s loss is not finite.",
    )
    yield (
        meanings,
        "Lowest loss: Lowest running median of the loss over a hundredth of the run "
        "(at least 1, at most 255 rows), with its step.",
    )
    yield (
        meanings,
        "Best val_loss: Best value at the end of an epoch, with that epoch and the "
        "rate of its last update; of a search’s trial without epochs, its score.",
    )
    yield (
        meanings,
        "Diverged at: Step at which the smoothed loss (running median over a hundredth "
        "of the run) was lowest for the last time before it rose above its beginning "
        "or became non-finite, with the epoch and the rate of its row.",
    )
    yield meanings, "Best val_accuracy: Best value at the end of an epoch"
    yield meanings, "Duration: From the first row to the last thing that was written."
    tab.button("Copy table").click()
    yield ".lr-controls", "13 rows copied."
    tab.page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(Error()); }"
    )
    tab.button("Copy table").click()
    yield (
        ".lr-controls",
        "The browser does not allow copying here. Use the download instead.",
    )


@page(keys(runs="plain"))
def final_loss_that_is_not_exact(tab, csv):
    change_runs(tab, lambda run: run["loss"] and run["loss"].update(NEARLY))
    final = g(csv("plain").loss[-30:].mean(), 3)
    item = ".lr-run:has-text('plain') .lr-run-loss"
    yield item, f"≈ {final}"
    assert tab.locator(item).get_attribute("title") == (
        "Final loss. Mean loss of the last tenth of the run’s rows, at least one; NaN "
        "if the last row’s loss is not finite. ≈: the rows at the beginning of that "
        "tenth are not at hand, and a mean of 256 rows stands for them."
    )


NEARLY = {"final_is_exact": False}


@page(keys(runs="diverged"))
def findings(tab, csv):
    rows = csv("diverged")
    mark = tab.locator(".lr-run-diverged")
    step = int(re.search(r"step (\d+)", mark.get_attribute("title"))[1])
    rate = g(rows.learning_rate[step], 3)
    at = f"step {step} (epoch {step // 100 + 1}, rate {rate})"
    assert mark.get_attribute("title").startswith(f"Diverged at {at}. Step at which")
    name = tab.locator(".lr-run-name[title^=diverged]").first.get_attribute("title")
    assert f"diverged at {at}" in name
    yield ".lr-findings > summary", "1 finding"
    tab.locator(".lr-findings > summary").click()
    yield ".lr-finding", f"at iteration {step} (epoch {step // 100 + 1})"
    tab.button(f"Show step {step}").click()
    yield CAPTION, f"Steps {step - 50} to {step + 50}."


# Nothing to draw, and what went wrong.


@page(keys(runs=""))
def no_run_is_chosen(tab, csv):
    yield EMPTY, "No run is chosen. Choose one in the list of runs."


@page(keys(runs="single", x="epoch"))
def axis_that_a_run_does_not_have(tab, csv):
    yield WARNING, "single does not say where its epochs begin."
    yield EMPTY, "The chosen runs have nothing to draw here."


@page(keys(runs="single", x="wall"))
def run_without_times(tab, csv):
    change_runs(tab, lambda run: run["columns"].remove("wall_time"))
    yield WARNING, "single has no times."


@page(keys(filter="nothing+like+this"))
def filter_without_a_match(tab, csv):
    yield ".lr-runs", "No run’s name matches this filter."


@page(keys(filter="["))
def filter_that_is_none(tab, csv):
    yield ".lr-field-error", "“[” is not a regular expression: "


@page(keys(runs="damaged"))
def damaged_file(tab, csv):
    # The zeros begin in the block that follows the last row.
    missing = int(csv("damaged").step[-1]) + 1
    assert missing in (1024, 2048)
    name = r"Run damaged: (a record of )?its event file events\S+ is damaged"
    yield (
        WARNING,
        re.compile(
            rf"{name} \(byte [\d,]+\): iterations from {missing:,} on cannot be read."
        ),
    )
    yield (
        WARNING,
        re.compile(
            rf"{name} from byte [\d,]+ on. Nothing that comes after the block which "
            f"begins with iteration {missing:,} can be read from it."
        ),
    )


@page(keys(runs="plain,lost"))
def link_to_a_run_that_is_not_there(tab, csv):
    yield WARNING, "This link names a run that TensorBoard has not found: “lost”."


@page(keys(runs="plain,lost1,lost2,lost3,lost4,lost5"))
def link_to_many_that_are_not_there(tab, csv):
    yield (
        WARNING,
        "This link names runs that TensorBoard has not found: “lost1”, “lost2”, "
        "“lost3” and 2 more.",
    )


@page(keys(runs="plain"))
def runs_that_change(tab, csv):
    tab.wait_until_drawn()
    last = int(csv("plain").step[-1])

    def restart(run):
        if run["run"] == "plain":
            run.update(last_step=20, num_iterations=21)

    change_runs(tab, restart, gone="odd", reload=False)
    yield WARNING, "Run “odd” is no longer in the log directory."
    yield (
        WARNING,
        f"Run “plain” was restarted: it was at step {last} and is now at step 20.",
    )
    tab.page.unroute("**/runs?*")
    expect(tab.locator(WARNING).filter(has_text="no longer")).to_have_count(0)


@page(keys(runs="plain"))
def server_that_is_gone(tab, csv):
    tab.wait_until_drawn()
    tab.page.route("**/runs?*", lambda route: route.abort())
    yield (
        ERROR,
        "TensorBoard does not answer. Is it still running? The tab asks again every 3 "
        "seconds.",
    )


@page(keys(runs="plain,odd,single"))
def server_that_fails(tab, csv):
    tab.wait_until_drawn()
    answer = {"status": 500, "body": "<html>"}
    tab.page.route("**/series*", lambda route: route.fulfill(**answer))
    tab.page.reload()
    yield (
        ERROR,
        "and 2 more runs: TensorBoard answered with an error (500).",
    )


@page(keys(runs="plain"))
def answer_that_is_cut_off(tab, csv):
    tab.wait_until_drawn()
    answer = {"status": 200, "body": b"12345"}
    tab.page.route("**/series*", lambda route: route.fulfill(**answer))
    tab.page.reload()
    yield (
        ERROR,
        "The answer must hold 5 columns of equal length. Received: 5 bytes.",
    )


@page()
def empty_log_directory(tab, csv):
    change_runs(tab, None)
    yield EMPTY, "No learning rates here yet"
    yield (
        EMPTY,
        "This tab shows the learning rate that every single update really used, next "
        "to that batch’s own loss. Record a training with one line:",
    )
    yield (
        EMPTY,
        "or look at examples: python -m lr_plugin.demo logs/examples. Runs appear here "
        "by themselves, a few seconds after TensorBoard has found them.",
    )


def change_runs(tab, change, *, gone=None, reload=True):
    """Has the page get other runs than the server sends: none if `change` is None."""

    def answer(route):
        listing = json.loads(route.fetch().text())
        if change is None:
            listing["runs"] = []
        listing["runs"] = [run for run in listing["runs"] if run["run"] != gone]
        for run in listing["runs"]:
            if run["source"] == "recorded":
                change(run)
        route.fulfill(json=listing)

    tab.page.route("**/runs?*", answer)
    if reload:
        tab.page.reload()


def point_at_step(tab, chart, step, *, last=40):
    box = tab.plot(chart)
    x = box["x"] + box["width"] * step / last
    tab.page.mouse.move(x, box["y"] + box["height"] / 2)


@pytest.fixture(scope="module")
def sentence_server(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("sentences") / "logs"
    written.write_runs(logdir)
    with serve(logdir, load_fast=True, num_runs=13) as server:
        yield server


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_its_csv_says(open_tab, sentence_server, name):
    fragment, options, say = PAGES[name]
    tab = open_tab(fragment, address=sentence_server.address, **options)
    known = {}

    def csv(run):
        if run not in known:
            known[run] = Csv(sentence_server, run)
        return known[run]

    num_said = 0
    for selector, text in say(tab, csv):
        found = tab.locator(selector)
        if isinstance(text, str):
            found = found.filter(has_text=text)
        expect(found.first).to_contain_text(text)
        num_said += 1
    assert num_said
    print(f"{num_said} sentences")
    tab.problems.clear()
