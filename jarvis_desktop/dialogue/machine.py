"""What to do next, given what happened: one handler for each kind of input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from jarvis_desktop.dialogue.commands import (
    AbortTurn,
    Acknowledge,
    CloseEars,
    Command,
    Dictate,
    FinishEars,
    Hush,
    OpenEars,
    PauseSpeech,
    ResumeSpeech,
    StartTurn,
)
from jarvis_desktop.dialogue.facts import (
    Called,
    EarsBack,
    EarsClosed,
    Fact,
    FellAsleep,
    MemoryChanged,
    NothingHeard,
    ReplyStarted,
    SpeechStartedPlaying,
    TurnDone,
    UtteranceClosed,
    VoiceDropped,
    VoiceRaised,
    WordsHeard,
    WordsNoticed,
)
from jarvis_desktop.dialogue.state import State
from jarvis_desktop.events import (
    EarMode,
    Intent,
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

Input = Intent | Fact

Step = tuple[State, tuple[Command, ...]]


def step(state: State, event: Input) -> Step:
    """The next state and what to do; inputs that mean nothing in this state change nothing."""
    handler = _HANDLERS.get(type(event))
    if handler is None:
        return state, ()
    after, commands = handler(state, event)
    ears = after.open_ears
    for command in commands:
        if isinstance(command, OpenEars):
            ears = command.mode
        elif isinstance(command, CloseEars | FinishEars):
            ears = None
    return replace(after, open_ears=ears), commands


def _start_turn(
    state: State, text: str, *, speak: bool, heard: WordsHeard | None = None, instead_of: str = ""
) -> Step:
    turn = state.turn + 1
    started = replace(_calm(state), phase=Phase.THINKING, turn=turn, unheard=text if heard else "")
    start = StartTurn(turn, text, speak and not state.muted, heard, instead_of)
    return started, (*_ears_while_answering(started), start)


def _start_typed(state: State, asked: SubmitText) -> Step:
    return _start_turn(state, asked.text.strip(), speak=asked.speak, instead_of=asked.instead_of)


def _ears_while_answering(state: State) -> tuple[Command, ...]:
    """Open ears hear an interruption; without `barge_in` they would take the answer for the user."""
    if state.barge_in and state.ear_mode is not None:
        return (OpenEars(state.ear_mode),)
    return (CloseEars(keep_microphone=state.ear_mode is not None),) if state.ears_open else ()


def _calm(state: State) -> State:
    """No utterance is under way."""
    return replace(
        state, held=False, dictating=False, transcribing=False, paused=False, overheard=False, unheard=""
    )


def _rest(state: State) -> Step:
    """Nothing is under way: answer what waits, or listen again when hands-free or awake, or be idle."""
    if state.waiting:
        first, *others = state.waiting
        return _start_typed(replace(state, waiting=tuple(others)), first)
    calm, mode = _calm(state), state.ear_mode
    if mode is None:
        return replace(calm, phase=Phase.IDLE), ((CloseEars(),) if state.ears_open else ())
    phase = Phase.SLEEPING if mode is EarMode.WAKE else Phase.LISTENING
    return replace(calm, phase=phase), (OpenEars(mode),)


def _submit(state: State, event: SubmitText) -> Step:
    if not event.text.strip():
        return state, ()
    if state.transcribing or state.held or (state.answering and not event.instead_of):
        return replace(state, waiting=(*state.waiting, event)), ()
    stop = (AbortTurn(state.turn),) if state.answering else ()  # it may be the answer that is not wanted
    started, commands = _start_typed(state, event)
    return started, (*stop, *commands)


def _press(state: State, event: PressTalk) -> Step:
    if state.held:
        return state, ()
    commands: list[Command] = []
    if state.answering:
        commands.append(AbortTurn(state.turn))
    elif state.phase is not Phase.IDLE:
        commands.append(CloseEars(keep_microphone=True))
    commands.append(OpenEars(EarMode.HELD))
    pressed = replace(_calm(state), phase=Phase.LISTENING, held=True, dictating=event.dictate)
    return pressed, tuple(commands)


def _release(state: State, event: ReleaseTalk) -> Step:
    if not state.held or event.dictate is not state.dictating:
        return state, ()
    return replace(state, phase=Phase.THINKING, held=False, transcribing=True), (
        FinishEars(keep_microphone=state.ear_mode is not None),
    )


def _set_hands_free(state: State, event: SetHandsFree) -> Step:
    if event.on == state.hands_free and not state.deaf:
        return state, ()
    return _retune(replace(state, hands_free=event.on, awake=False, deaf=False))


def _set_wake_word(state: State, event: SetWakeWord) -> Step:
    if event.on == state.wake_word and not state.deaf:
        return state, ()
    return _retune(replace(state, wake_word=event.on, awake=False, deaf=False))


def _set_barge_in(state: State, event: SetBargeIn) -> Step:
    if event.on == state.barge_in:
        return state, ()
    changed = replace(state, barge_in=event.on)
    return _retune(changed) if state.answering else (changed, ())


def _retune(state: State) -> Step:
    """The wish how to listen has changed; an utterance being transcribed is not disturbed."""
    if state.held:
        return state, ()
    if state.transcribing:
        closed = (FinishEars(keep_microphone=False),) if state.ears_open and state.ear_mode is None else ()
        return state, closed
    if not state.answering:
        return _rest(state)
    spoken_on = (ResumeSpeech(state.turn),) if state.paused else ()
    return replace(state, paused=False, overheard=False), (*_ears_while_answering(state), *spoken_on)


def _set_muted(state: State, event: SetMuted) -> Step:
    changed = replace(state, muted=event.on)
    return changed, ((Hush(state.turn),) if event.on and state.answering else ())


def _interrupt(state: State, _: Interrupt) -> Step:
    """Stop whatever is under way; questions that wait are dropped with it."""
    stopped = replace(state, waiting=())
    if state.answering:
        # What was being said during the answer is dropped with it.
        drop = (CloseEars(keep_microphone=True),) if state.paused or state.overheard else ()
        rested, commands = _rest(stopped)
        return rested, (AbortTurn(state.turn), *drop, *commands)
    if state.phase in (Phase.IDLE, Phase.SLEEPING):
        return stopped, ()
    # Stopping plain hands-free listening switches it off; stopping an utterance only drops that utterance.
    stays = state.transcribing or state.held
    rested, commands = _rest(
        replace(
            stopped,
            hands_free=state.hands_free and stays,
            awake=state.awake and stays,
            open_ears=None,
        )
    )
    return rested, (CloseEars(keep_microphone=rested.ear_mode is not None), *commands)


def _memory_changed(state: State, _: MemoryChanged) -> Step:
    """What was asked or begun to be said under the old memory must not get into the new one: it is dropped.

    The answer under way goes on. Where something was said into it the ears stay closed until it ends, so
    that its words, which may be on their way, come too late.
    """
    kept = replace(state, waiting=(), unheard="")
    if state.answering:
        if not (state.paused or state.overheard):
            return kept, ()
        spoken_on, commands = _speak_on(replace(kept, overheard=False))
        return spoken_on, (CloseEars(keep_microphone=state.ear_mode is not None), *commands)
    if state.phase in (Phase.IDLE, Phase.SLEEPING):
        return kept, ()
    rested, commands = _rest(replace(kept, open_ears=None))
    return rested, (CloseEars(keep_microphone=rested.ear_mode is not None), *commands)


def _called(state: State, _: Called) -> Step:
    if not state.wake_word or state.held or state.transcribing:
        return state, ()
    stop = (AbortTurn(state.turn),) if state.answering else ()
    woken = replace(_calm(state), awake=True, phase=Phase.LISTENING)
    return woken, (*stop, OpenEars(EarMode.AWAKE), Acknowledge())


def _fell_asleep(state: State, _: FellAsleep) -> Step:
    if state.phase is not Phase.LISTENING or state.held or not state.awake:
        return state, ()
    return _rest(replace(state, awake=False))


def _voice_raised(state: State, _: VoiceRaised) -> Step:
    if not state.answering or state.paused:
        return state, ()
    return replace(state, paused=True), (PauseSpeech(state.turn),)


def _voice_dropped(state: State, _: VoiceDropped) -> Step:
    return _speak_on(state)


def _speak_on(state: State) -> Step:
    if not state.paused:
        return state, ()
    return replace(state, paused=False), (ResumeSpeech(state.turn),)


def _words_noticed(state: State, _: WordsNoticed) -> Step:
    """The user interrupts: the answer ends here, the utterance goes on."""
    asleep = state.ear_mode is EarMode.WAKE
    if not state.answering or not state.ears_open or asleep:
        return state, ()
    cut = replace(_calm(state), unheard=state.unheard, transcribing=state.overheard)
    phase = Phase.THINKING if state.overheard else Phase.LISTENING
    return replace(cut, phase=phase), (AbortTurn(state.turn),)


def _utterance_closed(state: State, _: UtteranceClosed) -> Step:
    if state.answering:
        return replace(state, overheard=state.ears_open), ()
    if state.phase is not Phase.LISTENING:
        return state, ()
    closed = replace(state, phase=Phase.THINKING, held=False, transcribing=True)
    # A key held for too long: the microphone must not stay open until it is let go.
    return closed, (FinishEars(keep_microphone=state.ear_mode is not None),) if state.held else ()


def _words_heard(state: State, event: WordsHeard) -> Step:
    said_into_the_answer = state.answering and state.ears_open
    if not (state.transcribing or said_into_the_answer):
        return state, ()
    if state.dictating:
        rested, commands = _rest(state)
        return rested, (Dictate(event.text), *commands)
    whole = f"{state.unheard} {event.text}".strip()
    started, commands = _start_turn(state, whole, speak=True, heard=event)
    return started, (AbortTurn(state.turn), *commands) if state.answering else commands


def _nothing_heard(state: State, _: NothingHeard) -> Step:
    if state.answering:
        return _speak_on(replace(state, overheard=False))
    return _rest(state) if state.transcribing else (state, ())


def _ears_closed(state: State, event: EarsClosed) -> Step:
    """A source that ended is not listened to again; a lost microphone is, as soon as it is back."""
    kept = state.ear_mode is not None and event.lost
    gone = replace(
        state,
        hands_free=state.hands_free and kept,
        wake_word=state.wake_word and kept,
        deaf=kept,
        open_ears=None,
    )
    if state.answering:
        return _speak_on(replace(gone, overheard=False))
    return (
        _rest(gone) if state.transcribing or state.phase in (Phase.LISTENING, Phase.SLEEPING) else (gone, ())
    )


def _ears_back(state: State, _: EarsBack) -> Step:
    return _retune(replace(state, deaf=False)) if state.deaf else (state, ())


def _reply_started(state: State, event: ReplyStarted) -> Step:
    if event.turn != state.turn or state.phase is not Phase.THINKING or not state.answering:
        return state, ()
    return replace(state, phase=Phase.REPLYING), ()


def _speech_started_playing(state: State, event: SpeechStartedPlaying) -> Step:
    if event.turn != state.turn or not state.answering:
        return state, ()
    return replace(state, phase=Phase.SPEAKING, unheard=""), ()


def _turn_done(state: State, event: TurnDone) -> Step:
    if event.turn != state.turn or not state.answering:
        return state, ()
    if state.overheard:  # the next question is on its way to becoming text
        return replace(_calm(state), phase=Phase.THINKING, transcribing=True), ()
    return _rest(state)


_HANDLERS: dict[type[Input], Callable[..., Step]] = {
    SubmitText: _submit,
    PressTalk: _press,
    ReleaseTalk: _release,
    SetHandsFree: _set_hands_free,
    SetWakeWord: _set_wake_word,
    SetBargeIn: _set_barge_in,
    SetMuted: _set_muted,
    Interrupt: _interrupt,
    Called: _called,
    FellAsleep: _fell_asleep,
    VoiceRaised: _voice_raised,
    VoiceDropped: _voice_dropped,
    WordsNoticed: _words_noticed,
    UtteranceClosed: _utterance_closed,
    WordsHeard: _words_heard,
    NothingHeard: _nothing_heard,
    EarsClosed: _ears_closed,
    EarsBack: _ears_back,
    MemoryChanged: _memory_changed,
    ReplyStarted: _reply_started,
    SpeechStartedPlaying: _speech_started_playing,
    TurnDone: _turn_done,
}
