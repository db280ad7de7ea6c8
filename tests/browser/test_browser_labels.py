"""Names and numbers that are never cut off or mixed up, in a real browser."""

import re
import xml.etree.ElementTree as ElementTree

import browser_runs
import numpy as np
import pytest
from browser_server import serve
from browser_tab import KEY, number, picture_of
from playwright.sync_api import expect

from lr_plugin.writer.run_writer import RunWriter

FOLDER = "experiments/2026-11-vision-transformer-base-patch16/imagenet21k-finetune/"
NUM_RUNS = 30


@pytest.fixture(scope="module")
def long_names(tmp_path_factory):
    """Runs with names of 130 letters, which differ near the end only."""
    logdir = tmp_path_factory.mktemp("names") / "logs"
    steps = np.arange(300)
    names = []
    for i in range(NUM_RUNS):
        rate = 10.0 ** -(1 + i / 10)
        name = f"{FOLDER}optimizer=adamw,lr={rate:.3g},wd=0.{i:02},warmup=500,seed={i}"
        names.append(name)
        with RunWriter(logdir / name) as writer:
            start = browser_runs.START_TIME + 1000 * i
            writer.write_run_info(browser_runs.run_info("constant", 0), wall_time=start)
            # Final losses of six digits leave the least room for names.
            losses = 0.01 * browser_runs.decaying_loss(steps, i)
            rates = np.full(300, rate)
            rows = {"step": steps, "learning_rate": rates, "loss": losses}
            writer.write_rows(rows, wall_time=start + 10)
    with serve(logdir, load_fast=True, num_runs=NUM_RUNS) as server:
        yield server, names


# What an element shows is wider than the element is.
CUT_OFF = """elements => elements
    .filter((element) => element.checkVisibility()
        && !element.matches(".lr-visually-hidden, .lr-skip")
        && element.scrollWidth > element.clientWidth + 1)
    .map((element) => element.textContent)"""


@pytest.mark.parametrize("size", [(1300, 900), (360, 800)])
def test_long_names_are_told_apart_in_the_list(open_tab, long_names, size):
    server, names = long_names
    tab = open_tab(f"{KEY}runs=*", address=server.address, size=size)
    tab.wait_until_drawn()
    if size[0] < 400:
        # There is no room for the list until it is asked for.
        tab.frame.get_by_role("button", name="List of runs").click()
    shown = tab.locator(".lr-run-name > [aria-hidden]").all_inner_texts()
    assert len(set(shown)) == NUM_RUNS
    assert all("lr=" in text and "seed=" in text for text in shown)
    cut_off = tab.locator(".lr-run-name, .lr-run-label").evaluate_all(CUT_OFF)
    assert cut_off == []
    # All of the name is in the title, and what a screen reader says.
    titles = tab.locator(".lr-run-name").evaluate_all("all => all.map((e) => e.title)")
    assert {title.splitlines()[0] for title in titles} == set(names)
    for name in names[:3]:
        expect(tab.frame.get_by_role("checkbox", name=name)).to_have_count(1)
    tab.close()
    assert tab.problems == []


def test_table_beside_the_cursor_has_room_for_many_runs(open_tab, long_names):
    server, _ = long_names
    tab = open_tab(f"{KEY}runs=*{KEY}loss=linear", address=server.address)
    tab.wait_until_drawn()
    box = tab.plot("loss")
    # Above all curves: none is picked.
    tab.page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 10)
    readout = tab.locator('[data-readout="loss"]')
    expect(readout).to_contain_text(f"and {NUM_RUNS - 10} more")
    expect(readout.locator(".lr-readout-place")).to_contain_text("seed=")
    cells = readout.locator("tbody tr")
    expect(cells).to_have_count(10)
    values = [number(row.locator("td").last.inner_text()) for row in cells.all()]
    assert values == sorted(values, reverse=True)
    shown = readout.locator(".lr-readout-run").all_inner_texts()
    assert len(set(shown)) == 10
    # It is as high as the chart, and must not cover it.
    place = readout.bounding_box()
    assert (
        place["y"] + place["height"] <= box["y"]
        or place["y"] >= box["y"] + box["height"]
    )
    tab.close()
    assert tab.problems == []


def test_names_leave_room_in_the_table_of_runs(open_tab, long_names):
    server, names = long_names
    tab = open_tab(f"{KEY}view=runs", address=server.address)
    column = tab.locator(".lr-runs-table tbody th").first
    expect(column).to_be_visible()
    assert column.bounding_box()["width"] < 400
    shown = tab.locator(".lr-runs-table [aria-hidden]").all_inner_texts()
    assert len(set(shown) - {""}) == NUM_RUNS
    first = tab.locator(".lr-runs-table tbody th span[title]").first
    expect(first).to_have_attribute("title", names[-1])
    tab.close()
    assert tab.problems == []


def test_legend_of_a_picture_tells_runs_apart(open_tab, long_names):
    server, _ = long_names
    tab = open_tab(f"{KEY}runs=*", address=server.address)
    tab.wait_until_drawn()
    _, svg = tab.download(tab.button("SVG").first)
    root = ElementTree.fromstring(svg)
    texts = [text.text for text in root.iter() if text.text]
    assert len({text for text in texts if "seed=" in text}) == NUM_RUNS
    tab.close()


@pytest.mark.parametrize("view", ["timeline", "loss-rate", "runs"])
def test_no_text_is_cut_off_in_a_narrow_window(open_tab, long_names, view):
    server, _ = long_names
    tab = open_tab(f"{KEY}view={view}", address=server.address, size=(360, 800))
    if view != "runs":
        tab.wait_until_drawn()
    texts = "h2, p, button, label, summary, .lr-control span, .lr-tab"
    assert tab.locator(f".lr-app :is({texts})").evaluate_all(CUT_OFF) == []
    assert tab.locator(".lr-main").evaluate("main => main.scrollWidth") <= 360
    tab.close()
    assert tab.problems == []


def test_numbers_of_an_axis_have_one_notation(open_tab):
    tab = open_tab(f"{KEY}view=loss-rate{KEY}runs=range_test")
    tab.wait_until_drawn()
    # The test comes by itself, and widens the axis to all of its rates.
    expect(tab.locator("[aria-label='Range test of range_test']")).to_be_visible()
    _, svg = tab.download(tab.button("SVG"))
    root, (_, top, _, height) = picture_of(svg)
    texts = [
        (text.text, text.get("text-anchor"), float(text.get("y")))
        for text in root.iter("{http://www.w3.org/2000/svg}text")
    ]
    # The texts of the x axis are 16 units below the plot.
    rates = [
        text
        for text, anchor, y in texts
        if anchor == "middle" and y == pytest.approx(top + height + 16, abs=0.02)
    ]
    assert (rates[0], rates[-1]) == ("1e-6", "1e0")
    assert all(re.fullmatch(r"1e-?\d", rate) for rate in rates)
