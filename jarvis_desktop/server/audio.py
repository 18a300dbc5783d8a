"""Recordings as text, and texts as speech."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field
from starlette.formparsers import MultiPartParser

from jarvis_desktop.ports import Segment, SpeechClip, Transcript
from jarvis_desktop.server.chat_request import DEFAULT_MODEL, Body
from jarvis_desktop.server.context import Client, Ctx, ServerContext
from jarvis_desktop.server.errors import RequestError
from jarvis_desktop.server.languages import LANGUAGES
from jarvis_desktop.server.models import check_model
from jarvis_desktop.server.sound_formats import MEDIA_TYPES, STREAMED, SpeechFormat, encoded, streamed
from jarvis_desktop.server.sse import ByteStream, while_connected

router = APIRouter(tags=["audio"])

MultiPartParser.spool_max_size = 1 << 40
"""What was said is never written to the disk; how long a body may be is the guard's to say."""

MOST_CHARACTERS = 20_000
"""Of a text to be spoken: about 20 minutes."""

VOICES = frozenset(
    "alloy ash ballad cedar coral echo fable juniper marin nova onyx sage shimmer verse".split()
)
"""OpenAI's voices; here each is the voice of the settings."""


class TranscriptSegment(BaseModel):
    """A piece of a transcript; times in seconds."""

    id: int
    start: float
    end: float
    text: str
    avg_logprob: float


class TranscriptText(BaseModel):
    """What was said."""

    text: str


class TranscriptDetails(TranscriptText):
    """What was said, and when."""

    task: Literal["transcribe"] = "transcribe"
    language: str
    duration: float
    segments: list[TranscriptSegment]


@router.post(
    "/v1/audio/transcriptions",
    summary="The text of a recording",
    response_model=TranscriptText | TranscriptDetails,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def transcribe_recording(
    request: Request,
    context: Ctx,
    client: Client,
    file: Annotated[UploadFile, File(description="WAV, FLAC, OGG or MP3, an hour at most")],
    model: Annotated[str, Form()] = DEFAULT_MODEL,
    language: Annotated[str, Form(description="ISO 639-1; heard when left out")] = "auto",
    response_format: Annotated[Literal["json", "text", "verbose_json", "srt", "vtt"], Form()] = "json",
    timestamp_granularities: Annotated[
        list[Literal["segment"]] | None,
        Form(alias="timestamp_granularities[]", description="Times of segments only"),
    ] = None,
    stream: Annotated[Literal["false"], Form(description="A transcript comes as a whole")] = "false",
    prompt: Annotated[str, Form(description="Of no effect here")] = "",
    temperature: Annotated[float, Form(description="Of no effect here")] = 0.0,
) -> Any:
    """The recording is kept nowhere."""
    check_model(context, model, "transcription")
    told = await while_connected(request, _transcript(context, client, file, language))
    return _in_format(told, response_format)


async def _transcript(context: ServerContext, client: str, file: UploadFile, language: str) -> Transcript:
    name, spoken = file.filename or "recording", _code(language)
    async with context.admission.place(client):
        samples = await asyncio.to_thread(context.read_recording, name, file.file)
        return await context.link.call(lambda: context.service.transcribe(samples, spoken))


def _code(language: str) -> str:
    """``en`` of ``en-US``."""
    code = language.partition("-")[0].lower() or "auto"
    if code != "auto" and code not in LANGUAGES:
        raise RequestError(
            "server.no_language",
            "The field language holds no language that can be transcribed.",
            "Send a code such as en or es, or nothing.",
            param="language",
        )
    return code


def _in_format(told: Transcript, wanted: str) -> Any:
    if wanted == "json":
        return TranscriptText(text=told.text)
    if wanted == "text":
        return PlainTextResponse(told.text + "\n")
    if wanted == "srt":
        return PlainTextResponse(subtitles(told.segments))
    if wanted == "vtt":
        return PlainTextResponse(web_subtitles(told.segments), media_type="text/vtt")
    segments = [
        TranscriptSegment(
            id=number, start=each.start, end=each.end, text=each.text, avg_logprob=each.log_probability
        )
        for number, each in enumerate(told.segments)
    ]
    return TranscriptDetails(
        text=told.text, language=told.language, duration=told.audio_seconds, segments=segments
    )


def subtitles(segments: Sequence[Segment]) -> str:
    """As SubRip has them."""
    return "\n".join(
        f"{number}\n{_time(each.start, ',')} --> {_time(each.end, ',')}\n{each.text.strip()}\n"
        for number, each in enumerate(segments, 1)
    )


def web_subtitles(segments: Sequence[Segment]) -> str:
    """As WebVTT has them."""
    cues = (
        f"{_time(each.start, '.')} --> {_time(each.end, '.')}\n{each.text.strip()}\n" for each in segments
    )
    return "\n".join(("WEBVTT\n", *cues))


def _time(seconds: float, point: str) -> str:
    thousandths = round(seconds * 1000)
    minutes, thousandths = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{thousandths // 1000:02}{point}{thousandths % 1000:03}"


class SpeechBody(Body):
    """OpenAI's request. The voice is one of the catalogue; OpenAI's names stand for that of the settings."""

    model: str = DEFAULT_MODEL
    input: str = Field(min_length=1, max_length=MOST_CHARACTERS)
    voice: str = "alloy"
    response_format: SpeechFormat = "mp3"
    speed: float = Field(1.0, ge=0.25, le=4.0)
    stream_format: Literal["audio"] = "audio"
    instructions: str | None = None  # of no effect here


@router.post(
    "/v1/audio/speech",
    summary="A text as speech",
    response_class=Response,
    responses={
        200: {
            "description": "Sound; WAV and PCM (16 bit, 24 kHz, one channel) come sentence by sentence",
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES.values()
            },
        }
    },
)
async def speak_text(body: SpeechBody, request: Request, context: Ctx, client: Client) -> Response:
    """Piper speaks; nothing of it is kept."""
    check_model(context, body.model, "speech")
    clips, kind = _clips(context, client, body), body.response_format
    if kind in STREAMED:
        return await ByteStream.begun(request, streamed(clips, kind), MEDIA_TYPES[kind])
    spoken = await while_connected(request, _collected(clips))
    return Response(await asyncio.to_thread(encoded, spoken, kind), media_type=MEDIA_TYPES[kind])


async def _clips(context: ServerContext, client: str, body: SpeechBody) -> AsyncGenerator[SpeechClip, None]:
    voice = "" if body.voice.lower() in VOICES else body.voice
    async with (
        context.admission.place(client),
        aclosing(context.link.stream(lambda: context.service.speak(body.input, voice, body.speed))) as clips,
    ):
        begun = False
        async for clip in clips:
            begun = True
            yield clip
    if not begun:
        raise RequestError(
            "server.nothing_to_say", "The text holds nothing that can be spoken.", param="input"
        )


async def _collected(clips: AsyncGenerator[SpeechClip, None]) -> list[SpeechClip]:
    async with aclosing(clips):
        return [clip async for clip in clips]
