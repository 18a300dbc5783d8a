"""Files that somebody wrote, shown with the desktop's programs and never run."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

_OPENABLE = frozenset(
    {".txt", ".md", ".rst", ".pdf", ".docx", ".odt", ".csv", ".json", ".jsonl", ".log", ".tex", ".epub"}
)
"""Documents that the desktop shows and does not run; of other files the folder is opened."""


def open_file(path: str) -> None:
    """Open a document with the desktop's program for it, or show the folder of another file."""
    file = Path(path)
    shown = file if file.suffix.lower() in _OPENABLE and file.is_file() else file.parent
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(shown)))
