"""The view "Which rate?" in a real browser."""

import json
from xml.etree import ElementTree

import browser_runs
import numpy as np
import pytest
from browser_server import serve
from browser_tab import KEY
from playwright.sync_api import expect

from lr_plugin import schema
from lr_plugin.writer.run_writer import RunWriter

SVG = "{http://www.w3.org/2000/svg}"


def write_trial(logdir, index, rate, score, seed=0, optimizer="SGD"):
    steps = np.arange(60)
    hparams = {"learning_rate": rate, "units": 32 * (1 + index % 3), "seed": seed}
    start = browser_runs.START_TIME + 100 * index
    with RunWriter(logdir / f"trial-{index:02}") as writer:
        optimizers = {"class_name": optimizer, "config": {}}
        info = schema.RunInfo(optimizer=optimizers, extra={"hparams": hparams})
        writer.write_run_info(info, wall_time=start)
        losses = browser_runs.decaying_loss(steps, index)
        rates = np.full(60, rate)
        writer.write_rows(
            {"step": steps, "learning_rate": rates, "loss": losses},
            wall_time=start + 10,
        )
        details = {"objective": "val_accuracy", "score": float(score)}
        event = schema.Event("score", 59, "The trial ended.", details)
        writer.write_event(event, wall_time=start + 11)


@pytest.fixture(scope="module")
def search_server(tmp_path_factory):
    """24 trials, the best of which has a rate of 1e-3; one diverged. A range test."""
    logdir = tmp_path_factory.mktemp("search") / "logs"
    for i, rate in enumerate(np.logspace(-5, 0, 24)):
        score = -np.inf if i == 23 else 1 - 0.1 * np.log10(rate / 1e-3) ** 2
        write_trial(logdir, i, float(rate), score)
    browser_runs.write_range_test(logdir / "range_test", 24)
    with serve(logdir, load_fast=True, num_runs=25) as server:
        yield server


def test_each_trial_is_a_dot_and_the_sentence_says_what_they_say(
    open_tab, search_server
):
    tab = open_tab(f"{KEY}view=which-rate{KEY}split=off", address=search_server.address)
    tab.wait_until_drawn()
    # Of 24 rates from 1e-5 to 1, the tenth is 9.05e-4; its score is 0.9998, and no
    # other is within 2e-5.
    verdict = tab.locator(".lr-verdict")
    expect(verdict).to_have_text(
        "Of 24 runs the best, val_accuracy 0.9998, had a peak rate of 9.05e-4."
    )
    _, svg = tab.download(tab.button("SVG").first)
    root = ElementTree.fromstring(svg)
    # The one that diverged is a cross.
    assert len(list(root.iter(f"{SVG}circle"))) == 23
    assert "diverged" in [text.text for text in root.iter(f"{SVG}text")]
    tab.locator('[data-chart="which-rate"]').focus()
    tab.page.keyboard.press("End")
    readout = tab.locator('[data-readout="which-rate"]')
    expect(readout).to_contain_text("trial-23: diverged")
    expect(readout).to_contain_text("NaN")
    tab.page.keyboard.press("ArrowLeft")
    expect(readout).to_contain_text("trial-22: 0.2257")
    assert tab.violations() == []


def test_nothing_is_concluded_from_runs_that_were_not_read_yet(open_tab, search_server):
    tab = open_tab("", address=search_server.address)

    def answer(route):
        listing = json.loads(route.fetch().text())
        listing["runs"][-1]["is_brief"] = True
        route.fulfill(json=listing)

    tab.page.route("**/runs?*", answer)
    tab.open(f"{KEY}view=which-rate{KEY}split=off")
    tab.page.reload()
    missing = tab.locator(".lr-findings-missing")
    expect(missing).to_have_text("Reading the outcomes of 1 run…")
    tab.wait_until_drawn()
    expect(tab.locator(".lr-verdict")).to_have_count(0)
    expect(tab.button("Copy flags")).to_have_count(1)  # those of the range test
    assert tab.violations() == []
    tab.frame.get_by_role("tab", name="Timeline").click()
    tab.button("All").click()
    tab.button("Next finding").click()
    said = tab.locator(".lr-landmark")
    expect(said).to_have_text("The findings of the drawn runs are not read yet.")
    expect(tab.frame.get_by_text("Findings", exact=True)).to_have_count(1)
    tab.page.unroute("**/runs?*")
    expect(tab.locator(".lr-jumps")).to_contain_text("Findings 0")
    tab.frame.get_by_role("tab", name="Which rate?").click()
    expect(tab.locator(".lr-verdict")).to_have_count(1)
    expect(tab.button("Copy flags")).to_have_count(2)
    expect(missing).to_have_count(0)


