"""A recorder that records nothing."""

from __future__ import annotations

from pathlib import Path

PROFILE = Path("answer.speedscope.json")


class FakeRecorder:
    """Tells whether it is `running`."""

    def __init__(self) -> None:
        self.running = False

    def start(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False

    def save(self) -> Path:
        return PROFILE
