"""What the Wyoming server does for a client, over a real socket; only the models are fakes."""

from __future__ import annotations

import socket

import numpy as np
import pytest
from wyoming.asr import Transcribe, Transcript, TranscriptChunk, TranscriptStart, TranscriptStop
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.ping import Ping, Pong
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
    SynthesizeVoice,
)
from wyoming.wake import Detect, Detection, NotDetected

from jarvis_desktop.ports import SAMPLE_RATE
from jarvis_desktop.server.wyoming import listeners
from jarvis_desktop.server.wyoming.info import Offer
from jarvis_desktop.server.wyoming.server import WyomingServer
from tests.fakes import HEY_JARVIS, VOICE, fake_parts
from tests.unit.server.wyoming_harness import Ears, Voices, connected, rest, send, serve, sound, tone, until

# --- what there is ----------------------------------------------------------------------------------------


def test_it_tells_what_is_there_and_nothing_else() -> None:
    async def visit(server: WyomingServer) -> None:
        async with connected(server) as client:
            await send(client, Describe())
            info = Info.from_event((await until(client, Info))[-1])
        (asr,), (tts,), (wake,) = info.asr, info.tts, info.wake
        assert [model.name for model in asr.models] == ["whisper-base"]
        assert {"en", "es", "de"} < set(asr.models[0].languages)
        assert {voice.name: voice.languages for voice in tts.voices} == {
            "piper-en-joe": ["en"],
            "piper-es-davefx": ["es"],
        }
        assert wake.models[0].phrase == "Hey Jarvis"
        assert asr.supports_transcript_streaming
        assert tts.supports_synthesize_streaming
        assert all(program.installed and program.version for program in (asr, tts, wake))
        assert all(program.attribution.url.startswith("https://") for program in (asr, tts, wake))

    serve(fake_parts(), visit)


def test_what_is_not_on_the_disk_is_not_offered() -> None:
    async def visit(server: WyomingServer) -> None:
        async with connected(server) as client:
            await send(client, Describe())
            info = Info.from_event((await until(client, Info))[-1])
        assert (info.asr, info.tts, info.wake) == ([], [], [])

    serve(fake_parts(), visit, offer=Offer())


def test_a_ping_is_answered_and_unknown_events_are_dropped() -> None:
    async def visit(server: WyomingServer) -> None:
        async with connected(server) as client:
            await client.write_event(Event("run-satellite"))
            await send(client, AudioStop(), SynthesizeStop(), Ping("hello"))
            (answer,) = await until(client, Pong)
        assert Pong.from_event(answer).text == "hello"

    serve(fake_parts(), visit)


# --- speech to text ---------------------------------------------------------------------------------------


def test_speech_becomes_text_and_sure_words_come_while_it_lasts() -> None:
    ears = Ears("What time is it?")

    async def visit(server: WyomingServer) -> None:
        async with connected(server) as client:
            start, *chunks, stop = sound(tone(SAMPLE_RATE))
            await send(client, Transcribe(language="en-US"), start, *chunks)
            early = await until(client, TranscriptChunk)  # before the sound is over
            await send(client, stop)
            events = early + await until(client, TranscriptStop)
        kinds = [event.type for event in events]
        assert kinds[0] == TranscriptStart().event().type
        told = [TranscriptChunk.from_event(e).text for e in events if TranscriptChunk.is_type(e.type)]
        whole = next(Transcript.from_event(e) for e in events if Transcript.is_type(e.type))
        assert "".join(told) == whole.text == "What time is it?"
        assert whole.language == "en"

    serve(fake_parts(transcriber=ears), visit)
    assert ears.languages == ["en"]


def test_sound_of_any_format_is_heard_as_it_was() -> None:
    formats = [(8_000, 1, 1), (16_000, 2, 1), (22_050, 2, 2), (44_100, 3, 1), (48_000, 4, 2)]
    ears = Ears(*["words"] * len(formats))

    def encoded(rate: int, width: int, channels: int) -> bytes:
        wide = np.round(tone(rate) * (2 ** (8 * width - 1) - 1)).astype("<i4")
        raw = wide.view(np.uint8).reshape(-1, 4)[:, :width]
        raw = raw ^ 0x80 if width == 1 else raw
        return np.repeat(raw.reshape(-1, 1, width), channels, axis=1).tobytes()

    async def visit(server: WyomingServer) -> None:
        for rate, width, channels in formats:
            ears.heard.clear()
            pcm, frame = encoded(rate, width, channels), width * channels
            pieces = [pcm[at : at + 1000 * frame] for at in range(0, len(pcm), 1000 * frame)]
            async with connected(server) as client:
                await send(client, Transcribe(), AudioStart(rate, width, channels))
                await send(client, *(AudioChunk(rate, width, channels, piece) for piece in pieces))
                await send(client, AudioStop())
                await until(client, TranscriptStop)
            heard = np.concatenate(ears.heard)
            assert abs(len(heard) - SAMPLE_RATE) < SAMPLE_RATE // 50
            inner = slice(1000, 15000)
            assert np.abs(heard[inner] - tone(SAMPLE_RATE)[inner]).max() < 0.02, (rate, width, channels)

    serve(fake_parts(transcriber=ears), visit)


