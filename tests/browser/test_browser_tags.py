"""Choosing in the tab which scalars of other programs are the rate and the loss."""

import functools
from urllib.parse import unquote

import pytest
from browser_server import serve
from playwright.sync_api import expect
from scalar_files import write_scalars


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Serves two runs of which no scalar is a rate by its name."""
    logdir = tmp_path_factory.mktemp("tags") / "logs"
    for name in ("a", "b"):
        rows = [
            (
                i,
                {
                    "eta": 0.1 / (i + 1),
                    "beta": 0.9,
                    "train/loss": 1 - i / 50,
                    "nll": -i,
                },
            )
            for i in range(50)
        ]
        write_scalars(logdir / name, rows)
    with serve(logdir, load_fast=False, num_runs=0) as server:
        yield server.address


@pytest.fixture
def open_tab(open_tab, address):
    return functools.partial(open_tab, address=address)


def choose(tab, subject, column, tag):
    fields = tab.locator(f'[aria-label="Tags: {subject}"]')
    fields.locator(f'label:has(span:text-is("{column}")) select').select_option(
        label=tag
    )


def test_a_log_without_a_rate_names_its_tags_and_offers_them(open_tab):
    tab = open_tab()
    main = tab.locator(".lr-main")

    expect(main).to_contain_text(
        "Other programs wrote 4 scalars here, and none says by its name that it is a "
        "learning rate: train/loss, nll, beta, eta. Which is it?"
    )
    assert tab.violations() == []
    choose(tab, "All runs", "Rate", "eta")

    tab.wait_until_drawn()
    assert sorted(tab.checked_runs()) == ["a", "b"]
    assert tab.table()[1][:3] == ["0", "0.1", "1"]
    assert '{"*":{"learning_rate":"eta"}}' in unquote(tab.page.url)


def test_a_run_has_a_choice_of_its_own(open_tab):
    tab = open_tab('&p.learning_rate.tags={"*":{"learning_rate":"eta"}}')
    tab.wait_until_drawn()
    expect(tab.caption).to_contain_text(
        "Every logged point of 2 runs in this window is drawn."
    )
    # Each note once.
    notes = tab.locator(".lr-notes li").all_inner_texts()
    assert notes[0] == "All 2 runs: eta and train/loss at the same steps."
    # Losses above 0 have a logarithmic axis.
    log = tab.locator('[aria-label="Scale of loss"] button:text-is("log")')
    expect(log).to_have_attribute("aria-pressed", "true")

    tab.locator(".lr-tag-picker summary").click()
    choose(tab, "a", "Loss", "nll")

    expect(tab.locator(".lr-notes")).to_contain_text(
        "a: eta and nll at the same steps."
    )
    # Those of a are below 0.
    expect(log).to_have_attribute("aria-pressed", "false")
    assert tab.violations() == []

    tab.button("Choose by names again").click()

    expect(tab.locator(".lr-main")).to_contain_text("No learning rates here yet")


def test_further_rates_and_losses_are_dashed_curves_with_their_names(open_tab):
    tab = open_tab('&p.learning_rate.tags={"*":{"learning_rate":"eta","loss":"nll"}}')
    tab.wait_until_drawn()
    expect(tab.caption).to_contain_text("Solid: eta, nll. Dashed: train/loss.")
