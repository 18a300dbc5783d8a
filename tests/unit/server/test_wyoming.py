"""The Wyoming server over a real socket, with the protocol's own client; only the models are fakes."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import socket
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wyoming.asr import Transcribe, Transcript, TranscriptChunk, TranscriptStart, TranscriptStop
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.event import Event, Eventable
from wyoming.info import Describe, Info
from wyoming.ping import Ping, Pong
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
    SynthesizeTextFormat,
    SynthesizeVoice,
)
from wyoming.wake import Detect, Detection, NotDetected

from jarvis_desktop.assistant import Assistant, Parts
from jarvis_desktop.audio.convert import BlockCutter
from jarvis_desktop.config.schema import Config
from jarvis_desktop.ports import SAMPLE_RATE, Samples
from jarvis_desktop.server.context import Unlimited
from jarvis_desktop.server.core_link import CoreLink
from jarvis_desktop.server.wyoming import connection, listeners, speaker, wire
from jarvis_desktop.server.wyoming import server as wyoming_server
from jarvis_desktop.server.wyoming.backend import Backend
from jarvis_desktop.server.wyoming.info import Offer, Offered
from jarvis_desktop.server.wyoming.server import WyomingServer
from tests.fakes import HEY_JARVIS, VOICE, FakeChunker, FakeSynthesizer, FakeTranscriber, fake_parts

SECRET = "The treasure lies under the third oak."
OFFER = Offer(
    Offered("whisper-base", "Whisper base", ("multilingual",)),
    (Offered("piper-en-joe", "Joe", ("en",)), Offered("piper-es-davefx", "Davefx", ("es",))),
    Offered("hey-jarvis", "Wake word", ("en",)),
)


class Voices(FakeSynthesizer):
    """Notes in which language each sentence was spoken."""

    def __init__(self) -> None:
        super().__init__()
        self.languages: list[str] = []

    async def synthesize(self, text: str, language: str = "") -> object:  # type: ignore[override]
        self.languages.append(language)
        return await super().synthesize(text, language)


class Ears(FakeTranscriber):
    """Notes the sound and the language of each utterance that stands apart from the conversation."""

    def __init__(self, *texts: str) -> None:
        super().__init__(*texts)
        self.languages: list[str] = []
        self.heard: list[Samples] = []

    def session(self, language: str = "") -> object:  # type: ignore[override]
        self.languages.append(language)
        session = super().session(language)
        feed = session.feed

        def noting(samples: Samples) -> None:
            self.heard.append(samples)
            feed(samples)

        session.feed = noting  # type: ignore[method-assign]
        return session


def serve(
    parts: Parts, visit: Callable[[WyomingServer], Awaitable[None]], *, offer: Offer = OFFER, port: int = 0
) -> None:
    """Has `visit` talk to a server of these parts."""

    async def live() -> None:
        backend = Backend(
            service=Assistant(parts, Config).service,
            link=CoreLink(asyncio.get_running_loop()),
            admission=Unlimited(),
            offer=lambda: offer,
            cutter=BlockCutter,
            chunker=FakeChunker,
        )
        server = WyomingServer(backend, "127.0.0.1", port)
        server.start()
        try:
            await asyncio.wait_for(visit(server), 60)
        finally:
            await asyncio.to_thread(server.stop)

    asyncio.run(live())


@asynccontextmanager
async def connected(server: WyomingServer) -> AsyncIterator[AsyncTcpClient]:
    async with AsyncTcpClient("127.0.0.1", server.port, connect_timeout=5, read_timeout=10) as client:
        yield client


async def send(client: AsyncTcpClient, *events: Eventable) -> None:
    for event in events:
        await client.write_event(event.event())


async def until(client: AsyncTcpClient, last: type[Eventable]) -> list[Event]:
    """All that comes, up to an event of that kind; fails when the server hangs up before."""
    events: list[Event] = []
    while not events or not last.is_type(events[-1].type):
        event = await client.read_event()
        assert event is not None, f"ended after {[e.type for e in events]}"
        events.append(event)
    return events


async def rest(client: AsyncTcpClient) -> list[Event]:
    """All that comes until the server hangs up."""
    events = []
    while (event := await client.read_event()) is not None:
        events.append(event)
    return events


async def refused(server: WyomingServer, *events: Eventable) -> Error:
    """The error these lead to, which has to be the only answer, and the last."""
    async with connected(server) as client:
        await send(client, *events)
        (answer,) = await rest(client)
    assert Error.is_type(answer.type)
    return Error.from_event(answer)


def sound(samples: Samples, rate: int = SAMPLE_RATE, chunk_s: float = 0.1) -> list[Eventable]:
    """A whole stream of 16 bit, mono."""
    pcm = (samples * 32767).astype("<i2")
    step = round(rate * chunk_s)
    chunks = [AudioChunk(rate, 2, 1, pcm[at : at + step].tobytes()) for at in range(0, len(pcm), step)]
    return [AudioStart(rate, 2, 1), *chunks, AudioStop()]


def tone(rate: int, seconds: float = 1.0, hertz: float = 440.0) -> Samples:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)).astype(np.float32)


# --- what there is ------------------------------------------------------------------------------------------


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


# --- speech to text -----------------------------------------------------------------------------------------


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


# --- text to speech -----------------------------------------------------------------------------------------


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


# --- the wake word ------------------------------------------------------------------------------------------


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


# --- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([Transcribe(language="tlh")], "wyoming.unknown"),
        ([Detect(["alexa"])], "wyoming.unknown"),
        ([Synthesize("Hi", SynthesizeVoice(name="nobody"))], "wyoming.unknown"),
        ([Synthesize("<speak/>", text_format=SynthesizeTextFormat.SSML)], "wyoming.no_ssml"),
        ([Synthesize("x" * (speaker.LONGEST_TEXT + 1))], "wyoming.too_long_text"),
        ([Detect(), AudioStart(0, 2, 1)], "wyoming.invalid"),
        ([Detect(), AudioStart(16_000, 2, 99)], "wyoming.invalid"),
        ([Detect(), AudioChunk(16_000, 2, 1, b"odd")], "wyoming.invalid"),
        ([Detect(), AudioStart(16_000, 2, 1), AudioChunk(8_000, 2, 1, b"..")], "wyoming.invalid"),
    ],
)
def test_what_cannot_be_done_is_said_and_ends_the_connection(events: list[Eventable], code: str) -> None:
    async def visit(server: WyomingServer) -> None:
        error = await refused(server, *events)
        assert error.code == code
        assert error.text

    serve(fake_parts(), visit)


def test_a_model_that_is_missing_is_told_as_everywhere() -> None:
    from jarvis_desktop.errors import ModelError

    ears = Ears("never")
    ears.load_error = ModelError("model.missing", "The model is not here.", "Get it.")  # type: ignore[attr-defined]

    async def visit(server: WyomingServer) -> None:
        error = await refused(server, Transcribe(), AudioStart(16_000, 2, 1))
        assert (error.code, error.text) == ("model.missing", "The model is not here. Get it.")

    serve(fake_parts(transcriber=ears), visit)


GARBAGE = [
    b"\n",
    b"[]\n",
    b'{"type": 5}\n',
    b'{"data": {}}\n',
    b'{"type": "ping", "data": 7}\n',
    b'{"type": "ping", "data_length": -1}\n',
    b'{"type": "ping", "data_length": "12"}\n',
    b'{"type": "ping", "payload_length": 99999999999}\n',
    b'{"type": "ping", "data_length": 4}\nnull',
    b'{"type": "ping", "data": {"text": ["a"]}}\n',
    b'{"type": "ping", "data": {"text": "half a character: \\ud800"}}\n',
    b'{"type": "synthesize", "data": {"text": "a", "voice": [1]}}\n',
    b'{"type": "detect", "data": {"names": [1]}}\n',
    b'{"type": "ping", "data_length": 400}\n{"half',  # and nothing more
    b'{"type": "ping"',
    b"[" * 60_000 + b"\n",
    b"x" * 200_000,
    b"\xff\xfe\n",
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_gets_one_error_and_the_end(garbage: bytes) -> None:
    async def visit(server: WyomingServer) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(garbage)
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        head, _, body = answer.partition(b"\n")
        assert json.loads(head)["type"] == "error"
        assert json.loads(body)["code"] == "wyoming.invalid"

    serve(fake_parts(), visit)


_text = st.text(st.characters(exclude_categories=()), max_size=20)  # halves of characters, too
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)
_FIELDS = ["text", "voice", "names", "language", "rate", "width", "channels", "timestamp", "text_format"]
_TYPES = [
    "describe",
    "ping",
    "transcribe",
    "detect",
    "audio-start",
    "audio-chunk",
    "audio-stop",
    "synthesize",
]
_events = st.builds(
    lambda kind, data, payload: (
        json.dumps({"type": kind, "data": data, "payload_length": len(payload)}).encode() + b"\n" + payload
    ),
    st.sampled_from([*_TYPES, "synthesize-start", "synthesize-chunk", "synthesize-stop", "other"]),
    st.dictionaries(st.sampled_from(_FIELDS), _json | st.sampled_from([1, 2, 16_000, "en"]), max_size=5),
    st.binary(max_size=64),
)


def test_whatever_comes_the_server_goes_on() -> None:
    async def visit(server: WyomingServer) -> None:
        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(_events | st.binary(max_size=200), max_size=8).map(b"".join))
        def attack(sent: bytes) -> None:
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
                client.sendall(sent)
                client.shutdown(socket.SHUT_WR)
                answer = b""
                while piece := client.recv(1 << 16):
                    answer += piece
            assert b"app.defect" not in answer

        await asyncio.to_thread(attack)
        async with connected(server) as client:
            await send(client, Ping("still there"))
            await until(client, Pong)

    parts = fake_parts(transcriber=Ears(*["words"] * 10_000))
    serve(parts, visit)


def test_a_web_page_gets_nothing_done() -> None:
    """Its request has a body of the page's own making, but begins as HTTP does."""
    parts = fake_parts()

    async def visit(server: WyomingServer) -> None:
        body = b'{"type": "synthesize", "data": {"text": "I was here."}}\n'
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n\r\n" + body)
        answer = await reader.read()
        writer.close()
        assert b"audio" not in answer

    serve(parts, visit)
    assert isinstance(parts.synthesizer, FakeSynthesizer)
    assert parts.synthesizer.spoken == []


