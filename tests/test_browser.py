"""The tab in a real browser, on real runs served by a real TensorBoard."""

import re
import shutil
import xml.etree.ElementTree as ElementTree
from urllib.parse import urlparse

import browser_runs
import numpy as np
import pytest
from browser_server import AXE, CHROMIUM_ARGS, serve
from playwright.sync_api import expect, sync_playwright

from lr_plugin import schema
from lr_plugin.writer import RunWriter

RUNS = ("long", "range_test", "diverging", "cosine", "time_decay", "constant")
TAB = "#learning_rate"
KEY = "&p.learning_rate."

expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def logdir(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("browser") / "logs"
    browser_runs.write_runs(logdir)
    return logdir


@pytest.fixture(scope="module")
def server(logdir):
    with serve(logdir, load_fast=True, num_runs=len(RUNS)) as server:
        yield server


@pytest.fixture(scope="module")
def browser(chromium):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, headless=True, args=CHROMIUM_ARGS
        )
        yield browser
        browser.close()


class Tab:
    """The tab "Learning Rate" in a window of its own, and what went wrong in it.

    Around it is all of TensorBoard if it is `hosted`. Else there is only the page that
    TensorBoard puts into its iframe, which opens in a tenth of the time.
    """

    def __init__(
        self,
        browser,
        address,
        *,
        fragment="",
        hosted=False,
        dark=False,
        size=(1300, 900),
    ):
        self.address = address
        self.hosted = hosted
        self.problems = []
        self.foreign_requests = []
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, accept_downloads=True
        )
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", self._watch)
        self.open(fragment, dark=dark)

    def open(self, fragment="", *, dark=False):
        if self.hosted:
            query = "?darkMode=true" if dark else ""
            self.page.goto(f"{self.address}/{query}{TAB}{fragment}")
            self.frame = self.page.frame_locator("iframe").first
        else:
            entry = "data/plugin_entry.html?name=learning_rate"
            self.page.goto(f"{self.address}/{entry}{TAB}{fragment}")
            self.frame = self.page
            if dark:
                self.page.evaluate("document.body.classList.add('dark-mode')")
        expect(self.frame.locator(".lr-app")).to_be_visible()

    def _hear(self, message):
        # Without TensorBoard around it, the page has no icon.
        if message.type == "error" and "favicon" not in message.location["url"]:
            self.problems.append(message.text)

    def _watch(self, request):
        url = urlparse(request.url)
        if url.scheme in ("data", "blob"):
            return
        if f"{url.scheme}://{url.netloc}" != self.address:
            self.foreign_requests.append(request.url)

    def locator(self, selector, **options):
        return self.frame.locator(selector, **options)

    def button(self, name):
        return self.frame.get_by_role("button", name=name, exact=True)

    @property
    def caption(self):
        return self.locator('[data-caption="exactness"]')

    def wait_until_drawn(self):
        expect(self.caption).to_be_visible()
        expect(self.locator(".lr-busy-on")).to_have_count(0)

    def wait_for_hash(self, part):
        self.page.wait_for_function("part => location.hash.includes(part)", arg=part)

    def checked_runs(self):
        items = self.locator(".lr-run:has(input:checked) .lr-run-name")
        return items.all_inner_texts()

    def plot(self, chart):
        return self.locator(f'[data-chart="{chart}"] .u-over').bounding_box()

    def drag(self, chart, start, stop):
        """Drags over a part of the chart, in shares of its width."""
        box = self.plot(chart)
        middle = box["y"] + box["height"] / 2
        self.page.mouse.move(box["x"] + start * box["width"], middle)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + stop * box["width"], middle, steps=5)
        self.page.mouse.up()

    def table(self):
        """The rows of the data table, header first."""
        if not self.locator(
            "details:has(> summary:text-is('Data table'))[open]"
        ).count():
            self.locator("summary:text-is('Data table')").click()
        table = self.locator("details:has(> summary:text-is('Data table')) table")
        rows = table.locator("tr").all()
        return [row.locator("th, td").all_inner_texts() for row in rows]

    def download(self, locator):
        with self.page.expect_download() as download:
            locator.click()
        path = download.value.path()
        return download.value.suggested_filename, path.read_bytes()

    def violations(self):
        """What axe finds in the tab, of serious or critical impact."""
        frame = next(f for f in self.page.frames if "plugin_entry" in f.url)
        frame.evaluate(AXE.read_text())
        found = frame.evaluate("async () => (await axe.run(document)).violations")
        return [
            (violation["id"], [node["html"][:120] for node in violation["nodes"]][:3])
            for violation in found
            if violation["impact"] in ("serious", "critical")
        ]


