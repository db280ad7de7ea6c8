"""The windows of the browser, which show the tab of one test after that of another."""

PERMISSIONS = ["clipboard-read", "clipboard-write"]


class Windows:
    """The windows that are open, each of them in use or free.

    To open one takes twice as long as to show the tab in it, since Chromium draws what
    is around a page with a page and a process of its own.
    """

    def __init__(self, browser):
        self._context = browser.new_context(
            accept_downloads=True, permissions=PERMISSIONS
        )
        self._free = []

    def take(self, size):
        """Gives a window that shows nothing, of this width and height."""
        page = self._free.pop() if self._free else self._context.new_page()
        width, height = size
        page.set_viewport_size({"width": width, "height": height})
        return page

    def give_back(self, page):
        """Leaves nothing of a test in its window, neither routes nor what is stored."""
        page.unroute_all()
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        page.goto("about:blank")
        page.mouse.move(0, 0)
        self._free.append(page)
