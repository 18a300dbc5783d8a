"""`jarvis ask`, `transcribe`, `listen` and `say`: turns and parts of turns without a window."""

from __future__ import annotations

import asyncio
import sys
import time
from argparse import ArgumentParser
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jarvis_desktop.cli.context import Context
from jarvis_desktop.errors import JarvisError, UsageError
from jarvis_desktop.events import (
    AllowTool,
    Citation,
    Decided,
    Event,
    Failed,
    Part,
    PartChanged,
    PartState,
    Phase,
    PhaseChanged,
    PressTalk,
    ReleaseTalk,
    ReplyToken,
    SetHandsFree,
    SetWakeWord,
    Tier,
    ToolAsked,
)
from jarvis_desktop.telemetry import logs

if TYPE_CHECKING:
    from jarvis_desktop.assistant import Assistant

LANGUAGES = ("auto", "en", "es")
ALL_TOOLS = "all"
UNUSED_MEMORY = "memory.unused"

QUOTE_CHARACTERS = 160
"""Of each source below an answer; `jarvis memory show` has all of it."""


def add_ask_arguments(parser: ArgumentParser) -> None:
    """Options of `jarvis ask`."""
    parser.add_argument("text", nargs="?", help="the question; read from standard input when left out")
    parser.add_argument("--audio", type=Path, metavar="FILE", help="ask what is said in this recording")
    parser.add_argument("--speak-to", type=Path, metavar="OUT.wav", help="write the spoken answer here")
    parser.add_argument("--lang", choices=LANGUAGES, default="auto", help="language of the recording")
    parser.add_argument("--no-memory", action="store_true", help="neither recall nor store this turn")
    parser.add_argument(
        "--allow-tools",
        metavar="NAME,...",
        help=f"let the model use these tools, or {ALL_TOOLS} of them, without asking",
    )
    _add_profile_argument(parser)
    parser.add_argument(
        "--tier",
        choices=[tier.value for tier in Tier],
        help="kind of answer, whatever the question looks like",
    )