def test_a_recording_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listeners, "LONGEST_S", 2.0)

    async def visit(server: WyomingServer) -> None:
        long = sound(np.zeros(3 * SAMPLE_RATE, np.float32))[:-1]
        async with connected(server) as client:
            await send(client, Transcribe(), *long)
            error = Error.from_event((await rest(client))[-1])
        assert error.code == "wyoming.too_long"

    serve(fake_parts(transcriber=Ears("...")), visit)


def test_a_client_that_goes_in_mid_sentence_leaves_nothing_behind() -> None:
    ears = Ears("first", "second")

    async def visit(server: WyomingServer) -> None:
        async with connected(server) as client:
            await send(client, Transcribe(), *sound(tone(SAMPLE_RATE))[:-1])
        async with connected(server) as client:
            await send(client, Transcribe(), *sound(tone(SAMPLE_RATE)))
            events = await until(client, TranscriptStop)
        assert [Transcript.from_event(e).text for e in events if Transcript.is_type(e.type)] == ["first"]

    serve(fake_parts(transcriber=ears), visit)


# --- text to speech ---------------------------------------------------------------------------------------


def spoken_seconds(events: list[Event]) -> float:
    return sum(AudioChunk.from_event(event).seconds for event in events if AudioChunk.is_type(event.type))


def test_text_is_spoken_in_the_voice_that_is_asked_for() -> None:
    parts = fake_parts()
    voices = parts.synthesizer = Voices()

    async def visit(server: WyomingServer) -> None:
        async with connected(server) as client:
            await send(client, Synthesize("Buenos días.", SynthesizeVoice(name="piper-es-davefx")))
            events = await until(client, AudioStop)
            assert AudioStart.is_type(events[0].type)
            assert AudioStart.from_event(events[0]).rate == AudioChunk.from_event(events[1]).rate
            assert spoken_seconds(events) == pytest.approx(0.2)
            await send(client, Synthesize("Good morning.", SynthesizeVoice(language="en_GB")))
            await until(client, AudioStop)
            await send(client, Synthesize("Hello."))
            await until(client, AudioStop)

    serve(parts, visit)
    assert voices.languages == ["es", "en", ""]


def test_text_that_comes_in_pieces_is_spoken_before_it_is_whole() -> None:
    parts = fake_parts()

    async def visit(server: WyomingServer) -> None:
        async with connected(server) as client:
            await send(client, SynthesizeStart(), *map(SynthesizeChunk, ("The first ", "sentence.")))
            early = await until(client, AudioChunk)
            await send(
                client,
                SynthesizeChunk(" And the second"),
                Synthesize("The first sentence. And the second"),  # for those that know no pieces
                SynthesizeStop(),
            )
            events = early + await until(client, SynthesizeStopped)
        kinds = [event.type for event in events if not AudioChunk.is_type(event.type)]
        assert kinds == [e.event().type for e in (AudioStart(1, 1, 1), AudioStop(), SynthesizeStopped())]
        assert spoken_seconds(events) == pytest.approx(0.6)

    serve(parts, visit)


def test_nothing_to_say_is_still_an_answer() -> None:
    async def visit(server: WyomingServer) -> None:
        async with connected(server) as client:
            await send(client, Synthesize(""))
            assert [AudioStart, AudioStop] == [
                kind
                for event in await until(client, AudioStop)
                for kind in (AudioStart, AudioStop)
                if kind.is_type(event.type)
            ]

    serve(fake_parts(), visit)


# --- the wake word ----------------------------------------------------------------------------------------


def test_the_wake_word_is_told_at_once_by_the_clock_of_the_client() -> None:
    async def visit(server: WyomingServer) -> None:
        async with connected(server) as client:
            quiet = AudioChunk(SAMPLE_RATE, 2, 1, b"\0" * 3200, timestamp=5_000)
            call = AudioChunk(SAMPLE_RATE, 2, 1, (HEY_JARVIS * 32768).astype("<i2").tobytes())
            await send(client, Detect(["hey_jarvis"]), quiet, call)  # no audio-start: each chunk has a format
            (event,) = await until(client, Detection)
            await send(client, AudioStop(), Ping())
            assert not any(NotDetected.is_type(e.type) for e in await until(client, Pong))
        found = Detection.from_event(event)
        assert found.name == "hey_jarvis"
        assert found.timestamp == 5_000 + 100 + len(HEY_JARVIS) * 1000 // SAMPLE_RATE

    serve(fake_parts(), visit)


def test_a_stream_without_the_wake_word_ends_with_that() -> None:
    async def visit(server: WyomingServer) -> None:
        async with connected(server) as client:
            for _ in range(2):
                await send(client, Detect(), *sound(np.repeat(VOICE, 10)))
                assert len(await until(client, NotDetected)) == 1

    serve(fake_parts(), visit)


def test_a_taken_port_leads_to_the_next() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        async def visit(server: WyomingServer) -> None:
            assert server.port > port
            async with connected(server) as client:
                await send(client, Ping())
                await until(client, Pong)

        serve(fake_parts(), visit, port=port)
