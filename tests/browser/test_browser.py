"""The tab in a real browser, on real runs served by a real TensorBoard."""

import re
import xml.etree.ElementTree as ElementTree

import browser_runs
import numpy as np
import pytest
from browser_runs import RUNS
from browser_server import serve
from browser_tab import KEY, TAB, number, picture_of
from playwright.sync_api import expect


@pytest.fixture(params=["rust", "python"])
def server_of_loader(request, browser_logdir):
    if request.param == "rust":
        yield request.getfixturevalue("server")
    else:
        with serve(browser_logdir, load_fast=False, num_runs=len(RUNS)) as server:
            yield server


# The server comes first: it must outlive the tab, which would report its absence.
def test_single_iterations_are_those_of_the_file(server_of_loader, open_tab):
    fragment = f"{KEY}runs=time_decay{KEY}window=990~1010"
    tab = open_tab(fragment, address=server_of_loader.address)
    tab.wait_until_drawn()
    expect(tab.caption).to_contain_text("All 21 iterations of this")
    header, *rows = tab.table()
    columns = {name: [row[i] for row in rows] for i, name in enumerate(header)}
    steps = np.arange(990, 1011)
    assert [number(text) for text in columns["Step"]] == list(steps)
    rates = [number(text) for text in columns["Learning rate"]]
    # The question that began it all: 0.003 / (1 + 0.0002 * 1000).
    assert rates[10] == 0.0025
    np.testing.assert_allclose(rates, browser_runs.time_decay(steps), rtol=1e-6)
    losses = browser_runs.decaying_loss(np.arange(2000), 1, scale=2.5)[990:1011]
    shown = [number(text) for text in columns["Loss"]]
    np.testing.assert_allclose(shown, losses, rtol=1e-6)


def test_tab_opens_with_all_runs_drawn(open_tab):
    tab = open_tab(hosted=True)
    tab.wait_until_drawn()
    assert tab.checked_runs() == list(RUNS)
    for chart in ("rate", "loss"):
        canvas = tab.locator(f'[data-chart="{chart}"] .lr-chart-layer').first.first
        painted = canvas.evaluate(
            """canvas => canvas.getContext("2d")
                .getImageData(0, 0, canvas.width, canvas.height)
                .data.filter((value, i) => i % 4 === 3 && value > 0).length"""
        )
        assert painted > 500


def test_spike_of_one_iteration_is_seen_at_every_zoom(open_tab):
    half = 150_000
    while True:
        first = max(0, browser_runs.SPIKE_STEP - half)
        last = min(browser_runs.NUM_LONG_STEPS - 1, browser_runs.SPIKE_STEP + half)
        tab = open_tab(f"{KEY}runs=long{KEY}window={first}~{last}")
        tab.wait_until_drawn()
        tab.locator('[data-chart="loss"]').focus()
        # The table holds what is drawn, but not all of it.
        title, svg = tab.download(tab.button("SVG").nth(1))
        assert title == "loss.svg"
        _, (_, top, _, height) = picture_of(svg)
        # A plot that reaches a little above 93 on a log axis from 0.05 on or so.
        assert min(_heights(svg)) < top + 0.12 * height
        tab.close()
        if half < 20:
            break
        half //= 20


def _heights(svg):
    """The heights of all points of the longest paths, from the top.

    A line is one of them, a band two: its edges.
    """
    root = ElementTree.fromstring(svg)
    paths = [path.get("d") for path in root.iter("{http://www.w3.org/2000/svg}path")]
    length = max(map(len, paths))
    longest = " ".join(path for path in paths if len(path) > length / 2)
    return [float(y) for _, y in re.findall(r"[ML]([-\d.]+) ([-\d.]+)", longest)]


def test_drag_zooms_and_double_click_goes_back(open_tab):
    tab = open_tab(f"{KEY}runs=constant")
    tab.wait_until_drawn()
    tab.drag("rate", 0.25, 0.5)
    tab.wait_for_hash("p.learning_rate.window=")
    low, high = (
        int(text)
        for text in re.search(
            r"window=(\d+)~(\d+)", tab.page.url.replace("%7E", "~")
        ).groups()
    )
    # A quarter and a half of the steps 0 to 1999, to a pixel or so.
    assert abs(low - 500) < 10
    assert abs(high - 1000) < 10
    expect(tab.locator(".lr-mouse-hint").first).to_be_visible()
    expect(tab.caption).to_contain_text(f"Steps {low} to {high:,}")
    box = tab.plot("loss")
    tab.page.mouse.dblclick(box["x"] + 50, box["y"] + 50)
    expect(tab.caption).to_contain_text("Steps 0 to 1,999")


