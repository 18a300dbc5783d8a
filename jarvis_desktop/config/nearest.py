"""What somebody may have meant by a name that there is not."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest_name(name: str, names: Iterable[str], *, likeness: float = 0.6) -> str:
    """The one of `names` most like `name`; empty when none is at least that much alike (0..1)."""
    match = difflib.get_close_matches(name, names, n=1, cutoff=likeness)
    return match[0] if match else ""
