"""Home Assistant's side of the Wyoming protocol: `jarvis serve --wyoming` with the real models."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import numpy as np
import pytest
from wyoming.asr import Transcribe, Transcript, TranscriptChunk, TranscriptStop
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient
from wyoming.event import Event, Eventable
from wyoming.info import Describe, Info
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped
from wyoming.wake import Detect, Detection, NotDetected

from jarvis_desktop.audio.files import read_audio
from jarvis_desktop.bench.words import normalised, word_errors
from jarvis_desktop.ports import SAMPLE_RATE, Samples
from tests.conftest import ROOT, Recording

T = TypeVar("T")
Talk = Callable[[Callable[[AsyncClient], Awaitable[T]]], T]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory, models_home: Path) -> Iterator[Talk[object]]:
    """Runs a coroutine function on a new connection to a server that runs until the end of the module."""
    home = tmp_path_factory.mktemp("home")
    (home / "models").symlink_to(models_home / "models")
    env = {name: value for name, value in os.environ.items() if not name.startswith("JARVIS_")}
    command = [sys.executable, "-m", "jarvis_desktop", "--home", str(home), "--json", "serve", "--wyoming"]
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = json.loads(server.stdout.readline())["wyoming"]
            assert urlsplit(address).hostname == "127.0.0.1"

            async def live(visit: Callable[[AsyncClient], Awaitable[object]]) -> object:
                async with AsyncClient.from_uri(address, connect_timeout=5, read_timeout=60) as client:
                    return await visit(client)

            yield lambda visit: asyncio.run(live(visit))
        finally:
            server.terminate()
            assert server.wait(30) == 0


async def answer(client: AsyncClient, events: list[Eventable], last: type[Eventable]) -> list[Event]:
    """What comes back up to the `last` event."""
    for event in events:
        await client.write_event(event.event())
    found: list[Event] = []
    while not found or not last.is_type(found[-1].type):
        event = await client.read_event()
        assert event is not None
        found.append(event)
    return found


def stream(samples: Samples) -> list[Eventable]:
    """As Home Assistant sends sound: 1024 samples at a time."""
    pcm = (np.clip(samples, -1.0, 1.0) * 32767).astype("<i2")
    chunks = [
        AudioChunk(SAMPLE_RATE, 2, 1, pcm[at : at + 1024].tobytes(), timestamp=at * 1000 // SAMPLE_RATE)
        for at in range(0, len(pcm), 1024)
    ]
    return [AudioStart(SAMPLE_RATE, 2, 1), *chunks, AudioStop()]


def transcript(events: list[Event]) -> Transcript:
    return next(Transcript.from_event(event) for event in events if Transcript.is_type(event.type))


def error_rate(reference: str, text: str, language: str = "en") -> float:
    words = normalised(reference, language)
    return word_errors(words, normalised(text, language)) / len(words)


def test_it_says_what_is_there(talk: Talk[list[Event]]) -> None:
    (event,) = talk(lambda client: answer(client, [Describe()], Info))
    info = Info.from_event(event)
    assert [model.name for model in info.asr[0].models] == ["whisper-base"]
    assert [(voice.name, voice.languages) for voice in info.tts[0].voices] == [("piper-en-joe", ["en"])]
    assert info.wake[0].models[0].phrase == "Hey Jarvis"


@pytest.mark.parametrize(("lang", "name"), [("en", "jfk.flac"), ("es", None)])
def test_a_recording_is_written_down(
    recordings: list[Recording], talk: Talk[list[Event]], lang: str, name: str | None
) -> None:
    recording = next(r for r in recordings if r.path.name == name or (not name and r.lang == lang))
    sound = stream(read_audio(recording.path))
    events = talk(lambda client: answer(client, [Transcribe(language=lang), *sound], TranscriptStop))
    found = transcript(events)
    assert found.language == lang
    assert error_rate(recording.text, found.text, lang) <= 0.2
    told = "".join(TranscriptChunk.from_event(e).text for e in events if TranscriptChunk.is_type(e.type))
    assert error_rate(found.text, told, lang) <= 0.2  # what was sure early is hardly ever put in other words


def test_what_it_says_is_understood_again(talk: Talk[list[Event]]) -> None:
    text = "The kitchen light is on. The front door is locked, and the garage is open."
    pieces = [text[at : at + 7] for at in range(0, len(text), 7)]
    request = [SynthesizeStart(), *map(SynthesizeChunk, pieces), Synthesize(text), SynthesizeStop()]
    events = talk(lambda client: answer(client, request, SynthesizeStopped))
    start = next(AudioStart.from_event(e) for e in events if AudioStart.is_type(e.type))
    chunks = [AudioChunk.from_event(event) for event in events if AudioChunk.is_type(event.type)]
    assert {chunk.rate for chunk in chunks} == {start.rate}
    heard = talk(lambda client: answer(client, [Transcribe(), start, *chunks, AudioStop()], TranscriptStop))
    assert error_rate(text, transcript(heard).text) <= 0.1


def test_the_call_is_heard_once_and_nothing_else(
    recordings: list[Recording], talk: Talk[list[Event]]
) -> None:
    silence = np.zeros(SAMPLE_RATE, np.float32)

    def heard(kind: str) -> list[Event]:
        recording = next(r for r in recordings if r.kind == kind)
        sound = stream(np.concatenate((silence, read_audio(recording.path), silence)))
        ping = Describe()  # its answer comes after all that the sound led to
        return talk(lambda client: answer(client, [Detect(["hey_jarvis"]), *sound, ping], Info))[:-1]

    (event,) = heard("wake_positive")
    found = Detection.from_event(event)
    assert found.name == "hey_jarvis"
    assert found.timestamp is not None
    assert found.timestamp > 1000
    (event,) = heard("wake_negative")
    assert NotDetected.is_type(event.type)
