import pytest

from trainer.settings.durations import Duration, RunLength

# 3 epochs of 100 batches.
RUN = RunLength(batches_per_epoch=100, num_epochs=3)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("0", 0),
        ("0%", 0),
        ("250", 250),
        ("2ep", 200),
        ("0.5ep", 50),
        ("100%", 300),
        ("33.3%", 100),  # 99.9, rounded up
        ("0.01%", 1),  # a duration above 0 is at least one update
    ],
)
def test_duration_resolves_to_updates(text, steps):
    assert Duration.parse(text).resolve(RUN) == steps


def test_accumulation_makes_an_epoch_of_fewer_updates():
    length = RunLength(batches_per_epoch=45, num_epochs=3, batches_per_update=2)
    assert length.num_updates == 67
    assert Duration.parse("1ep").resolve(length) == 23  # 22.5, rounded up
    assert Duration.parse("10").resolve(length) == 10
    assert Duration.parse("10").resolve_batches(length) == 20
    assert Duration.parse("1ep").resolve_batches(length) == 45


@pytest.mark.parametrize(
    "text", ["", "-5", "1.5", "5 epochs", "ep", "101%", "1e3", "nan"]
)
def test_text_that_is_no_duration_is_refused_with_examples(text):
    with pytest.raises(ValueError, match=r"500 \(updates\), 5ep \(epochs\) or 30%"):
        Duration.parse(text)


def test_share_of_an_endless_run_is_refused():
    endless = RunLength(batches_per_epoch=100, num_epochs=None)
    assert Duration.parse("5ep").resolve(endless) == 500
    with pytest.raises(
        ValueError, match=r"Received: 30%, with a dataset that never ends"
    ):
        Duration.parse("30%").resolve(endless)


@pytest.mark.parametrize("text", ["500", "5ep", "2.5ep", "30%", "12.5%"])
def test_duration_prints_as_it_was_written(text):
    assert str(Duration.parse(text)) == text
