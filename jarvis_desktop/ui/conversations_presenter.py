"""Translates between the core's events and what the window shows of stored conversations."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from jarvis_desktop.events import (
    ConversationDeleted,
    ConversationErased,
    ConversationOpened,
    ConversationsExported,
    ConversationsFound,
    ConversationsImported,
    ExportConversations,
    ImportConversations,
    NewConversation,
)
from jarvis_desktop.ui.bridge import Bridge
from jarvis_desktop.ui.i18n import number, tr
from jarvis_desktop.ui.main_window import MainWindow
from jarvis_desktop.ui.memory_presenter import keeping
from jarvis_desktop.ui.memory_window import Keeping
from jarvis_desktop.ui.widgets import file_dialog

_NOT_IN_NAMES = re.compile(r'[\x00-\x1f/\\:*?"<>|]+')  # of files, on one system or another


class ConversationsPresenter(QObject):
    """Binds the sidebar's wishes, and asks for the files of exports and imports."""

    def __init__(self, bridge: Bridge, window: MainWindow) -> None:
        super().__init__()
        self._bridge = bridge
        self._window = window
        sidebar, on = window.sidebar, bridge.on
        sidebar.wished.connect(bridge.post)
        sidebar.new_private_chat.connect(lambda: bridge.post(NewConversation(private=True)))
        sidebar.export_wanted.connect(self._pick_target)
        sidebar.import_wanted.connect(self._pick_source)
        on(ConversationsFound, lambda event: sidebar.show_found(event.query, event.matches))
        on(ConversationOpened, lambda event: window.show_private(event.private))
        on(ConversationDeleted, self._deleted)
        on(ConversationErased, lambda event: sidebar.take_erased(event.conversation_id))
        on(ConversationsExported, self._exported)
        on(ConversationsImported, self._imported)

    def _deleted(self, event: ConversationDeleted) -> None:
        remembers = keeping(self._bridge.settings.current) is Keeping.ON
        self._window.sidebar.take_deleted(event.conversation, remembered=remembers)
        self._window.announce(self._window.sidebar.undo_notice.accessibleName())

    def _exported(self, event: ConversationsExported) -> None:
        self._tell(
            tr("Exported: {count} chats", count=number(event.conversations)),
            tr("{file} – whoever has this file can read it.", file=str(event.file)),
        )

    def _imported(self, event: ConversationsImported) -> None:
        known = tr("{count} were here already and stay as they are.", count=number(event.known))
        self._tell(
            tr("Imported: {count} chats", count=number(event.conversations)), known if event.known else ""
        )

    def _tell(self, message: str, hint: str) -> None:
        self._window.remark.present(message, hint)
        self._window.announce(f"{message} {hint}")

    def _pick_target(self, conversation_id: str) -> None:
        dialog = file_dialog(self._window, tr("Export a chat") if conversation_id else tr("Export all chats"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        suffixes = {tr("Markdown, to read (*.md)"): "md", tr("JSON, to import again (*.json)"): "json"}
        dialog.setNameFilters(list(suffixes))
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(suffixes[chosen]))
        first = "md" if conversation_id else "json"
        dialog.selectNameFilter(next(name for name, suffix in suffixes.items() if suffix == first))
        dialog.setDefaultSuffix(first)
        title = _NOT_IN_NAMES.sub("", self._window.sidebar.title_of(conversation_id)).strip(" .")
        dialog.selectFile(f"{title or tr('Jarvis chats')}.{first}")
        chosen = (conversation_id,) if conversation_id else ()
        dialog.fileSelected.connect(lambda name: self._bridge.post(ExportConversations(Path(name), chosen)))
        dialog.open()

    def _pick_source(self) -> None:
        dialog = file_dialog(self._window, tr("Import chats"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([tr("Exported chats (*.json)")])
        dialog.fileSelected.connect(lambda name: self._bridge.post(ImportConversations(Path(name))))
        dialog.open()
