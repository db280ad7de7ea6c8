"""The room that list and charts take, and the looks of many runs, in a browser."""

import browser_runs
import numpy as np
import pytest
from browser_server import serve
from browser_tab import KEY
from playwright.sync_api import expect

from lr_plugin.writer.run_writer import RunWriter

NUM_RUNS = 24
NUM_STEPS = 40


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """More runs than there are colours."""
    logdir = tmp_path_factory.mktemp("many") / "logs"
    steps = np.arange(NUM_STEPS)
    for i in range(NUM_RUNS):
        start = browser_runs.START_TIME + 1000 * i
        with RunWriter(logdir / f"run{i:02d}") as writer:
            writer.write_run_info(browser_runs.run_info("constant", i), wall_time=start)
            rates = np.full(NUM_STEPS, 0.001 * (i + 1))
            rows = {"step": steps, "learning_rate": rates, "loss": 2.0 - rates}
            writer.write_rows(rows, wall_time=start + 60)
    with serve(logdir, load_fast=True, num_runs=NUM_RUNS) as server:
        yield server


def swatches(tab):
    drawn = tab.locator(".lr-run:has(input:checked) .lr-swatch")
    return drawn.evaluate_all("all => all.map(each => each.style.background)")


def drag(tab, locator, across, down):
    box = locator.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.page.mouse.move(x, y)
    tab.page.mouse.down()
    tab.page.mouse.move(x + across, y + down, steps=5)
    tab.page.mouse.up()


def test_many_runs_are_told_apart_by_colours_and_patterns(open_tab, many):
    tab = open_tab(f"{KEY}runs=*", address=many.address)
    tab.wait_until_drawn()
    assert len(swatches(tab)) == NUM_RUNS
    # The first ten are solid, and of as many colours.
    tab.button("Recolour").click()
    tab.wait_for_hash("p.learning_rate.recolor=on")
    shown = swatches(tab)
    assert len(set(shown)) == NUM_RUNS
    assert ["gradient" in background for background in shown[::-1]] == (
        [False] * 10 + [True] * 14
    )
    # What is drawn has the pattern: strokes and gaps along the third row from the top.
    tab.frame.get_by_label("run20", exact=True).hover()
    alphas = (
        tab.locator('[data-chart="rate"] .lr-chart-layer')
        .nth(1)
        .evaluate(
            """canvas => {
            const {width, height} = canvas;
            const {data} = canvas.getContext("2d").getImageData(0, 0, width, height);
            const rows = Array.from({length: height}, (_, y) =>
                data.subarray(4 * y * width, 4 * (y + 1) * width)
                    .filter((_, i) => i % 4 === 3));
            const sum = (row) => row.reduce((a, b) => a + b, 0);
            return [...rows.sort((a, b) => sum(b) - sum(a))[0]];
        }"""
        )
    )
    assert max(alphas) > 100
    assert 0.05 < sum(alpha == 0 for alpha in alphas) / len(alphas) < 0.5
    tab.close()
    assert tab.problems == []


def test_list_and_charts_take_as_much_room_as_is_wanted(open_tab):
    tab = open_tab(f"{KEY}runs=constant")
    tab.wait_until_drawn()
    width = tab.frame.get_by_role("separator", name="Width of the list of runs")
    drag(tab, width, 120, 30)
    expect(tab.locator(".lr-runs")).to_have_css("width", "420px")
    width.press("ArrowLeft")
    expect(tab.locator(".lr-runs")).to_have_css("width", "400px")
    tab.wait_for_hash("p.learning_rate.listwidth=400")
    height = tab.frame.get_by_role("separator", name="Height of the charts").first
    before = tab.plot("rate")["height"]
    drag(tab, height, 5, 60)
    tab.wait_for_hash("p.learning_rate.height=")
    # Both: they belong together.
    assert tab.plot("rate")["height"] == pytest.approx(before + 60, abs=3)
    assert tab.plot("loss")["height"] == pytest.approx(before + 60, abs=3)
    height.press("Enter")
    expect(tab.locator('[data-chart="loss"] .u-over')).to_have_css(
        "height", f"{before:.0f}px"
    )
    plot = tab.plot("loss")
    tab.button("List of runs").click()
    expect(tab.locator(".lr-runs")).to_have_count(0)
    tab.page.wait_for_timeout(200)
    assert tab.plot("loss")["width"] == pytest.approx(plot["width"] + 401, abs=5)
    assert tab.violations() == []
    tab.button("Full screen: Loss").click()
    tab.page.wait_for_function("document.fullscreenElement !== null")
    tab.page.wait_for_timeout(200)
    assert tab.plot("loss")["height"] > 0.85 * 900
    tab.button("Full screen: Loss").click()
    tab.page.wait_for_function("document.fullscreenElement === null")
    tab.button("List of runs").click()
    expect(tab.locator(".lr-runs")).to_be_visible()
