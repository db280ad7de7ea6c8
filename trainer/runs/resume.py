"""The settings of a resumed run: those it began with, unless the user changes them."""

import pathlib
from collections.abc import Mapping
from typing import Any

from trainer.errors import ConfigError, first_line
from trainer.remote_logdir import local_logdir, shown_path
from trainer.settings.command_line import parse_command_line
from trainer.settings.config import SETTINGS, Config
from trainer.settings.open_values import format_value

FLAGS_FILE = "flags.txt"


def resumed_config(given: Mapping[str, Any]) -> Config:
    """Joins the settings that the run began with, and those given now that may differ.

    Args:
        given: Settings by name, `resume` among them.

    Raises:
        ConfigError: There is no such run, or it began with other settings.
    """
    # Checks --resume and --run themselves, before the run is looked for.
    Config(**{name: given[name] for name in ("resume", "run") if name in given})
    logdir = given.get("logdir", SETTINGS["logdir"].default)
    path = local_logdir(logdir) / given["run"] / FLAGS_FILE
    if not path.is_file():
        raise ConfigError(
            "`--resume` must name a run that exists. Received: --run="
            f"{given['run']} --logdir={logdir}, where {shown_path(path)} is missing. "
            "Correct --run or --logdir, or leave --resume out to begin."
        )
    began = {**_read_flags(path), "logdir": logdir}
    if given.get("learning_rate") == "auto" and "learning_rate" in began:
        # A range test has found the rate already, so that the same command may be given
        # to go on.
        given = {**given, "learning_rate": began["learning_rate"]}
    given = {
        name: value
        for name, value in given.items()
        if SETTINGS[name].on_resume != "used up"
    }
    changed = [
        name
        for name, value in given.items()
        if SETTINGS[name].on_resume != "about the run"
        and value != began.get(name, SETTINGS[name].default)
    ]
    is_search = began.get("mode") == "search"
    fixed = [name for name in changed if not _is_free(name, is_search=is_search)]
    if fixed:
        raise ConfigError(
            f"`--{fixed[0]}` must stay what the run began with. Received: "
            f"{_shown(fixed, given)}; it began with {_shown(fixed, began)}. Leave it "
            "out, or begin another run with another --run."
        )
    if changed and not given.get("resume_with_changes"):
        raise ConfigError(
            "`--resume` goes on as the run began. Received: "
            f"{_shown(changed, given)}; it began with {_shown(changed, began)}. Leave "
            "it out, or add --resume_with_changes to change it from here on."
        )
    return Config(**{**began, **given})


def _read_flags(path: pathlib.Path) -> dict[str, Any]:
    try:
        return dict(parse_command_line([f"--flagfile={path}"]))
    except ConfigError as error:
        raise ConfigError(
            "`--resume` must find the flags that the run began with. Received: "
            f"{shown_path(path)}, which cannot be read: {first_line(error)}. Correct "
            "that file, or begin again with another --run."
        ) from error


def _is_free(name: str, *, is_search: bool) -> bool:
    on_resume = SETTINGS[name].on_resume
    return on_resume == "free in a search" or (on_resume == "free" and not is_search)


def _shown(names: list[str], settings: Mapping[str, Any]) -> str:
    shown = []
    for name in names:
        value = settings.get(name, SETTINGS[name].default)
        text = (
            "its default" if value is None else format_value(SETTINGS[name].kind, value)
        )
        shown.append(f"--{name}={text}" if value is not None else f"no --{name}")
    return " ".join(shown)
