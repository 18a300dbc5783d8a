"""How states are shown: each has a word, an icon and a colour, the same wherever it appears."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jarvis_desktop.events import Part, PartChanged, PartState, Phase, PhaseChanged
from jarvis_desktop.ui.i18n import number, tr


class Mood(StrEnum):
    """The assistant's state as the microphone button, the tray icon and the window title show it."""

    OFF = "off"
    LISTENING = "listening"
    THINKING = "thinking"
    REPLYING = "replying"
    SPEAKING = "speaking"
    PROBLEM = "problem"  # the microphone cannot be used


@dataclass(frozen=True, slots=True)
class Look:
    """Icon and token (a name of `theme.Tokens`) of a state."""

    icon: str
    token: str


MOOD_LOOKS = {
    Mood.OFF: Look("microphone", "second"),
    Mood.LISTENING: Look("microphone-fill", "accent"),
    Mood.THINKING: Look("dots-three", "accent"),
    Mood.REPLYING: Look("chat-circle-dots", "accent"),
    Mood.SPEAKING: Look("speaker-high", "accent"),
    Mood.PROBLEM: Look("microphone-slash", "danger"),
}

PART_LOOKS = {
    PartState.ABSENT: Look("download-simple", "warning"),
    PartState.LOADING: Look("circle-dashed", "accent"),
    PartState.READY: Look("check-circle", "accent"),
    PartState.FAILED: Look("warning-circle", "danger"),
    PartState.STOPPED: Look("minus-circle", "second"),
}

_PHASE_MOODS = {
    Phase.IDLE: Mood.OFF,
    Phase.LISTENING: Mood.LISTENING,
    Phase.THINKING: Mood.THINKING,
    Phase.REPLYING: Mood.REPLYING,
    Phase.SPEAKING: Mood.SPEAKING,
}


def mood_of(event: PhaseChanged, *, microphone_failed: bool) -> Mood:
    """What to show for a phase."""
    if microphone_failed and event.phase in (Phase.IDLE, Phase.LISTENING):
        return Mood.PROBLEM
    return _PHASE_MOODS[event.phase]


def mood_word(mood: Mood) -> str:
    return {
        Mood.OFF: tr("Ready"),
        Mood.LISTENING: tr("Listening"),
        Mood.THINKING: tr("Thinking"),
        Mood.REPLYING: tr("Answering"),
        Mood.SPEAKING: tr("Speaking"),
        Mood.PROBLEM: tr("Microphone problem"),
    }[mood]


def part_name(part: Part) -> str:
    return {
        Part.ENGINE: tr("Language model"),
        Part.TRANSCRIPTION: tr("Speech recognition"),
        Part.SPEECH: tr("Voice"),
        Part.MICROPHONE: tr("Microphone"),
        Part.LOUDSPEAKER: tr("Loudspeaker"),
    }[part]


def part_state_word(state: PartState) -> str:
    return {
        PartState.ABSENT: tr("not downloaded"),
        PartState.LOADING: tr("loading"),
        PartState.READY: tr("ready"),
        PartState.FAILED: tr("failed"),
        PartState.STOPPED: tr("not loaded"),
    }[state]


def part_line(event: PartChanged) -> str:
    """State of a part in words, with how far it is."""
    if event.state is PartState.LOADING and event.progress is not None:
        return tr("loading, {percent} %", percent=number(event.progress * 100))
    return part_state_word(event.state)


def loading_line(parts: list[PartChanged]) -> str:
    """What is being loaded, in one line; empty when nothing is."""
    names = [part_name(event.part).lower() for event in parts if event.state is PartState.LOADING]
    return tr("Loading: {parts}", parts=", ".join(names)) if names else ""


def duration(milliseconds: float) -> str:
    """A time a person can read: 0.71 s below ten seconds, else 12 s."""
    seconds = milliseconds / 1000
    return tr("{seconds} s", seconds=number(seconds, 2 if seconds < 10 else 0))


def memory_amount(used_mib: float, total_mib: float) -> str:
    """``9.1 of 16 GB``."""
    used, total = used_mib / 1024, total_mib / 1024
    return tr("{used} of {total} GB", used=number(used, 1), total=number(total, 0 if total >= 10 else 1))
