"""Suggests the name that was meant."""

import difflib
from collections.abc import Iterable


def nearest(word: object, names: Iterable[str]) -> str:
    """Suggests the name closest to `word`, ` (did you mean cosine?)`; else nothing.

    Capitals make no difference, and initials are understood: lr is learning_rate.
    """
    wanted = str(word).casefold()
    by_fold = {name.casefold(): name for name in names}
    by_initials = {
        "".join(part[0] for part in name.split("_")): name
        for name in by_fold
        if "_" in name.strip("_")
    }
    found = difflib.get_close_matches(wanted, list(by_fold), n=1)
    if wanted in by_initials:
        found = [by_initials[wanted]]
    return f" (did you mean {by_fold[found[0]]}?)" if found else ""
