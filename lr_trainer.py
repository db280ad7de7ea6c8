"""The command `lr-trainer`: the same program as `python -m trainer`.

The user may have a trainer.py or another package `trainer`, and Python imports the
first of that name on its path. This module has a name that is unlikely to be taken, and
makes `trainer` the package that lies beside it.

It is neither in `trainer`, where it would be hidden with the rest, nor in `lr_plugin`,
which does not import the trainer.
"""

import importlib
import importlib.util
import pathlib
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Does what the flags ask for; see `python -m trainer --help`.

    Args:
        arguments: The flags; None for those of the command line.

    Returns:
        The exit code.
    """
    program = importlib.import_module("trainer.__main__")
    return program.main(sys.argv[1:] if arguments is None else arguments)


def _take_the_name() -> None:
    """Makes `import trainer` find the package beside this module from now on."""
    folder = pathlib.Path(__file__).parent / "trainer"
    path = str(folder / "__init__.py")
    if getattr(sys.modules.get("trainer"), "__file__", None) == path:
        return
    spec = importlib.util.spec_from_file_location(
        "trainer", path, submodule_search_locations=[str(folder)]
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["trainer"] = module
    spec.loader.exec_module(module)


# Here and not in `main`, because a process that reads data for this one imports this
# module without calling `main`, and then needs the trainer's classes.
_take_the_name()
