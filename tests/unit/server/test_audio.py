"""Recordings and speech over a real socket."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from faster_whisper.tokenizer import _LANGUAGE_CODES

from jarvis_desktop.assistant import Parts
from jarvis_desktop.errors import SpeechError
from jarvis_desktop.ports import SAMPLE_RATE
from jarvis_desktop.server.audio import VOICES
from jarvis_desktop.server.languages import LANGUAGES
from jarvis_desktop.server.sound_formats import PCM_RATE
from tests.fakes import FakeSynthesizer, FakeTranscriber, fake_parts
from tests.unit.server.harness import Served, served

WORDS = "Good morning."


def ask(folder: Path, parts: Parts, what: Callable[[Served], Coroutine[Any, Any, Any]]) -> Any:
    async def scenario() -> Any:
        async with served(parts, folder) as api:
            return await what(api)

    return asyncio.run(scenario())


def recording(kind: str = "WAV", seconds: float = 0.5) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(round(44_100 * seconds), np.float32), 44_100, format=kind)
    return file.getvalue()


def sent(folder: Path, content: bytes, **fields: str) -> httpx.Response:
    parts = fake_parts(transcriber=FakeTranscriber(WORDS))

    def send(api: Served) -> Any:
        return api.client.post(
            "/v1/audio/transcriptions", files={"file": ("morning.wav", content)}, data=fields
        )

    response: httpx.Response = ask(folder, parts, send)
    return response


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
def test_the_text_of_a_recording_in_any_format(tmp_path: Path, kind: str) -> None:
    response = sent(tmp_path, recording(kind), model="whisper-1")
    assert response.json() == {"text": WORDS}


def test_a_transcript_tells_when_each_piece_was_said(tmp_path: Path) -> None:
    told = sent(tmp_path, recording(seconds=0.5), response_format="verbose_json", language="en-US").json()
    assert told["language"] == "en"
    assert told["duration"] == pytest.approx(0.5, abs=0.01)
    assert [(piece["start"], piece["text"]) for piece in told["segments"]] == [(0.0, WORDS)]


def test_plain_text_and_subtitles(tmp_path: Path) -> None:
    assert sent(tmp_path, recording(), response_format="text").text == f"{WORDS}\n"
    srt = sent(tmp_path, recording(), response_format="srt").text
    assert srt == f"1\n00:00:00,000 --> 00:00:00,500\n{WORDS}\n"
    vtt = sent(tmp_path, recording(), response_format="vtt")
    assert vtt.headers["content-type"].startswith("text/vtt")
    assert vtt.text == f"WEBVTT\n\n00:00:00.000 --> 00:00:00.500\n{WORDS}\n"


def ten_hours() -> bytes:
    """A small file that lasts long: silence packs well."""
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 4_000, 1, format="FLAC") as sound:
        hour = np.zeros(4_000 * 3600, np.float32)
        for _ in range(10):
            sound.write(hour)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"no sound at all", "audio.file_unreadable"),
        (b"", "audio.file_unreadable"),
        (recording()[:30], "audio.file_unreadable"),
        (ten_hours(), "audio.file_too_long"),
    ],
)
def test_what_is_no_recording_or_too_long_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    response = sent(tmp_path, content)
    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["code"], error["type"]) == (code, "invalid_request_error")
    assert "morning.wav" in error["message"]
    assert error["hint"]


def test_fields_that_cannot_be_followed_are_named(tmp_path: Path) -> None:
    wrong = [("response_format", "docx"), ("language", "42"), ("language", "xx"), ("stream", "true")]
    for field, value in wrong:
        response = sent(tmp_path, recording(), **{field: value})
        assert response.status_code == 400
        assert response.json()["error"]["param"] == field
    words = sent(tmp_path, recording(), **{"timestamp_granularities[]": "word"})
    assert words.status_code == 400
    assert words.json()["error"]["param"].startswith("timestamp_granularities[]")


def test_times_of_segments_can_be_asked_for(tmp_path: Path) -> None:
    fields = {"timestamp_granularities[]": "segment", "response_format": "verbose_json"}
    assert sent(tmp_path, recording(), **fields).json()["segments"]


def test_the_languages_are_those_of_the_transcriber() -> None:
    assert set(LANGUAGES) <= set(_LANGUAGE_CODES)


def spoken(folder: Path, synthesizer: FakeSynthesizer | None = None, **body: Any) -> httpx.Response:
    parts = fake_parts()
    parts.synthesizer = synthesizer or FakeSynthesizer()
    response: httpx.Response = ask(
        folder, parts, lambda api: api.client.post("/v1/audio/speech", json={"input": "One two.", **body})
    )
    return response


@pytest.mark.parametrize("kind", ["wav", "flac", "opus", "mp3"])
def test_speech_is_a_sound_file_of_the_kind_asked_for(tmp_path: Path, kind: str) -> None:
    response = spoken(tmp_path, response_format=kind)
    assert response.headers["content-type"].startswith("audio/")
    samples, rate = soundfile.read(io.BytesIO(response.content))
    assert len(samples) / rate == pytest.approx(0.2, abs=0.1)  # two words of the fake voice


def test_a_streamed_wav_is_read_by_the_standard_library(tmp_path: Path) -> None:
    with wave.open(io.BytesIO(spoken(tmp_path, response_format="wav").content)) as sound:
        assert len(sound.readframes(PCM_RATE)) == 2 * 3200  # all there is, in 16 bits


def test_bare_samples_come_at_the_rate_that_clients_expect(tmp_path: Path) -> None:
    content = spoken(tmp_path, response_format="pcm").content
    assert len(content) / 2 / PCM_RATE == pytest.approx(3200 / SAMPLE_RATE, rel=0.02)


def test_the_voice_of_the_settings_stands_for_openais_and_another_is_asked_for_by_name(
    tmp_path: Path,
) -> None:
    class Asked(FakeSynthesizer):
        asked: list[tuple[str, float]] = []  # noqa: RUF012

        async def synthesize(self, text: str, language: str = "", **how: Any) -> Any:
            self.asked.append((how["voice"], how["speed"]))
            return await super().synthesize(text, language)

    for voice in (next(iter(VOICES)), "piper-es-davefx"):
        spoken(tmp_path, Asked(), voice=voice, speed=1.5)
    assert Asked.asked == [("", 1.5), ("piper-es-davefx", 1.5)]


def test_a_voice_that_fails_and_a_text_without_words_are_clear_errors(tmp_path: Path) -> None:
    failing = FakeSynthesizer()
    failing.error = SpeechError("speech.synthesis_failed", "It failed.", "Choose another voice.")
    for kind in ("wav", "mp3"):
        assert spoken(tmp_path, failing, response_format=kind).status_code == 500
        silent = spoken(tmp_path, input=" ", response_format=kind)
        assert silent.status_code == 400
        assert silent.json()["error"]["param"] == "input"