@pytest.fixture
def open_tab(browser, server):
    tabs = []

    def open_tab(fragment="", *, address=server.address, **options):
        tabs.append(Tab(browser, address, fragment=fragment, **options))
        return tabs[-1]

    yield open_tab
    for tab in tabs:
        tab.context.close()
        assert tab.problems == []
        assert tab.foreign_requests == []


def number(text):
    return float(text.replace(",", "").replace("\N{MINUS SIGN}", "-"))


@pytest.mark.parametrize("load_fast", [True, False], ids=["rust", "python"])
def test_single_iterations_are_those_of_the_file(open_tab, logdir, load_fast):
    with serve(logdir, load_fast=load_fast, num_runs=len(RUNS)) as server:
        fragment = f"{KEY}runs=time_decay{KEY}window=990~1010"
        tab = open_tab(fragment, address=server.address)
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
        tab.context.close()
        # Before the server goes, whose absence the tab would report.
        assert tab.problems == []


def test_tab_opens_with_all_runs_drawn(open_tab):
    tab = open_tab(hosted=True)
    tab.wait_until_drawn()
    assert tab.checked_runs() == list(RUNS)
    for chart in ("rate", "loss"):
        canvas = tab.locator(f'[data-chart="{chart}"] .lr-chart-curves')
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
        top = min(_heights(svg))
        # A plot that reaches a little above 93 on a log axis from 0.05 on or so.
        assert top < 40 + 0.12 * 360
        tab.context.close()
        if half < 20:
            break
        half //= 20


def _heights(svg):
    """The heights of all points of the longest path, from the top."""
    root = ElementTree.fromstring(svg)
    paths = [path.get("d") for path in root.iter("{http://www.w3.org/2000/svg}path")]
    longest = max(paths, key=len)
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
        pressed = other.locator('.lr-segment[aria-pressed="true"]')
        expect(pressed.first).to_have_text("linear")


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


def test_dark_mode_follows_tensorboard(open_tab):
    tab = open_tab(f"{KEY}runs=cosine", hosted=True)
    tab.wait_until_drawn()
    color = "() => getComputedStyle(document.body).backgroundColor"
    body = tab.locator("body")
    assert body.evaluate(color) == "rgb(245, 245, 245)"
    tab.page.evaluate("document.body.classList.add('dark-mode')")
    expect(tab.locator("html")).to_have_class(re.compile("lr-dark"))
    assert body.evaluate(color) == "rgb(48, 48, 48)"
    tab.page.evaluate("document.body.classList.remove('dark-mode')")
    expect(tab.locator("html")).not_to_have_class(re.compile("lr-dark"))


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
    # 960 + 72 + 24 units of width, at two pixels each.
    assert int.from_bytes(png[16:20], "big") == 2 * 1056
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
    assert titles[:4] == ["Run", "Optimizer", "Schedule", "Score"]
    assert lines[1].split("\t")[titles.index("warmup")] == "5"
    name, content = tab.download(tab.button("Download TSV"))
    assert name == "runs.tsv"
    assert content.decode().splitlines() == lines


def test_loss_against_rate_shows_the_range_test(open_tab):
    tab = open_tab(f"{KEY}view=loss-rate")
    tab.wait_until_drawn()
    card = tab.frame.get_by_role("region", name="Range test of range_test")
    expect(card).to_contain_text("Suggested rate 0.001, between 6e-4 and 0.0016")
    expect(card).to_contain_text("Usable band: 2e-4 to 0.1.")
    expect(tab.caption).to_contain_text("The lowest loss")
    tab.drag("loss-rate", 0.3, 0.6)
    tab.wait_for_hash("p.learning_rate.rates=")


def test_adam_shows_step_sizes_and_layers(open_tab):
    tab = open_tab(f"{KEY}view=adam{KEY}runs=cosine")
    tab.wait_until_drawn()
    for title in (
        "Rate and step size",
        "Effective rate of each layer",
        "Update to weight ratio",
        "Update to weight ratio, all layers",
    ):
        expect(tab.frame.get_by_role("region", name=title, exact=True)).to_be_visible()
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
    expect(tab.caption).to_contain_text("10 iterations applied no update")
    tab.locator("summary", has_text="Events").click()
    expect(tab.locator(".lr-table")).to_contain_text("The loss became NaN at step 900.")
    tab.button("900").click()
    expect(tab.caption).to_contain_text("Steps 850 to 950")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("view", ["timeline", "loss-rate", "adam", "runs"])
