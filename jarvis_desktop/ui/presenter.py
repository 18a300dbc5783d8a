"""Translates between the core's events and the window: what happened becomes what is seen."""

from __future__ import annotations

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from jarvis_desktop.errors import AudioError, ConfigError
from jarvis_desktop.events import (
    ConversationOpened,
    ConversationsListed,
    Discarded,
    Failed,
    Interrupt,
    Interrupted,
    LevelMeasured,
    NewConversation,
    OpenConversation,
    Part,
    PartChanged,
    PartialTranscribed,
    PartState,
    Phase,
    PhaseChanged,
    PressTalk,
    ReleaseTalk,
    ReplyToken,
    ResourcesSampled,
    RetryPart,
    SetHandsFree,
    SetMuted,
    SubmitText,
    Transcribed,
    TurnFinished,
    TurnStarted,
)
from jarvis_desktop.ui.bridge import Bridge
from jarvis_desktop.ui.i18n import hint_of, message_of, number, tr
from jarvis_desktop.ui.main_window import MainWindow
from jarvis_desktop.ui.status_panel import first_answer_ms
from jarvis_desktop.ui.tray import Tray
from jarvis_desktop.ui.words import duration, loading_line, mood_of

_MICROPHONE_CODES = ("audio.no_input", "audio.input_lost", "audio.input_hung", "audio.no_permission")
_ANSWERING = (Phase.THINKING, Phase.REPLYING, Phase.SPEAKING)