def test_cursor_reads_rate_loss_step_epoch_and_time(open_tab):
    tab = open_tab(f"{KEY}runs=time_decay{KEY}window=996~1004")
    tab.wait_until_drawn()
    box = tab.plot("rate")
    tab.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    readout = tab.locator('[data-readout="rate"]')
    expect(readout).to_contain_text("step 1,000, epoch 4, ")
    expect(readout).to_contain_text("after the start, 2025-10-1")
    expect(readout.locator("tbody td").nth(1)).to_have_text("0.0025")


def test_run_under_the_pointer_stands_out_and_a_click_keeps_it(open_tab):
    tab = open_tab(f"{KEY}runs=constant,cosine{KEY}rate=linear")
    tab.wait_until_drawn()
    box = tab.plot("rate")
    layers = tab.locator('[data-chart="rate"] .lr-chart-layer')
    for layer in layers.all():
        place = layer.bounding_box()
        assert (place["x"], place["y"]) == (box["x"], box["y"])
    # The constant rate of 0.003 is the highest there is, a twentieth below the top.
    top = box["y"] + box["height"] * (1 - 0.003 / 0.00315)
    tab.page.mouse.move(box["x"] + 0.9 * box["width"], top)
    expect(layers.first).to_have_class(re.compile("lr-faded"))
    swatch = tab.locator(".lr-run", has_text="constant").locator(".lr-swatch")
    color = swatch.evaluate("swatch => swatch.style.background")
    pixels = layers.nth(1).evaluate(
        """canvas => [...canvas.getContext("2d")
            .getImageData(canvas.width / 2, 0, 1, canvas.height).data]"""
    )
    strongest = max(zip(*[iter(pixels)] * 4, strict=True), key=lambda pixel: pixel[3])
    expected = [int(part) for part in re.findall(r"\d+", color)]
    # Where the line is not quite on the pixel, its colour is rounded.
    np.testing.assert_allclose(strongest[:3], expected, atol=3)
    tab.page.mouse.click(box["x"] + 0.9 * box["width"], top)
    tab.wait_for_hash("p.learning_rate.focus=constant")
    expect(tab.locator(".lr-run-focus .lr-run-name")).to_have_text("constant")


def test_filter_is_a_regular_expression(open_tab):
    tab = open_tab()
    tab.wait_until_drawn()
    field = tab.frame.get_by_role("searchbox")
    field.fill("^(cosine|constant)$")
    expect(tab.locator(".lr-run-name")).to_have_text(["cosine", "constant"])
    field.fill("cosine(")
    expect(tab.frame.get_by_role("alert")).to_contain_text(
        "is not a regular expression"
    )
    expect(tab.locator(".lr-run-name")).to_have_count(len(RUNS))


def test_runs_are_chosen_grouped_and_sorted(open_tab):
    tab = open_tab()
    tab.wait_until_drawn()
    tab.button("None").click()
    expect(tab.locator(".lr-main")).to_contain_text("No run is chosen")
    tab.frame.get_by_label("cosine", exact=True).check()
    tab.wait_until_drawn()
    expect(tab.caption).to_contain_text("Steps 0 to 1,999")
    tab.button("Invert").click()
    expect(tab.locator(".lr-run input:checked")).to_have_count(len(RUNS) - 1)
    tab.frame.get_by_label("Group runs").select_option("schedule")
    expect(tab.locator(".lr-group-title")).to_contain_text(["constant"])
    tab.frame.get_by_label("Group runs").select_option("none")
    tab.frame.get_by_label("Sort runs").select_option("name")
    expect(tab.locator(".lr-run-name")).to_have_text(sorted(RUNS))


