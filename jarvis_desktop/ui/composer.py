"""Where the user speaks and types."""

from __future__ import annotations

import html

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QStackedLayout, QWidget

from jarvis_desktop.ui.file_drop import files_of
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.indicator import Indication, Mood
from jarvis_desktop.ui.listen_button import ListenButton
from jarvis_desktop.ui.mic_button import MicButton
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.waveform import Waveform
from jarvis_desktop.ui.widgets import IconButton, row

_MOST_LINES = 7
_LONG_TEXT = 4000  # characters: what is pasted at greater length is no question, but what one is about


class QuestionField(QPlainTextEdit):
    """A text field that grows with its text. Enter sends, Shift+Enter starts a new line."""

    submitted = Signal()
    focus_changed = Signal(bool)
    files_pasted = Signal(object)  # tuple[Path, ...]
    long_text_pasted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._height = 0
        self._invitations: tuple[str, ...] = ()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(2)
        self.textChanged.connect(self.fit)

    def invite(self, *texts: str) -> None:
        """What an empty field says: the first of `texts` that has room in one line, or nothing."""
        self._invitations = texts
        self._show_invitation()

    def _show_invitation(self) -> None:
        room = self.viewport().width() - 2 * round(self.document().documentMargin())
        fitting = (text for text in self._invitations if self.fontMetrics().horizontalAdvance(text) < room)
        self.setPlaceholderText(next(fitting, ""))

    def fit(self) -> None:
        """Take the height of the text, up to a few lines."""
        lines = max(1, round(self.document().size().height()))
        shown = min(lines, _MOST_LINES)
        many = lines > _MOST_LINES
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if many else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)
        self._height = self.fontMetrics().lineSpacing() * shown + 12
        self.setFixedHeight(self._height)

    def sizeHint(self) -> QSize:
        return QSize(200, self._height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.document().isEmpty() and not event.modifiers():
            event.ignore()  # the window talks while it is held
            return
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.submitted.emit()
        else:
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        super().inputMethodEvent(event)
        self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()
        self._show_invitation()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.fit()
            self._show_invitation()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        # Dropped files are for the window, which asks what shall happen with them.
        return super().canInsertFromMimeData(source) and not files_of(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if files := files_of(source):
            self.files_pasted.emit(files)
        elif len(text := source.text()) > _LONG_TEXT:
            self.long_text_pasted.emit(text)
        else:
            super().insertFromMimeData(source)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit(False)


class _Transcript(QLabel):
    """What is heard, as far as it has room: of a long utterance the end stays in view."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(wordWrap=True)
        self._theme = theme
        self.heard: tuple[str, str] = ("", "")
        self.setTextFormat(Qt.TextFormat.RichText)  # only ever filled with escaped text
        self.setProperty("role", "transcript")
        self.hide()
        theme.changed.connect(self._fit)

    def show_heard(self, stable: str, unstable: str) -> None:
        """Two empty texts hide it."""
        self.heard = (stable, unstable)
        self._fit()
        self.setVisible(bool(stable or unstable))
        self.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        stable, unstable = self.heard
        self._show_words(stable, unstable)
        most = self.fontMetrics().lineSpacing() * _MOST_LINES
        while self.heightForWidth(self.width()) > most and " " in stable:
            stable = stable.removeprefix("… ").split(" ", 8)[-1]
            self._show_words(f"… {stable}", unstable)
        self.setMinimumHeight(self.heightForWidth(self.width()) if stable or unstable else 0)

    def _show_words(self, stable: str, unstable: str) -> None:
        colour = self._theme.tokens.second
        tail = f'<i style="color:{colour}">{html.escape(unstable)}</i>' if unstable else ""
        self.setText(f"{html.escape(stable)}{tail}")


class Composer(Translated, QFrame):
    """Microphone button, text field or live transcript, level, loudspeaker, stop and send."""

    sent = Signal(str)
    stopped = Signal()
    mute_toggled = Signal(bool)
    files_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("composer")
        self._theme = theme
        self._now = Indication()
        self._toggle = False
        self.mic = MicButton(theme)
        self.listen = ListenButton(theme)
        self.waveform = Waveform(theme)
        self.field = QuestionField()
        self._transcript = _Transcript(theme)
        # The transcript lies over the field, which keeps the keyboard focus and a draft below it.
        middle = QWidget()
        stack = QStackedLayout(middle)
        stack.setContentsMargins(0, 6, 0, 6)
        stack.setStackingMode(QStackedLayout.StackingMode.StackAll)
        stack.addWidget(self.field)
        stack.addWidget(self._transcript)
        self.attach = IconButton(theme, "paperclip")
        self.mute = IconButton(theme, "speaker-high")
        self.stop = IconButton(theme, "stop-fill", "danger")
        self.send = IconButton(theme, "arrow-up", "on_accent")
        self.stop.setProperty("kind", "round-quiet")
        self.send.setProperty("kind", "round")
        side: list[QWidget] = [self.attach, self.mute, self.stop, self.send]
        for button in side:
            button.setFixedSize(36, 36)
        centred = Qt.AlignmentFlag.AlignVCenter
        layout = row(spacing=6, margins=(6, 4, 10, 4))
        self.listen.setFixedSize(24, 36)
        ear = QWidget()
        ear.setLayout(row(self.mic, self.listen, spacing=2))
        layout.addWidget(ear, 0, Qt.AlignmentFlag.AlignBottom)
        layout.addWidget(middle, 1, centred)
        layout.addWidget(self.waveform, 0, centred)
        for button in side:
            layout.addWidget(button, 0, centred)
        self.setLayout(layout)
        self.stop.hide()
        self.waveform.hide()
        self.field.submitted.connect(self._send)
        self.field.textChanged.connect(self._text_changed)
        self.field.focus_changed.connect(self._show_focus)
        self.send.clicked.connect(self._send)
        self.stop.clicked.connect(self.stopped)
        self.attach.clicked.connect(self.files_wanted)
        self.mute.clicked.connect(lambda: self.mute_toggled.emit(not self._now.muted))
        self._text_changed()
        self.retranslate()

    @property
    def transcript(self) -> str:
        """The live text on show, empty when the text field is."""
        return "".join(self._transcript.heard)

    def show_state(self, now: Indication) -> None:
        """Take on what the assistant does."""
        self._now = now
        self.mic.show_state(now)
        self.listen.show_state(now)
        self.waveform.setVisible(now.hearing_level)
        if not now.hearing_level:
            self.waveform.clear()
        muted = now.muted
        self.mute.show_icon("speaker-slash" if muted else "speaker-high", "warning" if muted else "second")
        self.stop.setVisible(now.stoppable)
        if not now.stoppable:
            self.show_partial("", "")
        self.retranslate()

    def show_level(self, dbfs: float) -> None:
        """How loud it is at the microphone, in dB relative to full scale."""
        self.mic.show_level(dbfs)
        if self._now.hearing_level:
            self.waveform.show_level(dbfs)

    def use_toggle(self, on: bool) -> None:
        """Whether talking is begun and ended by a press each, in place of holding."""
        self._toggle = on
        self.mic.use_toggle(on)
        self.retranslate()

    def show_partial(self, stable: str, unstable: str) -> None:
        """Show what is heard in the place of typed text; two empty texts bring the field back."""
        self._transcript.show_heard(stable, unstable)

    def insert(self, text: str) -> None:
        """Put a text where the cursor is, set off by a space from what stands before it."""
        cursor = self.field.textCursor()
        before = self.field.toPlainText()[: cursor.selectionStart()]
        apart = bool(before) and not before[-1].isspace() and not text.startswith("\n")
        cursor.insertText(f" {text}" if apart else text)

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self.field.invite(*self._invitation())
        self.field.setAccessibleName(tr("Your question"))
        self._transcript.setAccessibleName(tr("What Jarvis hears"))
        self.send.describe(tr("Send"))
        self.stop.describe(tr("Stop"))
        self.attach.describe(tr("Add files to this chat (Ctrl+O)"))
        self.mute.describe(tr("Speak replies aloud") if self._now.muted else tr("Do not speak replies"))
        self.mic.retranslate()

    def _invitation(self) -> tuple[str, ...]:
        short = tr("Talk, or type")
        if self._now.mood is Mood.SLEEPING:
            return tr("Say “Hey Jarvis”, or type"), short
        if self._now.hearing_level or self._now.stoppable:  # there is more beside it
            return (short,)
        if self._toggle:
            return tr("Ask anything, or press Space and talk"), short
        return tr("Ask anything, or hold Space and talk"), short

    def _send(self) -> None:
        text = self.field.toPlainText().strip()
        if text:
            self.field.clear()
            self.sent.emit(text)

    def _text_changed(self) -> None:
        self.send.setEnabled(bool(self.field.toPlainText().strip()))

    def _show_focus(self, focused: bool) -> None:
        self.setProperty("focused", focused)
        self.style().unpolish(self)
        self.style().polish(self)
