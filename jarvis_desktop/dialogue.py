"""The turn state machine: what to do next, given what happened. Pure: no I/O, no clock, no randomness.

`step(state, input)` returns the next state and the commands the assistant has to carry out, in order. Inputs
are the user's intents and the facts that running commands report. Facts carry the number of the turn they
belong to; those of a turn that is over are ignored, so late messages can do no harm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from jarvis_desktop.events import (
    Intent,
    Interrupt,
    Phase,
    PressTalk,
    ReleaseTalk,
    SetHandsFree,
    SetMuted,
    SubmitText,
)

# --- facts ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a running command reports."""


@dataclass(frozen=True, slots=True)
class UtteranceClosed(Fact):
    """The user has finished speaking; the final text follows."""


@dataclass(frozen=True, slots=True)
class WordsHeard(Fact):
    """An utterance became text. `ended_at`: when its last sound arrived, on the assistant's clock in s."""

    text: str
    language: str
    ended_at: float


@dataclass(frozen=True, slots=True)
class NothingHeard(Fact):
    """An utterance held no words."""


@dataclass(frozen=True, slots=True)
class EarsClosed(Fact):
    """The input ended or failed; nothing more will be heard from it."""


@dataclass(frozen=True, slots=True)
class ReplyStarted(Fact):
    turn: int


@dataclass(frozen=True, slots=True)
class SpeechStartedPlaying(Fact):
    turn: int


@dataclass(frozen=True, slots=True)
class TurnDone(Fact):
    """The turn ended: complete, failed or aborted."""

    turn: int


Input = Intent | Fact


# --- commands ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Command:
    """Something the assistant has to do now."""


@dataclass(frozen=True, slots=True)
class OpenEars(Command):
    """Listen. `held` (push-to-talk): one utterance until `FinishEars`; else utterances as the voice detector

    finds them, until `CloseEars`. Opening ears that already listen that way changes nothing.
    """

    held: bool


@dataclass(frozen=True, slots=True)
class FinishEars(Command):
    """The key was released, or held for too long: transcribe what was heard.

    `keep_microphone`: the device stays open (unheard), because it will be needed again soon.
    """

    keep_microphone: bool


@dataclass(frozen=True, slots=True)
class CloseEars(Command):
    """Stop listening and forget what was not yet transcribed.

    `keep_microphone`: the device stays open (unheard), because listening resumes after the answer.
    """

    keep_microphone: bool = False


@dataclass(frozen=True, slots=True)
class StartTurn(Command):
    """Answer `text`. `speak`: read the answer aloud. `heard`: the utterance it came from, None when typed."""

    turn: int
    text: str
    speak: bool
    heard: WordsHeard | None = None


@dataclass(frozen=True, slots=True)
class AbortTurn(Command):
    """Stop generating and speaking; keep what was heard (or shown, where nothing was spoken)."""

    turn: int


@dataclass(frozen=True, slots=True)
class Hush(Command):
    """Stop speaking; go on writing."""

    turn: int


# --- state ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class State:
    """Where the dialogue stands. `turn` numbers the latest turn; `waiting` are questions typed meanwhile."""

    phase: Phase = Phase.IDLE
    turn: int = 0
    hands_free: bool = False
    held: bool = False
    muted: bool = False
    transcribing: bool = False
    ears_open: bool = False  # kept by `step` from the commands it gives
    waiting: tuple[SubmitText, ...] = ()

    @property
    def answering(self) -> bool:
        """A turn is under way (the question is text already)."""
        return self.phase in (Phase.REPLYING, Phase.SPEAKING) or (
            self.phase is Phase.THINKING and not self.transcribing
        )


Step = tuple[State, tuple[Command, ...]]


def step(state: State, event: Input) -> Step:
    """The next state and what to do; inputs that mean nothing in this state change nothing."""
    handler = _HANDLERS.get(type(event))
    if handler is None:
        return state, ()
    after, commands = handler(state, event)
    ears_open = after.ears_open
    for command in commands:
        if isinstance(command, OpenEars):
            ears_open = True
        elif isinstance(command, CloseEars | FinishEars):
            ears_open = False
    return replace(after, ears_open=ears_open), commands


def _start_turn(state: State, text: str, *, speak: bool, heard: WordsHeard | None = None) -> Step:
    turn = state.turn + 1
    started = replace(state, phase=Phase.THINKING, turn=turn, held=False, transcribing=False)
    start = StartTurn(turn, text, speak and not state.muted, heard)
    # Half duplex: an open microphone would hear the answer and take it for the user.
    return started, (CloseEars(keep_microphone=state.hands_free), start) if state.ears_open else (start,)


