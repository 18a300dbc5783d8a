"""Devices, and when somebody speaks to Jarvis."""

from __future__ import annotations

from typing import Literal

from jarvis_desktop.config.schema.section import Section, setting


class Audio(Section):
    """Which microphone and loudspeaker to use."""

    input_device: str = setting(
        "", "Microphone", "Name of the input device. Empty uses the system's default."
    )
    output_device: str = setting(
        "", "Loudspeaker", "Name of the output device. Empty uses the system's default."
    )
    echo_cancellation: bool = setting(
        True,
        "Echo cancellation",
        "Takes Jarvis' voice out of what the microphone hears, so that loudspeakers work like headphones.",
    )


class Listening(Section):
    """When speech begins and when a turn ends."""

    talk_key: Literal["hold", "toggle"] = setting(
        "hold", "Talk key", "Hold it while you speak, or press it once to begin and once to end."
    )
    barge_in: bool = setting(
        True, "Interrupt by voice", "Speaking while Jarvis speaks makes it stop and listen."
    )
    judge_turn_end: bool = setting(
        True,
        "Judge the end of a turn",
        "Listens to how a sentence ends, so that thinking aloud is not cut off. Off: silence alone decides.",
    )
    shortest_pause_ms: int = setting(
        200, "Shortest pause", "No turn ends before this much silence.", unit="ms", ge=100, le=2000
    )
    longest_pause_ms: int = setting(
        3000, "Longest pause", "After this much silence a turn ends in any case.", unit="ms", ge=500, le=8000
    )
    adapt_pauses: bool = setting(
        True, "Adapt to your pauses", "Waits longer for people who pause longer within a sentence."
    )
    stop_ms: int = setting(
        700,
        "Pause that ends a turn",
        "Silence that ends a turn where the end is not judged.",
        unit="ms",
        ge=200,
        le=3000,
    )
    vad_mode: int = setting(
        2, "Voice gate", "How strictly sound is judged as speech: 0 lenient, 3 strict.", ge=0, le=3
    )
    energy_gate_dbfs: float = setting(
        -55.0, "Silence level", "Sound below this level is never speech.", unit="dBFS", ge=-90.0, le=-20.0
    )
    start_ms: int = setting(
        240, "Speech start", "Voice needed before a turn begins.", unit="ms", ge=60, le=1000
    )
    preroll_ms: int = setting(
        400,
        "Pre-roll",
        "Sound kept from before speech was noticed, so that no first word is lost.",
        unit="ms",
        ge=300,
        le=1500,
        advanced=True,
    )
    min_utterance_ms: int = setting(
        250,
        "Shortest utterance",
        "Voice shorter than this is taken for a click or cough.",
        unit="ms",
        ge=100,
        le=1000,
        advanced=True,
    )
    max_utterance_s: int = setting(
        60,
        "Longest utterance",
        "A turn ends after this time, also while the talk key is held.",
        unit="s",
        ge=5,
        le=300,
    )


class Wake(Section):
    """Calling Jarvis by name. Only this machine listens."""

    enabled: bool = setting(False, "Wake word", "The microphone stays open, and “Hey Jarvis” begins a turn.")
    threshold: float = setting(
        0.5,
        "Strictness",
        "How sure the wake word must be: lower wakes easier, higher more rarely by mistake.",
        ge=0.1,
        le=0.99,
    )
    name_alone: bool = setting(False, "Also by name alone", "“Jarvis” without “Hey” wakes as well.")
    sound: bool = setting(True, "Sound on waking", "A short sound tells that Jarvis is listening.")
    sleep_s: int = setting(
        8, "Stay awake", "Silence after which Jarvis sleeps again.", unit="s", ge=2, le=120
    )
