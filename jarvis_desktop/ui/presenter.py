"""Translates between the core's events and the window: what happened becomes what is seen."""

from __future__ import annotations

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from jarvis_desktop.config import describe, profiles
from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import AudioError, ConfigError, JarvisError
from jarvis_desktop.events import (
    AllowTool,
    ConversationOpened,
    ConversationsListed,
    Decided,
    Discarded,
    Event,
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
    PhaseChanged,
    PlaybackEnded,
    PlaybackPaused,
    PlaybackResumed,
    ReplyToken,
    RetryPart,
    SetBargeIn,
    SetHandsFree,
    SetMuted,
    SetWakeWord,
    SubmitText,
    TimerEnded,
    ToolAsked,
    ToolUsed,
    Transcribed,
    TurnFinished,
    TurnStarted,
)
from jarvis_desktop.ui.bridge import Bridge
from jarvis_desktop.ui.i18n import hint_of, message_of, number, remark_text, tr
from jarvis_desktop.ui.indicator import ANSWERING, Indicator
from jarvis_desktop.ui.main_window import MainWindow
from jarvis_desktop.ui.talk_key import Talk
from jarvis_desktop.ui.tool_card import arguments_line, outcome, question
from jarvis_desktop.ui.tray import Tray
from jarvis_desktop.ui.turn_words import figures, first_answer_ms
from jarvis_desktop.ui.words import duration, loading_line

_ADDRESS = 400  # characters of an address on show; what is longer says so, for it may carry something away


