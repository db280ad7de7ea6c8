"""The tab "Learning Rate" as a person sees it, for the browser tests."""

from urllib.parse import urlparse
from xml.etree import ElementTree

from browser_server import AXE
from playwright.sync_api import expect

TAB = "#learning_rate"
SVG = "{http://www.w3.org/2000/svg}"
# Before each part of the state in the URL.
KEY = "&p.learning_rate."

expect.set_options(timeout=20_000)


class Tab:
    """The tab "Learning Rate" in a window of its own, and what went wrong in it.

    Around it is all of TensorBoard if it is `hosted`. Else there is only the page that
    TensorBoard puts into its iframe, which opens in a tenth of the time.
    """

    def __init__(
        self,
        windows,
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
        self._windows = windows
        self.page = windows.take(size)
        self._listeners = {
            "console": self._hear,
            "pageerror": lambda error: self.problems.append(str(error)),
            "request": self._watch,
        }
        for event, listener in self._listeners.items():
            self.page.on(event, listener)
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

    def close(self):
        """Gives the window back, unless that was done before."""
        if self._listeners:
            # What the page has said until now is heard before it answers.
            self.page.evaluate("0")
            for event, listener in self._listeners.items():
                self.page.remove_listener(event, listener)
            self._listeners = {}
            self._windows.give_back(self.page)

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
        expect(table).to_be_visible()
        # All at once: there may be hundreds of rows.
        return table.locator("tr").evaluate_all(
            "rows => rows.map((row) => [...row.cells].map((cell) => cell.innerText))"
        )

    def download(self, locator):
        with self.page.expect_download() as download:
            locator.click()
        path = download.value.path()
        return download.value.suggested_filename, path.read_bytes()

    def violations(self, *rules):
        """What axe finds in the tab, of serious or critical impact.

        Args:
            rules: To look at these alone; all if there are none.
        """
        frame = next(f for f in self.page.frames if "plugin_entry" in f.url)
        if not frame.evaluate("'axe' in window"):
            frame.evaluate(AXE.read_text())
        found = frame.evaluate(
            "async (options) => (await axe.run(document, options)).violations",
            {"runOnly": list(rules)} if rules else {},
        )
        return [
            (violation["id"], [node["html"][:120] for node in violation["nodes"]][:3])
            for violation in found
            if violation["impact"] in ("serious", "critical")
        ]


def picture_of(svg):
    """The root of a picture, and where its curves are: left, top, width, height."""
    root = ElementTree.fromstring(svg)
    rect = root.find(f".//{SVG}clipPath/{SVG}rect")
    return root, [float(rect.get(name)) for name in ("x", "y", "width", "height")]


def number(text):
    return float(text.replace(",", "").replace("\N{MINUS SIGN}", "-"))
