"""One small fake per port: real adapters in behaviour, without devices, models or processes."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from jarvis_desktop.assistant import Parts
from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.errors import JarvisError, ModelError, StorageError
from jarvis_desktop.events import (
    FORGOTTEN,
    Citation,
    Conversation,
    DevicesListed,
    EarMode,
    EchoMeasured,
    EngineMeasured,
    Forgotten,
    Ingested,
    MachineDescribed,
    MemoryBackup,
    MemoryItem,
    MemoryKind,
    MemoryPlanned,
    MemoryStats,
    Message,
    ModelProgress,
    ModelsCatalogued,
    ModelsListed,
    Recalled,
    Recollection,
    Route,
    SoundDevice,
    SoundDevicesListed,
    SystemMicrophone,
    Usage,
    Versions,
)
from jarvis_desktop.ports import (
    SAMPLE_RATE,
    Approach,
    Asked,
    AudioBlock,
    ChatDelta,
    ChatMessage,
    ChatOptions,
    PartialTranscript,
    Samples,
    Segment,
    SpeechClip,
    ToolCall,
    ToolResult,
    ToolSpec,
    Transcript,
    TurnJudged,
    UtteranceEnded,
    VoiceContinued,
    VoiceDismissed,
    VoiceEvent,
    VoiceNoticed,
    VoiceStarted,
    VoiceStopped,
    WakeHeard,
)

VOICE = np.full(SAMPLE_RATE // 50, 0.5, np.float32)
HEY_JARVIS = np.full(SAMPLE_RATE // 50, 0.9, np.float32)
CLICK = np.full(SAMPLE_RATE // 50, 0.2, np.float32)
SILENCE = np.zeros(SAMPLE_RATE // 50, np.float32)


class FakeModel:
    """A part that loads at once, or fails with `load_error` until that is cleared."""

    def __init__(self, model: str) -> None:
        self.model = model
        self.loads = 0
        self.load_error: JarvisError | None = None
        self.pid: int | None = None

    async def load(self) -> None:
        self.loads += 1
        if self.load_error is not None:
            raise self.load_error

    async def unload(self) -> None:
        self.pid = None


class FakeMicrophone:
    """Yields what the test says with `hear`; ends with `end`, fails with `fail`."""

    def __init__(self) -> None:
        self.name = "fake microphone"
        self.live = True
        self.endless = False  # unless a test says that it is a microphone whose system default changes
        self.open_error: JarvisError | None = None
        self.is_open = False
        self._time = 0.0
        self._queue: asyncio.Queue[AudioBlock | JarvisError | None] = asyncio.Queue()

    async def start(self) -> None:
        if self.open_error is not None:
            raise self.open_error
        self.is_open = True

    async def blocks(self) -> AsyncIterator[AudioBlock]:
        while (item := await self._queue.get()) is not None:
            if isinstance(item, JarvisError):
                raise item
            yield item

    async def stop(self) -> None:
        self.is_open = False

    def hear(self, *pieces: Samples) -> None:
        for samples in pieces:
            self._queue.put_nowait(AudioBlock(samples, self._time))
            self._time += len(samples) / SAMPLE_RATE

    def end(self) -> None:
        self._queue.put_nowait(None)

    def fail(self, error: JarvisError) -> None:
        self._queue.put_nowait(error)


class FakeDetector:
    """Knows its sounds by their loudness, one block each: `VOICE`, `CLICK`, `SILENCE` and `HEY_JARVIS`.

    One silent block after voice ends the utterance. Held: all of it is voice. Asleep: only the call counts.
    """

    def __init__(self, mode: EarMode) -> None:
        self._mode = mode
        self._started = False
        self._end = 0.0

    async def feed(self, block: AudioBlock) -> Sequence[VoiceEvent]:
        loudness = block.samples.max()
        if self._mode is EarMode.WAKE:
            return [WakeHeard(0.9, block.end)] if loudness == HEY_JARVIS.max() else []
        if loudness == CLICK.max() and not self._started:
            return [VoiceNoticed(block.start), VoiceDismissed()]
        if self._mode is EarMode.HELD or loudness > CLICK.max():
            self._end = block.end
            if self._started:
                return [VoiceContinued(block.samples)]
            self._started = True
            return [VoiceNoticed(block.start), VoiceStarted(block.start, block.samples)]
        return self._close("silence") if self._started else []

    def reads(self, text: str) -> None: ...

    async def finish(self) -> Sequence[VoiceEvent]:
        return self._close("source-ended") if self._started else []

    def _close(self, reason: str) -> list[VoiceEvent]:
        self._started = False
        over = [TurnJudged(1.0, over=True)] if self._mode is not EarMode.HELD else []
        return [VoiceStopped(self._end), *over, UtteranceEnded(self._end, reason)]  # type: ignore[arg-type]


class FakeSession:
    """Shows three dots at once, the text as stable words from the third block on, and all when settled."""

    def __init__(self, owner: FakeTranscriber) -> None:
        self._owner = owner
        self._heard = 0
        self._blocks = 0
        self._partials: asyncio.Queue[PartialTranscript | None] = asyncio.Queue()
        self._partials.put_nowait(PartialTranscript("", "..."))

    def feed(self, samples: Samples) -> None:
        self._heard += len(samples)
        self._blocks += 1
        if self._blocks == 3 and self._owner.texts:
            self._partials.put_nowait(PartialTranscript(self._owner.texts[0], ""))

    def settle(self) -> None:
        if self._owner.texts:
            text = self._owner.texts[0]
            self._partials.put_nowait(PartialTranscript(text, "", self._transcript(text)))

    async def partials(self) -> AsyncIterator[PartialTranscript]:
        while (partial := await self._partials.get()) is not None:
            yield partial

    async def finish(self) -> Transcript:
        self._partials.put_nowait(None)
        self._owner.heard_seconds = self._heard / SAMPLE_RATE
        if self._owner.error is not None:
            raise self._owner.error
        if self._owner.hold is not None:
            await self._owner.hold.acquire()
        return self._transcript(self._owner.texts.pop(0))

    async def cancel(self) -> None:
        self._partials.put_nowait(None)

    def _transcript(self, text: str) -> Transcript:
        seconds = self._heard / SAMPLE_RATE
        segments = (Segment(text, 0.0, seconds, self._owner.log_probability),)
        return Transcript(text, "en", seconds, 0.0, segments)


class FakeTranscriber(FakeModel):
    """Hears the given texts, one per utterance."""

    def __init__(self, *texts: str) -> None:
        super().__init__("fake-whisper")
        self.texts = list(texts)
        self.heard_seconds = 0.0  # of the latest utterance
        self.log_probability = -0.3
        self.error: JarvisError | None = None
        self.hold: asyncio.Semaphore | None = None  # what finals wait for

    def session(self) -> FakeSession:
        return FakeSession(self)

    async def transcribe(self, samples: Samples, *, language: str = "auto") -> Transcript:
        return Transcript(self.texts.pop(0), "en", len(samples) / SAMPLE_RATE, 0.0)


class FakeSynthesizer(FakeModel):
    """A tenth of a second per word."""

    def __init__(self) -> None:
        super().__init__("fake-voice")
        self.spoken: list[str] = []
        self.error: JarvisError | None = None

    async def synthesize(self, text: str, language: str = "") -> SpeechClip:
        self.spoken.append(text)
        if self.error is not None:
            raise self.error
        return SpeechClip(np.zeros(1600 * len(text.split()), np.float32), SAMPLE_RATE, text)


class FakeLoudspeaker:
    """Plays on a clock the test advances with `advance`; with `instant` everything is heard at once."""

    def __init__(self, *, instant: bool = True) -> None:
        self.name = "fake loudspeaker"
        self.instant = instant
        self.clips: list[SpeechClip] = []
        self.stopped = False
        self.paused = False
        self._heard = 0.0
        self._changed = asyncio.Condition()

    async def start(self) -> None:
        pass

    async def play(self, clip: SpeechClip) -> None:
        self.clips.append(clip)
        if self.instant:
            await self.advance(clip.seconds)

    async def advance(self, seconds: float) -> None:
        async with self._changed:
            self._heard += seconds
            self._changed.notify_all()

    @property
    def heard_seconds(self) -> float:
        return self._heard

    async def wait_audible(self) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._heard > 0)

    async def drain(self) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._heard >= sum(c.seconds for c in self.clips) - 1e-6)

    async def pause(self) -> None:
        self.paused = True

    async def resume(self) -> None:
        self.paused = False

    async def stop(self) -> None:
        self.stopped = True


class FakeChat(FakeModel):
    """Answers with `reply` word by word; `error` comes after the words; `hold` pauses before each.

    While tools are offered it asks for `wishes` first, one round of calls for each time it is asked.
    """

    def __init__(self, reply: str = "All is well.") -> None:
        super().__init__("fake-chat")
        self.engine = "fake"
        self.reply = reply
        self.error: JarvisError | None = None
        self.hold: asyncio.Semaphore | None = None
        self.prompts: list[Sequence[ChatMessage]] = []
        self.wishes: list[tuple[ToolCall, ...]] = []
        self.offered: list[tuple[ToolSpec, ...]] = []
        self.aborted = 0
        self.told: EngineMeasured | None = None

    async def status(self) -> EngineMeasured | None:
        return self.told

    async def stream(self, messages: Sequence[ChatMessage], options: ChatOptions) -> AsyncIterator[ChatDelta]:
        self.prompts.append(list(messages))
        self.offered.append(options.tools)
        if options.tools and self.wishes:
            yield ChatDelta("", Usage(1, 1, 10.0), calls=self.wishes.pop(0))
            return
        try:
            for number, word in enumerate(self.reply.split()):
                if self.hold is not None:
                    await self.hold.acquire()
                yield ChatDelta(word if number == 0 else " " + word)
            if self.error is not None:
                raise self.error
            yield ChatDelta("", Usage(1, len(self.reply.split()), 10.0))
        except (asyncio.CancelledError, GeneratorExit):
            self.aborted += 1
            raise


class FakeChunker:
    """Cuts after full stops."""

    def __init__(self) -> None:
        self._rest = ""

    def push(self, token: str) -> list[str]:
        self._rest += token
        if not self._rest.endswith("."):
            return []
        return self.flush()

    def flush(self) -> list[str]:
        rest, self._rest = self._rest, ""
        return [rest] if rest else []


class FakeAnswers:
    """Gives the `known` answers, by question; what is `remembered` later it does not give."""

    def __init__(self, known: Mapping[str, str] = MappingProxyType({})) -> None:
        self.known = known
        self.remembered: list[str] = []

    async def find(self, asked: Asked) -> str | None:
        return self.known.get(asked.question)

    async def keep(self, asked: Asked, answer: str) -> None:
        self.remembered.append(answer)

    async def clear(self) -> None:
        self.known, self.remembered = {}, []


class FakeTools:
    """Tools that answer with `results`, by name; what is `used` they remember. `hold` pauses before each."""

    def __init__(self, *specs: ToolSpec, results: Mapping[str, ToolResult] = MappingProxyType({})) -> None:
        self.offer = specs
        self.results = results
        self.used: list[tuple[str, Mapping[str, object]]] = []
        self.hold: asyncio.Semaphore | None = None

    async def specs(self) -> tuple[ToolSpec, ...]:
        return self.offer

    async def call(self, name: str, arguments: Mapping[str, object]) -> ToolResult:
        self.used.append((name, arguments))
        if self.hold is not None:
            await self.hold.acquire()
        return self.results.get(name, ToolResult("done"))


class FakeSound:
    """A sound system with one device of each kind; `measured` is the echo there is."""

    def __init__(self) -> None:
        self.inputs = (SoundDevice("fake microphone", 48_000, is_default=True),)
        self.microphone = "Fake microphone"  # as the sound service calls it
        self.muted = False
        self.measured = EchoMeasured(heard=True, delay_ms=90.0, removed_db=25.0)

    async def devices(self) -> SoundDevicesListed:
        outputs = (SoundDevice("fake loudspeaker", 48_000, is_default=True),)
        return SoundDevicesListed(self.inputs, outputs, await self.microphones())

    async def microphones(self) -> tuple[SystemMicrophone, ...]:
        return (SystemMicrophone(self.microphone, 48_000, in_use=True, muted=self.muted),)

    async def unmute(self) -> None:
        self.muted = False

    async def measure_echo(self) -> EchoMeasured:
        return self.measured

    def melody(self) -> SpeechClip:
        return SpeechClip(np.zeros(1600, np.float32), SAMPLE_RATE, "la")

    def clipped(self, samples: Samples) -> bool:
        return float(np.mean(np.abs(samples) >= 1.0)) > 0.1


class FakeHistory:
    """Conversations in memory; `error` makes every write fail."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Message]] = {}
        self.scope = MemoryScope()
        self.error: JarvisError | None = None

    async def new_conversation(self, *, private: bool = False) -> Conversation:
        conversation_id = f"c{len(self.rows) + 1}"
        self.rows[conversation_id] = []
        return Conversation(conversation_id, "", 0.0)

    def is_private(self, conversation_id: str) -> bool:
        return False

    def leave(self, conversation_id: str) -> None: ...

    async def conversations(self) -> tuple[Conversation, ...]:
        return tuple(Conversation(key, rows[0].text if rows else "", 0.0) for key, rows in self.rows.items())

    async def messages(self, conversation_id: str) -> tuple[Message, ...]:
        if conversation_id not in self.rows:
            raise StorageError("storage.unknown", "There is no conversation {id}.", id=conversation_id)
        return tuple(self.rows[conversation_id])

    async def versions(self, conversation_id: str) -> tuple[Versions, ...]:
        return ()

    async def show_version(self, message_id: str) -> None: ...

    async def all_messages(self) -> tuple[Message, ...]:
        return tuple(row for rows in self.rows.values() for row in rows)

    async def append(self, message: Message, after: str | None = None) -> None:
        if self.error is not None:
            raise self.error
        self.rows[message.conversation_id].append(message)

    async def replace(self, message: Message) -> None:
        if self.error is not None:
            raise self.error
        rows = self.rows[message.conversation_id]
        rows[:] = [replace(message) if row.id == message.id else row for row in rows]

    async def blank(self, message_ids: Sequence[str]) -> None:
        for rows in self.rows.values():
            rows[:] = [replace(row, text=FORGOTTEN) if row.id in message_ids else row for row in rows]

    def use(self, scope: MemoryScope) -> None:
        self.scope = scope

    def bound(self, conversation_id: str = "") -> AbstractContextManager[None]:
        return nullcontext()

    async def search(self, words: str, limit: int) -> tuple[Message, ...]:
        if self.error is not None:
            raise self.error
        found = [row for rows in self.rows.values() for row in rows if _plain(words) in _plain(row.text)]
        return tuple(reversed(found))[:limit]


