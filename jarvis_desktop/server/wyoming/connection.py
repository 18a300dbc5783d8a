"""One client, from its first event to its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from functools import partial

from wyoming.error import Error
from wyoming.event import Event, Eventable
from wyoming.ping import Pong
from wyoming.tts import SynthesizeStopped

from jarvis_desktop.errors import Category, JarvisError, defective
from jarvis_desktop.server.wyoming import wire
from jarvis_desktop.server.wyoming.backend import Backend
from jarvis_desktop.server.wyoming.info import WAKE_WORD, info
from jarvis_desktop.server.wyoming.listeners import Listener, Waker, Writer
from jarvis_desktop.server.wyoming.sound import Format, Incoming
from jarvis_desktop.server.wyoming.speaker import Speaker

log = logging.getLogger(__name__)

LINGER_S = 1.0
"""An end of the connection waits so long for what is still sent: else the system drops the error unread."""

_LATEST = 2**53  # ms; whole numbers beyond are not the same in every language


class Connection:
    """Carries out a client's events one after the other. What goes wrong ends it, with an error event."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, backend: Backend, client: str
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._backend = backend
        self._client = client
        self._begin: Callable[[int], AbstractAsyncContextManager[Listener]] | None = None
        self._stream = AsyncExitStack()
        self._listener: Listener | None = None
        self._incoming: Incoming | None = None
        self._speaker: Speaker | None = None
        self._handlers: Mapping[str, Callable[[Event], Awaitable[None]]] = {
            "describe": self._describe,
            "ping": self._ping,
            "transcribe": self._transcribe,
            "detect": self._detect,
            "audio-start": self._audio_start,
            "audio-chunk": self._audio_chunk,
            "audio-stop": self._audio_stop,
            "synthesize": self._synthesize,
            "synthesize-start": self._synthesize_start,
            "synthesize-chunk": self._synthesize_chunk,
            "synthesize-stop": self._synthesize_stop,
        }

    async def run(self) -> None:
        """Until the client goes, or is sent away."""
        try:
            await self._serve()
        except JarvisError as error:
            await self.refuse(error)
        except TimeoutError:
            await self.refuse(_idle())
        except OSError:
            pass  # it has gone
        except Exception:
            log.exception("a Wyoming connection failed")
            await self.refuse(defective("wyoming"))
        finally:
            self._writer.close()
            await self._stream.aclose()

    async def refuse(self, error: JarvisError) -> None:
        """Tell the client what is wrong, and nothing more."""
        log.info("a Wyoming connection ends: %s", error.code)
        with suppress(OSError):
            async with asyncio.timeout(LINGER_S):
                await self._send(Error(str(error), error.code))
                self._writer.write_eof()
                while await self._reader.read(1 << 16):
                    pass

    async def _serve(self) -> None:
        while (event := await wire.read_event(self._reader, self._patience)) is not None:
            if handle := self._handlers.get(event.type):  # the protocol has others dropped
                await handle(event)

    @property
    def _patience(self) -> float:
        """A stream of sound that is open may hold a place at the models."""
        return wire.PATIENCE_S if self._incoming is None else wire.PATIENCE_IN_SOUND_S

    async def _send(self, event: Eventable) -> None:
        await wire.write_event(event, self._writer)

    async def _describe(self, _: Event) -> None:
        await self._send(info(await asyncio.to_thread(self._backend.offer)))

    async def _ping(self, event: Event) -> None:
        await self._send(Pong(wire.text(event, "text")))

    # --- sound that comes in ----------------------------------------------------------------------------

    async def _transcribe(self, event: Event) -> None:
        language = _bare(wire.text(event, "language"))
        whisper = (await asyncio.to_thread(self._backend.offer)).transcription
        if language and whisper is not None and language not in whisper.spoken:
            raise _unknown("language")
        await self._no_sound()
        self._begin = partial(Writer.begin, self._backend, self._client, self._send, language or "auto")

    async def _detect(self, event: Event) -> None:
        names = wire.names(event)
        if names and WAKE_WORD not in names:
            raise _unknown("wake word")
        await self._no_sound()
        self._begin = partial(Waker.begin, self._backend, self._send)

    async def _audio_start(self, event: Event) -> None:
        if self._begin is None:
            return
        await self._no_sound()
        timestamp = event.data.get("timestamp")
        at = 0 if timestamp is None else wire.number(event, "timestamp", 0, _LATEST)
        self._incoming = Incoming(Format.of(event), self._backend.cutter)
        self._listener = await self._stream.enter_async_context(self._begin(at))

    async def _audio_chunk(self, event: Event) -> None:
        if self._incoming is None:  # its format is in each chunk
            await self._audio_start(event)
        if self._incoming is None or self._listener is None:
            return
        if block := self._incoming.take(event):
            await self._listener.hear(block)

    async def _audio_stop(self, _: Event) -> None:
        if self._incoming is None or self._listener is None:
            return
        if block := self._incoming.rest():
            await self._listener.hear(block)
        await self._listener.end()
        await self._no_sound()

    async def _no_sound(self) -> None:
        self._incoming = self._listener = None
        await self._stream.aclose()

    # --- sound that goes out ----------------------------------------------------------------------------

    async def _synthesize(self, event: Event) -> None:
        if self._speaker is not None:
            return  # the whole text once more, for servers that do not take it piece by piece
        speaker = await self._speaker_for(event)
        await speaker.say(wire.text(event, "text"))
        await speaker.end()

    async def _synthesize_start(self, event: Event) -> None:
        self._speaker = await self._speaker_for(event)

    async def _synthesize_chunk(self, event: Event) -> None:
        if self._speaker is not None:
            await self._speaker.say(wire.text(event, "text"))

    async def _synthesize_stop(self, _: Event) -> None:
        speaker, self._speaker = self._speaker, None
        if speaker is not None:
            await speaker.end()
            await self._send(SynthesizeStopped())

    async def _speaker_for(self, event: Event) -> Speaker:
        if wire.text(event, "text_format") == "ssml":
            raise JarvisError("wyoming.no_ssml", "Jarvis does not read SSML.", "Send plain text.")
        voice = wire.voice(event)
        language = _bare(voice["language"])
        if voice["name"]:
            voices = {
                offered.name: offered for offered in (await asyncio.to_thread(self._backend.offer)).voices
            }
            if voice["name"] not in voices:
                raise _unknown("voice")
            language = voices[voice["name"]].spoken[0]
        return Speaker(self._backend, self._client, self._send, language)


def _bare(language: str) -> str:
    """The language of a tag with or without a region: "en" of "en-US"."""
    return language.replace("_", "-").partition("-")[0].lower()


def _unknown(what: str) -> JarvisError:
    return JarvisError(
        "wyoming.unknown",
        "There is no such {what} here.",
        "Have the client ask again what there is: in Home Assistant, reload the integration.",
        what=what,
    )


def _idle() -> JarvisError:
    return JarvisError(
        "wyoming.idle",
        "The client was silent for too long.",
        "Connect again when there is something to say or to hear.",
        Category.TRANSIENT,
    )
