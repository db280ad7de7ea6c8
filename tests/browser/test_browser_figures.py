"""Pictures for a paper: their size, their colours, and where they go."""

import io
import struct

import browser_runs
import pytest
from browser_tab import KEY, SVG, picture_of
from playwright.sync_api import expect


def chunk(png, name):
    """The content of the first chunk of this name."""
    stream = io.BytesIO(png[8:])
    while header := stream.read(8):
        length, kind = struct.unpack(">I4s", header)
        content = stream.read(length)
        stream.read(4)
        if kind == name:
            return content
    raise AssertionError(f"no {name} in the PNG")


def test_figure_of_a_dark_page_is_light_and_as_large_as_asked(open_tab):
    tab = open_tab(f"{KEY}runs=diverging,cosine", dark=True)
    tab.wait_until_drawn()
    tab.button("Figure…").nth(1).click()
    dialog = tab.frame.get_by_role("dialog", name="Figure")
    expect(dialog).to_contain_text("183 × 90 mm; the PNG has 300 dots per inch.")
    assert tab.violations() == []
    # By the keyboard alone, from the first field on.
    keyboard = tab.page.keyboard
    expect(dialog.get_by_role("combobox", name="Fits")).to_be_focused()
    dialog.get_by_role("combobox", name="Fits").select_option("89")
    for field, value in (
        ("Width, mm", "88"),
        ("Height, mm", "70"),
        ("Letters, pt", "7"),
    ):
        keyboard.press("Tab")
        expect(dialog.get_by_label(field)).to_be_focused()
        keyboard.press("Control+a")
        keyboard.type(value)
    expect(dialog.get_by_role("combobox", name="Fits")).to_have_value("")
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Space")
    expect(dialog.get_by_role("checkbox", name="Title")).not_to_be_checked()
    expect(dialog).to_contain_text("88 × 70 mm")

    name, svg = tab.download(dialog.get_by_role("button", name="SVG"))
    root, _ = picture_of(svg)
    assert (name, root.get("width"), root.get("height")) == ("loss.svg", "88mm", "70mm")
    # 7 points are 7 / 72 inches, and 11 units.
    width = 88 / 25.4 * 72 / 7 * 11
    assert float(root.get("viewBox").split()[2]) == pytest.approx(width, abs=0.01)
    assert root.find(f"{SVG}rect").get("fill") == "#ffffff"
    texts = {text.text: text.get("fill") for text in root.iter(f"{SVG}text")}
    assert "Loss" not in texts
    assert texts["cosine"] == texts["diverging"] == "#212121"
    assert "Non-finite loss, diverging" in texts
    strokes = {path.get("stroke") for path in root.iter(f"{SVG}path")}
    swatch = tab.locator(".lr-run", has_text="cosine").locator(".lr-swatch")
    dark = swatch.evaluate("element => element.style.background")
    assert not strokes & {"#" + bytes(map(int, rgb)).hex() for rgb in [numbers(dark)]}

    _, png = tab.download(dialog.get_by_role("button", name="PNG"))
    size = struct.unpack(">2I", chunk(png, b"IHDR")[:8])
    assert size == (round(88 / 25.4 * 300), round(70 / 25.4 * 300))
    assert struct.unpack(">2IB", chunk(png, b"pHYs")) == (11811, 11811, 1)
    dialog.get_by_role("button", name="Copy").click()
    expect(dialog.get_by_role("status")).to_have_text("Copied as PNG.")
    types = "navigator.clipboard.read().then(items => items[0].types)"
    assert tab.page.evaluate(types) == ["image/png"]

    dialog.get_by_label("Height, mm").fill("7")
    refused = "The height is from 25 to 1000 mm. Received: 7 mm."
    expect(dialog.get_by_role("alert")).to_have_text(refused)
    expect(dialog.get_by_role("button", name="SVG")).to_be_disabled()
    keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    # What was chosen last holds for all charts, and when the page is opened again.
    tab.page.reload()
    tab.wait_until_drawn()
    _, svg = tab.download(tab.button("SVG").first)
    root, _ = picture_of(svg)
    assert (root.get("width"), root.get("height")) == ("88mm", "70mm")
    # What the browser refuses is said.
    card = tab.frame.get_by_role("region", name="Learning rate", exact=True)
    tab.page.evaluate(
        "() => { HTMLCanvasElement.prototype.toBlob = done => done(null); }"
    )
    tab.button("PNG").first.click()
    expect(card.get_by_role("status")).to_have_text(
        "The picture is too large for this browser. Make it smaller, or save it as SVG."
    )
    tab.page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined})"
    )
    tab.button("Copy").first.click()
    expect(card.get_by_role("status")).to_have_text(
        "The browser does not allow copying here. Save the PNG instead."
    )


def numbers(color):
    return [int(part) for part in color.strip("rgb()").split(",")]


def test_legend_of_a_narrow_figure_makes_it_higher(open_tab):
    tab = open_tab(f"{KEY}runs=*", size=(360, 800))
    tab.wait_until_drawn()
    tab.button("Figure…").first.click()
    dialog = tab.frame.get_by_role("dialog", name="Figure")
    for field, value in (("Width, mm", "50"), ("Height, mm", "40")):
        dialog.get_by_label(field).fill(value)
    expect(dialog).to_contain_text("It needs more room than you gave it.")
    _, svg = tab.download(dialog.get_by_role("button", name="SVG"))
    root, _ = picture_of(svg)
    assert root.get("width") == "50mm"
    assert float(root.get("height").removesuffix("mm")) > 40
    texts = {text.text for text in root.iter(f"{SVG}text")}
    assert set(browser_runs.RUNS) <= texts
    # Nothing of the dialog is wider than the page.
    assert dialog.bounding_box()["width"] <= 360
