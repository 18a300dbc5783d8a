"""Speaking with the window: key, button, modes, and what it shows of the microphone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest

from jarvis_desktop.errors import AudioError, Category, ConfigError
from jarvis_desktop.events import (
    Discarded,
    EarMode,
    Failed,
    Interrupt,
    Interrupted,
    LevelMeasured,
    Part,
    PartChanged,
    PartialTranscribed,
    PartState,
    Phase,
    PhaseChanged,
    PlaybackPaused,
    PlaybackResumed,
    PressTalk,
    ReleaseTalk,
    ReplyToken,
    SetBargeIn,
    SetHandsFree,
    SetMuted,
    SetWakeWord,
    Speculation,
    SpeechStarted,
    Timings,
    TurnEnded,
    TurnFinished,
    TurnStarted,
    Usage,
)
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.talk_key import RELEASE_DELAY_MS

from .conftest import Pump
from .driving import DOWN, UP, answers, mouse, play, space, texts
from .fake_core import FakeCore, FakeSettings

MISSING = AudioError("audio.no_input", "No microphone was found.", "Connect one.", Category.DEGRADED)


def test_holding_the_microphone_button_talks(ready: Desktop, core: FakeCore) -> None:
    mic = ready.window.composer.mic
    mouse(mic, QEvent.Type.MouseButtonPress)
    assert core.posted == [PressTalk()]
    QTest.qWait(350)
    mouse(mic, QEvent.Type.MouseButtonRelease)
    assert core.posted == [PressTalk(), ReleaseTalk()]


def test_clicking_the_microphone_button_switches_hands_free(ready: Desktop, core: FakeCore) -> None:
    mic = ready.window.composer.mic
    mouse(mic, QEvent.Type.MouseButtonPress)
    mouse(mic, QEvent.Type.MouseButtonRelease)
    assert core.posted == [PressTalk(), Interrupt(), SetHandsFree(True)]
    core.posted.clear()
    play(core, PhaseChanged(Phase.LISTENING, hands_free=True))
    mouse(mic, QEvent.Type.MouseButtonPress)
    mouse(mic, QEvent.Type.MouseButtonRelease)
    assert core.posted[-1] == SetHandsFree(False)


def test_space_in_the_empty_field_talks_while_held(ready: Desktop, core: FakeCore, pump: Pump) -> None:
    field = ready.window.composer.field
    space(field, DOWN)
    space(field, DOWN, repeated=True)
    space(field, UP, repeated=True)
    assert core.posted == [PressTalk()]
    space(field, UP)
    assert core.posted == [PressTalk()]  # not yet: it may be a repetition
    pump(lambda: core.posted == [PressTalk(), ReleaseTalk()])
    assert field.toPlainText() == ""


def test_the_keyboard_alone_talks_and_switches_hands_free(ready: Desktop, core: FakeCore, pump: Pump) -> None:
    mic = ready.window.composer.mic
    space(mic, DOWN)
    space(mic, UP)
    pump(lambda: core.posted == [PressTalk(), ReleaseTalk()])
    QTest.keyClick(mic, Qt.Key.Key_Return)
    assert core.posted[-1] == SetHandsFree(True)


def test_pairs_of_release_and_press_are_one_hold(ready: Desktop, core: FakeCore, pump: Pump) -> None:
    field = ready.window.composer.field
    for _ in range(5):
        space(field, DOWN)
        space(field, UP)
    assert core.posted == [PressTalk()]
    pump(lambda: core.posted == [PressTalk(), ReleaseTalk()])


def test_a_press_that_a_screen_reader_delays_goes_on_with_the_hold(
    ready: Desktop, core: FakeCore, pump: Pump, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    field = ready.window.composer.field
    space(field, DOWN)
    for _ in range(3):
        space(field, UP)
        QTest.qWait(100 + RELEASE_DELAY_MS)  # the bus gives up after 100 ms and lets the press through
        space(field, DOWN)
    assert core.posted == [PressTalk()]
    space(field, UP)
    pump(lambda: core.posted == [PressTalk(), ReleaseTalk()])


def test_space_within_a_text_is_a_space(ready: Desktop, core: FakeCore) -> None:
    QTest.keyClicks(ready.window.composer.field, "a b")
    assert ready.window.composer.field.toPlainText() == "a b"
    assert core.posted == []


def test_space_on_a_button_presses_it(ready: Desktop, core: FakeCore) -> None:
    QTest.keyClick(ready.window.composer.mute, Qt.Key.Key_Space)
    assert core.posted == [SetMuted(True)]


def test_hiding_the_window_lets_go_of_the_talk_key(ready: Desktop, core: FakeCore) -> None:
    space(ready.window.composer.field, DOWN)
    ready.window.hide()
    assert core.posted == [PressTalk(), ReleaseTalk()]


def test_live_text_shows_in_the_composer_and_goes_with_the_turn(ready: Desktop, core: FakeCore) -> None:
    composer = ready.window.composer
    QTest.keyClicks(composer.field, "draft")
    play(core, PhaseChanged(Phase.LISTENING), PartialTranscribed("book <a> ", "tab", 1.0))
    assert composer.transcript == "book <a> tab"
    play(core, TurnStarted("t1", "c1", "book <a> table", spoken=True))
    assert composer.transcript == ""
    assert composer.field.toPlainText() == "draft"
    play(core, PartialTranscribed("x", "", 2.0), Discarded("no-words", 2.0))
    assert composer.transcript == ""


def test_of_a_long_utterance_the_end_stays_in_view(ready: Desktop, core: FakeCore) -> None:
    composer = ready.window.composer
    many = " ".join(f"word{number}" for number in range(400)) + " "
    play(core, PhaseChanged(Phase.LISTENING), PartialTranscribed(many, "last words", 60.0))
    shown = composer._transcript.text()
    assert "word399" in shown
    assert "last words" in shown
    assert "word1 " not in shown
    assert composer.transcript == f"{many}last words"
    assert composer.height() < 10 * composer.fontMetrics().lineSpacing()


def test_a_missing_microphone_is_said_and_shown_until_it_listens_again(
    ready: Desktop, core: FakeCore
) -> None:
    missing = AudioError("audio.no_input", "No microphone was found.", "Connect one.", Category.DEGRADED)
    play(core, PartChanged(Part.MICROPHONE, PartState.FAILED, error=missing), Failed(missing))
    play(core, PhaseChanged(Phase.LISTENING), PhaseChanged(Phase.IDLE))
    assert ready.window.notice.message == "No microphone was found."
    assert "problem" in ready.window.composer.mic.accessibleName()
    play(core, PartChanged(Part.MICROPHONE, PartState.READY), PhaseChanged(Phase.LISTENING))
    assert "problem" not in ready.window.composer.mic.accessibleName()


@pytest.mark.parametrize(
    ("phase", "word"),
    [(Phase.LISTENING, "Listening"), (Phase.THINKING, "Thinking"), (Phase.SPEAKING, "Speaking")],
)
def test_the_state_is_in_title_button_and_tray(
    ready: Desktop, core: FakeCore, phase: Phase, word: str
) -> None:
    play(core, PhaseChanged(phase))
    assert word in ready.window.windowTitle()
    assert word in ready.window.composer.mic.accessibleName()
    assert word in ready.tray._icon.toolTip()


def test_the_level_ring_follows_the_voice(ready: Desktop, core: FakeCore) -> None:
    play(core, PhaseChanged(Phase.LISTENING))
    quiet = ready.window.composer.mic.grab(ready.window.composer.mic.rect()).toImage()
    play(core, LevelMeasured(-3.0, -1.0))
    loud = ready.window.composer.mic.grab(ready.window.composer.mic.rect()).toImage()
    assert quiet != loud


# --- the talk key as a switch -----------------------------------------------------------------------------


@pytest.fixture
def switch(ready: Desktop, settings: FakeSettings, pump: Pump) -> Desktop:
    """The window where one press begins a turn and the next one ends it."""
    settings.patch({"listening.talk_key": "toggle"})
    pump(lambda: "press Space" in ready.window.composer.field.placeholderText())
    return ready


def press_space(desktop: Desktop) -> None:
    """One press long enough to be repeated, and let go for good."""
    field = desktop.window.composer.field
    for _ in range(3):
        space(field, DOWN)
        space(field, UP)
    desktop.window.talk_key.let_go()


def test_the_first_press_begins_and_the_second_ends(switch: Desktop, core: FakeCore) -> None:
    press_space(switch)
    assert core.posted == [PressTalk()]
    play(core, PhaseChanged(Phase.LISTENING, ears=EarMode.HELD))
    switch.window.hide()
    assert ReleaseTalk() not in core.posted
    press_space(switch)
    assert core.posted[-1] == ReleaseTalk()


def test_key_and_button_are_one_switch(switch: Desktop, core: FakeCore) -> None:
    mic = switch.window.composer.mic
    mouse(mic, QEvent.Type.MouseButtonPress)
    mouse(mic, QEvent.Type.MouseButtonRelease)
    play(core, PhaseChanged(Phase.LISTENING, ears=EarMode.HELD))
    press_space(switch)
    assert core.posted == [PressTalk(), ReleaseTalk()]
    QTest.keyClick(mic, Qt.Key.Key_Return)
    mouse(mic, QEvent.Type.MouseButtonPress)
    assert core.posted == [PressTalk(), ReleaseTalk()] * 2


def test_a_turn_that_ended_by_itself_is_begun_anew_by_the_next_press(switch: Desktop, core: FakeCore) -> None:
    press_space(switch)
    play(core, PhaseChanged(Phase.LISTENING), TurnEnded(60.0, "limit"), PhaseChanged(Phase.THINKING))
    press_space(switch)
    assert core.posted == [PressTalk(), PressTalk()]


def test_a_late_event_from_before_the_press_does_not_forget_it(switch: Desktop, core: FakeCore) -> None:
    play(core, PhaseChanged(Phase.REPLYING))
    press_space(switch)
    play(core, PhaseChanged(Phase.SPEAKING), PhaseChanged(Phase.LISTENING))
    press_space(switch)
    assert core.posted == [PressTalk(), ReleaseTalk()]


def test_the_button_says_what_a_click_does(switch: Desktop, settings: FakeSettings, pump: Pump) -> None:
    mic = switch.window.composer.mic
    assert "click again" in mic.toolTip()
    settings.patch({"listening.talk_key": "hold"})
    pump(lambda: "Hold to talk" in mic.toolTip())


def test_changing_the_habit_ends_what_was_begun(
    switch: Desktop, core: FakeCore, settings: FakeSettings, pump: Pump
) -> None:
    press_space(switch)
    settings.patch({"listening.talk_key": "hold"})
    pump(lambda: core.posted == [PressTalk(), ReleaseTalk()])


# --- what is shown of the microphone ----------------------------------------------------------------------


def shown(desktop: Desktop) -> tuple[str, str, str]:
    """The state's word in the header, and all that button and tray say."""
    window = desktop.window
    return window._state.text(), window.composer.mic.toolTip(), desktop.tray._icon.toolTip()


