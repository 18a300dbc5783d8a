"""The dialogue reads like a script: inputs in, commands out."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from jarvis_desktop.dialogue import (
    AbortTurn,
    CloseEars,
    Command,
    EarsClosed,
    FinishEars,
    Hush,
    Input,
    NothingHeard,
    OpenEars,
    ReplyStarted,
    SpeechStartedPlaying,
    StartTurn,
    State,
    TurnDone,
    UtteranceClosed,
    WordsHeard,
    step,
)
from jarvis_desktop.events import (
    Interrupt,
    Phase,
    PressTalk,
    ReleaseTalk,
    SetHandsFree,
    SetMuted,
    SubmitText,
)

HELLO = WordsHeard("hello", "en", 3.5)


@dataclass
class Script:
    """Plays inputs one after the other and checks what each one asks for."""

    state: State = field(default_factory=State)

    def play(self, event: Input, *expected: Command, phase: Phase) -> Script:
        self.state, commands = step(self.state, event)
        assert commands == expected
        assert self.state.phase is phase
        return self


def test_typed_question_is_answered_in_writing() -> None:
    script = Script().play(SubmitText("  hi "), StartTurn(1, "hi", speak=False), phase=Phase.THINKING)
    script.play(ReplyStarted(1), phase=Phase.REPLYING)
    script.play(TurnDone(1), phase=Phase.IDLE)


def test_empty_text_asks_nothing() -> None:
    Script().play(SubmitText("  \n"), phase=Phase.IDLE)


def test_question_typed_during_an_answer_waits_for_its_turn() -> None:
    script = Script().play(SubmitText("one"), StartTurn(1, "one", speak=False), phase=Phase.THINKING)
    script.play(SubmitText("two"), phase=Phase.THINKING)
    script.play(TurnDone(1), StartTurn(2, "two", speak=False), phase=Phase.THINKING)
    script.play(TurnDone(2), phase=Phase.IDLE)


def test_push_to_talk_turn() -> None:
    script = Script().play(PressTalk(), OpenEars(held=True), phase=Phase.LISTENING)
    script.play(PressTalk(), phase=Phase.LISTENING)  # key repeat
    script.play(ReleaseTalk(), FinishEars(keep_microphone=False), phase=Phase.THINKING)
    script.play(UtteranceClosed(), phase=Phase.THINKING)
    script.play(HELLO, StartTurn(1, "hello", speak=True, heard=HELLO), phase=Phase.THINKING)
    script.play(SpeechStartedPlaying(1), phase=Phase.SPEAKING)
    script.play(TurnDone(1), phase=Phase.IDLE)


def test_holding_too_long_ends_the_turn_and_the_late_release_does_nothing() -> None:
    script = Script().play(PressTalk(), OpenEars(held=True), phase=Phase.LISTENING)
    script.play(UtteranceClosed(), FinishEars(keep_microphone=False), phase=Phase.THINKING)
    script.play(ReleaseTalk(), phase=Phase.THINKING)
    script.play(HELLO, StartTurn(1, "hello", speak=True, heard=HELLO), phase=Phase.THINKING)


def test_pressing_talk_interrupts_the_answer() -> None:
    script = Script().play(SubmitText("one"), StartTurn(1, "one", speak=False), phase=Phase.THINKING)
    script.play(ReplyStarted(1), phase=Phase.REPLYING)
    script.play(PressTalk(), AbortTurn(1), OpenEars(held=True), phase=Phase.LISTENING)
    script.play(TurnDone(1), phase=Phase.LISTENING)  # of the turn that was aborted


def test_hands_free_listens_again_after_each_answer() -> None:
    script = Script().play(SetHandsFree(True), OpenEars(held=False), phase=Phase.LISTENING)
    script.play(UtteranceClosed(), phase=Phase.THINKING)
    script.play(
        HELLO,
        CloseEars(keep_microphone=True),
        StartTurn(1, "hello", speak=True, heard=HELLO),
        phase=Phase.THINKING,
    )
    script.play(TurnDone(1), OpenEars(held=False), phase=Phase.LISTENING)
    script.play(UtteranceClosed(), phase=Phase.THINKING)
    script.play(NothingHeard(), OpenEars(held=False), phase=Phase.LISTENING)
    script.play(SetHandsFree(False), CloseEars(), phase=Phase.IDLE)


def test_stop_during_a_hands_free_answer_listens_at_once() -> None:
    script = Script(State(Phase.SPEAKING, turn=4, hands_free=True))
    script.play(Interrupt(), AbortTurn(4), OpenEars(held=False), phase=Phase.LISTENING)
    script.play(TurnDone(4), phase=Phase.LISTENING)


def test_stop_while_listening_hands_free_switches_it_off() -> None:
    script = Script(State(Phase.LISTENING, hands_free=True, ears_open=True))
    script.play(Interrupt(), CloseEars(), phase=Phase.IDLE)
    assert not script.state.hands_free


def test_stop_drops_waiting_questions() -> None:
    script = Script(State(Phase.REPLYING, turn=1, waiting=(SubmitText("next"),)))
    script.play(Interrupt(), AbortTurn(1), phase=Phase.IDLE)


def test_typing_while_hands_free_listens_answers_and_listens_again() -> None:
    script = Script(State(Phase.LISTENING, hands_free=True, ears_open=True))
    script.play(
        SubmitText("hi"),
        CloseEars(keep_microphone=True),
        StartTurn(1, "hi", speak=False),
        phase=Phase.THINKING,
    )
    script.play(TurnDone(1), OpenEars(held=False), phase=Phase.LISTENING)


def test_late_news_of_an_aborted_answer_does_not_disturb_the_next_question() -> None:
    script = Script(State(Phase.THINKING, turn=1))
    script.play(PressTalk(), AbortTurn(1), OpenEars(held=True), phase=Phase.LISTENING)
    script.play(ReleaseTalk(), FinishEars(keep_microphone=False), phase=Phase.THINKING)
    script.play(ReplyStarted(1), phase=Phase.THINKING)
    script.play(SpeechStartedPlaying(1), phase=Phase.THINKING)
    script.play(HELLO, StartTurn(2, "hello", speak=True, heard=HELLO), phase=Phase.THINKING)


def test_muting_silences_this_answer_and_the_next() -> None:
    script = Script(State(Phase.SPEAKING, turn=2))
    script.play(SetMuted(True), Hush(2), phase=Phase.SPEAKING)
    script.play(TurnDone(2), phase=Phase.IDLE)
    script.play(SubmitText("x", speak=True), StartTurn(3, "x", speak=False), phase=Phase.THINKING)


def test_lost_microphone_switches_hands_free_off() -> None:
    script = Script(State(Phase.LISTENING, hands_free=True, ears_open=True))
    script.play(EarsClosed(), phase=Phase.IDLE)
    assert not script.state.hands_free


def test_microphone_lost_during_an_answer_does_not_end_it() -> None:
    script = Script(State(Phase.SPEAKING, turn=1, hands_free=True))
    script.play(EarsClosed(), phase=Phase.SPEAKING)
    script.play(TurnDone(1), phase=Phase.IDLE)


_inputs = st.one_of(
    st.sampled_from([PressTalk(), ReleaseTalk(), Interrupt(), UtteranceClosed(), NothingHeard(), HELLO]),
    st.just(EarsClosed()),
    st.builds(SetHandsFree, st.booleans()),
    st.builds(SetMuted, st.booleans()),
    st.builds(SubmitText, st.sampled_from(["a", "b", " "])),
    st.builds(TurnDone, st.integers(0, 6)),
    st.builds(ReplyStarted, st.integers(0, 6)),
    st.builds(SpeechStartedPlaying, st.integers(0, 6)),
)


@given(st.lists(_inputs, max_size=40))
def test_one_turn_at_a_time_and_never_deaf_or_talking_over_the_user(script: list[Input]) -> None:
    """Turns never overlap, ears are shut while an answer runs, each turn has a new number."""
    state, running, ears_open, numbers = State(), 0, False, []
    for event in script:
        if isinstance(event, TurnDone) and event.turn == running:
            running = 0
        if isinstance(event, EarsClosed):
            ears_open = False
        state, commands = step(state, event)
        for command in commands:
            match command:
                case StartTurn(turn):
                    assert not running
                    running = turn
                    numbers.append(turn)
                case AbortTurn(turn):
                    assert turn == running
                    running = 0
                case OpenEars():
                    ears_open = True
                case CloseEars() | FinishEars():
                    ears_open = False
        assert not (running and ears_open)
        assert state.answering == bool(running)
        if state.phase is Phase.LISTENING:
            assert ears_open
    assert numbers == sorted(set(numbers))