class FakeMemory:
    """A long-term memory that finds texts which share words with the question; nothing reaches the disk.

    `error` makes every call fail; recalling waits for `hold`. A write takes one second of its clock.
    """

    def __init__(self) -> None:
        self.items: dict[str, tuple[str, MemoryItem]] = {}  # with the owner
        self.uses: dict[str, tuple[Recalled, ...]] = {}
        self.files: dict[Path, list[MemoryItem]] = {}  # backups and what they hold
        self.asked: list[tuple[str, str]] = []  # questions and owners
        self.error: JarvisError | None = None
        self.hold: asyncio.Semaphore | None = None
        self._now = 1_700_000_000.0

    async def recall(
        self, question: str, *, owner: str = "", limit: int = 10, stages: Sequence[str] = ()
    ) -> Recollection:
        self._check()
        self.asked.append((question, owner))
        if self.hold is not None:
            await self.hold.acquire()
        wanted = _words(question)
        scored = [
            (len(wanted & _words(item.text)) / max(1, len(wanted)), item)
            for of, item in self.items.values()
            if of == owner and not item.superseded_by
        ]
        best = sorted((pair for pair in scored if pair[0]), key=lambda pair: (-pair[0], -pair[1].created_at))
        found = tuple(
            Recalled(
                item.id,
                item.id,
                item.kind,
                item.text,
                item.source,
                score,
                location=item.location,
                created_at=item.created_at,
            )
            for score, item in best[:limit]
        )
        return Recollection(found, {"total": 1.0}, confident=bool(found))

    async def remember(
        self,
        text: str,
        *,
        kind: MemoryKind = MemoryKind.NOTE,
        item_id: str = "",
        source: str = "",
        location: str = "",
        created_at: float | None = None,
        owner: str = "",
        metadata: Mapping[str, str | int | float | bool] | None = None,
    ) -> MemoryItem:
        self._check()
        self._now += 1
        told = dict(metadata or {})
        for of, item in self.items.values():
            if of == owner and (item.kind, item.text) == (kind, text) and not item.superseded_by:
                return item
        new = MemoryItem(
            item_id or f"i{len(self.items) + 1}",
            kind,
            text,
            source,
            location,
            self._now if created_at is None else created_at,
            owner,
            metadata=told,
        )
        if kind is MemoryKind.FACT:
            for of, item in [*self.items.values()]:
                same = [item.metadata.get(key) == told.get(key) for key in ("subject", "slot")]
                if of == owner and item.kind is kind and all(same) and not item.superseded_by:
                    self.items[item.id] = of, replace(item, superseded_by=new.id)
        self.items[new.id] = owner, new
        return new

    async def ingest(self, paths: Sequence[Path], *, owner: str = "") -> AsyncIterator[Ingested]:
        self._check()
        for number, path in enumerate(paths, 1):
            text = await asyncio.to_thread(path.read_text)
            await self.remember(text, kind=MemoryKind.DOCUMENT, source=path.name, owner=owner)
            yield Ingested(number, len(paths), path.name, 1)
        yield Ingested(len(paths), len(paths))

    async def listed(
        self, *, owner: str = "", kind: MemoryKind | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[MemoryItem, ...]:
        self._check()
        found = [item for of, item in self.items.values() if of == owner and kind in (None, item.kind)]
        found.sort(key=lambda item: (not item.pinned, -item.created_at))
        return tuple(found[offset : offset + limit])

    async def show(self, item_id: str, *, owner: str = "") -> MemoryItem:
        self._check()
        of, item = self.items.get(item_id, (None, None))
        if of != owner or item is None:
            raise StorageError("memory.unknown_item", "There is no item {id}.", id=item_id)
        return item

    async def edit(
        self, item_id: str, text: str, *, owner: str = "", traces: Sequence[str] = ()
    ) -> MemoryItem:
        item = await self.show(item_id, owner=owner)
        told = {key: value for key, value in item.metadata.items() if key != "value"}
        if traces:
            told["traces"] = " ".join(traces)
        self.items[item_id] = owner, replace(item, text=text, metadata=told)
        for turn, used in self.uses.items():
            self.uses[turn] = tuple(each for each in used if each.item != item_id)
        return self.items[item_id][1]

    async def pin(self, item_id: str, pinned: bool, *, owner: str = "") -> MemoryItem:
        self.items[item_id] = owner, replace(await self.show(item_id, owner=owner), pinned=pinned)
        return self.items[item_id][1]

    async def forget(self, item_ids: Sequence[str], *, owner: str = "") -> Forgotten:
        gone = [await self.show(item_id, owner=owner) for item_id in item_ids]
        for item in gone:
            del self.items[item.id]
        for turn, used in self.uses.items():
            self.uses[turn] = tuple(each for each in used if each.item in self.items)
        return Forgotten("receipt-1", self._now, tuple(item.id for item in gone), len(gone), len(gone))

    async def forget_conversation(self, conversation_id: str, *, owner: str = "") -> Forgotten:
        told = [item.id for of, item in self.items.values() if item.location == conversation_id]
        return await self.forget(told, owner=owner)

    async def note_use(self, turn_id: str, used: Sequence[Recalled]) -> None:
        self._check()
        self.uses[turn_id] = tuple(used)

    async def why(self, turn_id: str, *, owner: str = "") -> tuple[Citation, ...]:
        self._check()
        return tuple(
            Citation(each.id, each.source, each.text, each.kind, each.location, each.created_at)
            for each in self.uses.get(turn_id, ())
        )

    async def stats(self, *, owner: str | None = None) -> MemoryStats:
        self._check()
        return MemoryStats({}, len(self.items), 0, 0, 0, "fake", "exact", 0, 0, 0)

    async def export(self, file: Path) -> int:
        self._check()
        return 0

    async def backups(self) -> Sequence[MemoryBackup]:
        self._check()
        return [MemoryBackup(file, 1.7e9, len(held)) for file, held in self.files.items()]

    async def restore(self, file: Path) -> Sequence[str]:
        self._check()
        new = {item.id: ("", item) for item in self.files[file] if item.id not in self.items}
        self.items |= new
        return list(new)

    async def undo_restore(self, item_ids: Sequence[str]) -> None:
        self._check()
        for item_id in item_ids:
            del self.items[item_id]

    async def rebuild(self) -> int:
        self._check()
        return 0

    def _check(self) -> None:
        if self.error is not None:
            raise self.error


def _plain(text: str) -> str:
    """Without case and accents."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _words(text: str) -> set[str]:
    """Words of four letters and more, by their first five, and numbers."""
    return {word[:5] for word in re.findall(r"\w+", text.lower()) if len(word) > 3 or word.isdigit()}


class FakeShelf:
    """No models, and none to be had."""

    def catalogued(self) -> ModelsCatalogued:
        return ModelsCatalogued((), 0, 0, Path())

    def fetch(self, model: str, report: Callable[[ModelProgress], None], stopped: Callable[[], bool]) -> None:
        raise ModelError("model.unknown", "There is no model called {name}.", name=model)

    def verify(self, model: str) -> None:
        raise ModelError("model.unknown", "There is no model called {name}.", name=model)

    def remove(self, model: str) -> int:
        return 0

    def note_fetching(self, models: Sequence[str]) -> None: ...

    def interrupted(self) -> Mapping[str, str]:
        return {}


def fake_parts(
    *,
    chat: FakeChat | None = None,
    transcriber: FakeTranscriber | None = None,
    microphone: FakeMicrophone | None = None,
    loudspeaker: Callable[[], FakeLoudspeaker] = FakeLoudspeaker,
) -> Parts:
    """Parts that need nothing of the machine."""
    source = microphone or FakeMicrophone()
    return Parts(
        chat=chat or FakeChat(),
        transcriber=transcriber or FakeTranscriber(),
        synthesizer=FakeSynthesizer(),
        history=FakeHistory(),
        chunker=FakeChunker,
        audio_in=lambda: source,
        audio_out=loudspeaker,
        detector=FakeDetector,
        hearing=FakeModel("fake-hearing"),
        wake_sound=lambda: SpeechClip(np.zeros(160, np.float32), SAMPLE_RATE, ""),
        devices=_fake_devices,
        approach=lambda _: Approach(Route(), "Be brief.", ChatOptions()),
        beginnings=lambda: ("Be brief.",),
        answers=FakeAnswers(),
        tools=FakeTools(),
        memory=None,
        sound=FakeSound(),
        shelf=FakeShelf(),
        machine=lambda: MachineDescribed("fake processor", 4, 8192.0, None, None, ("fake-chat",), {}),
        models_known=lambda: ModelsListed(("fake-chat",), ("fake-whisper",), ("fake-voice",), ()),
        plan=lambda wanted: MemoryPlanned(wanted.number, total_mib=100.0, free_mib=1000.0),
    )


async def _fake_devices() -> DevicesListed:
    return DevicesListed(("fake microphone",), ("fake loudspeaker",))
