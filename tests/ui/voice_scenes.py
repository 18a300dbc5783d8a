"""What the window shows of voices, in pictures."""

from __future__ import annotations

from collections.abc import Callable

from fake_core import FakeCore
from message_scenes import DARK, LARGE, SPANISH, messages_of, versions
from PySide6.QtWidgets import QApplication
from scenes import conversation, speaking, voice_level

from jarvis_desktop.events import (
    Captioned,
    EarMode,
    PartialTranscribed,
    Phase,
    PhaseChanged,
    PlayingRecording,
    RecordingsKept,
    SpeechStarted,
)
from jarvis_desktop.ui.application import Desktop


def waveform(_: Desktop, core: FakeCore) -> None:
    conversation(core)
    core.emit(PhaseChanged(Phase.LISTENING, hands_free=True, ears=EarMode.HANDS_FREE))
    QApplication.processEvents()
    voice_level(core)


def waveform_and_words(desktop: Desktop, core: FakeCore) -> None:
    waveform(desktop, core)
    core.emit(SpeechStarted(0.4), PartialTranscribed("book a table for two ", "on Friday evening", 2.0))


def heard_sentence(_: Desktop, core: FakeCore) -> None:
    speaking(core)
    QApplication.processEvents()
    core.emit(Captioned("Keep it in a cloth bag at room temperature.", "t3"))


def caption(_: Desktop, core: FakeCore) -> None:
    conversation(core)
    core.emit(
        PhaseChanged(Phase.SPEAKING),
        Captioned("Keep it in a **cloth bag** at room temperature, and freeze what you do not eat.", "t9"),
    )


def replay(desktop: Desktop, core: FakeCore) -> None:
    core.emit(RecordingsKept(("t1", "t2")))
    versions(desktop, core)
    messages_of(desktop)[-2].text.setFocus()
    core.emit(PlayingRecording("t2"), Captioned(messages_of(desktop)[-2].text.given_text, "t2"))


STILL = {"look": {"reduced_motion": "on"}}

VOICE_SCENES: dict[str, tuple[Callable[[Desktop, FakeCore], None], dict[str, object], tuple[int, int]]] = {
    "voice-level": (waveform, {}, (1120, 760)),
    "voice-level-still": (waveform, STILL, (1120, 760)),
    "voice-level-narrow": (waveform_and_words, SPANISH, (860, 580)),
    "voice-level-large-text": (waveform_and_words, LARGE, (1280, 800)),
    "voice-heard": (heard_sentence, {}, (1120, 760)),
    "voice-heard-dark": (heard_sentence, DARK, (1120, 760)),
    "voice-caption": (caption, {}, (1120, 760)),
    "voice-caption-dark": (caption, DARK, (860, 580)),
    "voice-caption-large-text": (caption, LARGE, (1280, 800)),
    "voice-replay": (replay, {}, (1120, 760)),
    "voice-replay-dark": (replay, DARK, (860, 580)),
}