def test_those_beyond_the_bound_are_told_and_the_others_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wyoming_server, "MOST_CONNECTIONS", 1)

    async def visit(server: WyomingServer) -> None:
        async with connected(server) as first:
            await send(first, Ping())
            await until(first, Pong)
            assert (await refused(server)).code == "server.busy"
            await send(first, Ping())
            await until(first, Pong)

    serve(fake_parts(), visit)


def test_whoever_is_silent_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.wire, "PATIENCE_IN_SOUND_S", 0.05)

    async def visit(server: WyomingServer) -> None:
        assert (await refused(server, Detect(), AudioStart(16_000, 2, 1))).code == "wyoming.idle"

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


def test_who_comes_in_the_moment_it_stops_is_not_left_with_an_open_socket() -> None:
    with warnings.catch_warnings(record=True) as unclosed:
        warnings.simplefilter("always")
        for _ in range(40):  # one in a few comes in that very moment
            server = WyomingServer(cast(Backend, None), "127.0.0.1", 10_300)
            server.start()
            with socket.create_connection(("127.0.0.1", server.port)):
                server.stop()
        gc.collect()
    assert [str(each.message) for each in unclosed] == []


def test_what_was_said_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def visit(server: WyomingServer) -> None:
        async with connected(server) as client:
            await send(client, Transcribe(), *sound(tone(SAMPLE_RATE)))
            await until(client, TranscriptStop)
            await send(client, Synthesize(SECRET))
            await until(client, AudioStop)
        await refused(server, Synthesize(SECRET * speaker.LONGEST_TEXT))

    serve(fake_parts(transcriber=Ears(SECRET)), visit)
    assert "treasure" not in caplog.text


def test_its_reader_keeps_to_the_bounds_it_tells() -> None:
    assert wire.LONGEST_DATA > 4 * speaker.LONGEST_TEXT  # a text that is allowed fits