def _rest(state: State) -> Step:
    """Nothing is under way: answer what waits, or listen again when hands-free, or be idle."""
    if state.waiting:
        first, *others = state.waiting
        return _start_turn(replace(state, waiting=tuple(others)), first.text, speak=first.speak)
    calm = replace(state, held=False, transcribing=False)
    if state.hands_free:
        return replace(calm, phase=Phase.LISTENING), (OpenEars(held=False),)
    return replace(calm, phase=Phase.IDLE), ()


def _submit(state: State, event: SubmitText) -> Step:
    if not event.text.strip():
        return state, ()
    if state.answering or state.transcribing or state.held:
        return replace(state, waiting=(*state.waiting, event)), ()
    return _start_turn(state, event.text.strip(), speak=event.speak)


def _press(state: State, _: PressTalk) -> Step:
    if state.held:
        return state, ()
    commands: list[Command] = []
    if state.answering:
        commands.append(AbortTurn(state.turn))
    elif state.phase is not Phase.IDLE:
        commands.append(CloseEars(keep_microphone=True))
    commands.append(OpenEars(held=True))
    return replace(state, phase=Phase.LISTENING, held=True, transcribing=False), tuple(commands)


def _release(state: State, _: ReleaseTalk) -> Step:
    if not state.held:
        return state, ()
    return replace(state, phase=Phase.THINKING, held=False, transcribing=True), (
        FinishEars(keep_microphone=state.hands_free),
    )


def _set_hands_free(state: State, event: SetHandsFree) -> Step:
    if event.on == state.hands_free:
        return state, ()
    changed = replace(state, hands_free=event.on)
    if event.on and state.phase is Phase.IDLE:
        return _rest(changed)
    if event.on or state.held or state.transcribing:
        return changed, ()
    return replace(changed, phase=changed.phase if state.answering else Phase.IDLE), (CloseEars(),)


def _set_muted(state: State, event: SetMuted) -> Step:
    changed = replace(state, muted=event.on)
    return changed, ((Hush(state.turn),) if event.on and state.answering else ())


def _interrupt(state: State, _: Interrupt) -> Step:
    """Stop whatever is under way; questions that wait are dropped with it."""
    stopped = replace(state, waiting=())
    if state.answering:
        rested, commands = _rest(stopped)
        return rested, (AbortTurn(state.turn), *commands)
    if state.phase is Phase.IDLE:
        return stopped, ()
    # Stopping plain hands-free listening switches it off; stopping an utterance only drops that utterance.
    stays = state.hands_free and (state.transcribing or state.held)
    rested, commands = _rest(replace(stopped, hands_free=stays))
    return rested, (CloseEars(keep_microphone=stays), *commands)


def _utterance_closed(state: State, _: UtteranceClosed) -> Step:
    if state.phase is not Phase.LISTENING:
        return state, ()
    closed = replace(state, phase=Phase.THINKING, held=False, transcribing=True)
    # A key held for too long: the microphone must not stay open until it is let go.
    return closed, (FinishEars(keep_microphone=state.hands_free),) if state.held else ()


def _words_heard(state: State, event: WordsHeard) -> Step:
    if not state.transcribing:
        return state, ()
    return _start_turn(state, event.text, speak=True, heard=event)


def _nothing_heard(state: State, _: NothingHeard) -> Step:
    return _rest(state) if state.transcribing else (state, ())


def _ears_closed(state: State, _: EarsClosed) -> Step:
    """The microphone is gone: hands-free would only fail again, so it is switched off."""
    deaf = replace(state, hands_free=False, ears_open=False)
    return _rest(deaf) if state.phase is Phase.LISTENING or state.transcribing else (deaf, ())


def _reply_started(state: State, event: ReplyStarted) -> Step:
    if event.turn != state.turn or state.phase is not Phase.THINKING or not state.answering:
        return state, ()
    return replace(state, phase=Phase.REPLYING), ()


def _speech_started_playing(state: State, event: SpeechStartedPlaying) -> Step:
    if event.turn != state.turn or not state.answering:
        return state, ()
    return replace(state, phase=Phase.SPEAKING), ()


def _turn_done(state: State, event: TurnDone) -> Step:
    return _rest(state) if event.turn == state.turn and state.answering else (state, ())


_HANDLERS: dict[type[Input], Callable[..., Step]] = {
    SubmitText: _submit,
    PressTalk: _press,
    ReleaseTalk: _release,
    SetHandsFree: _set_hands_free,
    SetMuted: _set_muted,
    Interrupt: _interrupt,
    UtteranceClosed: _utterance_closed,
    WordsHeard: _words_heard,
    NothingHeard: _nothing_heard,
    EarsClosed: _ears_closed,
    ReplyStarted: _reply_started,
    SpeechStartedPlaying: _speech_started_playing,
    TurnDone: _turn_done,
}
