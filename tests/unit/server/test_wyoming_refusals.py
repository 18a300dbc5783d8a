"""What the Wyoming server refuses and what it bears, over a real socket; only the models are fakes."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import socket
import warnings
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wyoming.asr import Transcribe, TranscriptStop
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Eventable
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize, SynthesizeTextFormat, SynthesizeVoice
from wyoming.wake import Detect

from jarvis_desktop.ports import SAMPLE_RATE
from jarvis_desktop.server.wyoming import connection, speaker, wire
from jarvis_desktop.server.wyoming import server as wyoming_server
from jarvis_desktop.server.wyoming.backend import Backend
from jarvis_desktop.server.wyoming.server import WyomingServer
from tests.fakes import FakeSynthesizer, fake_parts
from tests.unit.server.wyoming_harness import Ears, connected, refused, send, serve, sound, tone, until

SECRET = "The treasure lies under the third oak."


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
