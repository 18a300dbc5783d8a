"""Speech to text, and text to speech."""

from __future__ import annotations

from typing import Literal

from jarvis_desktop.config.schema.section import Restarts, Section, setting


class Transcription(Section):
    """How speech becomes text."""

    model: str = setting(
        "whisper-base", "Model", "Whisper model from the catalogue.", restarts=Restarts.TRANSCRIPTION
    )
    language: Literal["auto", "en", "es"] = setting(
        "auto", "Spoken language", "Fixing the language is a little faster and surer than detecting it."
    )
    custom_words: str = setting(
        "",
        "Your words",
        "Names and terms you use, separated by commas: they are recognised more often.",
        max_length=1000,
    )
    device: Literal["auto", "cpu", "cuda"] = setting(
        "auto",
        "Run on",
        "Automatic uses the graphics card where there is one.",
        restarts=Restarts.TRANSCRIPTION,
    )
    compute_type: Literal["auto", "int8", "int8_float16", "float16", "float32"] = setting(
        "auto",
        "Precision",
        "Automatic: int8 on the processor, float16 on the graphics card.",
        restarts=Restarts.TRANSCRIPTION,
        advanced=True,
    )
    threads: int = setting(
        0,
        "Threads",
        "Processor threads; 0 chooses.",
        ge=0,
        le=64,
        restarts=Restarts.TRANSCRIPTION,
        advanced=True,
    )
    beam_size: int = setting(
        5,
        "Beam size",
        "Alternatives weighed for the final text; more is slower and a little better.",
        ge=1,
        le=10,
        advanced=True,
    )
    partial_interval_ms: int = setting(
        500,
        "Live text interval",
        "How often the text is revised while you speak.",
        unit="ms",
        ge=200,
        le=3000,
        advanced=True,
    )


class Speech(Section):
    """How Jarvis speaks."""

    voice: str = setting("piper-en-joe", "Voice", "Piper voice from the catalogue.", restarts=Restarts.SPEECH)
    spanish_voice: str = setting(
        "",
        "Spanish voice",
        "Piper voice for Spanish answers. Empty: the voice above reads them, with its accent.",
        restarts=Restarts.SPEECH,
    )
    speed: float = setting(1.0, "Speed", "1 is the voice's own pace.", unit="x", ge=0.5, le=2.0)
    muted: bool = setting(False, "Muted", "Replies are shown and not spoken.")
