"""Carries out what the user asks of the models: list, fetch, pause, verify, remove."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from jarvis_desktop.assistant.tasks import spawn
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    CancelFetch,
    CatalogueModels,
    Event,
    Failed,
    FetchesInterrupted,
    FetchModel,
    KnownModel,
    ModelFailed,
    ModelFetched,
    ModelIntent,
    ModelProgress,
    ModelRemoved,
    ModelStep,
    ModelVerified,
    PauseFetch,
    RemoveModel,
    VerifyModel,
)
from jarvis_desktop.ports import ModelShelf

STOP_SECONDS = 2.0
"""A download that has not stopped by then at the end of the program is left to end with it."""

T = TypeVar("T")

Job = FetchModel | VerifyModel | RemoveModel


@dataclass(slots=True)
class _Work:
    """What is under way with one model."""

    wish: Job
    progress: ModelProgress
    stopped: threading.Event = field(default_factory=threading.Event)
    thrown_away: bool = False  # what has arrived goes as well
    task: asyncio.Task[None] | None = None


class ModelDesk:
    """One thing at a time with each model, and one download at a time; all told of in events.

    `fetched` is called when a model has come, for the parts that waited for it.
    """

    def __init__(self, shelf: ModelShelf, emit: Callable[[Event], None], fetched: Callable[[], None]) -> None:
        self._shelf = shelf
        self._emit = emit
        self._fetched = fetched
        self._work: dict[str, _Work] = {}
        self._problems: dict[str, JarvisError] = {}
        self._line = asyncio.Lock()  # downloads wait here for each other
        self._noting = asyncio.Lock()
        self._telling = asyncio.Lock()
        self._others: set[asyncio.Task[None]] = set()
        self._ending = False

    def take(self, wish: ModelIntent) -> None:
        """Begin to carry out a wish; returns at once. One for a model that is busy changes nothing."""
        match wish:
            case CatalogueModels():
                self._beside(self._tell())
            case PauseFetch(model):
                self._stop(model)
            case CancelFetch(model) if model in self._work:
                self._work[model].thrown_away = True
                self._stop(model)
            case CancelFetch(model):
                self._begin(RemoveModel(model), ModelStep.REMOVING)
            case FetchModel():
                self._begin(wish, ModelStep.WAITING)
            case VerifyModel():
                self._begin(wish, ModelStep.VERIFYING)
            case RemoveModel():
                self._begin(wish, ModelStep.REMOVING)

    def offer(self) -> None:
        """Tell, once, of the downloads that the end of the program cut off."""
        self._beside(self._offer())

    async def stop(self) -> None:
        """Stop whatever is under way; what has arrived is kept, and is offered at the next start."""
        self._ending = True
        for model in tuple(self._work):
            self._stop(model)
        tasks = [work.task for work in self._work.values() if work.task is not None]
        tasks += self._others
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()

    # --- at work ----------------------------------------------------------------------------------------

    def _begin(self, wish: Job, step: ModelStep) -> None:
        model = wish.model
        if model in self._work:
            return
        work = self._work[model] = _Work(wish, ModelProgress(model, step))
        self._emit(work.progress)
        work.task = spawn(self._carry_out(work), f"model {model}", self._emit)

    def _stop(self, model: str) -> None:
        """End a download; nothing else can be stopped halfway."""
        work = self._work.get(model)
        if work is None or not isinstance(work.wish, FetchModel) or work.task is None:
            return
        work.stopped.set()
        if work.progress.step is ModelStep.WAITING:
            work.task.cancel()
        else:
            self._progressed(work, ModelProgress(model, ModelStep.STOPPING))

    async def _carry_out(self, work: _Work) -> None:
        model = work.wish.model
        self._problems.pop(model, None)
        try:
            match work.wish:
                case FetchModel():
                    await self._fetch(work)
                case VerifyModel():
                    await _in_thread(lambda: self._shelf.verify(model))
                    self._emit(ModelVerified(model))
                case RemoveModel():
                    self._emit(ModelRemoved(model, await _in_thread(lambda: self._shelf.remove(model))))
        except JarvisError as error:
            self._problems[model] = error
            self._emit(ModelFailed(model, error))
        finally:
            del self._work[model]
            if not self._ending:
                self._beside(self._note())
                self._beside(self._tell())

    async def _fetch(self, work: _Work) -> None:
        model, loop = work.wish.model, asyncio.get_running_loop()

        def report(progress: ModelProgress) -> None:
            if not work.stopped.is_set():
                loop.call_soon_threadsafe(self._progressed, work, progress)

        await self._note()
        try:
            async with self._line:
                self._progressed(work, ModelProgress(model, ModelStep.RESOLVING))
                await _in_thread(lambda: self._shelf.fetch(model, report, work.stopped.is_set))
            self._emit(ModelFetched(model))
            self._fetched()
        except JarvisError as error:
            if error.code != "model.cancelled":
                raise
        finally:
            if work.thrown_away:
                freed = await _in_thread(lambda: self._shelf.remove(model))
                self._emit(ModelRemoved(model, freed))

    def _progressed(self, work: _Work, progress: ModelProgress) -> None:
        if work.progress.step is not ModelStep.STOPPING:  # reports from its thread may still be on their way
            work.progress = progress
            self._emit(progress)

    # --- what there is ----------------------------------------------------------------------------------

    async def _tell(self) -> None:
        async with self._telling:  # an older answer must not come after a newer one
            try:
                known = await _in_thread(self._shelf.catalogued)
            except JarvisError as error:
                self._emit(Failed(error))
                return
            self._emit(replace(known, models=tuple(map(self._as_it_is, known.models))))

    def _as_it_is(self, model: KnownModel) -> KnownModel:
        work = self._work.get(model.name)
        return replace(
            model, progress=work.progress if work else None, problem=self._problems.get(model.name)
        )

    async def _note(self) -> None:
        async with self._noting:
            fetching = [name for name, work in self._work.items() if isinstance(work.wish, FetchModel)]
            await _in_thread(lambda: self._shelf.note_fetching(fetching))

    async def _offer(self) -> None:
        if models := await _in_thread(self._shelf.interrupted):
            self._emit(FetchesInterrupted(models))

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = spawn(work, "models", self._emit)
        self._others.add(task)
        task.add_done_callback(self._others.discard)


async def _in_thread(work: Callable[[], T]) -> T:
    """As `asyncio.to_thread`, but the end of the program does not wait for what a network holds up."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name="models", daemon=True).start()
    return await asyncio.wrap_future(future)
