"""What leaves the computer, and what is kept on it, of nobody."""

from __future__ import annotations

from pathlib import Path

from jarvis_desktop.events import PrivacyShown, Seal


class FakePrivacy:
    """Nothing is connected and nothing is stored."""

    def shown(self) -> PrivacyShown:
        return PrivacyShown((), (), Seal.SYSTEM)

    def clear(self) -> None:
        pass

    def export(self, target: Path) -> None:
        target.write_text("")

    def begin_erasing(self, *, models: bool) -> None:
        pass
