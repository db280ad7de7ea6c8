"""Axes that one run cannot own, in a real browser."""

import re
import xml.etree.ElementTree as ElementTree

import browser_runs
import numpy as np
import pytest
from browser_server import serve
from browser_tab import KEY, number
from playwright.sync_api import expect

from lr_plugin.writer.run_writer import RunWriter

NUM_STEPS = 600
STEPS = np.arange(NUM_STEPS)


@pytest.fixture(scope="module")
def uneven(tmp_path_factory):
    """Sound runs with rates over four decades, and one whose loss reaches 1e30."""
    logdir = tmp_path_factory.mktemp("uneven") / "logs"
    for i, peak in enumerate((1e-5, 1e-4, 1e-3, 1e-2, 1e-1)):
        rates = peak * 0.5 * (1 + np.cos(np.pi * STEPS / NUM_STEPS))
        write_run(logdir / f"sound{i}", i, rates, browser_runs.decaying_loss(STEPS, i))
    losses = 2.3 * 10.0 ** (STEPS / 20)
    write_run(logdir / "diverged", 5, np.full(NUM_STEPS, 0.1), losses)
    with serve(logdir, load_fast=True, num_runs=6) as server:
        yield server


def write_run(folder, index, rates, losses):
    start = browser_runs.START_TIME + 1000 * index
    with RunWriter(folder) as writer:
        info = browser_runs.run_info("cosine", index)
        writer.write_run_info(info, wall_time=start)
        rows = {"step": STEPS, "learning_rate": rates, "loss": losses}
        writer.write_rows(rows, wall_time=start + 60)


def y_ticks(tab, index):
    """The numbers at the y axis of the picture of a chart, and its other texts."""
    _, svg = tab.download(tab.button("SVG").nth(index))
    texts = list(ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"))
    ticks = [
        number(text.text)
        for text in texts
        if text.get("text-anchor") == "end" and float(text.get("y")) > 30
    ]
    return ticks, [text.text for text in texts]


def test_diverged_run_does_not_flatten_the_others(open_tab, uneven):
    tab = open_tab(address=uneven.address)
    tab.wait_until_drawn()
    cut = tab.locator('[data-cut="Loss"]')
    said = re.compile(r"The axis ends at 3\.\d; 1 run goes beyond, to 2e30\.")
    expect(cut).to_contain_text(said)
    ticks, texts = y_ticks(tab, 1)
    assert max(ticks) < 4
    assert any(said.match(text) for text in texts)
    assert tab.violations() == []
    cut.get_by_role("button").click()
    tab.wait_for_hash("p.learning_rate.lossaxis=all")
    expect(cut).to_contain_text("The axis goes on to 2e30 for 1 run")
    ticks, _ = y_ticks(tab, 1)
    assert max(ticks) > 1e25 and min(ticks) < 10
    cut.get_by_role("button", name="Cut the axis").press("Enter")
    expect(cut).to_contain_text(said)
    tab.close()
    assert tab.problems == []


def test_link_keeps_an_axis_that_shows_all(open_tab, uneven):
    tab = open_tab(f"{KEY}lossaxis=all{KEY}rateaxis=all", address=uneven.address)
    tab.wait_until_drawn()
    expect(tab.button("Cut the axis: Loss")).to_be_visible()
    expect(tab.button("Cut the axis: Learning rate")).to_be_visible()
    tab.close()


def test_loss_against_rate_is_not_flattened(open_tab, uneven):
    tab = open_tab(f"{KEY}view=loss-rate", address=uneven.address)
    tab.wait_until_drawn()
    expect(tab.locator('[data-cut="Loss against rate"]')).to_contain_text(
        "1 run goes beyond, to 2e30."
    )
    tab.close()


def test_rates_over_decades_are_on_a_log_axis_by_themselves(open_tab, uneven):
    tab = open_tab(address=uneven.address)
    tab.wait_until_drawn()
    pressed = tab.frame.get_by_label("Scale of rate").locator('[aria-pressed="true"]')
    expect(pressed).to_have_text("log")
    # The lowest peak is 1e-5; a cosine's last twentieth goes far below.
    expect(tab.locator('[data-cut="Learning rate"]')).to_contain_text(
        re.compile(r"The axis begins at 3\.\de-8; \d runs? go(es)? below, to")
    )
    tab.frame.get_by_label("Scale of rate").get_by_text("linear").click()
    tab.wait_for_hash("p.learning_rate.rate=linear")
    expect(pressed).to_have_text("linear")
    expect(tab.locator('[data-cut="Learning rate"]')).to_have_count(0)
    tab.close()
    assert tab.problems == []


def test_similar_rates_stay_on_a_linear_axis(open_tab, uneven):
    tab = open_tab(f"{KEY}runs=sound3,sound4", address=uneven.address)
    tab.wait_until_drawn()
    pressed = tab.frame.get_by_label("Scale of rate").locator('[aria-pressed="true"]')
    expect(pressed).to_have_text("linear")
    tab.close()