def test_every_state_has_its_own_word_and_sentence_everywhere(ready: Desktop, core: FakeCore) -> None:
    talking = TurnStarted("t1", "c1", "Hi", spoken=True)
    steps = {
        "closed": [PhaseChanged(Phase.IDLE)],
        "sleeping": [PhaseChanged(Phase.SLEEPING, wake_word=True, ears=EarMode.WAKE)],
        "listening": [PhaseChanged(Phase.LISTENING, wake_word=True, ears=EarMode.AWAKE)],
        "hearing": [SpeechStarted(1.0)],
        "thinking": [TurnEnded(2.0, "silence"), PhaseChanged(Phase.THINKING), talking],
        "answering": [PhaseChanged(Phase.REPLYING)],
        "speaking": [PhaseChanged(Phase.SPEAKING)],
        "interruptible": [PhaseChanged(Phase.SPEAKING, hands_free=True, ears=EarMode.HANDS_FREE)],
        "paused": [PlaybackPaused("t1")],
        "problem": [
            PartChanged(Part.MICROPHONE, PartState.FAILED, error=MISSING),
            PhaseChanged(Phase.IDLE),
        ],
    }
    seen = {}
    for name, events in steps.items():
        play(core, *events)
        seen[name] = shown(ready)
        word, button, tray = seen[name]
        assert word in button
        assert word in tray
        assert word in ready.window.windowTitle() or name == "closed"
        assert ready.tray._state.text() == word
    assert len({word for word, _, _ in seen.values()}) == len(steps)
    assert "Hey Jarvis" in seen["sleeping"][0]
    for name in ("sleeping", "listening", "hearing", "interruptible"):
        assert "is open" in seen[name][1], name
    for name in ("closed", "speaking", "problem"):
        assert "is open" not in seen[name][1], name


