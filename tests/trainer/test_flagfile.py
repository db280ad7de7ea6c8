import pytest

from lr_plugin.folders import write_remote_file
from trainer.errors import ConfigError
from trainer.flagfile import expand_flagfiles, quoted


def expand(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "some.flags"
    path.write_text(text, encoding)
    return expand_flagfiles([f"--flagfile={path}"])


@pytest.mark.parametrize(
    ("line", "argument"),
    [
        ("--epochs=2", "--epochs=2"),
        ("  -epochs=2  ", "--epochs=2"),
        ("--epochs=2  # short", "--epochs=2"),
        ("--epochs=2 // short", "--epochs=2"),
        ("--learning_rate = 0.01", "--learning_rate=0.01"),
        ("--learning_rate 0.01", "--learning_rate=0.01"),
        ("--jit_compile", "--jit_compile"),
        ("--jit_compile # fast", "--jit_compile"),
        ('--run="my run"', "--run=my run"),
        ("--run='#1'  # the first", "--run=#1"),
        ("--run=a#b", "--run=a#b"),
        ("--logdir=gs://bucket/x", "--logdir=gs://bucket/x"),
        ("--dataset=my photos/cats", "--dataset=my photos/cats"),
    ],
)
def test_lines_are_read_as_people_write_them(line, argument, tmp_path):
    assert expand(tmp_path, f"# all of it\n\n{line}\n") == [argument]


def test_mark_of_windows_editors_is_no_part_of_the_first_line(tmp_path):
    assert expand(tmp_path, "--epochs=2\r\n", "utf-8-sig") == ["--epochs=2"]


def test_flags_stand_where_their_file_is_named(tmp_path):
    path = tmp_path / "some.flags"
    path.write_text("--epochs=3\n")
    for named in ([f"--flagfile={path}"], ["--flagfile", str(path)]):
        assert expand_flagfiles(["--seed=1", *named, "--epochs=4"]) == [
            *("--seed=1", "--epochs=3", "--epochs=4")
        ]


def test_flagfile_of_a_flagfile_lies_beside_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "base.flags").write_text("--epochs=2\n")
    (tmp_path / "settings" / "all.flags").write_text("--flagfile=base.flags\n--seed=1")
    assert expand_flagfiles(["--flagfile=settings/all.flags"]) == [
        *("--epochs=2", "--seed=1")
    ]


def test_home_folder_has_its_short_name(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "some.flags").write_text("--epochs=2\n")
    assert expand_flagfiles(["--flagfile=~/some.flags"]) == ["--epochs=2"]


@pytest.mark.parametrize("name", ["digits.flags", "trainer/configs/digits.flags"])
def test_flagfiles_of_the_package_are_found_anywhere(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "--dataset=digits" in expand_flagfiles([f"--flagfile={name}"])


@pytest.mark.parametrize("value", ["a", "a b", " a", "'a'", '"', "a # b", '"x" # b'])
def test_quoted_value_is_read_back(value, tmp_path):
    assert expand(tmp_path, f"--run={quoted(value)}") == [f"--run={value}"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "epochs = 3\n",
            "A line of a flagfile must be --name=value. Received: 'epochs = 3' in",
        ),
        ("\n--epochs=\n", "Received: '--epochs=' in line 2 of"),
        ("--flagfile=some.flags\n", "must not lead back to a file that includes it."),
        (
            "--flagfile=none.flags\n",
            "Received: --flagfile=none.flags. Correct the",
        ),
    ],
)
def test_what_is_no_flagfile_is_refused(text, message, tmp_path):
    with pytest.raises(ConfigError) as error:
        expand(tmp_path, text)
    assert message in str(error.value)


def test_missing_file_is_answered_with_those_of_the_package():
    with pytest.raises(ConfigError, match=r"one of digits.flags, .*did you mean"):
        expand_flagfiles(["--flagfile=digit.flags"])
    with pytest.raises(ConfigError, match="must name a file"):
        expand_flagfiles(["--flagfile"])


def test_flagfile_elsewhere_is_read_with_those_beside_it():
    pytest.importorskip("fsspec")
    write_remote_file("memory://flags/base.flags", b"--epochs=2\n")
    write_remote_file("memory://flags/all.flags", b"--flagfile=base.flags\n--seed=1")
    assert expand_flagfiles(["--flagfile=memory://flags/all.flags"]) == [
        *("--epochs=2", "--seed=1")
    ]
    with pytest.raises(ConfigError) as refused:
        expand_flagfiles(["--flagfile=memory://flags/none.flags"])
    assert str(refused.value) == (
        "`--flagfile` must be a file that exists. Received: --flagfile=memory://flags/"
        "none.flags. Correct the path."
    )
    with pytest.raises(ConfigError, match=r"`--flagfile` must be .* such as s3://"):
        expand_flagfiles(["--flagfile=nothing://flags/all.flags"])
