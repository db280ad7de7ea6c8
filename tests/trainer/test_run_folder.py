import pytest

from trainer.errors import ConfigError
from trainer.runs.folder import begin_run, check_run_folder
from trainer.settings.command_line import parse_command_line
from trainer.settings.config import Config


def test_run_leaves_the_flags_that_repeat_it(tmp_path):
    config = Config(logdir=str(tmp_path), run="first", epochs=3, learning_rate=0.1)
    folder = begin_run(config)
    assert folder == tmp_path / "first"
    again = parse_command_line([f"--flagfile={folder / 'flags.txt'}"])
    assert (again["epochs"], again["learning_rate"]) == (3, 0.1)


def test_runs_without_a_name_are_numbered(tmp_path):
    config = Config(logdir=str(tmp_path), schedule="cosine", learning_rate=0.003)
    names = [begin_run(config).name for _ in range(3)]
    name = "digits-mlp-adam-cosine-0.003"
    assert names == [name, f"{name}-2", f"{name}-3"]


def test_run_that_exists_is_refused(tmp_path):
    config = Config(logdir=str(tmp_path), run="first")
    begin_run(config)
    expected = (
        "`--run` must name a new run: two runs never share a folder. Received: "
        f"--run=first, which exists in {tmp_path}. Choose another --run, or add "
        "--resume to go on with it."
    )
    for refuse in (check_run_folder, begin_run):
        with pytest.raises(ConfigError) as error:
            refuse(config)
        assert str(error.value) == expected


def test_logdir_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    config = Config(logdir=str(tmp_path / "file" / "logs"))
    for refuse in (check_run_folder, begin_run):
        with pytest.raises(ConfigError, match="must be a folder that can be"):
            refuse(config)


def test_checking_writes_nothing(tmp_path):
    check_run_folder(Config(logdir=str(tmp_path / "a" / "b"), run="first"))
    assert not list(tmp_path.iterdir())