def test_an_open_microphone_is_seen_while_jarvis_speaks(ready: Desktop, core: FakeCore) -> None:
    mic = ready.window.composer.mic
    play(core, PhaseChanged(Phase.SPEAKING, hands_free=True))
    closed, tray_closed = mic.grab().toImage(), ready.tray._icon.icon().pixmap(32).toImage()
    play(core, PhaseChanged(Phase.SPEAKING, hands_free=True, ears=EarMode.HANDS_FREE))
    assert mic.grab().toImage() != closed
    assert ready.tray._icon.icon().pixmap(32).toImage() != tray_closed


def test_a_held_key_hears_nobody_before_there_are_words(ready: Desktop, core: FakeCore) -> None:
    play(core, PhaseChanged(Phase.LISTENING, ears=EarMode.HELD), SpeechStarted(0.0))
    assert ready.window._state.text() == "Listening"
    play(core, PartialTranscribed("", "what", 0.9))
    assert ready.window._state.text() == "Hearing you"


def test_asleep_only_the_name_interrupts_an_answer_and_that_is_said(ready: Desktop, core: FakeCore) -> None:
    play(core, PhaseChanged(Phase.SPEAKING, wake_word=True, ears=EarMode.WAKE))
    assert ready.window._state.text() == "Speaking"
    assert "Hey Jarvis" in ready.window.composer.mic.toolTip()