def test_what_is_found_is_copied(open_tab, search_server):
    tab = open_tab(f"{KEY}view=which-rate", address=search_server.address)
    tab.wait_until_drawn()
    best = tab.frame.get_by_role("group", name="Best run, trial-09")
    best.get_by_role("button", name="Copy flags").click()
    expect(tab.locator(".lr-copied")).to_contain_text("--learning_rate=0.000905")
    copied = tab.page.evaluate("navigator.clipboard.readText()")
    assert copied == "--learning_rate=0.000905"
    best.get_by_role("button", name="Copy Keras code").click()
    expect(tab.locator(".lr-copied")).to_contain_text("keras.optimizers.SGD")
    tested = tab.frame.get_by_role("group", name="Range test of range_test")
    tested.get_by_role("button", name="Copy cyclical schedule").click()
    expect(tab.locator(".lr-copied")).to_contain_text("Triangular")
    copied = tab.page.evaluate("navigator.clipboard.readText()")
    assert "schedules.Triangular(base=0.0002, top=0.1, " in copied
    tab.button("Copy the link to this picture").click()
    expect(tab.locator(".lr-copied")).to_contain_text("view=which-rate")
    tab.page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(Error()); }"
    )
    best.get_by_role("button", name="Copy flags").click()
    expect(tab.locator(".lr-copied")).to_have_text(
        "The browser does not allow copying here. Copy this: --learning_rate=0.000905"
    )


def test_a_setting_is_drawn_against_and_gives_the_colours(open_tab, search_server):
    tab = open_tab(f"{KEY}view=which-rate", address=search_server.address)
    tab.wait_until_drawn()
    tab.frame.get_by_label("Horizontal axis").select_option("units")
    tab.frame.get_by_label("What the colours say").select_option("units")
    legend = tab.locator(".lr-color-legend")
    expect(legend).to_contain_text("units")
    expect(legend.locator(".lr-dot")).to_have_count(3)
    tab.wait_for_hash("p.learning_rate.against=units")
    tab.wait_for_hash("p.learning_rate.colors=units")


def test_a_part_of_an_axis_chooses_the_runs_that_pass_there(open_tab, search_server):
    tab = open_tab(f"{KEY}view=which-rate", address=search_server.address)
    tab.wait_until_drawn()
    canvas = tab.locator("[data-parallel]")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    # The last axis is that of the outcome: its upper half, from 0.6 on.
    x = box["x"] + box["width"] - 64
    tab.page.mouse.move(x, box["y"] + 50)
    tab.page.mouse.down()
    tab.page.mouse.move(x, box["y"] + 163, steps=4)
    tab.page.mouse.up()
    chosen = tab.checked_runs()
    assert "trial-09" in chosen and "trial-00" not in chosen
    expect(tab.caption).to_contain_text(f"Each dot is one of {len(chosen) - 1} runs.")
    # The same by the keyboard.
    tab.locator("summary:text-is('Axes and limits')").click()
    tab.frame.get_by_label("val_accuracy from").fill("0.95")
    tab.frame.get_by_label("val_accuracy from").press("Enter")
    # |log10(rate / 1e-3)| < 0.707 for number 6 to 12: the first is at 1e-5, and from
    # one to the next it is 5/23.
    expect(tab.caption).to_contain_text("Each dot is one of 7 runs.")
    assert tab.violations() == []


def test_seeds_are_one_dot_with_a_band_and_optimizers_have_a_chart_each(
    open_tab, tmp_path
):
    index = 0
    for optimizer in ("SGD", "Adam"):
        for rate in (0.01, 0.1, 1.0, 3.0):
            for seed in (1, 2):
                score = 0.9 - rate / 10 + seed / 100
                args = (3 * index, rate, score, seed, optimizer)
                write_trial(tmp_path, *args)
                index += 1
    with serve(tmp_path, load_fast=True, num_runs=16) as server:
        tab = open_tab(f"{KEY}view=which-rate", address=server.address)
        tab.wait_until_drawn()
        expect(tab.caption).to_contain_text(
            "16 runs are 8 dots: runs that differ in nothing but their seed are one, "
            "at their mean, with a band from the lowest to the highest."
        )
        expect(tab.locator(".lr-verdict")).to_have_count(2)
        expect(tab.locator(".lr-verdict").first).to_contain_text(
            "Of 8 runs at 4 settings, each by the mean of its seeds, the best, "
            "val_accuracy 0.914, had a peak rate of 0.01; the other one within 0.9 "
            "points of it had 0.1; no lower peak rate was tried."
        )
        expect(tab.locator(".lr-multiples .lr-chart")).to_have_count(2)
        tab.frame.get_by_label("A chart per optimizer and schedule").uncheck()
        expect(tab.locator(".lr-multiples .lr-chart")).to_have_count(0)
        tab.close()
        assert tab.problems == []
