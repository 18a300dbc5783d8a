"""What a client is told that there is, in the protocol's own terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wyoming.info import (
    AsrModel,
    AsrProgram,
    Attribution,
    Info,
    TtsProgram,
    TtsVoice,
    WakeModel,
    WakeProgram,
)

from jarvis_desktop import __version__
from jarvis_desktop.server.languages import LANGUAGES

PROGRAM = "Jarvis"
"""Name of each program: what Home Assistant calls its entities."""

WAKE_WORD, _PHRASE = "hey_jarvis", "Hey Jarvis"

_WHISPER = Attribution("OpenAI", "https://github.com/openai/whisper")
_PIPER = Attribution("Open Home Foundation", "https://github.com/OHF-Voice/piper1-gpl")
_WAKE = Attribution("openWakeWord and microWakeWord", "https://github.com/dscripka/openWakeWord")


@dataclass(frozen=True, slots=True)
class Offered:
    """A model that is on the disk: its name in the catalogue, its title and languages (ISO 639-1)."""

    name: str
    title: str
    languages: tuple[str, ...]

    @property
    def spoken(self) -> tuple[str, ...]:
        """The languages one by one."""
        return LANGUAGES if "multilingual" in self.languages else self.languages


@dataclass(frozen=True, slots=True)
class Offer:
    """What there is with the settings in force; the first voice reads what no other one speaks."""

    transcription: Offered | None = None
    voices: tuple[Offered, ...] = ()
    wake_word: Offered | None = None


def info(offer: Offer) -> Info:
    """The answer to `describe`: nothing is named that is not there."""
    found = Info()
    if (whisper := offer.transcription) is not None:
        found.asr = [
            AsrProgram(
                **_artifact(PROGRAM, "Speech to text with Whisper", _WHISPER),
                models=[AsrModel(**_model(whisper, _WHISPER), languages=list(whisper.spoken))],
                supports_transcript_streaming=True,
            )
        ]
    if offer.voices:
        found.tts = [
            TtsProgram(
                **_artifact(PROGRAM, "Text to speech with Piper", _PIPER),
                voices=[
                    TtsVoice(**_model(voice, _PIPER), languages=[*voice.spoken]) for voice in offer.voices
                ],
                supports_synthesize_streaming=True,
            )
        ]
    if (wake := offer.wake_word) is not None:
        found.wake = [
            WakeProgram(
                **_artifact(PROGRAM, "The wake word of Jarvis", _WAKE),
                models=[
                    WakeModel(
                        **_artifact(WAKE_WORD, _PHRASE, _WAKE, version=None),
                        languages=list(wake.spoken),
                        phrase=_PHRASE,
                    )
                ],
            )
        ]
    return found


def _model(model: Offered, attribution: Attribution) -> dict[str, Any]:
    return _artifact(model.name, model.title, attribution, version=None)


def _artifact(
    name: str, description: str, attribution: Attribution, version: str | None = __version__
) -> dict[str, Any]:
    return {
        "name": name,
        "description": description,
        "attribution": attribution,
        "installed": True,
        "version": version,
    }
