"""The heavy parts: loads, releases and exchanges them, and tells how they are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from jarvis_desktop.assistant.beginnings import BeginningsReader
from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.tasks import cancel, spawn
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Event, Part, PartChanged, PartState
from jarvis_desktop.ports import ChatModel, ManagedModel


class Loader:
    """Keeps the state of each heavy part. All methods run on the core thread.

    `end_answer` is called before the language model is taken away. `beginnings` are read whenever it is new.
    """

    def __init__(
        self, parts: Parts, emit: Callable[[Event], None], end_answer: Callable[[], Awaitable[None]]
    ) -> None:
        self._parts = parts
        self._emit = emit
        self._end_answer = end_answer
        self._states: dict[Part, PartState] = {}
        self._errors: dict[Part, JarvisError | None] = {}
        self._loading: dict[Part, asyncio.Task[JarvisError | None]] = {}
        self._next_chat: ChatModel | None = None
        self._reads_beginnings = False
        self.beginnings = BeginningsReader(parts, lambda: self.is_ready(Part.ENGINE))

    # --- wishes -----------------------------------------------------------------------------------------

    def preload(self) -> None:
        """Load every part in the background, and from now on have read what prompts begin with."""
        self._reads_beginnings = True
        for part in self._parts.models():
            self.load(part)

    def load(self, part: Part) -> asyncio.Task[JarvisError | None]:
        """Load a part in the background, telling its state; a load under way is not started twice."""
        task = self._loading.get(part)
        if task is None or task.done():
            task = spawn(self._load(part, self._parts.models()[part]), f"load {part}", self._emit)
            self._loading[part] = task
        return task

    def load_released(self) -> None:
        """Load again what gave its memory back: somebody is about to ask."""
        for part in self._in_state(PartState.STOPPED):
            self.load(part)

    def load_failed(self) -> None:
        """Try again what could not be loaded: a model has come."""
        for part in (*self._in_state(PartState.ABSENT), *self._in_state(PartState.FAILED)):
            self.load(part)

    def reload(self, part: Part, chat: ChatModel | None = None) -> asyncio.Task[JarvisError | None]:
        """Release a part and load it with the settings in force, in the background.

        An answer under way is ended first. `chat` replaces the language model (other engine or options).
        Whoever needs the part meanwhile waits for the new one.
        """
        self._next_chat = chat or self._next_chat
        task = spawn(self._reload(part, self._loading.get(part)), f"reload {part}", self._emit)
        self._loading[part] = task
        return task

    async def ready(self, part: Part) -> None:
        """Wait until a part can be used, loading it if need be; raises what kept it from loading."""
        if self.is_ready(part):
            await self._parts.models()[part].load()  # at once, unless it was released meanwhile
            return
        loading = self.load(part)
        await asyncio.wait([loading])
        if loading.cancelled() and self._loading[part] is not loading:  # a reload has taken its place
            await self.ready(part)
        elif (error := loading.result()) is not None:
            raise error

    async def restore(self) -> None:
        """The computer has slept: what was ready may have died, and is made ready again.

        An engine that only looks alive is found out by what it is given to read.
        """
        lost = (*self._in_state(PartState.READY), *self._in_state(PartState.FAILED))
        await asyncio.gather(*(self.ready(part) for part in lost), return_exceptions=True)
        self.read_beginnings()

    def read_beginnings(self) -> None:
        """The instructions have changed, or the engine is new: it reads them while nobody asks anything."""
        if self._reads_beginnings:
            self.beginnings.begin()

    async def stop(self) -> None:
        """Give up what is being loaded and release all models."""
        for loading in tuple(self._loading.values()):
            await cancel(loading)
        await self.beginnings.stop()
        await asyncio.gather(*(model.unload() for model in self._parts.models().values()))

    # --- what the parts tell of themselves --------------------------------------------------------------

    def is_ready(self, part: Part) -> bool:
        """Whether a part can be used at once."""
        return self.state(part) is PartState.READY

    def state(self, part: Part) -> PartState | None:
        """How a part is; None before it was first asked for."""
        return self._states.get(part)

    def error(self, part: Part) -> JarvisError | None:
        """What is wrong with a part, as far as it was told."""
        return self._errors.get(part)

    def failed(self, part: Part, error: JarvisError) -> None:
        """A loaded part died on its own; it loads again when it is next needed."""
        self._set(part, PartState.FAILED, error=error)

    def released(self, part: Part) -> None:
        """A part gave its memory back; it loads again when it is next needed."""
        self._set(part, PartState.STOPPED)

    def progressed(self, part: Part, share: float) -> None:
        """A part under way to be loaded has come this far (0..1)."""
        if self._states.get(part) is PartState.LOADING:
            self._set(part, PartState.LOADING, progress=share)

    # --- at work ----------------------------------------------------------------------------------------

    async def _load(self, part: Part, model: ManagedModel) -> JarvisError | None:
        self._set(part, PartState.LOADING)
        try:
            await model.load()
        except JarvisError as error:
            absent = error.code == "model.missing"
            self._set(part, PartState.ABSENT if absent else PartState.FAILED, error=error)
            return error
        self._set(part, PartState.READY)
        if part is Part.ENGINE:
            self.read_beginnings()
        return None

    async def _reload(
        self, part: Part, before: asyncio.Task[JarvisError | None] | None
    ) -> JarvisError | None:
        if part is Part.ENGINE:
            await self._end_answer()
        if before is not None:
            await cancel(before)
        self._set(part, PartState.STOPPED)
        if part is Part.ENGINE:
            await self.beginnings.stop()
        await self._parts.models()[part].unload()
        if part is Part.ENGINE and self._next_chat is not None:
            self._parts.chat, self._next_chat = self._next_chat, None
        return await self._load(part, self._parts.models()[part])

    def _in_state(self, state: PartState) -> list[Part]:
        return [part for part, its in self._states.items() if its is state]

    def _set(
        self,
        part: Part,
        state: PartState,
        *,
        progress: float | None = None,
        error: JarvisError | None = None,
    ) -> None:
        self._states[part], self._errors[part] = state, error
        self._emit(PartChanged(part, state, self._parts.models()[part].model, progress, error))
