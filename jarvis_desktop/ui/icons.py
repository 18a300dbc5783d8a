"""Icons in any colour, from the shipped outlines (Phosphor, MIT licence).

The outlines are files because importing an icon-font package costs a fifth of a second of every start.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from jarvis_desktop.resources import resource


def pixmap(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """A square picture of `size` logical pixels at a device pixel ratio."""
    key = f"{name} {colour} {size} {ratio}"
    picture = QPixmap()
    if QPixmapCache.find(key, picture):
        return picture
    picture = QPixmap(QSize(size, size) * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint(painter, name, colour, QRectF(0, 0, size, size))
    painter.end()
    QPixmapCache.insert(key, picture)
    return picture


def icon(name: str, colour: str, *, size: int = 20) -> QIcon:
    """An icon sharp at single and double density."""
    made = QIcon()
    for ratio in (1.0, 2.0):
        made.addPixmap(pixmap(name, colour, size, ratio))
    return made


def paint(painter: QPainter, name: str, colour: str, area: QRectF) -> None:
    """Draw the outline into `area`."""
    outline = resource("resources", "icons", f"{name}.svg").read_bytes()
    QSvgRenderer(QByteArray(outline.replace(b"currentColor", colour.encode()))).render(painter, area)