def test_axes_change_and_the_window_stays_where_it_was(open_tab):
    tab = open_tab(f"{KEY}runs=cosine{KEY}window=500~1000")
    tab.wait_until_drawn()
    axis = tab.frame.get_by_label("Horizontal axis").last
    axis.select_option("epoch")
    # 250 steps an epoch.
    expect(tab.caption).to_contain_text("Epochs 2 to 4")
    axis.select_option("wall")
    expect(tab.caption).to_contain_text("From 2025-10-1")
    axis.select_option("step")
    expect(tab.caption).to_contain_text("Steps 500 to 1,000")
    tab.frame.get_by_label("Scale of rate").get_by_text("log").click()
    tab.wait_for_hash("p.learning_rate.rate=log")
    tab.wait_until_drawn()


def test_link_shows_the_same_picture_and_reload_keeps_it(open_tab):
    tab = open_tab(hosted=True)
    tab.wait_until_drawn()
    tab.frame.get_by_role("searchbox").fill("cos")
    tab.frame.get_by_role("tab", name="Loss against rate").click()
    tab.frame.get_by_label("Scale of loss").get_by_text("linear").click()
    tab.wait_for_hash("p.learning_rate.loss=linear")
    link = tab.page.url
    for other in (tab, open_tab(link.partition(TAB)[2], hosted=True)):
        if other is tab:
            tab.page.reload()
        selected = other.frame.get_by_role("tab", selected=True)
        expect(selected).to_have_text("Loss against rate")
        expect(other.frame.get_by_role("searchbox")).to_have_value("cos")
        expect(other.locator(".lr-run-name")).to_have_text(["cosine"])
        scale = other.frame.get_by_role("group", name="Scale of loss")
        pressed = scale.locator('[aria-pressed="true"]')
        expect(pressed).to_have_text("linear")


def test_state_survives_another_tab_of_tensorboard(open_tab):
    tab = open_tab(f"{KEY}view=runs", hosted=True)
    expect(tab.frame.get_by_role("tab", selected=True)).to_have_text("Runs")
    header = tab.page.locator("app-header")
    header.get_by_text("Scalars", exact=False).first.click()
    tab.page.wait_for_function("location.hash.startsWith('#scalars')")
    header.get_by_text("Learning Rate", exact=False).first.click()
    tab.wait_for_hash("#learning_rate")
    tab.wait_for_hash("p.learning_rate.view=runs")
    expect(tab.frame.get_by_role("tab", selected=True)).to_have_text("Runs")


def test_csv_holds_every_row_of_the_run(open_tab, server):
    tab = open_tab(f"{KEY}runs=time_decay{KEY}window=100~199")
    tab.wait_until_drawn()
    tab.locator("summary:text-is('CSV of every row')").click()
    links = tab.locator(".lr-links a")
    name, content = tab.download(links.first)
    assert name == "time_decay.csv"
    assert content == server.get("export.csv?run=time_decay")
    rows = np.genfromtxt(content.decode().splitlines(), delimiter=",", names=True)
    np.testing.assert_array_equal(rows["step"], np.arange(2000))
    expected = browser_runs.time_decay(np.arange(2000)).astype(np.float32)
    np.testing.assert_array_equal(rows["learning_rate"].astype(np.float32), expected)
    _, content = tab.download(links.nth(1))
    assert content == server.get("export.csv?run=time_decay&start=100&stop=200")


def test_pictures_of_each_chart_are_downloaded(open_tab):
    tab = open_tab(f"{KEY}runs=cosine,constant")
    tab.wait_until_drawn()
    name, png = tab.download(tab.button("PNG").first)
    assert name == "learning_rate.png"
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    # 183 mm at 300 dots an inch.
    assert int.from_bytes(png[16:20], "big") == round(183 / 25.4 * 300)
    name, svg = tab.download(tab.button("SVG").first)
    assert name == "learning_rate.svg"
    root = ElementTree.fromstring(svg)
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Learning rate", "cosine", "constant", "Step"} <= set(texts)


