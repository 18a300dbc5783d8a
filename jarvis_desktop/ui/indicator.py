"""What the microphone does, in one value that button, tray, title and header all show alike."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jarvis_desktop.events import (
    Discarded,
    EarMode,
    Event,
    Interrupted,
    Part,
    PartChanged,
    PartialTranscribed,
    PartState,
    Phase,
    PhaseChanged,
    PlaybackEnded,
    PlaybackPaused,
    PlaybackResumed,
    SpeechStarted,
    TurnEnded,
    TurnStarted,
)
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.words import Look

ANSWERING = (Phase.THINKING, Phase.REPLYING, Phase.SPEAKING)


class Mood(StrEnum):
    """What the user sees the assistant do."""

    OFF = "off"
    SLEEPING = "sleeping"  # only the wake word is listened for
    LISTENING = "listening"
    HEARING = "hearing"  # somebody speaks
    THINKING = "thinking"
    REPLYING = "replying"
    SPEAKING = "speaking"
    DICTATING = "dictating"  # what is said is typed
    PAUSED = "paused"  # an answer waits because the user speaks
    PROBLEM = "problem"  # the microphone cannot be used


MOOD_LOOKS = {
    Mood.OFF: Look("microphone", "second"),
    Mood.SLEEPING: Look("moon", "accent"),
    Mood.LISTENING: Look("microphone-fill", "accent"),
    Mood.HEARING: Look("ear-fill", "accent"),
    Mood.THINKING: Look("dots-three", "accent"),
    Mood.REPLYING: Look("chat-circle-dots", "accent"),
    Mood.SPEAKING: Look("speaker-high", "accent"),
    Mood.DICTATING: Look("note-pencil", "accent"),
    Mood.PAUSED: Look("pause-fill", "warning"),
    Mood.PROBLEM: Look("microphone-slash", "danger"),
}
_ALWAYS_LISTENING = Look("waveform", "accent")


@dataclass(frozen=True, slots=True)
class Indication:
    """State of the microphone and the modes that are switched on."""

    mood: Mood = Mood.OFF
    ears: EarMode | None = None  # how the microphone is listened to; None: not at all
    hands_free: bool = False
    wake_word: bool = False
    muted: bool = False

    @property
    def look(self) -> Look:
        return _ALWAYS_LISTENING if self._always_listening else MOOD_LOOKS[self.mood]

    @property
    def _always_listening(self) -> bool:
        return self.mood is Mood.LISTENING and self.ears is EarMode.HANDS_FREE

    @property
    def badged(self) -> bool:
        """The microphone is open and the picture alone does not say so."""
        return self.ears is not None and self.mood not in (Mood.LISTENING, Mood.HEARING)

    @property
    def hearing_level(self) -> bool:
        """The input level is worth showing."""
        dictating = self.mood is Mood.DICTATING and self.ears is not None
        return dictating or self.mood in (Mood.LISTENING, Mood.HEARING, Mood.PAUSED)

    @property
    def stoppable(self) -> bool:
        return self.mood not in (Mood.OFF, Mood.SLEEPING, Mood.PROBLEM)

    @property
    def announced(self) -> bool:
        """Whether a screen reader is to say it: not into what is being said."""
        return self.mood not in (Mood.HEARING, Mood.REPLYING, Mood.SPEAKING)

    @property
    def word(self) -> str:
        """The state in a few words."""
        if self.mood is Mood.SPEAKING and self.ears not in (None, EarMode.WAKE):
            return tr("Speaking, and listening to you")
        if self._always_listening:
            return tr("Listening, hands-free")
        return _word(self.mood)

    @property
    def microphone(self) -> str:
        """What happens to sound in the room, in a sentence."""
        match self.mood:
            case Mood.OFF:
                return tr("The microphone is closed.")
            case Mood.SLEEPING:
                return tr(
                    "The microphone is open, and only the wake word is listened for. "
                    "Nothing of it leaves this machine."
                )
            case Mood.LISTENING:
                return tr("The microphone is open: just talk.")
            case Mood.HEARING:
                return tr("The microphone is open and hears speech.")
            case Mood.DICTATING if self.ears is not None:
                return tr("The microphone is open: what you say is typed where the keyboard is.")
            case Mood.PAUSED:
                return tr("The answer waits while you speak.")
            case Mood.PROBLEM:
                return tr("Jarvis cannot hear you.")
        if self.ears is EarMode.WAKE:
            return tr("The microphone is open: say “Hey Jarvis” to interrupt.")
        if self.ears is not None:
            return tr("The microphone is open: talk to interrupt.")
        return tr("Jarvis does not listen meanwhile.")


def _word(mood: Mood) -> str:
    return {
        Mood.OFF: tr("Ready"),
        Mood.SLEEPING: tr("Say “Hey Jarvis”"),
        Mood.LISTENING: tr("Listening"),
        Mood.HEARING: tr("Hearing you"),
        Mood.THINKING: tr("Thinking"),
        Mood.REPLYING: tr("Answering"),
        Mood.SPEAKING: tr("Speaking"),
        Mood.DICTATING: tr("Dictating"),
        Mood.PAUSED: tr("Paused, listening to you"),
        Mood.PROBLEM: tr("Microphone problem"),
    }[mood]


class Indicator:
    """Derives the indication from the core's events, in the order they come."""

    KINDS: tuple[type[Event], ...] = (
        PhaseChanged,
        PartChanged,
        SpeechStarted,
        PartialTranscribed,
        TurnEnded,
        Discarded,
        TurnStarted,
        PlaybackPaused,
        PlaybackResumed,
        PlaybackEnded,
        Interrupted,
    )

    def __init__(self) -> None:
        self._phase = PhaseChanged(Phase.IDLE)
        self._voice = False  # an utterance is under way
        self._paused = False
        self._deaf = False  # the microphone failed when it was last needed

    @property
    def phase(self) -> Phase:
        return self._phase.phase

    @property
    def now(self) -> Indication:
        phase = self._phase
        return Indication(self._mood(), self._ears(), phase.hands_free, phase.wake_word, phase.muted)

    def take(self, event: Event) -> None:
        """One of `KINDS` happened."""
        match event:
            case PhaseChanged():
                self._take_phase(event)
            case PartChanged(part=Part.MICROPHONE):
                self._deaf = event.state is PartState.FAILED
                self._voice = self._voice and not self._deaf
            case SpeechStarted():
                # While the key is held everything is recorded, be it speech or not.
                self._voice = self._ears() is not EarMode.HELD
            case PartialTranscribed() if event.stable or event.unstable:
                self._voice = True
            case TurnEnded() | Discarded() | TurnStarted():
                self._voice = False
            case PlaybackPaused():
                self._paused = True
            case PlaybackResumed() | PlaybackEnded() | Interrupted():
                self._paused = False

    def _take_phase(self, event: PhaseChanged) -> None:
        self._phase = event
        if event.phase not in (Phase.LISTENING, *ANSWERING):
            self._voice = False
        if event.phase not in ANSWERING:
            self._paused = False

    def _ears(self) -> EarMode | None:
        """As the core says, or as the phase implies."""
        phase = self._phase
        if self._deaf:
            return None
        if phase.ears is not None or phase.phase not in (Phase.SLEEPING, Phase.LISTENING):
            return phase.ears
        if phase.phase is Phase.SLEEPING:
            return EarMode.WAKE
        if phase.hands_free:
            return EarMode.HANDS_FREE
        return EarMode.AWAKE if phase.wake_word else EarMode.HELD

    def _mood(self) -> Mood:
        phase = self._phase.phase
        if self._deaf and phase not in ANSWERING:
            return Mood.PROBLEM
        if self._paused and phase in ANSWERING:
            return Mood.PAUSED
        if self._phase.dictating:
            return Mood.DICTATING
        if self._voice and phase is Phase.LISTENING:
            return Mood.HEARING
        return _PHASE_MOODS[phase]


_PHASE_MOODS = {
    Phase.IDLE: Mood.OFF,
    Phase.SLEEPING: Mood.SLEEPING,
    Phase.LISTENING: Mood.LISTENING,
    Phase.THINKING: Mood.THINKING,
    Phase.REPLYING: Mood.REPLYING,
    Phase.SPEAKING: Mood.SPEAKING,
}
