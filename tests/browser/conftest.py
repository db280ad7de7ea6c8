"""Fixtures of the browser tests: a browser, a TensorBoard with runs, and tabs in it."""

import browser_runs
import pytest
from browser_server import CHROMIUM_ARGS, serve
from browser_tab import Tab
from browser_windows import Windows
from playwright.sync_api import sync_playwright


@pytest.fixture(scope="session")
def browser_logdir(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("browser") / "logs"
    browser_runs.write_runs(logdir)
    return logdir


@pytest.fixture(scope="session")
def server(browser_logdir):
    num_runs = len(browser_runs.RUNS)
    with serve(browser_logdir, load_fast=True, num_runs=num_runs) as server:
        yield server


@pytest.fixture(scope="session")
def windows(chromium):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, headless=True, args=CHROMIUM_ARGS
        )
        yield Windows(browser)
        browser.close()


@pytest.fixture
def open_tab(windows, server):
    """Opens tabs; at the end none may have had an error or asked another host."""
    tabs = []

    def open_tab(fragment="", *, address=server.address, **options):
        tabs.append(Tab(windows, address, fragment=fragment, **options))
        return tabs[-1]

    yield open_tab
    for tab in tabs:
        tab.close()
        assert tab.problems == []
        assert tab.foreign_requests == []
