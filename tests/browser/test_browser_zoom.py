"""Zooming, and taking it back, in a real browser."""

import re
from urllib.parse import unquote

import pytest
from browser_tab import KEY
from playwright.sync_api import expect


class Chart:
    """A chart and the mouse over it; places are shares of its width and its height."""

    def __init__(self, tab, name):
        self.tab = tab
        self.box = tab.plot(name)
        self.mouse = tab.page.mouse

    def move(self, across, down, steps=1):
        x = self.box["x"] + across * self.box["width"]
        y = self.box["y"] + down * self.box["height"]
        self.mouse.move(x, y, steps=steps)

    def drag(self, start, stop, *, shift=False):
        keyboard = self.tab.page.keyboard
        if shift:
            keyboard.down("Shift")
        self.move(*start)
        self.mouse.down()
        self.move(*stop, steps=6)
        self.mouse.up()
        if shift:
            keyboard.up("Shift")
        self.rest()

    def rest(self):
        """Waits until what comes next is a step of its own, and is in the URL."""
        self.tab.page.wait_for_timeout(600)


def window(tab):
    found = re.search(r"\.window=([-\d.e]+)~([-\d.e]+)", unquote(tab.page.url))
    return tuple(map(float, found.groups())) if found else None


def part(tab, key):
    """The part of a y axis that the URL names."""
    url = unquote(unquote(tab.page.url))
    found = re.search(rf"{key}:([-\d.e]+)~([-\d.e]+)", url)
    return tuple(map(float, found.groups())) if found else None


def test_drags_and_wheel_zoom_and_every_step_is_taken_back(open_tab):
    tab = open_tab(f"{KEY}runs=constant,cosine{KEY}rate=linear{KEY}loss=linear")
    tab.wait_until_drawn()
    rate = Chart(tab, "rate")
    # From 0 to 0.003 and a twentieth more.
    rate.drag((0.5, 0.25), (0.5, 0.5))
    tab.wait_for_hash("p.learning_rate.zooms=")
    low, high = part(tab, "timeline learning rate")
    assert low == pytest.approx(0.5 * 0.00315, rel=0.03)
    assert high == pytest.approx(0.75 * 0.00315, rel=0.03)
    assert window(tab) is None
    expect(tab.locator('[data-part="Learning rate"]')).to_contain_text("Only 0.0015")
    # A quarter of the height, and both axes.
    rate.drag((0.25, 0.2), (0.5, 0.6))
    assert window(tab) == pytest.approx((500, 1000), abs=10)
    inner = part(tab, "timeline learning rate")
    assert inner[0] == pytest.approx(low + 0.4 * (high - low), rel=0.03)
    assert inner[1] == pytest.approx(low + 0.8 * (high - low), rel=0.03)
    # The picture moves with the pointer.
    rate.drag((0.2, 0.5), (0.6, 0.52), shift=True)
    assert window(tab) == pytest.approx((300, 800), abs=12)
    assert part(tab, "timeline learning rate") == inner
    tab.page.keyboard.down("Control")
    rate.move(0.5, 0.5)
    rate.mouse.wheel(0, -100)
    rate.rest()
    tab.page.keyboard.up("Control")
    # exp(-0.2) of 500 steps around the middle one.
    low, high = window(tab)
    assert high - low == pytest.approx(409, abs=8)
    assert low + high == pytest.approx(1100, abs=24)
    back = tab.button("Step back")
    back.click()
    tab.page.keyboard.press("Control+z")
    tab.page.wait_for_timeout(400)
    assert window(tab) == pytest.approx((500, 1000), abs=10)
    tab.button("Fit the axis: Learning rate").click()
    tab.page.wait_for_timeout(400)
    assert part(tab, "timeline learning rate") is None
    for _ in range(3):
        tab.page.keyboard.press("Control+z")
    expect(back).to_be_disabled()
    tab.page.wait_for_timeout(400)
    assert window(tab) is None and part(tab, "timeline learning rate") is None


