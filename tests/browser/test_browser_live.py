"""The tab while its runs, or the server, come, change and go."""

import functools
import re
import shutil
import threading
import time
import xml.etree.ElementTree as ElementTree

import browser_runs
import numpy as np
import pytest
from browser_server import serve
from browser_tab import KEY
from playwright.sync_api import expect

from lr_plugin import schema
from lr_plugin.writer.background import BackgroundWriter
from lr_plugin.writer.run_writer import RunWriter


def test_hidden_tab_does_nothing(open_tab):
    tab = open_tab(f"{KEY}runs=cosine", hosted=True)
    tab.wait_until_drawn()
    tab.page.locator("app-header").get_by_text("Scalars", exact=False).first.click()
    tab.page.wait_for_function("location.hash.startsWith('#scalars')")
    tab.page.wait_for_timeout(500)
    asked = []
    tab.page.on("request", lambda request: asked.append(request.url))
    # A tab that is seen asks every 3 seconds.
    tab.page.wait_for_timeout(4000)
    assert [url for url in asked if "learning_rate" in url] == []


def test_empty_log_directory_is_explained(open_tab, tmp_path):
    (tmp_path / "logs").mkdir()
    with serve(tmp_path / "logs", load_fast=True, num_runs=0) as server:
        tab = open_tab(address=server.address)
        expect(tab.locator(".lr-main")).to_contain_text("No learning rates here yet")
        assert tab.violations() == []
        # A run that appears is drawn without a reload.
        browser_runs.write_diverging(tmp_path / "logs" / "first", 0)
        tab.wait_until_drawn()
        assert tab.checked_runs() == ["first"]
        tab.close()


def test_server_that_goes_is_said_and_its_return_noticed(open_tab, tmp_path):
    logdir = tmp_path / "logs"
    browser_runs.write_diverging(logdir / "run1", 0)
    with serve(logdir, load_fast=True, num_runs=1) as server:
        tab = open_tab(address=server.address)
        tab.wait_until_drawn()
    failure = tab.locator(".lr-notice-error", has_text="TensorBoard does not answer.")
    expect(failure.first).to_be_visible()
    # What was drawn stays, and what is asked for meanwhile comes later.
    expect(tab.caption).to_contain_text("Steps 0 to 999")
    tab.drag("loss", 0.2, 0.4)
    expect(tab.caption).to_contain_text(re.compile(r"Steps (19|20)\d to (39|40)\d"))
    expect(tab.caption).to_contain_text("are not here yet")
    port = int(server.address.rpartition(":")[2])
    with serve(logdir, load_fast=True, num_runs=1, port=port):
        expect(tab.locator(".lr-notice-error")).to_have_count(0)
        expect(tab.caption).to_contain_text("iterations of this window are drawn.")
        tab.wait_until_drawn()
        tab.close()
    # The browser itself reports each connection that was refused.
    assert all("ERR_CONNECTION" in problem for problem in tab.problems)
    tab.problems.clear()


@pytest.mark.parametrize("load_fast", [True, False], ids=["rust", "python"])
def test_training_run_grows_without_losing_the_zoom(open_tab, tmp_path, load_fast):
    logdir = tmp_path / "logs"
    with RunWriter(logdir / "live") as writer:
        writer.write_run_info(browser_runs.run_info("constant", 0))

        def train(first, stop):
            steps = np.arange(first, stop)
            losses = browser_runs.decaying_loss(steps, first)
            rates = browser_runs.time_decay(steps)
            writer.write_rows({"step": steps, "learning_rate": rates, "loss": losses})
            writer.flush()

        train(0, 300)
        with serve(logdir, load_fast=load_fast, num_runs=1) as server:
            tab = open_tab(address=server.address)
            tab.wait_until_drawn()
            expect(tab.caption).to_contain_text("Steps 0 to 299")
            train(300, 600)
            expect(tab.caption).to_contain_text("Steps 0 to 599")
            tab.drag("loss", 0.1, 0.2)
            expect(tab.caption).to_contain_text(re.compile(r"Steps (5|6)\d to 1[12]\d"))
            window = re.search(r"Steps \d+ to \d+", tab.caption.inner_text())[0]
            train(600, 700)
            tab.page.wait_for_function(
                """() => fetch("runs")
                    .then((answer) => answer.json())
                    .then(({runs}) => runs[0].last_step === 699)"""
            )
            tab.page.wait_for_timeout(4000)
            expect(tab.caption).to_contain_text(window)
            tab.button("Show all").click()
            expect(tab.caption).to_contain_text("Steps 0 to 699")
            tab.close()


def test_iteration_is_seen_within_six_seconds(open_tab, tmp_path):
    logdir = tmp_path / "logs"
    happened = [time.time()]
    is_over = threading.Event()
    # As `LearningRateLogger` writes, and with TensorBoard's own interval.
    writer = BackgroundWriter(str(logdir / "live"))

    def train():
        while not is_over.wait(0.05):
            step = np.array([len(happened)])
            rows = {"step": step, "learning_rate": step * 1e-5, "loss": 1 / step}
            happened.append(time.time())
            writer.submit(functools.partial(_write, rows=rows))

    def _write(writer, rows):
        writer.write_rows(rows)

    writer.submit(lambda writer: writer.write_run_info(schema.RunInfo()))
    training = threading.Thread(target=train)
    training.start()
    try:
        with serve(logdir, load_fast=True, num_runs=1, reload_interval=5) as server:
            tab = open_tab(address=server.address)
            tab.wait_until_drawn()
            delays, last_seen = [], None
            while len(delays) < 3:
                found = re.search(r"to ([\d,]+)", tab.caption.inner_text())
                last = int(found[1].replace(",", ""))
                if last_seen is not None and last > last_seen:
                    # Of the rows that came together, the first has waited longest.
                    delays.append(time.time() - happened[last_seen + 1])
                last_seen = last
                tab.page.wait_for_timeout(50)
            tab.close()
    finally:
        is_over.set()
        training.join()
        writer.close()
    assert max(delays) <= 6, delays