def test_axe_finds_nothing_serious(open_tab, view, dark):
    tab = open_tab(f"{KEY}view={view}", dark=dark)
    if view == "runs":
        expect(tab.locator(".lr-runs-table tbody tr")).to_have_count(len(RUNS))
    else:
        tab.wait_until_drawn()
    for summary in tab.locator("summary").all():
        summary.click()
    assert tab.violations() == []


def test_keyboard_alone_suffices(open_tab):
    tab = open_tab(f"{KEY}runs=time_decay")
    tab.wait_until_drawn()
    keyboard = tab.page.keyboard
    tab.locator('[role="tab"]').first.focus()
    keyboard.press("ArrowRight")
    expect(tab.frame.get_by_role("tab", selected=True)).to_have_text(
        "Loss against rate"
    )
    keyboard.press("ArrowLeft")
    chart = tab.locator('[data-chart="rate"]')
    for _ in range(40):
        keyboard.press("Tab")
        if chart.evaluate("element => element === document.activeElement"):
            break
    expect(chart).to_be_focused()
    keyboard.press("Home")
    expect(tab.locator('[data-readout="rate"]')).to_contain_text("step 0,")
    keyboard.press("Shift+ArrowRight")
    expect(tab.locator('[data-readout="rate"]')).to_contain_text("step 10,")
    spoken = tab.locator('[aria-live="polite"]')
    # 0.003 / (1 + 0.0002 * 10)
    expect(spoken).to_contain_text("rate 0.00299401")
    keyboard.press("+")
    expect(tab.caption).to_contain_text("Steps 5 to 1,005")
    keyboard.press("Escape")
    expect(tab.caption).to_contain_text("Steps 0 to 1,999")


def test_narrow_window_has_no_sideways_scrolling(open_tab):
    tab = open_tab(size=(480, 800))
    tab.wait_until_drawn()
    for view in ("Timeline", "Loss against rate", "Adam", "Runs"):
        tab.frame.get_by_role("tab", name=view, exact=True).click()
        width = tab.locator(".lr-main").evaluate("main => main.scrollWidth")
        assert width <= 480


def test_hidden_tab_does_nothing(open_tab):
    tab = open_tab(f"{KEY}runs=cosine", hosted=True)
    tab.wait_until_drawn()
    tab.page.locator("app-header").get_by_text("Scalars", exact=False).first.click()
    tab.page.wait_for_function("location.hash.startsWith('#scalars')")
    tab.page.wait_for_timeout(500)
    asked = []
    tab.page.on("request", lambda request: asked.append(request.url))
    tab.page.wait_for_timeout(7000)
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
        tab.context.close()


def test_server_that_goes_is_said_and_its_return_noticed(open_tab, tmp_path):
    browser_runs.write_diverging(tmp_path / "logs" / "run1", 0)
    with serve(tmp_path / "logs", load_fast=True, num_runs=1) as server:
        tab = open_tab(address=server.address)
        tab.wait_until_drawn()
        server.stop()
        expect(tab.locator(".lr-notice-error")).to_contain_text(
            "TensorBoard does not answer."
        )
        # What was drawn stays.
        expect(tab.caption).to_be_visible()
        # The browser itself reports each connection that was refused.
        assert all("ERR_CONNECTION" in problem for problem in tab.problems)
        tab.problems.clear()
        tab.context.close()
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
            tab.context.close()
            assert tab.problems == []


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
        tab.context.close()
        assert tab.problems == []


def test_name_of_a_run_is_never_html(open_tab, tmp_path):
    name = "<img src onerror=hacked=1>&lt;"
    browser_runs.write_diverging(tmp_path / "logs" / name, 0)
    with serve(tmp_path / "logs", load_fast=True, num_runs=1) as server:
        tab = open_tab(address=server.address)
        tab.wait_until_drawn()
        expect(tab.locator(".lr-run-name")).to_have_text(name)
        for view in ("Loss against rate", "Adam", "Runs", "Timeline"):
            tab.frame.get_by_role("tab", name=view, exact=True).click()
        _, svg = tab.download(tab.button("SVG").first)
        root = ElementTree.fromstring(svg)
        assert name in [text.text for text in root.iter() if text.text]
        assert tab.page.evaluate("window.hacked") is None
        tab.context.close()
        assert tab.problems == []


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
        expect(tab.caption).to_contain_text("Every iteration of 120 runs is drawn.")
        tab.context.close()
        assert tab.problems == []
