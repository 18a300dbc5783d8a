"""Binds the files of a chat: dropped, chosen or pasted, read by the core, shown as chips."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from jarvis_desktop.events import (
    AttachFiles,
    AttachmentShown,
    AttachmentsListed,
    AttachmentState,
    AttachText,
    Citation,
    ConversationOpened,
    ListAttachments,
    OpenAttachment,
    RemoveAttachment,
)
from jarvis_desktop.ui.attachment_view import AttachmentView
from jarvis_desktop.ui.attachments import problem_text
from jarvis_desktop.ui.bridge import Bridge
from jarvis_desktop.ui.file_drop import FileDrop
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.main_window import MainWindow
from jarvis_desktop.ui.open_file import open_file
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import file_dialog


class AttachmentsPresenter(QObject):
    """`remember` asks whether files or folders shall be kept in the memory."""

    def __init__(
        self,
        bridge: Bridge,
        window: MainWindow,
        theme: Theme,
        remember: Callable[[tuple[Path, ...]], None],
    ) -> None:
        super().__init__()
        self._bridge = bridge
        self._window = window
        self._theme = theme
        self._remember = remember
        self._states: dict[str, AttachmentState] = {}
        self.view: AttachmentView | None = None
        self._drop = FileDrop(window, lambda: tr("Drop here, and Jarvis will read it in this chat."))
        self._drop.dropped.connect(self.attach)
        field, bar = window.composer.field, window.attachments
        field.files_pasted.connect(self.attach)
        field.long_text_pasted.connect(lambda text: bridge.post(AttachText(text)))
        window.composer.files_wanted.connect(self._choose)
        window.conversation.citation_opened.connect(self._open_citation)
        bar.opened.connect(lambda key: bridge.post(OpenAttachment(key)))
        bar.removed.connect(lambda key: bridge.post(RemoveAttachment(key)))
        bar.remember_wanted.connect(self._offer)
        on = bridge.on
        on(ConversationOpened, lambda _: bridge.post(ListAttachments()))
        on(AttachmentsListed, self._listed)
        on(AttachmentShown, self._show)

    def attach(self, paths: tuple[Path, ...]) -> None:
        """Files belong to the chat from now on; folders are for the memory, which asks first."""
        folders = tuple(path for path in paths if path.is_dir())
        if files := tuple(path for path in paths if path not in folders):
            self._bridge.post(AttachFiles(files))
        if folders:
            self._remember(folders)

    def _choose(self) -> None:
        dialog = file_dialog(self._window, tr("Which files shall Jarvis read in this chat?"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.attach(tuple(map(Path, names))))
        dialog.open()

    def _listed(self, event: AttachmentsListed) -> None:
        bar = self._window.attachments
        bar.show_files(event.attachments)
        for each in event.attachments:
            if each.state is not self._states.get(each.id):
                chip = bar.chips[each.id].name
                self._window.announce(f"{chip.accessibleName()} {problem_text(each)}".strip())
        self._states = {each.id: each.state for each in event.attachments}

    def _offer(self, key: str) -> None:
        if (chip := self._window.attachments.chips.get(key)) is not None:
            self._remember((Path(chip.listed.location),))

    def _open_citation(self, citation: Citation) -> None:
        if citation.attached:
            self._bridge.post(OpenAttachment(citation.id, citation.quote))

    def _show(self, event: AttachmentShown) -> None:
        if self.view is not None:
            self.view.close()
            self.view.deleteLater()
        self.view = AttachmentView(self._theme, event.attachment, event.quote, self._window)
        self.view.open_file.clicked.connect(lambda: open_file(event.attachment.location))
        self.view.show()
