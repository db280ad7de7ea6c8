"""The error for wrong settings, and how errors of other libraries are quoted."""

import re
from typing import Any


class ConfigError(ValueError):
    """A wrong setting; the message says what must hold, what came and what to do."""


def first_line(error: Any) -> str:
    """Quotes the first line of what an exception says, without its full stop."""
    text = str(error).strip()
    # TensorFlow begins with the places in the source, a list of its errors or the node
    # of its graph, which say nothing to the user.
    if text.startswith("Graph execution error"):
        text = text.rpartition("\n\n")[2]
    text = re.sub(r"^\d+ root error.*\n\s*\(0\) [A-Z_]+:", "", text).strip()
    text = re.sub(r"^\{\{.*?\}\}", "", text).strip()
    text = re.sub(r"\s*\[Op:\w+\].*", "", text.partition("\n")[0]).strip()
    return text.rstrip(".") or type(error).__name__
