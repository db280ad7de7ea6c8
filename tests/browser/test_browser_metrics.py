"""Metrics of epochs in the tab: drawn, read, and sorted by."""

from xml.etree import ElementTree

import browser_runs
import numpy as np
import pytest
from browser_server import serve
from browser_tab import KEY
from playwright.sync_api import expect

from lr_plugin import schema
from lr_plugin.writer.run_writer import RunWriter

# By run, at the ends of 4 epochs of 50 iterations.
ACCURACIES = {"fast": (0.5, 0.9, 0.8, 0.7), "slow": (0.3, 0.6, 0.8, 0.85)}
RATES = {"fast": 0.1, "slow": 0.01}


@pytest.fixture(scope="module")
def metrics_server(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("metrics") / "logs"
    steps = np.arange(200)
    for i, (run, values) in enumerate(ACCURACIES.items()):
        with RunWriter(logdir / run) as writer:
            start = browser_runs.START_TIME + 1000 * i
            info = schema.RunInfo(steps_per_epoch=50, epochs=4)
            writer.write_run_info(info, wall_time=start)
            losses = browser_runs.decaying_loss(steps, i)
            rates = np.full(200, RATES[run])
            writer.write_rows(
                {"step": steps, "learning_rate": rates, "loss": losses},
                wall_time=start + 100,
            )
            for epoch, value in enumerate(values):
                metrics = {"loss": 2.0 - epoch / 4, "val_loss": 1.5 - epoch / 4}
                details = {"epoch": epoch, **metrics, "val_accuracy": value}
                event = schema.Event("epoch_end", 50 * epoch + 49, "Ended.", details)
                writer.write_event(event, wall_time=start + 25 * (epoch + 1))
    with serve(logdir, load_fast=True, num_runs=2) as server:
        yield server


def test_the_metric_of_epochs_is_drawn_and_read(open_tab, metrics_server):
    tab = open_tab(f"{KEY}runs=fast", address=metrics_server.address)
    tab.wait_until_drawn()
    expect(tab.caption).to_contain_text(
        "Dots are at the ends of epochs: val_loss (solid), loss of the training "
        "(dashed)."
    )
    tab.frame.get_by_label("Metric of epochs").select_option("accuracy")
    tab.wait_for_hash("p.learning_rate.metric=accuracy")
    chart = tab.locator('[data-chart="metric"]')
    chart.focus()
    # The rows of batches have no place here: the first key is on a dot.
    tab.page.keyboard.press("Home")
    tab.page.keyboard.press("ArrowRight")
    readout = tab.locator('[data-readout="metric"]')
    expect(readout).to_contain_text("val_accuracy, end of epoch 2, step 99")
    expect(readout).to_contain_text("0.9")
    _, svg = tab.download(tab.button("SVG").last)
    root = ElementTree.fromstring(svg)
    circles = list(root.iter("{http://www.w3.org/2000/svg}circle"))
    assert len(circles) == 4
    assert tab.violations() == []


def test_list_and_table_are_sorted_by_the_metric(open_tab, metrics_server):
    tab = open_tab(f"{KEY}metric=accuracy", address=metrics_server.address)
    tab.wait_until_drawn()
    tab.frame.get_by_label("Sort runs").select_option("metric")
    names = tab.locator(".lr-run-name")
    expect(names).to_have_text(["fast", "slow"])
    expect(tab.locator(".lr-run-loss").first).to_have_text("0.9")
    tab.frame.get_by_role("tab", name="Runs", exact=True).click()
    tab.button("Best val_accuracy").click()
    cells = tab.locator(".lr-runs-table tbody tr").first.locator("th, td")
    # The best of "fast" was at the end of its second epoch, at the rate of step 99.
    assert cells.all_inner_texts()[1:6] == ["fast", "", "0.9", "2", "0.1"]
    tab.frame.get_by_label("Metric of epochs").select_option("loss")
    tab.button("Epoch of best val_loss").click()
    expect(cells.nth(3)).to_have_text("0.75")
