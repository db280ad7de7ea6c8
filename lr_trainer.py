"""The command `lr-trainer`: the same program as `python -m trainer`.

Many people have a trainer.py or a package `trainer` of their own, and Python takes the
first of a name that its path leads to. This module has a name that nobody else has, and
gives the name `trainer` to the package that lies beside it, wherever that is.

It is a module for itself because below `trainer` it would be hidden with the rest, and
`lr_plugin`, which the trainer uses, is to know nothing of it.
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
    """Makes `import trainer` find our package from now on."""
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


# Here and not in `main`: a process that reads data for this one starts by importing
# what this one's script imports, and then looks for the trainer's classes.
_take_the_name()
