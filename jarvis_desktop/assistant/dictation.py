"""What is typed of a dictated text."""

from __future__ import annotations

import re

_LINE_BREAK = re.compile(
    r"(?<!\ba)(?<!\bthe)(?<!\bthis)(?<!\bour)(?<!\bevery)(?<!\buna)(?<!\bla)(?<!\besta)(?<!\bcada)"
    r"(?:^|,?\s+)(?:new ?line|nueva l[ií]nea)\b(?! of\b| de\b)[,.;:]?\s*(?P<next>\w?)",
    re.IGNORECASE,
)


def with_line_breaks(text: str) -> str:
    """The text with a line break where one was dictated ("new line", "nueva línea"), in either language.

    The comma that a recogniser writes for the pause before it goes, as does any sign behind it.
    """
    return _LINE_BREAK.sub(lambda found: f"\n{found['next'].upper()}", text)
