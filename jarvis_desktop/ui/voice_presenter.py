"""Shows what is heard from the loudspeaker, as text, and lets the user hear again what they said."""

from __future__ import annotations

from PySide6.QtCore import QObject

from jarvis_desktop.events import (
    Captioned,
    ConversationOpened,
    PlayingRecording,
    PlayRecording,
    RecordingsKept,
    Transcribed,
)
from jarvis_desktop.ui.bridge import Bridge
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.main_window import MainWindow
from jarvis_desktop.ui.markdown import plain_text
from jarvis_desktop.ui.messages import Question


class VoicePresenter(QObject):
    """Marks in the messages what is spoken; what no message in sight says is said above the composer."""

    def __init__(self, bridge: Bridge, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        self._conversation = window.conversation
        self._heard = Captioned("")
        self._kept: frozenset[str] = frozenset()  # turns whose recordings there are
        self._playing = ""
        bridge.on(Captioned, self._captioned)
        bridge.on(ConversationOpened, lambda _: self._look_again())
        bridge.on(RecordingsKept, self._recordings_kept)
        bridge.on(PlayingRecording, self._recording_played)
        bridge.on(Transcribed, lambda event: window.announce(f"{tr('You')}: {event.text}"))
        self._conversation.question_made.connect(self._show_recording)
        self._conversation.play_wanted.connect(lambda turn_id: bridge.post(PlayRecording(turn_id)))
        bar = self._conversation.verticalScrollBar()
        bar.valueChanged.connect(self._look_again)
        bar.rangeChanged.connect(self._look_again)

    def _captioned(self, event: Captioned) -> None:
        self._heard = event
        self._show_caption()

    def _look_again(self) -> None:
        """What is in sight has changed."""
        if self._heard.text:
            self._show_caption()

    def _show_caption(self) -> None:
        heard = self._heard
        in_sight = self._conversation.mark_heard(heard.turn_id, heard.text)
        text = "" if in_sight else " ".join(plain_text(heard.text).split())
        self._window.caption.present(text, yours=bool(self._playing))

    def _recordings_kept(self, event: RecordingsKept) -> None:
        self._kept = frozenset(event.turn_ids)
        self._show_recordings()

    def _recording_played(self, event: PlayingRecording) -> None:
        self._playing = event.turn_id
        self._show_recordings()

    def _show_recordings(self) -> None:
        for question in self._conversation.questions():
            self._show_recording(question)

    def _show_recording(self, question: Question) -> None:
        turn_id = question.turn_id
        question.show_recording(
            kept=turn_id in self._kept, playing=bool(turn_id) and turn_id == self._playing
        )
