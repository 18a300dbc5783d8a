"""What the window shows of voices: the level, what is heard as text, what was said to be heard again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtTest import QTest

from jarvis_desktop.events import (
    Captioned,
    ConversationOpened,
    EarMode,
    Event,
    Interrupt,
    Interrupted,
    LevelMeasured,
    Message,
    Part,
    PartChanged,
    PartialTranscribed,
    PartState,
    Phase,
    PhaseChanged,
    PlaybackEnded,
    PlaybackPaused,
    PlayingRecording,
    PlayRecording,
    RecordingsKept,
    ReplyToken,
    Role,
    Transcribed,
    TurnStarted,
)
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.waveform import BARS

from .conftest import Pump
from .driving import answers, finished, messages, play, questions, texts
from .fake_core import FakeCore, FakeSettings
from .test_messages import named, names, press, tab_to

LISTENING = PhaseChanged(Phase.LISTENING, hands_free=True, ears=EarMode.HANDS_FREE)
REPLY = "Rye **keeps** best. Freeze the rest. Rye keeps best."


@pytest.fixture
def answering(ready: Desktop, core: FakeCore, pump: Pump) -> Desktop:
    """A spoken question is being answered aloud."""
    play(
        core,
        RecordingsKept(("t1",)),
        TurnStarted("t1", "c1", "Which bread keeps?", spoken=True),
        ReplyToken("t1", REPLY),
        PhaseChanged(Phase.SPEAKING),
    )
    pump(lambda: "best" in answers(ready)[0].text.toPlainText())
    return ready


def marked(desktop: Desktop) -> list[str]:
    """The pieces of all messages that stand out as heard."""
    marks = [each for message in messages(desktop) for each in message.text.extraSelections()]
    return [each.cursor.selectedText() for each in marks]


# --- captions ---------------------------------------------------------------------------------------------


def test_the_sentence_that_is_heard_stands_out_in_the_answer(answering: Desktop, core: FakeCore) -> None:
    for heard, shown in (
        ("Rye **keeps** best.", "Rye keeps best."),
        ("Freeze the rest.", "Freeze the rest."),
        ("Rye keeps best.", "Rye keeps best."),
    ):
        play(core, Captioned(heard, "t1"))
        assert marked(answering) == [shown]
        (selection,) = answers(answering)[0].text.extraSelections()
        assert selection.format.fontUnderline()  # not by colour alone
        assert answering.window.caption.isHidden()
    assert selection.cursor.selectionStart() > len("Rye keeps best. ")  # the second of the two
    play(core, Captioned("", "t1"))
    assert marked(answering) == []


def test_the_mark_stays_while_the_answer_grows_and_when_it_is_finished(
    answering: Desktop, core: FakeCore, pump: Pump
) -> None:
    play(core, Captioned("Freeze the rest.", "t1"), ReplyToken("t1", " And so on."))
    pump(lambda: "so on" in answers(answering)[0].text.toPlainText())
    assert marked(answering) == ["Freeze the rest."]
    play(core, finished("t1", f"{REPLY} And so on."))
    assert marked(answering) == ["Freeze the rest."]


def test_what_is_heard_of_a_chat_that_is_not_on_show_is_captioned(answering: Desktop, core: FakeCore) -> None:
    caption = answering.window.caption
    play(core, Captioned("Rye **keeps** best.", "t1"))
    play(core, ConversationOpened("c2", ()))
    assert caption.isVisible()
    assert caption.words.text() == "Jarvis: Rye keeps best."
    play(core, Captioned("", "t1"))
    assert caption.isHidden()


def test_what_is_no_message_is_captioned(ready: Desktop, core: FakeCore) -> None:
    play(core, Captioned("Time is up."))
    assert "Jarvis: Time is up." in texts(ready.window)
    play(core, Captioned(""))
    assert "Time is up." not in texts(ready.window)


def test_what_is_scrolled_out_of_sight_is_captioned_until_it_is_seen(
    answering: Desktop, core: FakeCore, pump: Pump
) -> None:
    conversation, caption = answering.window.conversation, answering.window.caption
    play(core, ReplyToken("t1", "\n\nMore." * 60))
    pump(lambda: conversation.verticalScrollBar().value() > 0)
    play(core, Captioned("Freeze the rest.", "t1"))
    assert caption.isVisible()
    conversation.verticalScrollBar().setValue(0)
    assert caption.isHidden()


@pytest.mark.parametrize(
    ("heard", "told"),
    [("Rye keeps", "You interrupted. You heard it up to here."), ("", "You stopped this answer here.")],
)
def test_an_answer_that_was_cut_says_whether_it_was_heard_until_there(
    answering: Desktop, core: FakeCore, heard: str, told: str
) -> None:
    kept = heard or REPLY
    cut = replace(finished("t1", kept), interrupted=True)
    play(core, PlaybackEnded("t1", heard), Interrupted("t1", kept), cut)
    assert told in texts(answers(answering)[0])


# --- what was said, again ---------------------------------------------------------------------------------


def test_what_was_said_is_played_until_the_same_button_ends_it(answering: Desktop, core: FakeCore) -> None:
    core.posted.clear()
    question = questions(answering)[0]
    question.text.setFocus()
    tab_to("Play what Jarvis heard")
    press()
    assert core.posted.pop() == PlayRecording("t1")
    play(core, PlayingRecording("t1"), Captioned("Which bread keeps?", "t1"))
    assert marked(answering) == ["Which bread keeps?"]
    answering.window.composer.field.setFocus()
    named(question, "Stop playing").click()
    assert core.posted == [Interrupt()]
    play(core, Captioned("", "t1"), PlayingRecording())
    assert "Stop playing" not in names(question)


def test_only_what_was_said_and_is_still_kept_can_be_played(
    answering: Desktop, core: FakeCore, pump: Pump
) -> None:
    play(core, TurnStarted("t2", "c1", "And spelt?", spoken=False))
    spoken, typed = questions(answering)
    typed.text.setFocus()
    assert names(typed) == {"Copy", "Change the question"}
    spoken.text.setFocus()
    assert "Play what Jarvis heard" in names(spoken)
    play(core, RecordingsKept(()))
    assert names(spoken) == {"Copy", "Change the question"}


def test_a_chat_that_is_opened_again_still_has_its_recordings(
    answering: Desktop, core: FakeCore, pump: Pump
) -> None:
    stored = Message("m1", "c1", "t1", Role.USER, "Which bread keeps?", 1.0)
    play(core, ConversationOpened("c2", ()), ConversationOpened("c1", (stored,)))
    pump(lambda: len(questions(answering)) == 1)
    questions(answering)[0].text.setFocus()
    assert "Play what Jarvis heard" in names(questions(answering)[0])


# --- the level --------------------------------------------------------------------------------------------


def test_the_level_runs_by_while_somebody_is_listened_to(ready: Desktop, core: FakeCore, pump: Pump) -> None:
    waveform = ready.window.composer.waveform
    play(core, LevelMeasured(-10.0, -3.0))
    assert not waveform.isVisible()
    play(core, LISTENING)
    quiet = waveform.grab().toImage()
    play(core, LevelMeasured(-10.0, -3.0))
    assert waveform.moving
    pump(lambda: not waveform.moving)  # it is in its place, and rests until more is heard
    once = waveform.grab().toImage()
    assert once != quiet
    play(core, LevelMeasured(-120.0, -120.0))
    pump(lambda: not waveform.moving)
    assert waveform.grab().toImage() not in (quiet, once)  # it has made room
    play(core, PhaseChanged(Phase.IDLE))
    assert not waveform.isVisible()


def test_with_less_motion_the_level_stands_still(
    ready: Desktop, core: FakeCore, settings: FakeSettings, pump: Pump
) -> None:
    settings.patch({"look.reduced_motion": "on"})
    pump(lambda: not ready.theme.animated)
    waveform = ready.window.composer.waveform
    play(core, LISTENING, LevelMeasured(-30.0, -20.0))
    assert waveform.lit == BARS / 2
    before = waveform.grab().toImage()
    QTest.qWait(100)
    assert waveform.grab().toImage() == before
    assert not waveform.moving


# --- states, without colour and without eyes --------------------------------------------------------------


STATES: dict[str, list[Event]] = {
    "closed": [PhaseChanged(Phase.IDLE)],
    "asleep": [PhaseChanged(Phase.SLEEPING, wake_word=True, ears=EarMode.WAKE)],
    "held": [PhaseChanged(Phase.LISTENING, ears=EarMode.HELD)],
    "hands-free": [LISTENING],
    "hearing": [PartialTranscribed("", "what", 0.9)],
    "thinking": [PhaseChanged(Phase.THINKING)],
    "speaking": [PhaseChanged(Phase.SPEAKING)],
    "paused": [PlaybackPaused("t1")],
    "no microphone": [PartChanged(Part.MICROPHONE, PartState.FAILED), PhaseChanged(Phase.IDLE)],
}


def test_states_are_told_apart_by_picture_and_by_word(ready: Desktop, core: FakeCore) -> None:
    pictures, words = {}, {}
    for name, events in STATES.items():
        play(core, *events)
        now = ready.window.composer.mic._now
        pictures[name], words[name] = now.look.icon, ready.window._state.text()
    assert len(set(pictures.values())) == len(STATES), pictures
    assert len(set(words.values())) == len(STATES), words


@pytest.fixture
def said(ready: Desktop, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a screen reader is told to say."""
    heard: list[str] = []

    def note(event: object) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            heard.append(event.message())

    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", note)
    return heard


def test_states_and_what_was_understood_are_announced_but_no_live_text(
    ready: Desktop, core: FakeCore, said: list[str]
) -> None:
    play(
        core, LISTENING, PartialTranscribed("which ", "bed", 0.5), PartialTranscribed("which bread ", "", 1.0)
    )
    play(core, PhaseChanged(Phase.THINKING), Transcribed("Which bread keeps?", "en", 2.0))
    assert said == ["Listening, hands-free", "Thinking", "You: Which bread keeps?"]


def test_an_answer_that_was_heard_is_not_said_again(ready: Desktop, core: FakeCore, said: list[str]) -> None:
    for turn_id, timings in (("t1", {"first_audio": 900.0}), ("t2", {})):
        play(core, TurnStarted(turn_id, "c1", "Bread?", spoken=True), finished(turn_id, "Rye.", **timings))
    assert said == ["Rye."]
