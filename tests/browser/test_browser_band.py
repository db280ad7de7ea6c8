"""A run that is known by its extremes is drawn as a band, in a real browser."""

import re

import browser_runs
import numpy as np
import pytest
from browser_server import serve
from browser_tab import KEY, SVG, number, picture_of
from playwright.sync_api import expect

from lr_plugin.writer.run_writer import RunWriter

# All runs together have more rows than are read to draw a picture.
NUM_STEPS = 3_100_000
NUM_SHORT_RUNS = 25
SPIKE_STEP = 1_234_567


@pytest.fixture(scope="module")
def long_losses():
    random = np.random.default_rng(0)
    steps = np.arange(NUM_STEPS)
    losses = 0.03 + 2.2 * np.exp(-steps / 2e5)
    losses *= np.exp(0.3 * random.standard_normal(NUM_STEPS))
    losses[SPIKE_STEP] = 64
    return losses.astype(np.float32)


@pytest.fixture(scope="module")
def long_server(tmp_path_factory, long_losses):
    logdir = tmp_path_factory.mktemp("band") / "logs"
    write_run(logdir / "long", long_losses)
    for i in range(NUM_SHORT_RUNS):
        losses = browser_runs.decaying_loss(np.arange(1000), i)
        write_run(logdir / f"short{i:02}", losses)
    with serve(logdir, load_fast=True, num_runs=1 + NUM_SHORT_RUNS) as server:
        yield server


def write_run(folder, losses):
    num_steps = len(losses)
    rates = 5e-4 * (1 + np.cos(np.pi * np.arange(num_steps) / num_steps))
    with RunWriter(folder) as writer:
        writer.write_run_info(browser_runs.run_info("cosine", 0))
        for first in range(0, num_steps, 65_536):
            part = slice(first, first + 65_536)
            steps = np.arange(num_steps)[part]
            rows = {"step": steps, "learning_rate": rates[part], "loss": losses[part]}
            writer.write_rows(rows)


def long_color(tab):
    swatch = tab.locator(".lr-run:has(input:checked)", has_text="long")
    color = swatch.locator(".lr-swatch").evaluate("e => e.style.background")
    return [int(part) for part in re.findall(r"\d+", color)]


def test_envelope_is_a_band_whatever_else_is_drawn(open_tab, long_server, long_losses):
    tab = open_tab(f"{KEY}runs=*", address=long_server.address)
    tab.wait_until_drawn()
    expect(tab.caption).to_contain_text("1 run as a band from the minimum to the")
    color = "#{:02x}{:02x}{:02x}".format(*long_color(tab))
    _, svg = tab.download(tab.button("SVG").nth(1))
    root, box = picture_of(svg)
    left, _, width, _ = box
    [band] = [
        polygon
        for polygon in root.iter(f"{SVG}polygon")
        if polygon.get("fill") == color and len(polygon.get("points")) > 1000
    ]
    points = np.array(
        [pair.split(",") for pair in band.get("points").split()], np.float64
    )
    tops, bottoms = np.split(points, 2)
    bottoms = bottoms[::-1]
    np.testing.assert_array_equal(tops[:, 0], bottoms[:, 0])
    assert np.all(tops[:, 1] <= bottoms[:, 1])
    # Each pixel is a stretch of steps: all of its losses are inside.
    low, high = y_scale(root, box)
    for i in range(0, len(tops) - 1, 2):
        first, last = (tops[[i, i + 1], 0] - left) / width * (NUM_STEPS - 1)
        part = long_losses[int(np.ceil(first)) + 500 : int(last) - 500]
        if len(part) == 0:
            continue
        assert height_of(part.max(), low, high, box) >= tops[i, 1] - 0.02
        assert height_of(part.min(), low, high, box) <= bottoms[i, 1] + 0.02
    # And no line of this run goes to and fro between the edges.
    edges = 0
    for path in root.iter(f"{SVG}path"):
        found = re.findall(r"[ML]([\d.]+) ([\d.]+)", path.get("d"))
        points = np.array(found, np.float64)
        # Others have its colour, but end in the first pixel.
        if path.get("stroke") != color or points[-1, 0] < left + 0.95 * width:
            continue
        edges += 1
        assert any(np.isin(points[:, 1], edge[:, 1]).all() for edge in (tops, bottoms))
    assert edges == 2
    tab.close()
    assert tab.problems == []


def y_scale(root, box):
    """The values at the edges of a plot with a log axis, by its ticks."""
    texts = [
        (number(text.text), float(text.get("y")) - 4)
        for text in root.iter(f"{SVG}text")
        if text.get("text-anchor") == "end"
    ]
    (value, y), (other, other_y) = texts[0], texts[-1]
    per_pixel = np.log10(value / other) / (y - other_y)
    at = lambda height: value * 10 ** (per_pixel * (height - y))  # noqa: E731
    _, top, _, height = box
    return at(top + height), at(top)


def height_of(value, low, high, box):
    _, top, _, height = box
    return top + height * (1 - np.log10(value / low) / np.log10(high / low))


def test_band_is_filled_on_the_screen(open_tab, long_server):
    tab = open_tab(f"{KEY}runs=long", address=long_server.address)
    tab.wait_until_drawn()
    canvas = tab.locator('[data-chart="loss"] .lr-chart-layer').first
    pixels = canvas.evaluate(
        """canvas => [...canvas.getContext("2d")
            .getImageData(canvas.width * 0.7 | 0, 0, 1, canvas.height).data]"""
    )
    alphas = np.array(pixels[3::4]) / 255
    painted = np.flatnonzero(alphas)
    # From edge to edge, without a hole, and paler than a line.
    assert np.all(np.diff(painted) == 1)
    assert len(painted) > 20
    assert 0.3 < np.median(alphas[painted]) < 0.4
    np.testing.assert_allclose(
        pixels[4 * painted[len(painted) // 2] :][:3], long_color(tab), atol=3
    )
    tab.close()


def test_spike_of_a_band_is_read_with_its_step(open_tab, long_server):
    tab = open_tab(f"{KEY}runs=long", address=long_server.address)
    tab.wait_until_drawn()
    box = tab.plot("loss")
    readout = tab.locator('[data-readout="loss"]')
    x = box["x"] + SPIKE_STEP / (NUM_STEPS - 1) * box["width"]
    for y in range(5, 40, 3):
        tab.page.mouse.move(x, box["y"] + y)
        tab.page.wait_for_timeout(100)
        if readout.locator(".lr-readout-picked").count():
            break
    expect(readout).to_contain_text(f"long: step {SPIKE_STEP:,}")
    first = readout.locator("tbody tr").first
    expect(first.locator("td").last).to_have_text("64")
    expect(readout).to_contain_text(
        re.compile(r"lowest … highest of [\d,]+ iterations.*… 64")
    )
    tab.close()
    assert tab.problems == []


def test_runs_without_a_row_in_the_window_are_not_counted_as_drawn(
    open_tab, long_server
):
    window = f"{KEY}window=2000000~2001000"
    tab = open_tab(f"{KEY}runs=*{window}", address=long_server.address)
    tab.wait_until_drawn()
    expect(tab.caption).to_contain_text(
        "Every iteration of 1 run in this window is drawn. "
        f"{NUM_SHORT_RUNS} runs have no iteration in this window."
    )
    tab.close()