def test_restarted_run_is_said(open_tab, tmp_path):
    logdir = tmp_path / "logs"
    browser_runs.write_diverging(logdir / "run1", 0)
    with serve(logdir, load_fast=True, num_runs=1) as server:
        tab = open_tab(address=server.address)
        tab.wait_until_drawn()
        expect(tab.caption).to_contain_text("Steps 0 to 999")
        with RunWriter(logdir / "run1", resume=True) as writer:
            writer.write_run_info(schema.RunInfo())
            steps = np.arange(50)
            rates = np.full(50, 0.01)
            writer.write_rows({"step": steps, "learning_rate": rates, "loss": rates})
        expect(tab.locator(".lr-notice-warning")).to_contain_text(
            "Run “run1” was restarted: it was at step 999 and is now at step 49."
        )
        expect(tab.caption).to_contain_text("Steps 0 to 49")
        tab.close()


def test_deleted_run_is_said(open_tab, tmp_path):
    logdir = tmp_path / "logs"
    browser_runs.write_diverging(logdir / "stays", 0)
    browser_runs.write_diverging(logdir / "goes", 1)
    # RustBoard keeps showing what was deleted; the Python loader notices.
    with serve(logdir, load_fast=False, num_runs=2) as server:
        tab = open_tab(address=server.address)
        tab.wait_until_drawn()
        shutil.rmtree(logdir / "goes")
        expect(tab.locator(".lr-notice-warning")).to_contain_text(
            "Run “goes” is no longer in the log directory."
        )
        tab.button("Dismiss").click()
        expect(tab.locator(".lr-notice-warning")).to_have_count(0)
        tab.wait_until_drawn()
        assert tab.checked_runs() == ["stays"]
        tab.close()


def test_run_that_is_back_is_not_said_to_be_gone(open_tab, tmp_path):
    logdir = tmp_path / "logs"
    browser_runs.write_diverging(logdir / "stays", 0)
    browser_runs.write_diverging(logdir / "returns", 1)
    with serve(logdir, load_fast=False, num_runs=2) as server:
        tab = open_tab(address=server.address)
        tab.wait_until_drawn()
        shutil.move(logdir / "returns", tmp_path / "elsewhere")
        notice = tab.locator(".lr-notice-warning")
        expect(notice).to_contain_text("Run “returns” is no longer")
        shutil.move(tmp_path / "elsewhere", logdir / "returns")
        expect(notice).to_have_count(0)
        expect(tab.locator(".lr-run")).to_have_count(2)
        tab.close()


def test_link_to_runs_that_are_not_there_names_them(open_tab):
    tab = open_tab(f"{KEY}runs=cosine,lost%2520one,lost2")
    tab.wait_until_drawn()
    notice = tab.locator(".lr-notice-warning")
    expect(notice).to_contain_text(
        "This link names runs that TensorBoard has not found: “lost one” and “lost2”."
    )
    assert tab.checked_runs() == ["cosine"]
    assert tab.violations() == []
    tab.button("Leave out").click()
    expect(notice).to_have_count(0)
    tab.page.wait_for_function("location.hash.endsWith('.runs=cosine')")
    assert tab.checked_runs() == ["cosine"]


def test_name_of_a_run_is_never_html(open_tab, tmp_path):
    name = "<img src onerror=hacked=1>&lt;"
    browser_runs.write_diverging(tmp_path / "logs" / name, 0)
    with serve(tmp_path / "logs", load_fast=True, num_runs=1) as server:
        tab = open_tab(address=server.address)
        tab.wait_until_drawn()
        # Too long for the list, it is cut there; a screen reader says all of it.
        said = tab.locator(".lr-run-name .lr-visually-hidden")
        expect(said).to_have_text(name)
        for view in ("Loss against rate", "Layers", "Runs", "Timeline"):
            tab.frame.get_by_role("tab", name=view, exact=True).click()
        _, svg = tab.download(tab.button("SVG").first)
        root = ElementTree.fromstring(svg)
        assert name in [text.text for text in root.iter() if text.text]
        assert tab.page.evaluate("window.hacked") is None
        tab.close()


def test_of_many_runs_a_few_are_drawn_and_all_are_listed(open_tab, tmp_path):
    logdir = tmp_path / "logs"
    steps = np.arange(100)
    for i in range(120):
        with RunWriter(logdir / f"trial_{i:03}") as writer:
            start = browser_runs.START_TIME + 100 * i
            writer.write_run_info(schema.RunInfo(), wall_time=start)
            rates = np.full(100, 10 ** -(1 + i % 5))
            losses = browser_runs.decaying_loss(steps, i)
            writer.write_rows(
                {"step": steps, "learning_rate": rates, "loss": losses},
                wall_time=start + 10,
            )
    with serve(logdir, load_fast=True, num_runs=120) as server:
        tab = open_tab(address=server.address)
        tab.wait_until_drawn()
        expect(tab.locator(".lr-run")).to_have_count(120)
        assert tab.checked_runs() == [f"trial_{i:03}" for i in range(119, 109, -1)]
        colors = tab.locator(".lr-run:has(input:checked) .lr-swatch").evaluate_all(
            "swatches => swatches.map((swatch) => swatch.style.background)"
        )
        assert len(set(colors)) == 10
        tab.button("All").click()
        expect(tab.caption).to_contain_text(
            "Every iteration of 120 runs in this window is drawn."
        )
        tab.close()
