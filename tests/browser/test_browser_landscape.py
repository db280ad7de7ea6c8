"""The landscape: how far each update could have gone."""

import csv
import io

import pytest
from browser_tab import KEY, number, picture_of
from playwright.sync_api import expect

VIEW = f"{KEY}view=landscape"
SVG_POLYGON = ".//{http://www.w3.org/2000/svg}polygon"


def test_a_landscape_is_read_at_the_cursor_by_mouse_and_keys(open_tab):
    tab = open_tab(f"{VIEW}&p.learning_rate.runs=constant")
    tab.wait_until_drawn()
    expect(tab.locator(".lr-verdict")).to_have_text(
        "Headroom of constant: 10 ×, the median of 40 samples in view."
    )
    expect(tab.locator(".lr-suggestion")).to_have_text(
        "No rate is suggested for the next run. The run does not show that a higher "
        "rate would be better."
    )
    expect(tab.locator(".lr-layer-advice")).to_have_text(
        "Each column is one update, tried again at lower and at higher rates, on the "
        "batch that came next, which the update had not seen. Blue rates lower the "
        "loss of that batch, red ones raise it: where red begins is the cliff, and the "
        "headroom says how many times as far the update could have gone."
    )
    expect(tab.caption).to_have_text(
        "Colours: the loss with the update against the loss without it, in shares of "
        "the latter, logarithmic to both sides."
    )
    expect(tab.locator(".lr-color-bar")).to_contain_text("Grey: not tried")
    legend = tab.locator(".lr-landscape-legend li")
    assert [text.strip() for text in legend.all_inner_texts()] == [
        "used rate",
        "critical rate",
        "best rate of the moment",
    ]

    chart = tab.locator('[data-chart="landscape"]')
    readout = tab.locator('[data-readout="landscape"]')
    chart.focus()
    tab.page.keyboard.press("Home")
    expect(readout).to_contain_text("step 0, used rate 0.003, critical rate 0.03")
    # A tenth of the critical rate: 0.1 (0.1 - 1).
    assert values_of(readout) == [0.003, -9, 10]
    for key, rate, change in (
        # 0.2 (0.2 - 1), then 0.05 (0.05 - 1).
        ("ArrowUp", 0.006, -16),
        ("ArrowDown", 0.003, -9),
        ("ArrowDown", 0.0015, -4.75),
    ):
        tab.page.keyboard.press(key)
        expect(readout.locator("tbody")).to_contain_text(str(rate))
        assert values_of(readout) == [rate, pytest.approx(change), 10]
    spoken = tab.locator('[aria-live="polite"]')
    expect(spoken).to_contain_text(
        "constant: step 0, used rate 0.003, critical rate 0.03: rate 0.0015, change in "
        "% −4.75, headroom 10"
    )
    tab.page.keyboard.press("ArrowRight")
    expect(readout).to_contain_text("step 50,")

    box = tab.plot("landscape")
    tab.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    expect(readout).to_contain_text("step 1,000, used rate")
    rate, change, headroom = values_of(readout)
    assert headroom == 10
    assert change == pytest.approx(100 * rate / 0.03 * (rate / 0.03 - 1), rel=1e-4)


