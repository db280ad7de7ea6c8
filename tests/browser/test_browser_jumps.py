"""Going from one event, spike or finding to the next, in a real browser."""

import re

import browser_runs
from browser_tab import KEY
from playwright.sync_api import expect


def test_spikes_events_and_findings_are_gone_to_by_button_and_by_key(open_tab):
    tab = open_tab(f"{KEY}runs=long,diverging,cosine")
    tab.wait_until_drawn()
    said = tab.locator(".lr-landmark")
    tab.button("Next spike").click()
    expect(said).to_have_text(
        "Spike 1 of 1: long, step 177,777: The loss is 93; the highest losses around "
        "it are about 0.28."
    )
    step = browser_runs.SPIKE_STEP
    expect(tab.caption).to_contain_text(f"Steps {step - 50:,} to {step + 50:,}")
    readout = tab.locator('[data-readout="loss"]')
    expect(readout).to_contain_text("long: step 177,777, epoch 711.1")
    expect(readout.locator("tbody td").nth(2)).to_have_text("93")
    tab.page.wait_for_timeout(500)
    # The only event with a flag; the window keeps its width.
    tab.button("Next event").click()
    expect(said).to_contain_text("Event 1 of 1: diverging, step 900")
    expect(tab.caption).to_contain_text("Steps 850 to 950")
    tab.page.wait_for_timeout(500)
    tab.page.keyboard.press("Control+z")
    expect(tab.caption).to_contain_text(f"Steps {step - 50:,} to {step + 50:,}")
    # Epochs of 250 steps end in one of the runs.
    tab.locator("summary", has_text="Events").click()
    tab.frame.get_by_label("Kind of events").select_option("epoch_end")
    expect(tab.locator(".lr-details tbody tr")).to_have_count(8)
    tab.wait_for_hash("p.learning_rate.events=epoch_end")
    tab.button("Show all").click()
    tab.locator('[data-chart="rate"]').focus()
    for key, place in (
        # After step 900, where one was.
        ("e", "Event 4 of 8: cosine, step 999"),
        ("e", "Event 5 of 8: cosine, step 1,249"),
        ("Shift+e", "Event 4 of 8: cosine, step 999"),
        ("f", "Finding 3 of 3: long, step 177,777"),
    ):
        tab.page.keyboard.press(key)
        expect(said).to_contain_text(place)
        tab.wait_until_drawn()
    tab.button("None").click()
    tab.frame.get_by_label("cosine", exact=True).check()
    tab.wait_until_drawn()
    tab.button("Previous spike").click()
    expect(said).to_have_text("There is no spike in the drawn runs.")


def test_share_of_the_run_and_further_columns_are_drawn(open_tab):
    tab = open_tab(f"{KEY}runs=constant,long{KEY}window=500~1000")
    tab.wait_until_drawn()
    tab.frame.get_by_label("Horizontal axis").first.select_option("share")
    # Of the run that is listed first, with 300,000 steps.
    expect(tab.caption).to_contain_text(
        "0.1667 to 0.3333 % of each run’s steps so far."
    )
    tab.button("Show all").click()
    tab.frame.get_by_label("Draw one more column").select_option("step_size")
    tab.wait_for_hash("p.learning_rate.drawn=step_size")
    tab.wait_until_drawn()
    tab.locator('[data-chart="column:step_size"]').scroll_into_view_if_needed()
    box = tab.plot("column:step_size")
    tab.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    readout = tab.locator('[data-readout="column:step_size"]')
    # About half of 2000 steps; after so many, the bias correction of Adam is little.
    expect(readout).to_contain_text(re.compile(r"50\.\d+ % of the run, step 1,00\d"))
    expect(readout.locator("tbody tr").first).to_contain_text("0.0023")
    tab.button("Draw no more: Step size").click()
    expect(tab.locator('[data-chart="column:step_size"]')).to_have_count(0)
