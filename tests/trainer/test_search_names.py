from trainer.search.names import shown_settings, trial_name
from trainer.settings.durations import Duration


def test_name_of_a_trial_says_what_it_tries():
    settings = {
        "schedule": "cosine",
        "optimizer": "sgd",
        "learning_rate": 0.0032189,
        "warmup": Duration(5.25, "%"),
        "batch_size": 64,
    }
    assert trial_name("06", settings) == (
        "07-cosine-sgd-lr0.00322-warmup5.25pct-batch_size64"
    )


def test_names_are_short_enough_for_a_folder_and_differ():
    settings = {f"setting{i}": i / 7 for i in range(30)}
    names = {trial_name(str(i), settings) for i in range(20)}
    assert len(names) == 20
    assert max(map(len, names)) <= 100


def test_hyperparameters_are_shown_as_numbers_where_they_are():
    settings = {"learning_rate": 0.1, "batch_size": 32, "warmup": Duration(5, "%")}
    assert shown_settings(settings) == {
        "learning_rate": 0.1,
        "batch_size": 32,
        "warmup": "5%",
    }