def test_table_of_runs_sorts_and_copies(open_tab):
    tab = open_tab(f"{KEY}view=runs")
    expect(tab.locator(".lr-runs-table tbody tr")).to_have_count(len(RUNS))
    tab.button("Score").click()
    first = tab.locator(".lr-runs-table tbody tr").first
    expect(first).to_contain_text("long")
    expect(first).to_contain_text("0.98")
    header = tab.frame.get_by_role("columnheader", name="Score")
    expect(header).to_have_attribute("aria-sort", "descending")
    tab.button("Copy table").click()
    expect(tab.locator(".lr-controls")).to_contain_text("6 rows copied.")
    lines = tab.page.evaluate("navigator.clipboard.readText()").splitlines()
    titles = lines[0].split("\t")
    assert titles[:4] == ["Run", "Findings", "Score", "Final loss"]
    assert lines[1].split("\t")[titles.index("warmup")] == "5"
    name, content = tab.download(tab.button("Download TSV"))
    assert name == "runs.tsv"
    # The file has the columns that are not shown, too.
    rows = [line.split("\t") for line in content.decode().splitlines()]
    assert [row[: len(titles)] for row in rows] == [line.split("\t") for line in lines]
    assert "Iterations" in rows[0] and "Iterations" not in titles


def test_loss_against_rate_shows_the_range_test(open_tab):
    tab = open_tab(f"{KEY}view=loss-rate")
    tab.wait_until_drawn()
    card = tab.frame.get_by_role("region", name="Range test of range_test")
    expect(card).to_contain_text("Suggested rate 0.001, between 6e-4 and 0.0016")
    expect(card).to_contain_text("Usable band: 2e-4 to 0.1.")
    tab.drag("loss-rate", 0.3, 0.6)
    tab.wait_for_hash("p.learning_rate.rates=")


def test_layers_show_step_sizes_and_ratios_on_one_axis(open_tab):
    # What the view was called in links of before.
    tab = open_tab(f"{KEY}view=adam{KEY}runs=cosine")
    tab.wait_until_drawn()
    for title in (
        "Rate and step size",
        "Effective rate of each layer",
        "Effective rate, all layers",
        "Update to weight ratio",
        "Update to weight ratio, all layers",
    ):
        expect(tab.frame.get_by_role("region", name=title, exact=True)).to_be_visible()
    charts = ("step_size", "effective", "effective-map", "ratio", "ratio-map")
    places = [(tab.plot(name)["x"], tab.plot(name)["width"]) for name in charts]
    assert len(set(places)) == 1
    # One cursor in all of them; in the middle is the sample of step 1,000.
    tab.locator('[data-chart="ratio-map"] .u-over').hover()
    readout = tab.locator('[data-readout="ratio-map"]')
    expect(readout).to_contain_text("dense/kernel: step 1,000")
    ratio = number(readout.locator("tbody td").nth(1).inner_text())
    assert ratio == pytest.approx(0.3 * 0.003 / (1 + 1000 / 400), rel=1e-5)
    cursors = [tab.locator(f'[data-chart="{name}"] .u-cursor-x') for name in charts]
    assert len({cursor.bounding_box()["x"] for cursor in cursors}) == 1
    # A layer of the legend alone, and all of them again.
    layer = tab.button("head/kernel")
    layer.click()
    tab.wait_for_hash("p.learning_rate.layer=head%2Fkernel")
    expect(layer).to_have_attribute("aria-pressed", "true")
    layer.click()
    expect(layer).to_have_attribute("aria-pressed", "false")
    tab.locator("summary:text-is('Table of layers')").click()
    row = tab.locator("tr", has_text="head/kernel")
    # The last sample is that of step 1950: 0.03 * 0.003 / (1 + 1950 / 400).
    assert number(row.locator("td").nth(3).inner_text()) == pytest.approx(
        0.03 * 0.003 / (1 + 1950 / 400), rel=1e-3
    )


def test_nonfinite_losses_and_skipped_updates_are_counted(open_tab):
    tab = open_tab(f"{KEY}runs=diverging")
    tab.wait_until_drawn()
    expect(tab.caption).to_contain_text("10 losses in these runs are NaN or infinite")
    expect(tab.caption).to_contain_text("10 iterations in these runs applied no update")
    tab.locator("summary", has_text="Events").click()
    expect(tab.locator(".lr-table")).to_contain_text("The loss became NaN at step 900.")
    tab.button("900").click()
    expect(tab.caption).to_contain_text("Steps 850 to 950")
