"""`module:function` in a flag: the user's function, called with what it asks for."""

import importlib
import inspect
import os
import sys
import traceback
from typing import Any

from trainer.errors import ConfigError, first_line
from trainer.nearest import nearest


def is_function(text: str) -> bool:
    """Tells whether a flag's text names a function: `module:function`, or with dots."""
    module, _, name = text.partition(":")
    return all(part.isidentifier() for part in [*module.split("."), name])


def call_function(flag: str, text: str, **offered: Any) -> Any:
    """Imports and calls a function; its module may lie in the current folder.

    Args:
        flag: The flag that names it, for messages.
        text: `module:function`.
        **offered: Arguments that it may take; it gets those that its signature names.

    Raises:
        ConfigError: It cannot be imported, asks for something else, or raises.
    """
    function = _import_function(flag, text)
    arguments = _choose_arguments(flag, text, function, offered)
    try:
        return function(**arguments)
    except ConfigError:
        raise
    except (Exception, SystemExit) as error:
        raise ConfigError(
            f"`--{flag}` must name a function that returns. Received: --{flag}={text}, "
            f"which raised {type(error).__name__}: {first_line(error)} "
            f"({_place(error)}). Correct it."
        ) from error


def _import_function(flag: str, text: str) -> Any:
    module_name, _, name = text.partition(":")
    if os.getcwd() not in sys.path and "" not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        module = importlib.import_module(module_name)
    # The module may raise anything, and a script may call sys.exit().
    except (Exception, SystemExit) as error:
        raise ConfigError(
            f"`--{flag}` must name a function of a module that can be imported. "
            f"Received: --{flag}={text}: {type(error).__name__}: {first_line(error)}. "
            "Start the program in the module's folder, or add that to PYTHONPATH."
        ) from error
    function = getattr(module, name, None)
    if not callable(function):
        known = [key for key, value in vars(module).items() if callable(value)]
        raise ConfigError(
            f"`--{flag}` must name a function of {module_name}{nearest(name, known)}. "
            f"Received: --{flag}={text}, which is "
            f"{'missing' if function is None else type(function).__name__}. Correct "
            "the name after the colon."
        )
    return function


def _choose_arguments(
    flag: str, text: str, function: Any, offered: dict[str, Any]
) -> dict[str, Any]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        # A function written in C may have no signature.
        return {}
    takes_any = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters)
    names = [
        p.name
        for p in parameters
        if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    ]
    required = [
        p.name
        for p in parameters
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
    missing = [name for name in required if offered.get(name) is None]
    if missing:
        known = [name for name, value in offered.items() if value is not None]
        raise ConfigError(
            f"`--{flag}` must name a function that needs no arguments"
            f"{' but ' + ', '.join(known) if known else ''}. Received: "
            f"--{flag}={text}, which needs {', '.join(missing)}. Give these a default."
        )
    return {
        name: value
        for name, value in offered.items()
        if value is not None and (takes_any or name in names)
    }


def _place(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{os.path.basename(frame.filename)}, line {frame.lineno}"
