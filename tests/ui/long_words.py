"""A language whose texts are longer than in English: what has no room, or was never translated, shows."""

from __future__ import annotations

from PySide6.QtCore import QTranslator

LONGER = 0.4
_CONTEXTS = ("window", "settings", "errors")
_FILLING = "ampliación de palabras "


class LongWords(QTranslator):
    """Each text with as much again as `LONGER` says behind it; a single word becomes a longer word."""

    def isEmpty(self) -> bool:  # noqa: N802
        return False

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str:
        if context not in _CONTEXTS or "MMMM" in text:  # the shape of a date is no text
            return text
        more = (_FILLING * len(text))[: round(len(text) * LONGER)].strip()
        return f"{text} {more}" if " " in text else f"{text}{more.replace(' ', '')}"
