"""The dialogue reads like a script: inputs in, commands out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from jarvis_desktop.dialogue import (
    AbortTurn,
    Acknowledge,
    Called,
    CloseEars,
    Command,
    Dictate,
    EarsBack,
    EarsClosed,
    FellAsleep,
    FinishEars,
    Hush,
    Input,
    MemoryChanged,
    NothingHeard,
    OpenEars,
    PauseSpeech,
    ReplyStarted,
    ResumeSpeech,
    SpeechStartedPlaying,
    StartTurn,
    State,
    TurnDone,
    UtteranceClosed,
    VoiceDropped,
    VoiceRaised,
    WordsHeard,
    WordsNoticed,
    step,
)
from jarvis_desktop.events import (
    EarMode,
    Interrupt,
    Phase,
    PressTalk,
    ReleaseTalk,
    SetBargeIn,
    SetHandsFree,
    SetMuted,
    SetWakeWord,
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


def test_another_version_ends_the_answer_under_way_and_what_waits_follows_it() -> None:
    script = Script().play(SubmitText("one"), StartTurn(1, "one", speak=False), phase=Phase.THINKING)
    script.play(SubmitText("two"), phase=Phase.THINKING)
    again = SubmitText("one", instead_of="t1")
    start = StartTurn(2, "one", speak=False, instead_of="t1")
    script.play(again, AbortTurn(1), start, phase=Phase.THINKING)
    script.play(TurnDone(2), StartTurn(3, "two", speak=False), phase=Phase.THINKING)


def test_question_typed_during_an_answer_waits_for_its_turn() -> None:
    script = Script().play(SubmitText("one"), StartTurn(1, "one", speak=False), phase=Phase.THINKING)
    script.play(SubmitText("two"), phase=Phase.THINKING)
    script.play(TurnDone(1), StartTurn(2, "two", speak=False), phase=Phase.THINKING)
    script.play(TurnDone(2), phase=Phase.IDLE)


def test_push_to_talk_turn() -> None:
    script = Script().play(PressTalk(), OpenEars(EarMode.HELD), phase=Phase.LISTENING)
    script.play(PressTalk(), phase=Phase.LISTENING)  # key repeat
    script.play(ReleaseTalk(), FinishEars(keep_microphone=False), phase=Phase.THINKING)
    script.play(UtteranceClosed(), phase=Phase.THINKING)
    script.play(HELLO, StartTurn(1, "hello", speak=True, heard=HELLO), phase=Phase.THINKING)
    script.play(SpeechStartedPlaying(1), phase=Phase.SPEAKING)
    script.play(TurnDone(1), phase=Phase.IDLE)


def test_holding_too_long_ends_the_turn_and_the_late_release_does_nothing() -> None:
    script = Script().play(PressTalk(), OpenEars(EarMode.HELD), phase=Phase.LISTENING)
    script.play(UtteranceClosed(), FinishEars(keep_microphone=False), phase=Phase.THINKING)
    script.play(ReleaseTalk(), phase=Phase.THINKING)
    script.play(HELLO, StartTurn(1, "hello", speak=True, heard=HELLO), phase=Phase.THINKING)


def test_pressing_talk_interrupts_the_answer() -> None:
    script = Script().play(SubmitText("one"), StartTurn(1, "one", speak=False), phase=Phase.THINKING)
    script.play(ReplyStarted(1), phase=Phase.REPLYING)
    script.play(PressTalk(), AbortTurn(1), OpenEars(EarMode.HELD), phase=Phase.LISTENING)
    script.play(TurnDone(1), phase=Phase.LISTENING)  # of the turn that was aborted


def test_what_is_dictated_is_handed_on_and_not_answered() -> None:
    script = Script().play(PressTalk(dictate=True), OpenEars(EarMode.HELD), phase=Phase.LISTENING)
    script.play(ReleaseTalk(), phase=Phase.LISTENING)  # of another key
    script.play(ReleaseTalk(dictate=True), FinishEars(keep_microphone=False), phase=Phase.THINKING)
    script.play(HELLO, Dictate("hello"), phase=Phase.IDLE)
    script.play(PressTalk(), OpenEars(EarMode.HELD), phase=Phase.LISTENING)
    script.play(ReleaseTalk(), FinishEars(keep_microphone=False), phase=Phase.THINKING)
    script.play(HELLO, StartTurn(1, "hello", speak=True, heard=HELLO), phase=Phase.THINKING)


def test_a_dictation_that_is_stopped_is_not_handed_on() -> None:
    script = Script().play(PressTalk(dictate=True), OpenEars(EarMode.HELD), phase=Phase.LISTENING)
    script.play(ReleaseTalk(dictate=True), FinishEars(keep_microphone=False), phase=Phase.THINKING)
    script.play(Interrupt(), CloseEars(), phase=Phase.IDLE)
    script.play(HELLO, phase=Phase.IDLE)


def test_hands_free_listening_waits_for_a_dictation() -> None:
    script = Script().play(SetHandsFree(True), OpenEars(EarMode.HANDS_FREE), phase=Phase.LISTENING)
    script.play(
        PressTalk(dictate=True),
        CloseEars(keep_microphone=True),
        OpenEars(EarMode.HELD),
        phase=Phase.LISTENING,
    )
    script.play(ReleaseTalk(dictate=True), FinishEars(keep_microphone=True), phase=Phase.THINKING)
    script.play(HELLO, Dictate("hello"), OpenEars(EarMode.HANDS_FREE), phase=Phase.LISTENING)


def test_hands_free_listens_again_after_each_answer() -> None:
    script = Script().play(SetHandsFree(True), OpenEars(EarMode.HANDS_FREE), phase=Phase.LISTENING)
    script.play(UtteranceClosed(), phase=Phase.THINKING)
    script.play(
        HELLO,
        CloseEars(keep_microphone=True),
        StartTurn(1, "hello", speak=True, heard=HELLO),
        phase=Phase.THINKING,
    )
    script.play(TurnDone(1), OpenEars(EarMode.HANDS_FREE), phase=Phase.LISTENING)
    script.play(UtteranceClosed(), phase=Phase.THINKING)
    script.play(NothingHeard(), OpenEars(EarMode.HANDS_FREE), phase=Phase.LISTENING)
    script.play(SetHandsFree(False), CloseEars(), phase=Phase.IDLE)


def test_stop_during_a_hands_free_answer_listens_at_once() -> None:
    script = Script(State(Phase.SPEAKING, turn=4, hands_free=True))
    script.play(Interrupt(), AbortTurn(4), OpenEars(EarMode.HANDS_FREE), phase=Phase.LISTENING)
    script.play(TurnDone(4), phase=Phase.LISTENING)


def test_stop_while_listening_hands_free_switches_it_off() -> None:
    script = Script(State(Phase.LISTENING, hands_free=True, open_ears=EarMode.HANDS_FREE))
    script.play(Interrupt(), CloseEars(), phase=Phase.IDLE)
    assert not script.state.hands_free


def test_stop_drops_waiting_questions() -> None:
    script = Script(State(Phase.REPLYING, turn=1, waiting=(SubmitText("next"),)))
    script.play(Interrupt(), AbortTurn(1), phase=Phase.IDLE)


def test_typing_while_hands_free_listens_answers_and_listens_again() -> None:
    script = Script(State(Phase.LISTENING, hands_free=True, open_ears=EarMode.HANDS_FREE))
    script.play(
        SubmitText("hi"),
        CloseEars(keep_microphone=True),
        StartTurn(1, "hi", speak=False),
        phase=Phase.THINKING,
    )
    script.play(TurnDone(1), OpenEars(EarMode.HANDS_FREE), phase=Phase.LISTENING)


def test_late_news_of_an_aborted_answer_does_not_disturb_the_next_question() -> None:
    script = Script(State(Phase.THINKING, turn=1))
    script.play(PressTalk(), AbortTurn(1), OpenEars(EarMode.HELD), phase=Phase.LISTENING)
    script.play(ReleaseTalk(), FinishEars(keep_microphone=False), phase=Phase.THINKING)
    script.play(ReplyStarted(1), phase=Phase.THINKING)
    script.play(SpeechStartedPlaying(1), phase=Phase.THINKING)
    script.play(HELLO, StartTurn(2, "hello", speak=True, heard=HELLO), phase=Phase.THINKING)


def test_muting_silences_this_answer_and_the_next() -> None:
    script = Script(State(Phase.SPEAKING, turn=2))
    script.play(SetMuted(True), Hush(2), phase=Phase.SPEAKING)
    script.play(TurnDone(2), phase=Phase.IDLE)
    script.play(SubmitText("x", speak=True), StartTurn(3, "x", speak=False), phase=Phase.THINKING)


def test_lost_microphone_is_listened_to_again_when_it_is_back() -> None:
    script = Script(State(Phase.LISTENING, hands_free=True, open_ears=EarMode.HANDS_FREE))
    script.play(EarsClosed(lost=True), phase=Phase.IDLE)
    script.play(SubmitText("hi"), StartTurn(1, "hi", speak=False), phase=Phase.THINKING)
    script.play(TurnDone(1), phase=Phase.IDLE)
    script.play(EarsBack(), OpenEars(EarMode.HANDS_FREE), phase=Phase.LISTENING)


def test_recording_that_ended_is_not_listened_to_again() -> None:
    script = Script(State(Phase.LISTENING, hands_free=True, open_ears=EarMode.HANDS_FREE))
    script.play(EarsClosed(), phase=Phase.IDLE)
    assert not script.state.hands_free


def test_microphone_lost_during_an_answer_does_not_end_it() -> None:
    script = Script(
        State(
            Phase.SPEAKING, turn=1, hands_free=True, open_ears=EarMode.HANDS_FREE, barge_in=True, paused=True
        )
    )
    script.play(EarsClosed(lost=True), ResumeSpeech(1), phase=Phase.SPEAKING)
    script.play(TurnDone(1), phase=Phase.IDLE)


def speaking(**changes: object) -> Script:
    """Hands-free, and the answer is heard."""
    state = State(Phase.SPEAKING, turn=1, hands_free=True, barge_in=True, open_ears=EarMode.HANDS_FREE)
    return Script(replace(state, **changes))  # type: ignore[arg-type]


def test_cough_during_the_answer_pauses_it_and_it_goes_on() -> None:
    script = speaking().play(VoiceRaised(), PauseSpeech(1), phase=Phase.SPEAKING)
    script.play(VoiceDropped(), ResumeSpeech(1), phase=Phase.SPEAKING)
    script.play(VoiceRaised(), PauseSpeech(1), phase=Phase.SPEAKING)
    script.play(UtteranceClosed(), phase=Phase.SPEAKING)
    script.play(NothingHeard(), ResumeSpeech(1), phase=Phase.SPEAKING)
    script.play(TurnDone(1), OpenEars(EarMode.HANDS_FREE), phase=Phase.LISTENING)


def test_words_during_the_answer_end_it_and_are_answered() -> None:
    script = speaking().play(VoiceRaised(), PauseSpeech(1), phase=Phase.SPEAKING)
    script.play(WordsNoticed(), AbortTurn(1), phase=Phase.LISTENING)
    script.play(TurnDone(1), phase=Phase.LISTENING)
    script.play(UtteranceClosed(), phase=Phase.THINKING)
    script.play(
        HELLO,
        OpenEars(EarMode.HANDS_FREE),
        StartTurn(2, "hello", speak=True, heard=HELLO),
        phase=Phase.THINKING,
    )


def test_short_word_that_was_never_live_text_ends_the_answer_too() -> None:
    script = speaking().play(VoiceRaised(), PauseSpeech(1), phase=Phase.SPEAKING)
    script.play(UtteranceClosed(), phase=Phase.SPEAKING)
    script.play(
        HELLO,
        AbortTurn(1),
        OpenEars(EarMode.HANDS_FREE),
        StartTurn(2, "hello", speak=True, heard=HELLO),
        phase=Phase.THINKING,
    )


def test_answer_that_ends_while_an_utterance_becomes_text_does_not_swallow_it() -> None:
    script = speaking().play(UtteranceClosed(), phase=Phase.SPEAKING)
    script.play(TurnDone(1), phase=Phase.THINKING)
    script.play(
        HELLO,
        OpenEars(EarMode.HANDS_FREE),
        StartTurn(2, "hello", speak=True, heard=HELLO),
        phase=Phase.THINKING,
    )


def test_words_said_before_anything_of_the_answer_was_heard_continue_the_question() -> None:
    script = Script(State(Phase.LISTENING, hands_free=True, barge_in=True, open_ears=EarMode.HANDS_FREE))
    weather, where = WordsHeard("What is the weather", "en", 1.0), WordsHeard("in Lima?", "en", 3.0)
    listen = OpenEars(EarMode.HANDS_FREE)
    script.play(UtteranceClosed(), phase=Phase.THINKING)
    script.play(weather, listen, StartTurn(1, weather.text, speak=True, heard=weather), phase=Phase.THINKING)
    script.play(VoiceRaised(), PauseSpeech(1), phase=Phase.THINKING)
    script.play(WordsNoticed(), AbortTurn(1), phase=Phase.LISTENING)
    script.play(UtteranceClosed(), phase=Phase.THINKING)
    script.play(
        where,
        listen,
        StartTurn(2, "What is the weather in Lima?", speak=True, heard=where),
        phase=Phase.THINKING,
    )
    script.play(SpeechStartedPlaying(2), phase=Phase.SPEAKING)
    script.play(VoiceRaised(), PauseSpeech(2), phase=Phase.SPEAKING)
    script.play(WordsNoticed(), AbortTurn(2), phase=Phase.LISTENING)
    script.play(UtteranceClosed(), phase=Phase.THINKING)
    script.play(HELLO, listen, StartTurn(3, "hello", speak=True, heard=HELLO), phase=Phase.THINKING)


def test_stop_button_while_the_user_speaks_into_the_answer_drops_both() -> None:
    script = speaking(paused=True)
    script.play(
        Interrupt(),
        AbortTurn(1),
        CloseEars(keep_microphone=True),
        OpenEars(EarMode.HANDS_FREE),
        phase=Phase.LISTENING,
    )


def test_what_waits_is_not_asked_under_another_memory() -> None:
    script = Script().play(SubmitText("one"), StartTurn(1, "one", speak=False), phase=Phase.THINKING)
    script.play(SubmitText("two"), phase=Phase.THINKING)
    script.play(MemoryChanged(), phase=Phase.THINKING)  # the answer goes on
    script.play(TurnDone(1), phase=Phase.IDLE)


def test_what_is_being_said_is_dropped_when_the_memory_changes_and_listening_goes_on() -> None:
    script = Script().play(SetHandsFree(True), OpenEars(EarMode.HANDS_FREE), phase=Phase.LISTENING)
    anew = CloseEars(keep_microphone=True), OpenEars(EarMode.HANDS_FREE)
    script.play(MemoryChanged(), *anew, phase=Phase.LISTENING)
    script.play(UtteranceClosed(), phase=Phase.THINKING)
    script.play(MemoryChanged(), *anew, phase=Phase.LISTENING)
    script.play(HELLO, phase=Phase.LISTENING)


def test_a_talk_key_held_while_the_memory_changes_has_to_be_pressed_again() -> None:
    script = Script().play(PressTalk(), OpenEars(EarMode.HELD), phase=Phase.LISTENING)
    script.play(MemoryChanged(), CloseEars(), phase=Phase.IDLE)
    script.play(ReleaseTalk(), phase=Phase.IDLE)


def test_what_is_said_into_an_answer_is_dropped_when_the_memory_changes() -> None:
    script = speaking(paused=True)
    script.play(UtteranceClosed(), phase=Phase.SPEAKING)
    closed = CloseEars(keep_microphone=True)
    script.play(MemoryChanged(), closed, ResumeSpeech(1), phase=Phase.SPEAKING)
    script.play(HELLO, phase=Phase.SPEAKING)
    script.play(TurnDone(1), OpenEars(EarMode.HANDS_FREE), phase=Phase.LISTENING)


def test_a_question_of_the_old_memory_is_not_added_to_under_the_new_one() -> None:
    ears = EarMode.HANDS_FREE
    script = Script(State(Phase.THINKING, 1, True, barge_in=True, open_ears=ears, unheard="a secret and"))
    script.play(MemoryChanged(), phase=Phase.THINKING)
    assert script.state.unheard == ""


def test_switching_voice_interruption_off_during_an_answer_closes_the_ears() -> None:
    script = speaking(paused=True)
    script.play(SetBargeIn(False), CloseEars(keep_microphone=True), ResumeSpeech(1), phase=Phase.SPEAKING)


def test_wake_word_wakes_and_silence_puts_back_to_sleep() -> None:
    script = Script(State(barge_in=True))
    script.play(SetWakeWord(True), OpenEars(EarMode.WAKE), phase=Phase.SLEEPING)
    script.play(Called(), OpenEars(EarMode.AWAKE), Acknowledge(), phase=Phase.LISTENING)
    script.play(UtteranceClosed(), phase=Phase.THINKING)
    script.play(
        HELLO,
        OpenEars(EarMode.AWAKE),
        StartTurn(1, "hello", speak=True, heard=HELLO),
        phase=Phase.THINKING,
    )
    script.play(TurnDone(1), OpenEars(EarMode.AWAKE), phase=Phase.LISTENING)
    script.play(FellAsleep(), OpenEars(EarMode.WAKE), phase=Phase.SLEEPING)
    script.play(SetWakeWord(False), CloseEars(), phase=Phase.IDLE)


def test_wake_word_stops_an_answer_to_a_typed_question() -> None:
    script = Script(State(Phase.SLEEPING, wake_word=True, barge_in=True, open_ears=EarMode.WAKE))
    script.play(
        SubmitText("hi", speak=True),
        OpenEars(EarMode.WAKE),
        StartTurn(1, "hi", speak=True),
        phase=Phase.THINKING,
    )
    script.play(Called(), AbortTurn(1), OpenEars(EarMode.AWAKE), Acknowledge(), phase=Phase.LISTENING)


def test_talk_key_works_while_asleep_and_sleep_goes_on() -> None:
    script = Script(State(Phase.SLEEPING, wake_word=True, open_ears=EarMode.WAKE))
    script.play(PressTalk(), CloseEars(keep_microphone=True), OpenEars(EarMode.HELD), phase=Phase.LISTENING)
    script.play(ReleaseTalk(), FinishEars(keep_microphone=True), phase=Phase.THINKING)
    script.play(NothingHeard(), OpenEars(EarMode.WAKE), phase=Phase.SLEEPING)


_facts = [
    *(UtteranceClosed(), NothingHeard(), HELLO, EarsClosed(), EarsClosed(lost=True), EarsBack()),
    *(Called(), FellAsleep(), VoiceRaised(), VoiceDropped(), WordsNoticed()),
]
_inputs = st.one_of(
    st.sampled_from([Interrupt(), MemoryChanged(), *_facts]),
    st.builds(PressTalk, st.booleans()),
    st.builds(ReleaseTalk, st.booleans()),
    st.builds(SetHandsFree, st.booleans()),
    st.builds(SetWakeWord, st.booleans()),
    st.builds(SetBargeIn, st.booleans()),
    st.builds(SetMuted, st.booleans()),
    st.builds(SubmitText, st.sampled_from(["a", "b", " "])),
    st.builds(TurnDone, st.integers(0, 6)),
    st.builds(ReplyStarted, st.integers(0, 6)),
    st.builds(SpeechStartedPlaying, st.integers(0, 6)),
)


class World:
    """What the assistant would do with the commands, and what must never come of it."""

    def __init__(self) -> None:
        self.running = 0
        self.paused = False
        self.ears: EarMode | None = None
        self.numbers: list[int] = []

    def hear_of(self, event: Input) -> None:
        if isinstance(event, TurnDone) and event.turn == self.running:
            self.running, self.paused = 0, False
        if isinstance(event, EarsClosed):
            self.ears = None

    def obey(self, command: Command) -> None:
        match command:
            case StartTurn(turn):
                assert not self.running
                self.running = turn
                self.numbers.append(turn)
            case AbortTurn(turn):
                assert turn == self.running
                self.running, self.paused = 0, False
            case PauseSpeech(turn):
                assert (turn, self.paused) == (self.running, False)
                self.paused = True
            case ResumeSpeech(turn):
                assert (turn, self.paused) == (self.running, True)
                self.paused = False
            case OpenEars(mode):
                self.ears = mode
            case CloseEars() | FinishEars():
                self.ears = None


_EARS_OF = {
    Phase.IDLE: (None,),
    Phase.SLEEPING: (EarMode.WAKE,),
    Phase.LISTENING: (EarMode.HELD, EarMode.HANDS_FREE, EarMode.AWAKE),
}


@given(st.lists(_inputs, max_size=40))
def test_one_turn_at_a_time_and_ears_as_the_user_sees_them(script: list[Input]) -> None:
    """Turns never overlap, each has a new number, what is paused goes on or ends, the indicator is true."""
    state, world = State(), World()
    for event in script:
        world.hear_of(event)
        state, commands = step(state, event)
        for command in commands:
            world.obey(command)
        assert (state.paused, state.open_ears) == (world.paused, world.ears)
        assert state.answering == bool(world.running)
        assert state.barge_in or not (world.running and world.ears)
        assert world.ears in _EARS_OF.get(state.phase, (world.ears,))
    assert world.numbers == sorted(set(world.numbers))