class Presenter(QObject):
    """Shows events in the window and posts the user's wishes."""

    def __init__(self, bridge: Bridge, window: MainWindow, tray: Tray) -> None:
        super().__init__()
        self._bridge = bridge
        self._window = window
        self._tray = tray
        self._phase = PhaseChanged(Phase.IDLE)
        self._parts: dict[Part, PartChanged] = {}
        self._conversation_id = ""
        self._interrupted: set[str] = set()
        self._deaf = False  # the microphone failed when it was last needed
        self._connect_events()
        self._connect_wishes()

    def _connect_events(self) -> None:
        on = self._bridge.on
        window = self._window
        on(PhaseChanged, self._phase_changed)
        on(PartChanged, self._part_changed)
        on(LevelMeasured, lambda event: window.composer.mic.show_level(event.rms_dbfs))
        on(PartialTranscribed, lambda event: window.composer.show_partial(event.stable, event.unstable))
        on(Transcribed, lambda event: window.composer.show_partial(event.text, ""))
        on(Discarded, lambda event: window.composer.show_partial("", ""))
        on(TurnStarted, self._turn_started)
        on(ReplyToken, lambda event: window.conversation.append(event.turn_id, event.text))
        on(Interrupted, self._was_interrupted)
        on(TurnFinished, self._turn_finished)
        on(Failed, self._failed)
        on(ConversationsListed, self._conversations_listed)
        on(ConversationOpened, self._conversation_opened)
        on(ResourcesSampled, self._resources_sampled)

    def _connect_wishes(self) -> None:
        window, post = self._window, self._bridge.post
        composer = window.composer
        composer.sent.connect(self.ask)
        composer.stopped.connect(self._stop)
        composer.mute_toggled.connect(lambda on: post(SetMuted(on)))
        composer.mic.talk_pressed.connect(lambda: post(PressTalk()))
        composer.mic.talk_released.connect(lambda: post(ReleaseTalk()))
        composer.mic.talk_cancelled.connect(lambda: post(Interrupt()))
        composer.mic.clicked.connect(self._mic_clicked)
        window.talk_key.pressed.connect(lambda: post(PressTalk()))
        window.talk_key.released.connect(lambda: post(ReleaseTalk()))
        window.sidebar.new_chat.connect(lambda: post(NewConversation()))
        window.sidebar.opened.connect(lambda chosen: post(OpenConversation(chosen)))
        window.conversation.asked.connect(self.ask)
        window.conversation.link_activated.connect(self._offer_link)
        window.panel.retry.connect(lambda part: post(RetryPart(part)))
        self._tray.listen_wanted.connect(lambda on: post(SetHandsFree(on)))

    def ask(self, text: str) -> None:
        """Ask a typed question; while another is answered it waits."""
        if self._phase.phase in _ANSWERING:
            self._window.conversation.queue(text)
        self._window.notice.hide()
        self._bridge.post(SubmitText(text))

    def retranslate(self) -> None:
        """What the window says of states, in its present language."""
        self._show_phase()
        self._show_loading()
        self._show_title()

    def _stop(self) -> None:
        self._window.conversation.drop_queue()
        self._bridge.post(Interrupt())

    def _mic_clicked(self) -> None:
        self._bridge.post(SetHandsFree(not self._phase.hands_free))

    def _phase_changed(self, event: PhaseChanged) -> None:
        self._phase = event
        if event.phase is Phase.LISTENING:
            self._deaf = False
        self._show_phase()

    def _show_phase(self) -> None:
        event = self._phase
        mood = mood_of(event, microphone_failed=self._deaf)
        self._window.composer.show_state(mood, hands_free=event.hands_free, muted=event.muted)
        self._window.show_mood(mood)
        self._tray.show_mood(mood, event.hands_free)

    def _part_changed(self, event: PartChanged) -> None:
        self._parts[event.part] = event
        self._window.panel.show_part(event)
        self._show_loading()
        # While an answer is under way the error stands in it.
        idle = self._phase.phase not in _ANSWERING
        if event.error is not None and idle and self._window.panel.isHidden():
            self._window.notice.present(
                message_of(event.error),
                hint_of(event.error),
                tr("Try again"),
                lambda: self._bridge.post(RetryPart(event.part)),
            )

    def _show_loading(self) -> None:
        self._window.show_loading(loading_line(list(self._parts.values())))
        self._window.conversation.show_progress(self._progress)

    def _progress(self) -> str:
        """What an answer without a word yet waits for."""
        engine = self._parts.get(Part.ENGINE)
        if engine is not None and engine.state is PartState.LOADING:
            if engine.progress is None:
                return tr("Loading the language model. The answer follows.")
            percent = number(engine.progress * 100)
            return tr("Loading the language model, {percent} %. The answer follows.", percent=percent)
        return tr("Thinking …")

    def _turn_started(self, event: TurnStarted) -> None:
        self._window.composer.show_partial("", "")
        self._conversation_id = event.conversation_id
        self._window.sidebar.show_current(event.conversation_id)
        self._show_title()
        self._window.conversation.start_turn(event.turn_id, event.text)
        self._window.conversation.show_progress(self._progress)

    def _was_interrupted(self, event: Interrupted) -> None:
        self._interrupted.add(event.turn_id)
        self._window.conversation.finish(event.turn_id, event.kept_text, interrupted=True)

    def _turn_finished(self, event: TurnFinished) -> None:
        first = first_answer_ms(event.timings)
        facts = [event.model] if event.model else []
        facts += [duration(first)] if first is not None else []
        self._window.conversation.finish(
            event.turn_id,
            event.reply,
            interrupted=event.interrupted or event.turn_id in self._interrupted,
            facts=" · ".join(facts),
        )
        self._interrupted.discard(event.turn_id)
        self._window.announce(event.reply)
        self._window.panel.show_turn(event)
        self._window.show_foot()

    def _failed(self, event: Failed) -> None:
        self._window.composer.show_partial("", "")
        self._window.announce(f"{message_of(event.error)} {hint_of(event.error)}")
        if event.turn_id and self._window.conversation.fail(event.turn_id, event.error, event.kept_text):
            return
        if event.error.code in _MICROPHONE_CODES:
            self._deaf = True
            self._show_phase()
        settable = isinstance(event.error, AudioError | ConfigError)
        self._window.notice.present(
            message_of(event.error),
            hint_of(event.error),
            tr("Open settings") if settable else "",
            self._window.sidebar.settings_wanted.emit,
        )

    def _conversations_listed(self, event: ConversationsListed) -> None:
        self._window.sidebar.show_conversations(event.conversations)
        self._show_title()

    def _conversation_opened(self, event: ConversationOpened) -> None:
        self._conversation_id = event.conversation_id
        self._window.sidebar.show_current(event.conversation_id)
        self._window.conversation.open(event.messages)
        self._window.notice.hide()
        self._window.question.hide()
        self._window.composer.field.setFocus()
        self._show_title()

    def _show_title(self) -> None:
        self._window.show_title(self._window.sidebar.title_of(self._conversation_id))

    def _resources_sampled(self, event: ResourcesSampled) -> None:
        self._window.panel.show_resources(event)
        self._window.show_foot()

    def _offer_link(self, address: str) -> None:
        self._window.question.present(
            tr("Open this address in your browser?"),
            address,
            tr("Open"),
            lambda: _open(address),
        )


def _open(address: str) -> None:
    QDesktopServices.openUrl(QUrl(address))