def test_a_lost_microphone_is_never_shown_as_open(ready: Desktop, core: FakeCore) -> None:
    play(core, PhaseChanged(Phase.SLEEPING, wake_word=True, ears=EarMode.WAKE))
    play(core, PartChanged(Part.MICROPHONE, PartState.FAILED, "Desk", error=MISSING))
    assert "problem" in ready.window.windowTitle()
    assert "is open" not in ready.window.composer.mic.toolTip()
    play(core, PartChanged(Part.MICROPHONE, PartState.READY, "Desk"))
    assert "Hey Jarvis" in ready.window.windowTitle()


def test_the_answer_shows_that_it_waits_and_goes_on(ready: Desktop, core: FakeCore) -> None:
    play(core, PhaseChanged(Phase.SPEAKING), TurnStarted("t1", "c1", "Hi", spoken=True))
    play(core, ReplyToken("t1", "One two three"))
    height = answers(ready)[0].sizeHint().height()
    play(core, PlaybackPaused("t1"), SpeechStarted(1.0), PartialTranscribed("", "hm", 1.2))
    assert "listening to you" in texts(answers(ready)[0])
    assert answers(ready)[0].sizeHint().height() == height
    assert ready.window.composer.transcript == "hm"
    play(core, PlaybackResumed("t1"))
    assert "listening to you" not in texts(answers(ready)[0])
    assert ready.window.composer.transcript == ""
    play(core, PlaybackPaused("t1"), Interrupted("t1", "One two"), PhaseChanged(Phase.LISTENING))
    assert "listening to you" not in texts(answers(ready)[0])
    assert answers(ready)[0].text.toPlainText() == "One two"
    assert ready.window._state.text() == "Hearing you"


@pytest.mark.parametrize(
    ("speculation", "said"),
    [
        (Speculation(1, True, 0, 320), "Thought ahead: saved 320 ms"),
        (Speculation(2, True, 41, 320), "Thought ahead: saved 320 ms, 41 tokens discarded"),
        (Speculation(1, False, 7), "Thought ahead in vain: 1 draft, 7 tokens discarded"),
        (Speculation(2, False, 41), "Thought ahead in vain: 2 drafts, 41 tokens discarded"),
        (Speculation(), ""),
    ],
)
def test_thinking_ahead_is_told_with_the_timings(
    ready: Desktop, core: FakeCore, speculation: Speculation, said: str
) -> None:
    play(core, TurnStarted("t1", "c1", "Hi", spoken=True))
    play(core, TurnFinished("t1", "Yes.", "tiny", "llama.cpp", Timings(), Usage(), speculation=speculation))
    lines = [line for line in texts(ready.window.panel).splitlines() if "Thought ahead" in line]
    assert lines == [said] * bool(said)
    assert said in answers(ready)[0]._facts.toolTip()


# --- choosing when Jarvis listens -------------------------------------------------------------------------


