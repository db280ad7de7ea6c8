"""The tab for those who use a keyboard, a screen reader, or a small or dark screen."""

import re

import pytest
from browser_runs import RUNS
from browser_tab import KEY
from playwright.sync_api import expect


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


@pytest.mark.parametrize(
    "view", ["timeline", "which-rate", "loss-rate", "landscape", "layers", "runs"]
)
def test_axe_finds_nothing_serious(open_tab, view):
    # Tables of 40 rows are looked through in a tenth of the time of those of 500.
    part = "" if view == "landscape" else f"{KEY}window=980~1020"
    tab = open_tab(f"{KEY}view={view}{part}")
    if view == "runs":
        expect(tab.locator(".lr-runs-table tbody tr")).to_have_count(len(RUNS))
    else:
        tab.wait_until_drawn()
        # The picture in words, for those who do not see it.
        spoken = tab.locator(".lr-visually-hidden[role=status]")
        words = (
            r"cosine: rate 0\.001546 to 0\.001452|Each dot is one of 2 runs\.|"
            r"Headroom of range_test: .* the median of 4 samples"
        )
        expect(spoken).to_contain_text(re.compile(words))
    for summary in tab.locator("summary").all():
        summary.click()
    assert tab.violations() == []
    # In the dark nothing is other than the colours.
    tab.page.evaluate("document.body.classList.add('dark-mode')")
    expect(tab.locator("html")).to_have_class(re.compile("lr-dark"))
    assert tab.violations("color-contrast") == []


def test_keyboard_alone_suffices(open_tab):
    tab = open_tab(f"{KEY}runs=time_decay")
    tab.wait_until_drawn()
    keyboard = tab.page.keyboard
    tab.locator('[role="tab"]').first.focus()
    keyboard.press("ArrowRight")
    expect(tab.frame.get_by_role("tab", selected=True)).to_have_text("Which rate?")
    keyboard.press("ArrowLeft")
    chart = tab.locator('[data-chart="rate"]')
    for _ in range(60):
        keyboard.press("Tab")
        if chart.evaluate("element => element === document.activeElement"):
            break
    expect(chart).to_be_focused()
    expect(tab.locator(".lr-keys-hint").first).to_be_visible()
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


def test_list_of_runs_can_be_skipped(open_tab):
    tab = open_tab()
    tab.wait_until_drawn()
    keyboard = tab.page.keyboard
    tab.frame.get_by_label("Group runs").focus()
    for _ in range(6):
        keyboard.press("Tab")
        if tab.button("Skip the list of runs").evaluate(
            "element => element === document.activeElement"
        ):
            break
    keyboard.press("Enter")
    keyboard.press("Tab")
    assert tab.locator(".lr-main *:focus").count() == 1


def test_narrow_window_has_no_sideways_scrolling(open_tab):
    tab = open_tab(size=(480, 800))
    tab.wait_until_drawn()
    for view in (
        "Timeline",
        "Which rate?",
        "Loss against rate",
        "Landscape",
        "Layers",
        "Runs",
    ):
        tab.frame.get_by_role("tab", name=view, exact=True).click()
        width = tab.locator(".lr-main").evaluate("main => main.scrollWidth")
        assert width <= 480


@pytest.mark.parametrize("size", [(400, 700), (1000, 500)])
def test_what_the_cursor_reads_is_never_cut_off(open_tab, size):
    tab = open_tab(size=size)
    tab.wait_until_drawn()
    tab.locator('[data-chart="loss"]').scroll_into_view_if_needed()
    plot = tab.plot("loss")
    readout = tab.locator('[data-readout="loss"]')
    for across in (0.01, 0.3, 0.8):
        tab.page.mouse.move(
            plot["x"] + across * plot["width"], plot["y"] + 0.9 * plot["height"]
        )
        expect(readout).to_be_visible()
        tab.page.wait_for_timeout(50)
        box = readout.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= size[0]
        assert box["y"] >= 0 and box["y"] + box["height"] <= size[1]
