"""How the examination of the sound devices is said."""

from __future__ import annotations

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    EchoMeasured,
    Finding,
    Loudness,
    Remark,
    Remedy,
    SampleTranscribed,
    SoundDevice,
    SoundStep,
    SystemMicrophone,
)
from jarvis_desktop.ui.i18n import hint_of, message_of, number, remark_text, tr
from jarvis_desktop.ui.words import Look

FINDING_LOOKS = {
    Finding.RIGHT: Look("check-circle", "accent"),
    Finding.WRONG: Look("x", "danger"),
    Finding.UNKNOWN: Look("circle-dashed", "second"),
}

LOUDNESS_TOKENS = {
    Loudness.NOTHING: "danger",
    Loudness.QUIET: "warning",
    Loudness.GOOD: "accent",
    Loudness.CLIPPED: "danger",
}

_TELEPHONE_HZ = 8_000
_USUAL_HZ = frozenset({16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000})

_GOOD_DB, _FAIR_DB = 20.0, 10.0
"""What has to be taken out of a loudspeaker's sound so that Jarvis does not hear itself; and nearly so."""


def finding_word(finding: Finding) -> str:
    return {
        Finding.RIGHT: tr("right"),
        Finding.WRONG: tr("wrong"),
        Finding.UNKNOWN: tr("not known yet"),
    }[finding]


def step_title(step: SoundStep) -> str:
    return {
        SoundStep.DEVICE: tr("Is the microphone there?"),
        SoundStep.ALLOWED: tr("Does the system let it through?"),
        SoundStep.LEVEL: tr("Is it loud enough?"),
        SoundStep.VOICE: tr("Is your voice told from noise?"),
        SoundStep.TRANSCRIBER: tr("Is speech recognition loaded?"),
        SoundStep.LANGUAGE: tr("Is your language understood?"),
    }[step]


def remedy_title(remedy: Remedy) -> str:
    """What the button does; empty where there is none."""
    return {
        Remedy.NONE: "",
        Remedy.LOOK_AGAIN: tr("Look again"),
        Remedy.DEFAULT_DEVICE: tr("Use the system's microphone"),
        Remedy.UNMUTE: tr("Unmute"),
        Remedy.LOWER_GATE: tr("Use the usual level"),
        Remedy.LOAD: tr("Load again"),
        Remedy.ANY_LANGUAGE: tr("Find out by itself"),
    }[remedy]


def told(remark: Remark | None) -> str:
    return remark_text(remark) if remark is not None else ""


def loudness_word(loudness: Loudness) -> str:
    return {
        Loudness.NOTHING: tr("No sound at all"),
        Loudness.QUIET: tr("Too quiet: say something"),
        Loudness.GOOD: tr("Good"),
        Loudness.CLIPPED: tr("Clipping: too loud"),
    }[loudness]


def sample_line(sample: SampleTranscribed) -> str:
    """What was understood of a recording."""
    if not sample.text:
        return tr("No words were understood.")
    if sample.unclear:
        return tr("Understood, but not surely: “{text}”", text=sample.text)
    language = {"en": tr("English"), "es": tr("Spanish")}.get(sample.language, sample.language)
    return tr("Understood ({language}): “{text}”", language=language, text=sample.text)


def echo_line(echo: EchoMeasured) -> str:
    """What the echo test means."""
    if not echo.heard:
        return tr("The microphone does not hear the loudspeaker: headphones, or it is turned down. No echo.")
    numbers = {"delay": number(echo.delay_ms), "removed": number(echo.removed_db)}
    if echo.removed_db >= _GOOD_DB:
        return tr(
            "Heard after {delay} ms, and {removed} dB of it removed: you can interrupt by voice.", **numbers
        )
    if echo.removed_db >= _FAIR_DB:
        return tr(
            "Heard after {delay} ms, and {removed} dB of it removed: turn the loudspeaker down a little.",
            **numbers,
        )
    return tr(
        "Heard after {delay} ms, and only {removed} dB of it removed: Jarvis may hear itself. "
        "Turn the loudspeaker down, or use headphones.",
        **numbers,
    )


def input_hints(device: SoundDevice | None, used: SystemMicrophone | None) -> str:
    """What is special about a microphone; empty when nothing is."""
    rate = used.sample_rate if used is not None else device.sample_rate if device is not None else 0
    bluetooth = bool((used and used.is_bluetooth) or (device and device.is_bluetooth))
    lines = []
    if bluetooth:
        lines.append(
            tr(
                "Bluetooth headset: while its microphone is open it sounds like a telephone "
                "({rate} kHz, mono). Choose another microphone to keep its sound good.",
                rate=number(rate / 1000, 0 if rate % 1000 == 0 else 1),
            )
        )
    elif 0 < rate <= _TELEPHONE_HZ:
        lines.append(tr("Telephone quality (8 kHz): words are recognised worse. Choose another microphone."))
    elif rate and rate not in _USUAL_HZ:
        lines.append(tr("Unusual sample rate ({rate} Hz): it is converted.", rate=number(rate)))
    return "\n".join(lines)


def error_line(error: JarvisError) -> str:
    return f"{message_of(error)} {hint_of(error)}".strip()
