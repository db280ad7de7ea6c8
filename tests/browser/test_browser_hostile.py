"""Logs that were made to break the page, in a real browser."""

import numpy as np
import pytest
from browser_server import serve
from browser_tab import KEY
from playwright.sync_api import expect

from lr_plugin.schema import Event, RunInfo
from lr_plugin.writer.run_writer import RunWriter

REVERSED = "\u202egnp.weights\u202c"
NAMES = ("a" * 200, REVERSED, "__proto__", "=1+1", "good")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("hostile") / "logs"
    steps = np.arange(300)
    for i, name in enumerate(NAMES):
        odd = {"line\nbreak": "=cmd|'/C calc'!A0", "__proto__": i, "constructor": -0.5}
        extra = {"hparams": [odd, [1, 2], "text", 7, {"toString": "x"}][i]}
        with RunWriter(logdir / name) as writer:
            writer.write_run_info(
                RunInfo(steps_per_epoch=100, epochs=3, extra={**extra, "score": "x"})
            )
            rates, losses = np.linspace(0.1, 0.01, 300), np.linspace(2, 1, 300)
            rows = {"step": steps, "learning_rate": rates, "loss": losses}
            writer.write_rows(rows)
            for step, kind in enumerate(("__proto__", "constructor", "x\n\u202ey")):
                writer.write_event(Event(kind, 100 + step, "<img src=x onerror=1>"))
    with RunWriter(logdir / "killed") as writer:
        writer.write_run_info(RunInfo(steps_per_epoch=100))
    with serve(logdir, load_fast=True, num_runs=len(NAMES) + 1) as server:
        yield server


def test_no_name_breaks_the_charts(open_tab, hostile):
    tab = open_tab(f"{KEY}runs=*", address=hostile.address)
    tab.wait_until_drawn()
    tab.locator("summary", has_text="Events").click()
    cells = tab.locator("td", has_text="Proto")
    expect(cells.first).to_be_visible()
    expect(tab.locator("td", has_text="X□□y").first).to_be_visible()
    for scale in ("log", "linear"):
        tab.locator("[aria-label^='Scale of'] button", has_text=scale).first.click()
        tab.wait_until_drawn()
    assert tab.page.evaluate("Object.keys(Object.prototype)") == []
    assert tab.locator("img[src=x]").count() == 0


def test_no_name_pushes_the_table_of_runs_away(open_tab, hostile):
    tab = open_tab(f"{KEY}view=runs{KEY}runs=*", address=hostile.address)
    table = tab.locator(".lr-runs-table")
    expect(table).to_be_visible()
    expect(tab.locator("th", has_text="□gnp.weights□").first).to_be_visible()
    name = table.locator("tbody th").first.bounding_box()
    assert name["width"] < 400
    text = tab.download(tab.button("Download TSV"))[1].decode()
    header, *lines = text.removesuffix("\n").split("\n")
    assert len(lines) == len(NAMES) + 1
    cells = [line.split("\t") for line in lines]
    assert {len(row) for row in cells} == {len(header.split("\t"))}
    assert not any(text[:1] in "=+@" for row in cells for text in row if text)