def test_click_while_the_page_is_busy_is_no_drag(open_tab):
    tab = open_tab(f"{KEY}runs=constant,cosine{KEY}rate=linear")
    tab.wait_until_drawn()
    box = tab.plot("rate")
    # The line of the constant rate, twelve pixels below the upper edge.
    place = [
        box["x"] + box["width"] / 2,
        box["y"] + box["height"] * (1 - 0.003 / 0.00315),
    ]
    tab.page.evaluate(
        """async ([clientX, clientY]) => {
            const over = document.querySelector('[data-chart="rate"] .u-over');
            const send = (type, buttons) => {
                const options = { clientX, clientY, buttons, bubbles: true };
                over.dispatchEvent(new MouseEvent(type, options));
            };
            const frame = () => new Promise(requestAnimationFrame);
            // All in one frame, as they come where the one before took long.
            send("mousemove", 0);
            send("mousedown", 1);
            await frame();
            await frame();
            send("mouseup", 0);
            send("click", 0);
        }""",
        place,
    )
    tab.wait_for_hash("p.learning_rate.focus=constant")
    assert part(tab, "timeline learning rate") is None


def test_a_number_that_is_typed_stays_when_all_is_rendered_again(open_tab):
    tab = open_tab(f"{KEY}runs=constant")
    tab.wait_until_drawn()
    field = tab.frame.get_by_label("to", exact=True)
    field.fill("1500")
    # As the news of a run that trains do, while the field has the focus.
    tab.page.evaluate(f"location.hash += '{KEY}smoothing=25'")
    expect(tab.locator(".lr-smoothing")).to_have_text("± 2.5 %")
    expect(field).to_have_value("1500")
    field.press("Enter")
    expect(tab.caption).to_contain_text("Steps 0 to 1,500")
    field.fill("5")
    field.fill("-1")
    field.press("Enter")
    expect(field).to_have_value("1500")


def test_keys_zoom_both_axes_and_escape_shows_all(open_tab):
    tab = open_tab(f"{KEY}runs=constant{KEY}loss=linear")
    tab.wait_until_drawn()
    tab.locator('[data-chart="loss"]').focus()
    for key in ("Home", "y", "Shift+PageUp"):
        tab.page.keyboard.press(key)
    tab.wait_for_hash("p.learning_rate.zooms=")
    assert part(tab, "timeline loss")
    tab.page.keyboard.press("Escape")
    expect(tab.locator('[data-part="Loss"]')).to_have_count(0)


def test_rows_of_a_heat_map_are_zoomed_too(open_tab):
    tab = open_tab(f"{KEY}runs=cosine{KEY}view=layers")
    tab.wait_until_drawn()
    title = "Update to weight ratio, all layers"
    card = tab.frame.get_by_role("region", name=title, exact=True)
    card.locator(".lr-chart").press("y")
    expect(card.locator("[data-part]")).to_contain_text(
        "Only some of the rows are shown."
    )
    tab.button("Show all").click()
    expect(card.locator("[data-part]")).to_have_count(0)


def test_back_of_the_browser_goes_to_the_view_before(open_tab):
    tab = open_tab(f"{KEY}runs=cosine", hosted=True)
    tab.wait_until_drawn()
    tab.drag("loss", 0.2, 0.6)
    tab.wait_for_hash("p.learning_rate.window=")
    selected = tab.frame.get_by_role("tab", selected=True)
    for view, name in (("Runs", "runs"), ("Which rate?", "which-rate")):
        tab.frame.get_by_role("tab", name=view, exact=True).click()
        tab.wait_for_hash(f"p.learning_rate.view={name}")
    for view in ("Runs", "Timeline"):
        tab.page.go_back()
        expect(selected).to_have_text(view)
    # As it was left.
    assert window(tab) == pytest.approx((400, 1200), abs=20)
    tab.page.go_forward()
    expect(selected).to_have_text("Runs")