def test_the_menu_chooses_when_jarvis_listens(ready: Desktop, core: FakeCore, settings: FakeSettings) -> None:
    listen = ready.window.composer.listen
    listen.by_name.trigger()
    assert core.posted == [SetWakeWord(True), SetHandsFree(False)]
    assert settings.current.wake.enabled
    assert listen.by_key.isChecked(), "not before the core has done it"
    play(core, PhaseChanged(Phase.SLEEPING, wake_word=True, ears=EarMode.WAKE))
    assert listen.by_name.isChecked()
    core.posted.clear()
    listen.always.trigger()
    assert core.posted == [SetHandsFree(True)]
    play(core, PhaseChanged(Phase.LISTENING, hands_free=True, wake_word=True, ears=EarMode.HANDS_FREE))
    assert listen.always.isChecked()
    assert settings.current.wake.enabled, "it sleeps again when hands-free ends"
    core.posted.clear()
    listen.by_key.trigger()
    assert core.posted == [SetWakeWord(False), SetHandsFree(False)]
    assert not settings.current.wake.enabled


def test_the_menu_is_worked_by_the_keyboard_alone(ready: Desktop, core: FakeCore) -> None:
    listen = ready.window.composer.listen
    menu = listen.menu()

    def choose() -> None:
        for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
            QTest.keyClick(menu, key)

    menu.aboutToShow.connect(lambda: QTimer.singleShot(0, choose))
    QTest.keyClick(listen, Qt.Key.Key_Space)
    assert core.posted == [SetWakeWord(True), SetHandsFree(False)]


def test_the_menu_names_the_way_in_force_to_a_screen_reader(ready: Desktop, core: FakeCore) -> None:
    listen = ready.window.composer.listen
    play(core, PhaseChanged(Phase.SLEEPING, wake_word=True, ears=EarMode.WAKE))
    assert listen.accessibleName() == "When Jarvis listens"
    assert "Hey Jarvis" in listen.accessibleDescription()
    assert listen.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_interrupting_by_voice_is_switched_in_the_menu(
    ready: Desktop, core: FakeCore, settings: FakeSettings, pump: Pump
) -> None:
    listen = ready.window.composer.listen
    assert listen.barge_in.isChecked()
    listen.barge_in.trigger()
    assert core.posted == [SetBargeIn(False)]
    assert not settings.current.listening.barge_in
    pump(lambda: not listen.barge_in.isChecked())


def test_the_menu_leads_to_the_listening_settings(ready: Desktop) -> None:
    ready.window.composer.listen.settings_wanted.emit()
    assert ready._dialog is not None
    assert not ready._dialog.fields["listening.barge_in"].isHidden()


def test_the_tray_offers_modes_mute_and_stop(ready: Desktop, core: FakeCore, settings: FakeSettings) -> None:
    tray = ready.tray
    tray._hands_free.trigger()
    tray._wake_word.trigger()
    tray._mute.trigger()
    assert core.posted == [SetHandsFree(True), SetWakeWord(True), SetMuted(True)]
    assert settings.current.wake.enabled
    assert settings.current.speech.muted
    assert not tray._stop.isEnabled()
    play(core, PhaseChanged(Phase.SPEAKING, wake_word=True, muted=True))
    assert (tray._hands_free.isChecked(), tray._wake_word.isChecked(), tray._mute.isChecked()) == (
        False,
        True,
        True,
    )
    core.posted.clear()
    tray._stop.trigger()
    assert core.posted == [Interrupt()]


def test_the_tray_talks_and_opens_the_settings(ready: Desktop, core: FakeCore) -> None:
    tray = ready.tray
    tray._talk.trigger()
    play(core, PhaseChanged(Phase.LISTENING, ears=EarMode.HELD))
    assert tray._talk.text() == "Finish talking"
    tray._talk.trigger()
    assert core.posted == [PressTalk(), ReleaseTalk()]
    play(core, PhaseChanged(Phase.THINKING))
    assert tray._talk.text() == "Talk"
    tray._settings.trigger()
    assert ready._dialog is not None
    assert ready._dialog.isVisible()


def test_the_tray_shows_the_window_and_quits(ready: Desktop, core: FakeCore) -> None:
    ready.window.hide()
    ready.tray._show.trigger()
    assert ready.window.isVisible()
    ready.tray._quit.trigger()
    assert not ready.window.isVisible()


def test_a_choice_that_cannot_be_kept_still_counts_and_says_so(
    ready: Desktop, core: FakeCore, settings: FakeSettings
) -> None:
    settings.refused = ConfigError("config.read_only", "{file} is read-only.", "Make it writable.", file="c")
    ready.window.composer.listen.by_name.trigger()
    assert SetWakeWord(True) in core.posted
    assert ready.window.notice.message == "c is read-only."