def test_a_part_of_the_run_is_zoomed_summed_up_and_saved(open_tab):
    tab = open_tab(f"{VIEW}&p.learning_rate.runs=time_decay")
    tab.wait_until_drawn()
    # From 0.003 to 0.0021 the rate is above the cliff at 0.001.
    expect(tab.locator(".lr-verdict")).to_have_text(
        "Headroom of time_decay: 0.4 ×, the median of 40 samples in view. In 40 of "
        "them the update as it was made raised the loss of the next batch."
    )
    tab.drag("landscape", 0.5, 1)
    expect(tab.locator(".lr-verdict")).to_contain_text("the median of 20 samples")
    expect(tab.caption).to_be_visible()
    header, first, *_ = tab.table()
    # 0.003 / (1 + 0.2) is 2.5 times the critical rate: 2.5 (2.5 - 1). Of its multiples,
    # a quarter is nearest to half of that rate, where the loss is lowest.
    assert dict(zip(header, first, strict=True)) == {
        "Step": "1,000",
        "Epoch": "4",
        "Used rate": "0.0025",
        "Critical rate": "0.001",
        "Headroom": "0.4",
        "Best rate": "6.25e-4",
        "Loss without the update": "2",
        "Its change in %": "375",
    }

    name, svg = tab.download(tab.button("SVG").first)
    root, _ = picture_of(svg)
    assert name == "landscape_of_time_decay.svg"
    texts = "".join(root.itertext())
    for text in ("used rate", "critical rate", "best rate of the moment", "≥ +100 %"):
        assert text in texts
    # 13 fields for each of the columns in view, and the bar.
    assert len(root.findall(SVG_POLYGON)) > 20 * 13
    name, content = tab.download(tab.button("CSV of the landscape"))
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert (name, len(rows)) == ("landscape_of_time_decay.csv", 40 * 13)
    used = [row for row in rows if row["rate"] == row["used_rate"]]
    assert [int(row["step"]) for row in used] == list(range(0, 2000, 50))
    # 3 (3 - 1) times the loss, at three times the critical rate.
    assert float(used[0]["loss_change"]) == pytest.approx(2 * 3 * 2)


def test_several_runs_are_large_or_small_and_their_headrooms_beside_each_other(
    open_tab,
):
    runs = "constant,time_decay,range_test"
    tab = open_tab(f"{VIEW}&p.learning_rate.runs={runs}&p.learning_rate.focus=constant")
    tab.wait_until_drawn()
    titles = tab.locator(".lr-card-title")
    assert titles.all_inner_texts() == [
        "Landscape of constant",
        "Headroom",
        "Landscape of range_test",
        "Landscape of time_decay",
    ]
    box = tab.plot("headroom")
    tab.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    readout = tab.locator('[data-readout="headroom"]')
    expect(readout).to_contain_text("time_decay")
    expect(readout).to_contain_text("constant")

    # The range test of the run is in its picture.
    tab.locator(".lr-controls select").first.select_option("range_test")
    expect(titles.first).to_have_text("Landscape of range_test")
    expect(tab.locator(".lr-landscape-legend")).to_contain_text(
        "suggestion of the range test"
    )
    expect(tab.locator("[aria-label='Range test of range_test']")).to_be_visible()
    expect(tab.locator(".lr-verdict")).to_contain_text(
        "In 2 of them no rate that was tried raised the loss (bars at the top)."
    )
    items = tab.locator(".lr-landscape-legend li").all()
    assert [item.get_attribute("title") for item in items] == [
        "The rate of the update that was made",
        "Smallest rate at which the sampled update would have raised the loss of the "
        "batch that came next (Kalra et al. 2026, arXiv 2601.16979)",
        "The tried rate that would have lowered the loss most",
        "What the range test of this run suggests; the band is its interval",
    ]
    assert tab.locator(".lr-verdict").get_attribute("title") == (
        "Critical rate divided by the used rate, median of the samples in view"
    )


def test_without_a_landscape_it_is_said_how_to_get_one(open_tab):
    tab = open_tab(f"{VIEW}&p.learning_rate.runs=cosine")
    expect(tab.locator(".lr-empty")).to_have_text(
        "None of the chosen runs has a landscape. Record one with "
        "LearningRateLogger(..., landscape_samples=40), or with python -m trainer "
        "--landscape_samples=40."
    )


def test_a_landscape_without_samples_is_told_of(open_tab):
    tab = open_tab(f"{VIEW}&p.learning_rate.runs=constant")
    tab.wait_until_drawn()

    def answer(route):
        landscape = route.fetch().json()
        names = [name for name in landscape if name != "num_samples"]
        route.fulfill(json={"num_samples": 0, **{name: [] for name in names}})

    tab.page.route("**/landscape*", answer)
    tab.page.reload()
    expect(tab.locator(".lr-empty")).to_have_text(
        "The chosen runs have no sample of the landscape yet."
    )


def values_of(readout):
    """The numbers of the first row that is read: rate, change in %, headroom."""
    cells = readout.locator("tbody tr").first.locator(".lr-number")
    return [number(text) for text in cells.all_inner_texts()]
