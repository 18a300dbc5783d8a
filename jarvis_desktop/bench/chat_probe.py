"""One window with long conversations; run by `bench.ui` in a process of its own, prints one JSON line.

Window, bridge, presenters and the stored conversations are the real ones. Only what would write the answer is
not there: its events come from a thread, as the core's do.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from jarvis_desktop import app
from jarvis_desktop.bench.chat_texts import messages, tokens
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.events import (
    Conversation,
    ConversationOpened,
    Event,
    Intent,
    OpenConversation,
    ReplyToken,
    SubmitText,
    Timings,
    TurnFinished,
    TurnStarted,
    Usage,
)
from jarvis_desktop.memory.conversation_files import Whole
from jarvis_desktop.memory.history import SqliteHistory
from jarvis_desktop.ui.application import Desktop, run_window
from jarvis_desktop.ui.messages import Answer

LENGTHS = {"long": 500, "longest": 10_000}
"""Messages of the conversations."""

TOKENS = 3_600
TOKENS_A_SECOND = 200

FRAME_MS = 16
STEPS = 300
"""Turns of the wheel, and pages: one in each frame."""

Step = Callable[[], bool]


class StoredTalk:
    """The core the window is given: opens stored conversations, and writes one answer."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="core", daemon=True)
        self._listeners: list[Callable[[Event], None]] = []

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def post(self, intent: Intent) -> None:
        asyncio.run_coroutine_threadsafe(self._take(intent), self._loop)

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _run(self) -> None:
        self._history = SqliteHistory(self._database)
        self._loop.run_forever()

    async def _take(self, intent: Intent) -> None:
        match intent:
            case OpenConversation(conversation_id):
                stored = await self._history.messages(conversation_id)
                versions = await self._history.versions(conversation_id)
                self._emit(ConversationOpened(conversation_id, stored, versions=versions))
            case SubmitText(text):
                await self._answer(text)

    async def _answer(self, text: str) -> None:
        self._emit(TurnStarted("new", "long", text, spoken=False))
        begun = time.perf_counter()
        for number, token in enumerate(tokens(TOKENS)):
            await asyncio.sleep(begun + number / TOKENS_A_SECOND - time.perf_counter())
            self._emit(ReplyToken("new", token))
        reply = "".join(tokens(TOKENS))
        self._emit(
            TurnFinished("new", reply, "made up", "none", Timings(), Usage(0, TOKENS, TOKENS_A_SECOND))
        )

    def _emit(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)


class Probe:
    """Goes through the conversations as a user would, and notes how long the window failed to answer."""

    def __init__(self) -> None:
        self._result: dict[str, object] = {}
        self._timer = QTimer(interval=2)
        self._timer.timeout.connect(self._go_on)
        self._wait: Step = lambda: True

    def attach(self, desktop: Desktop) -> None:
        """Begin; called with the open window before its event loop runs."""
        self._desktop, self._conversation = desktop, desktop.window.conversation
        self._story = self._told()
        desktop.window.painted_first.connect(self._timer.start)

    def _go_on(self) -> None:
        if self._wait():
            try:
                self._wait = next(self._story)
            except StopIteration:
                self._timer.stop()
                print(json.dumps(self._result), flush=True)  # noqa: T201 - the answer to the measuring process
                self._desktop.quit()

    def _told(self) -> Iterator[Step]:
        bridge, window = self._desktop.bridge, self._desktop.window
        self._result["platform"] = QGuiApplication.platformName()
        yield _after(500)
        yield from self._opened("long")
        finished: list[Event] = []
        bridge.on(TurnFinished, finished.append)
        window.composer.field.setPlainText("Tell me all of it.")
        self._desktop.heartbeat.start()
        window.composer.sent.emit("Tell me all of it.")
        yield lambda: bool(finished)
        yield _after(300)
        self._note("streaming")
        yield from self._opened("longest")
        yield from self._scrolled("wheel", lambda: self._wheel(120))
        yield from self._scrolled("page_up", lambda: self._key(Qt.Key.Key_PageUp))
        yield from self._scrolled("home", lambda: self._key(Qt.Key.Key_Home), 1)
        yield from self._scrolled("page_down", lambda: self._key(Qt.Key.Key_PageDown))
        yield from self._scrolled("end", lambda: self._key(Qt.Key.Key_End), 1)

    def _opened(self, conversation_id: str) -> Iterator[Step]:
        begun = time.perf_counter()
        self._desktop.heartbeat.start()
        self._desktop.bridge.post(OpenConversation(conversation_id))
        newest = f"{conversation_id}-{LENGTHS[conversation_id] // 2 - 1}"
        yield lambda: self._shows(newest)
        opened = time.perf_counter()
        yield _after(700)
        self._note(f"open_{conversation_id}", ms=round((opened - begun) * 1000), memory_mib=_memory_mib())

    def _scrolled(self, name: str, step: Callable[[], None], times: int = STEPS) -> Iterator[Step]:
        """A step in each frame, and what the window still has to do after the last one."""
        self._desktop.heartbeat.start()
        for _ in range(times):
            step()
            yield _after(FRAME_MS)
        yield _after(500)
        self._note(name, widgets=len(self._conversation.findChildren(QWidget)), memory_mib=_memory_mib())

    def _shows(self, turn_id: str) -> bool:
        """Whether an answer can be seen."""
        built = self._conversation.findChildren(Answer)
        return any(each.turn_id == turn_id and not each.visibleRegion().isEmpty() for each in built)

    def _note(self, name: str, **more: object) -> None:
        beats = self._desktop.heartbeat.stop()
        blocks = {"p50": beats.p50_ms, "p99": beats.p99_ms, "longest": beats.longest_ms}
        self._result[name] = {"block_ms": {key: round(ms, 1) for key, ms in blocks.items()}} | more

    def _wheel(self, delta: int) -> None:
        viewport = self._conversation.viewport()
        where = QPointF(viewport.rect().center())
        turned = QPoint(0, delta)
        no, still = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(
            where,
            viewport.mapToGlobal(where),
            QPoint(),
            turned,
            no,
            Qt.KeyboardModifier.NoModifier,
            still,
            False,
        )
        QApplication.sendEvent(viewport, event)

    def _key(self, key: Qt.Key) -> None:
        QApplication.sendEvent(
            self._conversation, QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        )


def _after(ms: int) -> Step:
    due = time.perf_counter() + ms / 1000
    return lambda: time.perf_counter() >= due


def _memory_mib() -> dict[str, int]:
    """Resident, and of that what no other process shares."""
    full = psutil.Process().memory_full_info()
    return {"rss": round(full.rss / 2**20), "uss": round(full.uss / 2**20)}


async def _store(database: Path) -> None:
    history = SqliteHistory(database)
    for conversation_id, count in LENGTHS.items():
        listed = Conversation(conversation_id, conversation_id, float(count))
        await history.add([Whole(listed, tuple(messages(count, conversation_id)))], database)
    await history.close()


def main() -> int:
    """Settings are the defaults."""
    with tempfile.TemporaryDirectory(prefix="jarvis-bench-") as name:
        paths = Paths.choose(Path(name))
        asyncio.run(_store(paths.database))
        config = ConfigStore(paths.config_file, {})
        config.load()
        sys.setswitchinterval(app.SWITCH_SECONDS)
        return run_window(StoredTalk(paths.database), config, paths, opened=Probe().attach)


if __name__ == "__main__":
    sys.exit(main())
