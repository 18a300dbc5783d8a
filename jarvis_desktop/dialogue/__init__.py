"""The turn state machine: what to do next, given what happened. Pure: no I/O, no clock, no randomness.

`step(state, input)` returns the next state and the commands the assistant has to carry out, in order. Inputs
are the user's intents and the facts that running commands report. Facts carry the number of the turn they
belong to; those of a turn that is over are ignored, so late messages can do no harm.
"""

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
from jarvis_desktop.dialogue.machine import Input, Step, step
from jarvis_desktop.dialogue.state import State

__all__ = [
    "AbortTurn",
    "Acknowledge",
    "Called",
    "CloseEars",
    "Command",
    "Dictate",
    "EarsBack",
    "EarsClosed",
    "Fact",
    "FellAsleep",
    "FinishEars",
    "Hush",
    "Input",
    "MemoryChanged",
    "NothingHeard",
    "OpenEars",
    "PauseSpeech",
    "ReplyStarted",
    "ResumeSpeech",
    "SpeechStartedPlaying",
    "StartTurn",
    "State",
    "Step",
    "TurnDone",
    "UtteranceClosed",
    "VoiceDropped",
    "VoiceRaised",
    "WordsHeard",
    "WordsNoticed",
    "step",
]
