"""Measures how soon the tab shows a million iterations, and how smoothly it moves.

    python benchmarks/browser.py [--num_runs=300] [--loaders=fast] [--logdir=DIR]

Drives Chromium through the whole of TensorBoard, with each of its loaders: from the
click on the tab to the first painted chart of one run of a million iterations, and to
the overviews of many such runs; then the frames while the cursor moves over twenty runs
of 2000 rows and the page scrolls. The stock plugins are measured on the same rows.
"""

import argparse
import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from served.long_runs import write_many_short_runs, write_runs
from served.server import Server, serve
from served.table import show

CHROMIUM_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WINDOW = {"width": 1400, "height": 900}
NUM_SHORT_RUNS, NUM_SHORT_STEPS = 20, 2000

# Clicks on an element and gives the milliseconds until the tab's chart has a line.
CLICK_AND_WAIT = """async (element, numDrawn) => {
  const start = performance.now();
  element.click();
  const isPainted = () => {
    const found = [...document.querySelectorAll("iframe")]
      .map((frame) => frame.contentDocument)
      .find((page) => page && page.querySelector(".lr-app"));
    if (!found || found.querySelector(".lr-busy-on")) return false;
    const drawn = found.querySelectorAll(".lr-run input:checked").length;
    const canvas = found.querySelector("[data-chart=loss] .lr-chart-layer");
    if (!canvas || !canvas.width || drawn < numDrawn) return false;
    const {data} = canvas.getContext("2d")
      .getImageData(0, 0, canvas.width, canvas.height);
    let painted = 0;
    for (let i = 3; i < data.length; i += 4) if (data[i] > 0) painted++;
    return painted > 500;
  };
  while (!isPainted()) await new Promise(requestAnimationFrame);
  return performance.now() - start;
}"""
# The same for the stock plugins. Time Series draws on a canvas that cannot be read, so
# that it counts as drawn as soon as it exists.
CLICK_AND_WAIT_FOR_STOCK = """async (element, card) => {
  const start = performance.now();
  element.click();
  const find = (root, name) => [...root.querySelectorAll("*")].flatMap((found) => [
    ...(found.localName === name ? [found] : []),
    ...(found.shadowRoot ? find(found.shadowRoot, name) : []),
  ]);
  const isDrawn = (found) => find(found.shadowRoot ?? found, "canvas").length > 0 ||
    find(found.shadowRoot ?? found, "path")
      .some((path) => path.getAttribute("d")?.length > 1000);
  while (!find(document, card).some(isDrawn)) {
    await new Promise(requestAnimationFrame);
  }
  return performance.now() - start;
}"""
RECORD_FRAMES = """() => {
  window.frameTimes = [];
  let last = performance.now();
  const record = (now) => {
    window.frameTimes.push(now - last);
    last = now;
    window.recording = requestAnimationFrame(record);
  };
  window.recording = requestAnimationFrame(record);
}"""
STOP_RECORDING = """() => {
  cancelAnimationFrame(window.recording);
  return window.frameTimes.slice(1);
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--num_runs", type=int, default=300)
    parser.add_argument("--loaders", default="fast,python")
    parser.add_argument("--logdir", help="where runs are written, and kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, open_browser() as browser:
        logdir = Path(options.logdir or temporary)
        write_runs(logdir, options.num_runs)
        write_many_short_runs(logdir / "short", NUM_SHORT_RUNS, NUM_SHORT_STEPS)
        for loader in options.loaders.split(","):
            measure_one_run(browser, logdir / "one", loader)
            measure_stock(browser, logdir / "stock", loader)
            measure_many_runs(browser, logdir / "many", loader, options.num_runs)
            measure_frames(browser, logdir / "short", loader)


def measure_one_run(browser: Browser, logdir: Path, loader: str) -> None:
    """Measures how soon one run is drawn, also when the server has to read it first."""
    with serve(logdir, loader) as server:
        server.wait_for_scalars(["run000"])
        times = [open_tab(browser, server) for _ in range(4)]
    show(loader, "1 run of 1M: click to painted chart, first", times[0], "ms", 1000)
    rest = statistics.median(times[1:])
    show(loader, "  the same in a new window, median", rest, "ms", 1000)


def measure_stock(browser: Browser, logdir: Path, loader: str) -> None:
    """Measures the same of the stock plugins, which draw 1000 points."""
    with serve(logdir, loader) as server:
        server.wait_for_stock("run000")
        for name, card in (
            ("Scalars", "tf-scalar-card"),
            ("Time Series", "scalar-card"),
        ):
            with open_page(browser, f"{server.address}#text") as page:
                tab = find_tab(page, name)
                time = tab.evaluate(CLICK_AND_WAIT_FOR_STOCK, card)
            show(loader, f"  stock {name}, click to chart", time, "ms")


def measure_many_runs(
    browser: Browser, logdir: Path, loader: str, num_runs: int
) -> None:
    """Measures how soon many runs are listed, and all of them drawn."""
    names = [f"run{i:03d}" for i in range(num_runs)]
    with serve(logdir, loader) as server:
        server.wait_for_scalars(names)
        everything = "&p.learning_rate.runs=*"
        for which in ("first", "again"):
            time = open_tab(browser, server, everything, num_drawn=num_runs) / 1000
            what = f"{num_runs} runs: listed and all drawn, {which}"
            show(loader, what, time, "s", 5)
        show(loader, "  memory of the server", server.memory_mb(), "MB", 1000)


def measure_frames(browser: Browser, logdir: Path, loader: str) -> None:
    """Measures the frames while the cursor moves over curves and the page scrolls."""
    with serve(logdir, loader) as server:
        server.wait_for_runs(NUM_SHORT_RUNS)
        address = f"{server.address}#learning_rate&p.learning_rate.runs=*"
        with open_page(browser, address) as page:
            frame = page.frame_locator("iframe").first
            frame.locator("[data-caption=exactness]").wait_for()
            page.wait_for_timeout(2000)
            for what, move in (("cursor", move_cursor), ("scrolling", scroll)):
                page.evaluate(RECORD_FRAMES)
                move(page, frame.locator("[data-chart=loss] .u-over").bounding_box())
                times = sorted(page.evaluate(STOP_RECORDING))
                middle = times[len(times) // 2]
                show(loader, f"20 runs x 2000, {what}: frames", len(times), "")
                show(loader, "  median", middle, "ms")
                show(loader, "  slowest", times[-1], "ms", 50)


def move_cursor(page: Page, box: dict) -> None:
    for i in range(200):
        share = i / 200
        across = box["x"] + box["width"] * share
        page.mouse.move(across, box["y"] + box["height"] * (0.2 + 0.6 * (i % 20) / 20))


def scroll(page: Page, box: dict) -> None:
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    for i in range(60):
        page.mouse.wheel(0, 40 if i < 30 else -40)
        page.wait_for_timeout(20)


def open_tab(
    browser: Browser, server: Server, fragment: str = "", *, num_drawn: int = 1
) -> float:
    """Opens TensorBoard elsewhere, clicks on the tab and waits for its chart."""
    # TensorBoard keeps the values of p.learning_rate in its address for the plugin.
    with open_page(browser, f"{server.address}#text{fragment}") as page:
        return find_tab(page, "Learning Rate").evaluate(CLICK_AND_WAIT, num_drawn)


def find_tab(page: Page, name: str):
    tab = page.locator("app-header").get_by_text(name).first
    tab.wait_for()
    # Until TensorBoard has loaded the rest of its page.
    page.wait_for_timeout(1500)
    return tab


@contextmanager
def open_browser() -> Iterator[Browser]:
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser")
    path = next((p for n in names if n and (p := shutil.which(n))), None)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=path, headless=True, args=CHROMIUM_ARGS
        )


@contextmanager
def open_page(browser: Browser, address: str) -> Iterator[Page]:
    page = browser.new_context(viewport=WINDOW).new_page()
    page.goto(address)
    yield page
    page.context.close()


if __name__ == "__main__":
    main()