class Presenter(QObject):
    """Shows events in the window and posts the user's wishes."""

    def __init__(self, bridge: Bridge, window: MainWindow, tray: Tray) -> None:
        super().__init__()
        self._bridge = bridge
        self._window = window
        self._tray = tray
        self._indicator = Indicator()
        self._shown = self._indicator.now
        self._talk = Talk(bridge.post)
        self._parts: dict[Part, PartChanged] = {}
        self._conversation_id = ""
        self._interrupted: set[str] = set()
        self._heard = PlaybackEnded("", "")  # the latest
        self._asking: set[str] = set()  # calls of tools, while their question is on show
        self._connect_events()
        self._connect_wishes()
        self._take_settings(bridge.settings.current)
        bridge.config_changed.connect(self._take_settings)

    def _connect_events(self) -> None:
        on = self._bridge.on
        window = self._window
        for kind in Indicator.KINDS:
            on(kind, self._note_state)
        on(PhaseChanged, lambda event: self._talk.take_phase(event.phase))
        on(PartChanged, self._part_changed)
        on(LevelMeasured, lambda event: window.composer.show_level(event.rms_dbfs))
        on(PartialTranscribed, lambda event: window.composer.show_partial(event.stable, event.unstable))
        on(Transcribed, lambda event: window.composer.show_partial(event.text, ""))
        on(Discarded, lambda event: window.composer.show_partial("", ""))
        on(TurnStarted, self._turn_started)
        on(ReplyToken, lambda event: window.conversation.append(event.turn_id, event.text))
        on(PlaybackPaused, lambda event: window.conversation.show_paused(event.turn_id, True))
        on(PlaybackResumed, self._playback_resumed)
        on(PlaybackEnded, self._playback_ended)
        on(Interrupted, self._was_interrupted)
        on(ToolAsked, self._tool_asked)
        on(ToolUsed, self._tool_used)
        on(TimerEnded, self._timer_ended)
        on(TurnFinished, self._turn_finished)
        on(Failed, self._failed)
        on(Decided, self._decided)
        on(ConversationsListed, self._conversations_listed)
        on(ConversationOpened, self._conversation_opened)

    def _connect_wishes(self) -> None:
        window, post = self._window, self._bridge.post
        composer = window.composer
        composer.sent.connect(self.ask)
        composer.stopped.connect(self._stop)
        composer.mic.talk_pressed.connect(self._talk.press)
        composer.mic.talk_released.connect(self._talk.release)
        composer.mic.talk_cancelled.connect(lambda: post(Interrupt()))
        composer.mic.clicked.connect(self._mic_clicked)
        window.talk_key.pressed.connect(self._talk.press)
        window.talk_key.released.connect(self._talk.release)
        composer.mute_toggled.connect(self._set_muted)
        composer.listen.barge_in_wanted.connect(self._set_barge_in)
        for source in (composer.listen, self._tray):
            source.hands_free_wanted.connect(lambda on: post(SetHandsFree(on)))
            source.wake_word_wanted.connect(self._set_wake_word)
        self._tray.talk_wanted.connect(self._talk.toggle)
        self._tray.mute_wanted.connect(self._set_muted)
        self._tray.stop_wanted.connect(self._stop)
        window.sidebar.new_chat.connect(lambda: post(NewConversation()))
        window.sidebar.opened.connect(lambda *chosen: post(OpenConversation(*chosen)))
        window.conversation.asked.connect(self.ask)
        window.conversation.link_activated.connect(self._offer_link)
        for menu in (window.profile.profiles, self._tray.profiles):
            menu.chosen.connect(self._use_profile)
        window.panel.retry.connect(lambda part: post(RetryPart(part)))

    @property
    def talk(self) -> Talk:
        """The one talk key, wherever it is pressed."""
        return self._talk

    def ask(self, text: str) -> None:
        """Ask a typed question; while another is answered it waits."""
        if self._indicator.phase in ANSWERING:
            self._window.conversation.queue(text)
        self._window.notice.hide()
        self._bridge.post(SubmitText(text))

    def retranslate(self) -> None:
        """What the window says of states, in its present language."""
        self._show_state()
        self._show_loading()
        self._show_title()

    def _stop(self) -> None:
        self._window.conversation.drop_queue()
        self._bridge.post(Interrupt())

    def _mic_clicked(self) -> None:
        if self._bridge.settings.current.listening.talk_key == "toggle":
            self._talk.press()
        else:
            self._bridge.post(SetHandsFree(not self._shown.hands_free))

    def _set_muted(self, on: bool) -> None:
        self._bridge.post(SetMuted(on))
        self._remember("speech.muted", on)

    def _set_wake_word(self, on: bool) -> None:
        self._bridge.post(SetWakeWord(on))
        self._remember("wake.enabled", on)

    def _set_barge_in(self, on: bool) -> None:
        self._bridge.post(SetBargeIn(on))
        self._remember("listening.barge_in", on)

    def _use_profile(self, name: str) -> None:
        try:
            self._bridge.settings.patch({profiles.KEY: name})
        except ConfigError as error:
            self._present(error)

    def _remember(self, key: str, value: bool | str) -> None:
        """Keep a choice for the next start; that it could not be kept does not undo it now."""
        settings = self._bridge.settings
        if describe.value_of(settings.current, key) == value:
            return
        try:
            settings.patch({key: value})
        except ConfigError as error:
            self._present(error)

    def _take_settings(self, config: Config) -> None:
        toggle = config.listening.talk_key == "toggle"
        self._talk.use_toggle(toggle)
        self._window.use_toggle(toggle)
        self._window.composer.listen.show_barge_in(config.listening.barge_in)
        names, in_use = tuple(config.profiles), config.conversation.profile
        self._window.show_profiles(names, in_use, private=not profiles.memory_scope(config).stored)
        self._tray.profiles.show_profiles(names, in_use)

    def _note_state(self, event: Event) -> None:
        self._indicator.take(event)
        before, now = self._shown, self._indicator.now
        if now != before:
            self._show_state()
        if now.mood is not before.mood and now.announced:
            self._window.announce(now.word)

    def _show_state(self) -> None:
        self._shown = self._indicator.now
        self._window.show_state(self._shown)
        self._tray.show_state(self._shown)

    def _playback_resumed(self, event: PlaybackResumed) -> None:
        self._window.conversation.show_paused(event.turn_id, False)
        self._window.composer.show_partial("", "")  # it was no interruption

    def _part_changed(self, event: PartChanged) -> None:
        self._parts[event.part] = event
        self._window.panel.show_part(event)
        self._show_loading()
        # While an answer is under way the error stands in it.
        idle = self._indicator.phase not in ANSWERING
        if event.error is not None and idle and self._window.panel.isHidden():
            absent = event.state is PartState.ABSENT
            self._window.notice.present(
                message_of(event.error),
                "" if absent else hint_of(event.error),
                tr("Download …") if absent else tr("Try again"),
                self._window.panel.parts[event.part].problem.button.click,
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

    def _tool_asked(self, event: ToolAsked) -> None:
        def decide(allowed: bool, always: bool) -> None:
            self._asking.discard(event.call_id)
            self._bridge.post(AllowTool(event.call_id, allowed))
            if always:
                before = self._bridge.settings.current.tools.allowed
                self._remember("tools.allowed", ", ".join(filter(None, (before.strip(" ,"), event.use.tool))))

        words = question(event.use)
        if not self._window.conversation.ask_tool(event, decide):
            self._bridge.post(AllowTool(event.call_id, False))  # its turn is no longer to be seen
            return
        self._asking.add(event.call_id)
        self._window.announce(f"{words}: {arguments_line(event.use.arguments)}")

    def _tool_used(self, event: ToolUsed) -> None:
        self._asking.discard(event.call_id)
        self._window.conversation.tell_tool(event)
        self._window.announce(outcome(event))

    def _timer_ended(self, event: TimerEnded) -> None:
        text = tr("Time is up: {label}", label=event.label) if event.label else tr("Time is up.")
        self._window.announce(text)
        self._window.remark.present(text)

    def _playback_ended(self, event: PlaybackEnded) -> None:
        self._heard = event
        self._window.conversation.show_paused(event.turn_id, False)

    def _was_interrupted(self, event: Interrupted) -> None:
        self._interrupted.add(event.turn_id)
        heard = self._heard == PlaybackEnded(event.turn_id, event.kept_text)
        self._window.conversation.finish(event.turn_id, event.kept_text, interrupted=True, heard=heard)

    def _turn_finished(self, event: TurnFinished) -> None:
        first = first_answer_ms(event.timings)
        facts = [event.model] if event.model else []
        facts += [duration(first)] if first is not None else []
        self._window.conversation.finish(
            event.turn_id,
            event.reply,
            interrupted=event.interrupted or event.turn_id in self._interrupted,
            facts=" · ".join(facts),
            details="\n".join(figures(event)),
        )
        self._interrupted.discard(event.turn_id)
        if event.timings.first_audio is None:  # else it was heard already
            self._window.announce(event.reply)
        self._window.panel.show_turn(event)
        self._window.show_foot()

    def _failed(self, event: Failed) -> None:
        self._window.composer.show_partial("", "")
        self._window.announce(f"{message_of(event.error)} {hint_of(event.error)}")
        if event.turn_id and self._window.conversation.fail(event.turn_id, event.error, event.kept_text):
            return
        self._present(event.error)

    def _decided(self, event: Decided) -> None:
        text = remark_text(event.remark)
        self._window.announce(text)
        self._window.remark.present(text)

    def _present(self, error: JarvisError) -> None:
        button, action = "", self._window.sidebar.settings_wanted.emit
        if isinstance(error, AudioError):
            button, action = tr("Audio doctor"), self._window.composer.listen.doctor_wanted.emit
        elif isinstance(error, ConfigError):
            button = tr("Open settings")
        self._window.notice.present(message_of(error), hint_of(error), button, action)

    def _conversations_listed(self, event: ConversationsListed) -> None:
        self._window.sidebar.show_conversations(event.conversations)
        self._show_title()

    def _conversation_opened(self, event: ConversationOpened) -> None:
        another = event.conversation_id != self._conversation_id or not event.messages
        self._conversation_id = event.conversation_id
        self._window.sidebar.show_current(event.conversation_id)
        self._window.conversation.open(
            event.messages, event.versions, event.message_id, self._window.sidebar.query
        )
        while self._asking:  # their cards are gone, and nobody could answer any more
            self._bridge.post(AllowTool(self._asking.pop(), False))
        self._window.notice.hide()
        self._window.question.hide()
        if another:
            self._window.composer.field.setFocus()
        self._show_title()

    def _show_title(self) -> None:
        self._window.show_title(self._window.sidebar.title_of(self._conversation_id))

    def _offer_link(self, address: str) -> None:
        shown, rest = address[:_ADDRESS], len(address) - _ADDRESS
        self._window.question.present(
            tr("Open this address in your browser?"),
            shown if rest <= 0 else f"{shown} … {tr('and {count} more characters', count=number(rest))}",
            tr("Open"),
            lambda: _open(address),
        )


def _open(address: str) -> None:
    QDesktopServices.openUrl(QUrl(address))
