"""Loss against rate, layers, and logarithmic axes, in a real browser."""

import itertools
import re
import xml.etree.ElementTree as ElementTree

import browser_runs
import numpy as np
from browser_server import serve
from browser_tab import KEY, number, picture_of
from playwright.sync_api import expect

from lr_plugin.writer.run_writer import RunWriter


def point_at(tab, chart, across, down):
    """Moves the mouse to a place in the chart, in shares of its size."""
    box = tab.plot(chart)
    tab.page.mouse.move(
        box["x"] + across * box["width"], box["y"] + down * box["height"]
    )


def share_of(value, low, high):
    """Where a value is on a logarithmic axis that has 3 % of air at either end."""
    span = 1.06 * np.log10(high / low)
    return (np.log10(value / low) + 0.03 * np.log10(high / low)) / span


def test_row_of_a_range_test_is_read_at_the_cursor(open_tab):
    tab = open_tab(f"{KEY}view=loss-rate{KEY}runs=range_test{KEY}best=off")
    tab.wait_until_drawn()
    expect(tab.locator(".lr-main")).to_contain_text("Suggested rate 0.001")
    readout = tab.locator('[data-readout="loss-rate"]')
    chart = tab.locator('[data-chart="loss-rate"]')
    chart.focus()
    # From the run's own path to the smoothed curve, which is drawn from 1e-6 to 1.
    tab.page.keyboard.press("ArrowDown")
    tab.page.keyboard.press("Home")
    expect(readout).to_contain_text("range test, smoothed, update 1")
    expect(readout.locator("tbody td").nth(1)).to_have_text("1e-6")
    # The suggestion of 1e-3 says what it is where it stands.
    x = share_of(1e-3, 1e-6, 1)
    for share in np.arange(0.05, 1, 0.05):
        point_at(tab, "loss-rate", x, share)
        tab.page.wait_for_timeout(50)
        if readout.count():
            break
    expect(readout).to_contain_text("range_test suggests 0.001")


def test_best_of_all_runs_names_the_run_that_reached_it(open_tab):
    tab = open_tab(f"{KEY}view=loss-rate{KEY}runs=constant,time_decay{KEY}best=on")
    tab.wait_until_drawn()
    tab.locator('[data-chart="loss-rate"]').focus()
    for _ in range(4):
        tab.page.keyboard.press("ArrowDown")
        tab.page.keyboard.press("End")
        readout = tab.locator('[data-readout="loss-rate"]')
        if "median" in readout.inner_text():
            break
    expect(readout).to_contain_text(
        re.compile("edian of neighbouring rows of (constant|time_decay)")
    )


def test_steps_may_be_on_a_logarithmic_axis(open_tab):
    tab = open_tab(f"{KEY}runs=long{KEY}xscale=log")
    tab.wait_until_drawn()
    expect(tab.caption).to_contain_text("Steps 1 to 299,999.")
    expect(tab.caption).to_contain_text("has no place on a log axis")
    _, svg = tab.download(tab.button("SVG").first)
    root = ElementTree.fromstring(svg)
    texts = root.iter("{http://www.w3.org/2000/svg}text")
    places = {text.text: float(text.get("x")) for text in texts}
    # Every decade has the same room.
    gaps = np.diff([places[tick] for tick in ("1", "10", "100", "1,000", "10,000")])
    np.testing.assert_allclose(gaps, gaps[0], atol=0.05)
    # The first hundred of 300,000 iterations are all there.
    rows = tab.table()
    assert [row[0] for row in rows[1:100]] == [str(step) for step in range(1, 100)]
    tab.drag("rate", 0.0, 0.2)
    tab.wait_for_hash("p.learning_rate.window=")
    expect(tab.caption).to_contain_text(re.compile(r"All 1\d iterations of this"))


def test_heat_map_is_downloaded_as_a_picture(open_tab):
    tab = open_tab(f"{KEY}view=layers{KEY}runs=cosine{KEY}layer=dense%2Fkernel")
    tab.wait_until_drawn()
    layer = tab.frame.get_by_role("combobox", name="Layer", exact=True)
    expect(layer).to_have_value("dense/kernel")
    name = "Update to weight ratio, all layers"
    card = tab.frame.get_by_role("region", name=name, exact=True)
    title, svg = tab.download(card.get_by_role("button", name="SVG"))
    assert title == "update_to_weight_ratio_all_layers.svg"
    root, (_, top_of_map, _, height) = picture_of(svg)
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert set(browser_runs.LAYERS) <= set(texts)
    # A row of cells for each layer, without a gap, down the colours.
    rows = {}
    for cell in root.iter("{http://www.w3.org/2000/svg}polygon"):
        corners = [corner.split(",") for corner in cell.get("points").split()]
        (left, top), (right, _), *_ = corners
        # Below the map are the colours of the bar.
        if float(top) < top_of_map + height:
            rows.setdefault(top, []).append((left, right, cell.get("fill")))
    assert len(rows) == len(browser_runs.LAYERS)
    for row in rows.values():
        assert all(float(a[1]) >= float(b[0]) for a, b in itertools.pairwise(row))
        assert row[0][2] != row[-1][2]
    title, png = tab.download(card.get_by_role("button", name="PNG"))
    assert png[:8] == b"\x89PNG\r\n\x1a\n"


def test_zoom_into_rates_goes_down_to_single_iterations(open_tab, tmp_path):
    """Of 300,000 updates that pass each rate twice, those of a narrow window."""
    steps = np.arange(300_000)
    rates = np.where(steps < 3000, steps + 1.0, 3000 - (steps - 3000) / 99) * 1e-6
    logdir = tmp_path / "logs"
    with RunWriter(logdir / "run1") as writer:
        writer.write_run_info(browser_runs.run_info("cosine", 0))
        writer.write_rows(
            {"step": steps, "learning_rate": rates, "loss": 1 + steps % 7}
        )
    low, high = 0.001_000_5, 0.001_001_5
    inside = np.float32(rates)
    expected = steps[(inside >= low) & (inside <= high)]
    with serve(logdir, load_fast=True, num_runs=1) as server:
        window = f"{KEY}rates={low}~{high}"
        tab = open_tab(f"{KEY}view=loss-rate{window}", address=server.address)
        expect(tab.caption).to_contain_text(
            f"All {len(expected)} iterations of this window are drawn."
        )
        drawn = {int(number(row[0])) for row in tab.table()[2:]}
        assert drawn >= set(expected.tolist())
        tab.close()
        assert tab.problems == []