def add_transcribe_arguments(parser: ArgumentParser) -> None:
    """Options of `jarvis transcribe`."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--lang", choices=LANGUAGES, default="auto", help="spoken language")


def add_listen_arguments(parser: ArgumentParser) -> None:
    """Options of `jarvis listen`."""
    parser.add_argument(
        "--from", dest="source", type=Path, metavar="FILE", help="hear a file, not a microphone"
    )
    parser.add_argument("--pace", choices=("realtime", "none"), default="realtime", help="speed of the file")
    parser.add_argument("--mode", choices=("hands-free", "push-to-talk", "wake"), default="hands-free")
    parser.add_argument("--reply", action="store_true", help="answer what is heard")
    _add_profile_argument(parser)


def _add_profile_argument(parser: ArgumentParser) -> None:
    parser.add_argument("--profile", metavar="NAME", help="use this profile now (empty: none)")


def add_say_arguments(parser: ArgumentParser) -> None:
    """Options of `jarvis say`."""
    parser.add_argument("text")
    parser.add_argument("--to", type=Path, metavar="OUT.wav", help="write a file, do not play")


@asynccontextmanager
async def _session(context: Context, **options: Any) -> AsyncIterator[Assistant]:
    from jarvis_desktop import app

    with logs.started(context.paths.logs, context.config, verbose=context.args.verbose):
        async with app.session(context.paths, context.config, **options) as assistant:
            allowed = named_tools(getattr(context.args, "allow_tools", None) or "")
            assistant.subscribe(lambda event: judge_tool(event, assistant, allowed))
            yield assistant


def named_tools(text: str) -> frozenset[str]:
    """The tools that `--allow-tools` names."""
    return frozenset(name.strip() for name in text.split(","))


def judge_tool(event: Event, assistant: Assistant, allowed: frozenset[str]) -> None:
    """Nobody is there to be asked: what was not allowed beforehand is refused, and said to be.

    So is what is asked anew: what others wrote may have led to it, and nobody foresaw that.
    """
    if not isinstance(event, ToolAsked):
        return
    named = ALL_TOOLS in allowed or event.use.tool in allowed
    assistant.post(AllowTool(event.call_id, named and not event.anew))
    if event.anew:
        why = "the answer builds on text from outside by now, and only the window can ask you again"
        print(f"The tool {event.use.tool} was not allowed: {why}.", file=sys.stderr)
    elif not named:
        print(f"The tool {event.use.tool} was not allowed; --allow-tools allows it.", file=sys.stderr)


def ask(context: Context) -> int:
    """One turn; prints the answer as it comes, or one JSON object."""
    return asyncio.run(_ask(context))


async def _ask(context: Context) -> int:
    from jarvis_desktop.audio.files import FileSink, read_audio

    args = context.args
    samples = None if args.audio is None else await asyncio.to_thread(read_audio, args.audio)
    typed = "" if samples is not None else _question_text(args.text)
    speak_to = FileSink(args.speak_to) if args.speak_to else None
    async with _session(context) as assistant:
        failures: list[JarvisError] = []
        assistant.subscribe(lambda event: _collect(event, failures, context.note))
        if not context.json:
            assistant.subscribe(_print_token)
        wanted = [Part.ENGINE]
        wanted += [Part.TRANSCRIPTION] if samples is not None else []
        wanted += [Part.SPEECH] if speak_to is not None else []
        await assistant.prepare(*wanted, memory=not args.no_memory)
        now = asyncio.get_running_loop().time
        asked_at, transcript, transcribed_at = now(), None, None
        if samples is not None:
            transcript = await assistant.transcribe(samples, language=args.lang)
            typed, transcribed_at = transcript.text, now()
        if not typed:
            raise UsageError(
                "usage.nothing_said",
                "No words were found in {file}.",
                "Check the recording: jarvis transcribe {file}",
                file=args.audio,
            )
        done = await assistant.ask(
            typed,
            asked_at=asked_at,
            transcribed_at=transcribed_at,
            language=transcript.language if transcript is not None else "",
            speak_to=speak_to,
            remember=not args.no_memory,
        )
    if failures:  # there is an answer, but not all that was asked for
        raise failures[0]
    data: dict[str, Any] = {
        "turn_id": done.turn_id,
        "transcript": transcript and {"text": transcript.text, "language": transcript.language},
        "reply": done.reply,
        "citations": [asdict(citation) for citation in done.citations],
        "model": done.model,
        "engine": done.engine,
        "route": asdict(done.route),
        "tools": [asdict(use) for use in done.tools],
        "skipped": dict(done.skipped),
        "timings_ms": asdict(done.timings),
        "usage": asdict(done.usage),
        "energy": asdict(done.energy),
    }
    context.result(data, sources(done.citations))
    return 0


def sources(citations: Sequence[Citation]) -> str:
    """What an answer rests on, below it."""
    if not citations:
        return ""
    lines = (
        "- " + ", ".join(filter(None, (_day(each.created_at), each.source, f"“{_line(each.quote)}”")))
        for each in citations
    )
    return "\n".join(("\n\nSources:", *lines))


def _day(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds):%Y-%m-%d}" if seconds else ""


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= QUOTE_CHARACTERS else line[: QUOTE_CHARACTERS - 1] + "…"


def _question_text(text: str | None) -> str:
    if text is None and not sys.stdin.isatty():
        text = sys.stdin.read()
    if not text or not text.strip():
        raise UsageError(
            "usage.no_question",
            "There is no question.",
            'Give one: jarvis ask "What time is it in Lima?", or --audio FILE.',
        )
    return text.strip()


def _collect(event: Event, failures: list[JarvisError], note: Callable[[str], None]) -> None:
    """Gather what went wrong; an answer without memory, or of another model, is an answer all the same."""
    if isinstance(event, Decided):
        note(str(event.remark))
    elif isinstance(event, Failed) and event.error.code == UNUSED_MEMORY:
        note(f"warning: {event.error}")
    elif isinstance(event, Failed):
        failures.append(event.error)


def _print_token(event: Event) -> None:
    if isinstance(event, ReplyToken):
        print(event.text, end="", flush=True)


def transcribe(context: Context) -> int:
    """Final text of each file; a file that cannot be read is reported and the others still done."""
    return asyncio.run(_transcribe(context))


async def _transcribe(context: Context) -> int:
    from jarvis_desktop.audio.files import read_audio

    status = 0
    async with _session(context) as assistant:
        await assistant.prepare(Part.TRANSCRIPTION)
        for file in context.args.files:
            try:
                samples = await asyncio.to_thread(read_audio, file)
                transcript = await assistant.transcribe(samples, language=context.args.lang)
            except JarvisError as error:
                status = context.fail(error)
                continue
            data = {"file": str(file), **asdict(transcript)}
            many = len(context.args.files) > 1
            context.result(data, f"{file}: {transcript.text}" if many else transcript.text)
    return status


def listen(context: Context) -> int:
    """Print events until the input ends or Ctrl-C."""
    return asyncio.run(_listen(context))


async def _listen(context: Context) -> int:
    from jarvis_desktop.audio.files import FileSource

    args = context.args
    started, over, failures = time.monotonic(), asyncio.Event(), list[JarvisError]()
    audio_time, microphone = 0.0, False

    def show(event: Event) -> None:
        nonlocal audio_time, microphone
        _collect(event, failures, context.note)
        if isinstance(event, PartChanged) and event.part is Part.MICROPHONE:
            microphone = microphone or event.state is PartState.READY
            if not microphone:  # one that was never there is not waited for
                over.set()
        if isinstance(event, PhaseChanged) and event.phase is Phase.IDLE:
            wanted = event.hands_free or event.wake_word  # a microphone that was lost is waited for
            if not wanted:
                over.set()
        if (data := _wire(event)) is not None:
            audio_time = data.pop("audio_time", audio_time)
            wall_time = round(time.monotonic() - started, 3)
            line = {"event": event.name, "audio_time": audio_time, "wall_time": wall_time, **data}
            context.result(line, " ".join(f"{key}={value}" for key, value in line.items()))

    source = (lambda: FileSource(args.source, pace=args.pace)) if args.source else None
    async with _session(context, audio_in=source, answers=args.reply, preload=args.reply) as assistant:
        await assistant.prepare(
            Part.HEARING, Part.TRANSCRIPTION, *([Part.ENGINE, Part.SPEECH] if args.reply else [])
        )
        started = time.monotonic()
        assistant.subscribe(show)
        over.clear()
        await _drive(assistant, args.mode, over, from_file=args.source is not None)
    return failures[0].exit_status if failures else 0


async def _drive(assistant: Assistant, mode: str, over: asyncio.Event, *, from_file: bool) -> None:
    """Work the microphone: to the end, or for one held turn (until Enter, or the end of the file)."""
    if mode == "hands-free":
        assistant.post(SetHandsFree(True))
    elif mode == "wake":
        assistant.post(SetWakeWord(True))
    else:
        assistant.post(PressTalk())
        if not from_file:
            await asyncio.to_thread(sys.stdin.readline)
            assistant.post(ReleaseTalk())
    await over.wait()


_WIRED = frozenset(
    (
        *("wake", "speech_started", "partial", "speech_ended", "turn_ended", "final", "discarded"),
        *("turn_started", "reply_token", "reply_sentence", "playback_started", "playback_paused"),
        *("playback_resumed", "playback_ended", "interrupted", "tool_asked", "tool_used"),
        *("turn_finished", "failed"),
    )
)


def _wire(event: Event) -> dict[str, Any] | None:
    """The event's own fields as JSON data; None for those that are only for the window."""
    if event.name not in _WIRED:
        return None
    if isinstance(event, Failed):
        return {**event.error.as_json(), "turn_id": event.turn_id, "kept_text": event.kept_text}
    return {
        key: round(value, 3) if isinstance(value, float) else value for key, value in asdict(event).items()
    }


def say(context: Context) -> int:
    """Speak a text."""
    return asyncio.run(_say(context))


async def _say(context: Context) -> int:
    from jarvis_desktop.audio.files import FileSink

    args = context.args
    if not args.text.strip():
        raise UsageError(
            "usage.no_text", "There is nothing to say.", 'Give a text: jarvis say "Good morning."'
        )
    async with _session(context) as assistant:
        await assistant.prepare(Part.SPEECH)
        seconds = await assistant.say(args.text, FileSink(args.to) if args.to else None)
    context.result({"to": str(args.to) if args.to else None, "audio_seconds": round(seconds, 3)}, None)
    return 0
