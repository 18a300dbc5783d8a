"""Translates between the core's events and the memory window, and binds what leads there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from jarvis_desktop.config.profiles import memory_scope
from jarvis_desktop.config.schema import Config
from jarvis_desktop.events import (
    AnswerExplained,
    BackupsListed,
    Citation,
    ConversationOpened,
    ExplainAnswers,
    Failed,
    MemoriesChanged,
    MemoryCounted,
    MemoryExported,
    MemoryFailed,
    MemoryForgotten,
    MemoryFound,
    MemoryIngested,
    MemoryListed,
    MemoryRestored,
    MemoryShown,
    OpenConversation,
    RestoreUndone,
    TurnFinished,
    TurnStarted,
)
from jarvis_desktop.ui.bridge import Bridge
from jarvis_desktop.ui.i18n import hint_of, message_of, tr
from jarvis_desktop.ui.main_window import MainWindow
from jarvis_desktop.ui.memory_window import Keeping, MemoryWindow, ingest_question
from jarvis_desktop.ui.open_file import open_file
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import bring_to_front


class MemoryPresenter(QObject):
    """Makes the memory window when it is first wanted."""

    def __init__(
        self, bridge: Bridge, window: MainWindow, theme: Theme, open_settings: Callable[[str], None]
    ) -> None:
        super().__init__()
        self._bridge = bridge
        self._window = window
        self._theme = theme
        self._open_settings = open_settings
        self._memory: MemoryWindow | None = None
        self._conversation_id = ""  # of the conversation on show
        self._answering: set[str] = set()
        self._blanked = False  # messages, while an answer was under way
        window.conversation.citation_opened.connect(self._open_citation)
        window.conversation.sources_wanted.connect(self._explain)
        window.sidebar.memory_wanted.connect(self.open)
        bridge.config_changed.connect(self._take_settings)
        on = bridge.on
        on(TurnStarted, self._turn_started)
        on(TurnFinished, self._turn_finished)
        on(Failed, lambda event: self._turn_over(event.turn_id))
        on(AnswerExplained, lambda event: window.conversation.cite(event.turn_id, event.citations))
        on(ConversationOpened, self._conversation_opened)
        on(MemoryForgotten, self._forgotten)
        on(MemoryFailed, self._failed)
        on(MemoriesChanged, lambda _: self._refresh())

    def open(self) -> MemoryWindow:
        """Show the memory window."""
        if self._memory is None:
            self._memory = self._made()
            self._take_settings(self._bridge.settings.current)
        bring_to_front(self._memory)
        return self._memory

    def _open_citation(self, citation: Citation) -> None:
        """Show what an answer was given to read, where it is of the memory."""
        if not citation.attached:
            self.open().open_item(citation.id, citation.quote)

    def close(self) -> None:
        """Put the window away for good."""
        if self._memory is not None:
            self._memory.hide()
            self._memory.deleteLater()
            self._memory = None

    def _made(self) -> MemoryWindow:
        memory = MemoryWindow(self._theme)
        memory.asked.connect(self._bridge.post)
        memory.settings_wanted.connect(lambda: self._open_settings("memory"))
        memory.file_wanted.connect(open_file)
        memory.conversation_wanted.connect(self._open_conversation)
        on = self._bridge.on
        on(MemoryListed, memory.take_list)
        on(MemoryFound, memory.take_found)
        on(MemoryShown, memory.take_item)
        on(MemoryExported, memory.copies.take_exported)
        on(BackupsListed, memory.copies.take_backups)
        on(MemoryRestored, memory.copies.take_restored)
        on(RestoreUndone, memory.copies.take_undone)
        for kind in (MemoryRestored, RestoreUndone):
            on(kind, lambda _: self._window.announce(memory.remark.message))
        on(MemoryCounted, lambda event: memory.take_stats(event.stats))
        on(MemoryIngested, lambda event: memory.take_progress(event.progress))
        return memory

    def _refresh(self) -> None:
        if self._memory is not None:
            self._memory.refresh()

    def _take_settings(self, config: Config) -> None:
        if self._memory is not None:
            self._memory.show_keeping(keeping(config), memory_scope(config).owner)

    def offer_files(self, files: tuple[Path, ...]) -> None:
        """Ask whether these files and folders shall be remembered."""
        if keeping(self._bridge.settings.current) is not Keeping.ON:
            self.open()  # it says why nothing is remembered
            return
        message, hint = ingest_question(files)
        question = self._window.question
        question.present(message, hint, tr("Read and remember"), lambda: self.open().ingest(files))
        question.button.setFocus()

    def _open_conversation(self, conversation_id: str) -> None:
        self._bridge.post(OpenConversation(conversation_id))
        bring_to_front(self._window)

    def _turn_started(self, event: TurnStarted) -> None:
        self._conversation_id = event.conversation_id
        self._answering.add(event.turn_id)

    def _turn_finished(self, event: TurnFinished) -> None:
        self._window.conversation.cite(event.turn_id, event.citations)
        self._turn_over(event.turn_id)

    def _turn_over(self, turn_id: str) -> None:
        self._answering.discard(turn_id)
        self._show_blanked()

    def _show_blanked(self) -> None:
        """Show the conversation anew, of which messages may be blank now; never under a growing answer."""
        if self._blanked and not self._answering:
            self._blanked = False
            if self._conversation_id:
                self._bridge.post(OpenConversation(self._conversation_id))

    def _conversation_opened(self, event: ConversationOpened) -> None:
        self._conversation_id = event.conversation_id

    def _explain(self, conversation_id: str, turns: tuple[str, ...]) -> None:
        """Earlier answers have their sources again."""
        self._bridge.post(ExplainAnswers(turns, conversation_id))

    def _forgotten(self, event: MemoryForgotten) -> None:
        self._window.conversation.forget(event.receipt.items)
        self._window.announce(tr("Forgotten for good"))
        if self._memory is not None:
            self._memory.take_forgotten(event)
        self._blanked = self._blanked or bool(event.messages)
        self._show_blanked()

    def _failed(self, event: MemoryFailed) -> None:
        if self._memory is not None:
            self._memory.take_error(event.error)
        self._window.announce(f"{message_of(event.error)} {hint_of(event.error)}")


def keeping(config: Config) -> Keeping:
    """Whether anything is remembered under these settings."""
    if not config.memory.enabled:
        return Keeping.OFF
    return Keeping.ON if memory_scope(config).stored else Keeping.PRIVATE
