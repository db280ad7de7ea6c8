"""The table of runs in a real browser: its columns, and hundreds of rows."""

import browser_runs
import numpy as np
import pytest
from browser_server import serve
from browser_tab import KEY
from playwright.sync_api import expect

from lr_plugin import schema
from lr_plugin.writer.run_writer import RunWriter

NUM_RUNS = 220


@pytest.fixture(scope="module")
def many_server(tmp_path_factory):
    """Runs with 20 hyperparameters and long names; number i ends at a loss of i + 1."""
    logdir = tmp_path_factory.mktemp("many") / "logs"
    for i in range(NUM_RUNS):
        hparams = {f"setting_{k:02}": i * k for k in range(20)}
        name = f"a-name-that-is-longer-than-any-column-can-be-wide-{i:03}"
        with RunWriter(logdir / name) as writer:
            info = schema.RunInfo(extra={"hparams": hparams})
            writer.write_run_info(info, wall_time=browser_runs.START_TIME + i)
            ones = np.ones(3)
            writer.write_rows(
                {"step": np.arange(3), "learning_rate": ones, "loss": (i + 1) * ones}
            )
    with serve(logdir, load_fast=True, num_runs=NUM_RUNS) as server:
        yield server


def test_of_hundreds_of_rows_those_are_there_that_are_seen(open_tab, many_server):
    tab = open_tab(
        f"{KEY}view=runs{KEY}table=final_loss:ascending", address=many_server.address
    )
    table = tab.locator('[data-table="runs"]')
    rows = table.locator("tbody tr[aria-rowindex]")
    expect(rows.first.locator("th")).to_contain_text("000")
    assert rows.count() < 80
    expect(table.locator("table")).to_have_attribute("aria-rowcount", "221")
    table.evaluate("element => element.scrollTo(0, element.scrollHeight)")
    expect(rows.last.locator("th")).to_contain_text("219")
    assert rows.count() < 80
    # The name stays where it is, and leaves room for the numbers.
    table.evaluate("element => element.scrollTo(500, element.scrollTop)")
    left = table.bounding_box()["x"]
    cell = rows.last.locator("th").bounding_box()
    assert cell["x"] - left < 45 and cell["width"] < 300


def test_a_dozen_columns_are_shown_and_others_chosen(open_tab, many_server):
    tab = open_tab(f"{KEY}view=runs", address=many_server.address)
    header = tab.locator('[data-table="runs"] thead th')
    expect(header).to_have_count(1 + 12)
    chooser = tab.locator(".lr-columns")
    expect(chooser.locator("summary")).to_have_text("Columns (12 of 30)")
    chooser.locator("summary").click()
    chooser.get_by_label("setting_19").check()
    expect(header).to_have_count(1 + 13)
    tab.wait_for_hash("hparam%253Asetting_19")
    chooser.get_by_label("Findings").uncheck()
    expect(header).to_have_count(1 + 12)
    assert tab.violations() == []
    tab.button("Usual columns").click()
    expect(header).to_have_count(1 + 12)
    expect(header.nth(2)).to_have_text("Findings")
    _, content = tab.download(tab.button("Download TSV"))
    assert len(content.decode().splitlines()[0].split("\t")) == 30


def test_the_rows_of_hundreds_of_runs_are_asked_for_together(open_tab, many_server):
    tab = open_tab(f"{KEY}runs=*", address=many_server.address)
    tab.wait_until_drawn()
    expect(tab.locator(".lr-run input:checked")).to_have_count(NUM_RUNS)
    expect(tab.caption).to_contain_text("Every iteration of 220 runs in this window")
    asked = tab.locator("body").evaluate(
        "() => performance.getEntriesByType('resource').map(({name}) => name)"
    )
    names = [name for name in asked if "/series_of_runs?" in name]
    assert NUM_RUNS / 4 < len(names) < NUM_RUNS / 2
    assert sum(name.count("run=") for name in names) > 0.9 * NUM_RUNS
