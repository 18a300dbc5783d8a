"""Takes the pictures of docs/screenshots, or of all windows in another look.

`tour.py [--only NAME,NAME] [--to DIR] [--font NAME] [--theme dark] [--language es|long] [--text 2.0]
[--screen 1280x800]`; `long` is English with each text 40 % longer. QT_SCALE_FACTOR=2 doubles all pixels.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "unit" / "ui"), str(ROOT / "tests" / "ui")]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import about_scenes  # noqa: E402
import attachment_scenes  # noqa: E402
import client_scenes  # noqa: E402
import guide_scenes  # noqa: E402
import memory_scenes  # noqa: E402
import message_scenes  # noqa: E402
import model_scenes  # noqa: E402
import privacy_scenes  # noqa: E402
import scenes  # noqa: E402
import sidebar_scenes  # noqa: E402
import sound_scenes  # noqa: E402
import status_scenes  # noqa: E402
import voice_scenes  # noqa: E402
from fake_core import FakeCore, FakeSettings  # noqa: E402
from long_words import LongWords  # noqa: E402
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, Qt, QTimer  # noqa: E402
from PySide6.QtGui import QFont, QPainter, QPixmap  # noqa: E402
from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402

from jarvis_desktop.config.describe import Value  # noqa: E402
from jarvis_desktop.config.schema import Config  # noqa: E402
from jarvis_desktop.events import PlanMemory  # noqa: E402
from jarvis_desktop.ui.application import Desktop, application  # noqa: E402
from jarvis_desktop.ui.settings_dialog import SettingsDialog  # noqa: E402
from jarvis_desktop.ui.waveform import Waveform  # noqa: E402

_SOON_MS = 300  # what waits no longer belongs to the picture: text that grows, a search that is typed
_PATIENCE_S = 30.0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--font", default="Inter")
    parser.add_argument("--only", default="")
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--theme", choices=("light", "dark"))
    parser.add_argument("--language", choices=("en", "es", "long"))
    parser.add_argument("--text", type=float)
    parser.add_argument("--screen")
    options = parser.parse_args()
    app = application()
    app.setFont(QFont(options.font))
    if options.language == "long":
        app.installTranslator(LongWords(app))
    language = "en" if options.language == "long" else options.language
    look = {"theme": options.theme, "language": language, "font_scale": options.text}
    screen = [int(side) for side in options.screen.split("x")] if options.screen else [4000, 4000]
    options.to.mkdir(parents=True, exist_ok=True)

    def keep(widget: QWidget | QPixmap, name: str) -> None:
        picture = widget if isinstance(widget, QPixmap) else widget.grab()
        picture.save(str(options.to / f"{name}.png"), "PNG", 0)  # 0: as small as can be

    settings = {key: value for key, value in look.items() if value is not None}
    only = options.only.split(",")
    Tour(app, keep, lambda name: any(word in name for word in only), settings, (screen[0], screen[1])).go()


@dataclass
class Tour:
    """Opens every scene that it `wants` by its name, and gives its window to `show`.

    `look` holds settings that win over those of the scenes; no window is made larger than `screen`.
    """

    app: QApplication
    show: Callable[[QWidget | QPixmap, str], None]
    wants: Callable[[str], bool]
    look: Mapping[str, object] = field(default_factory=dict)
    screen: tuple[int, int] = (4000, 4000)

    def go(self) -> None:
        self.main_window()
        self.settings()
        self.memory()
        self.doctor()
        self.guide()
        self.models()
        self.privacy()
        self.about()
        self.menus()

    def main_window(self) -> None:
        cited = {"citations": (memory_scenes.cited, {}, (1120, 760))}
        told = {
            name: (lambda _, core, play=play: play(core), *rest)
            for name, (play, *rest) in (
                scenes.SCENES
                | cited
                | sidebar_scenes.SCENES
                | status_scenes.SCENES
                | client_scenes.CLIENT_SCENES
            ).items()
        }
        acted = (
            message_scenes.MESSAGE_SCENES | attachment_scenes.ATTACHMENT_SCENES | voice_scenes.VOICE_SCENES
        )
        scened = told | acted
        for name, (play, look, size) in scened.items():
            if self.wants(name):
                core, desktop = self.opened(look)
                desktop.window.resize(*self.fitting(size))
                self.wait()
                play(desktop, core)
                sidebar_scenes.act(name, desktop)
                self.shown(desktop, desktop.window, name)

    def settings(self) -> None:
        for name, (look, page, words) in (scenes.SETTINGS_SCENES | client_scenes.SETTINGS_SCENES).items():
            if self.wants(name):
                core, desktop = self.opened(look)
                desktop.open_settings(page)
                dialog = desktop._dialog
                assert dialog is not None
                core.emit(scenes.DEVICES, scenes.MODELS, *client_scenes.TOLD.get(name, ()))
                dialog.search.setText(words)
                edit(dialog, scenes.EDITS.get(name, {}))
                asked = [intent for intent in core.posted if isinstance(intent, PlanMemory)]
                core.emit(replace(scenes.PLANS.get(name, scenes.ON_CPU), number=asked[-1].number))
                self.shown(desktop, dialog, name)

    def memory(self) -> None:
        for name, (show, look, size) in memory_scenes.MEMORY_SCENES.items():
            if self.wants(name):
                core, desktop = self.opened(look)
                self.shown(desktop, memory_scenes.opened(desktop, core, show, self.fitting(size)), name)

    def doctor(self) -> None:
        for name, (play, look, size) in sound_scenes.DOCTOR_SCENES.items():
            if self.wants(name):
                core, desktop = self.opened(look)
                desktop.open_doctor()
                assert desktop._doctor is not None
                desktop._doctor.resize(*self.fitting(size))
                play(core)
                self.shown(desktop, desktop._doctor, name)

    def guide(self) -> None:
        for name, (play, step, look) in guide_scenes.GUIDE_SCENES.items():
            if self.wants(name):
                core, desktop = self.opened(look)
                desktop.guide.open()
                assert desktop.guide.guide is not None
                desktop.guide.guide.show_step(step)
                play(core)
                self.shown(desktop, desktop.guide.guide, name)

    def models(self) -> None:
        for name, (show, look, size) in model_scenes.MODEL_SCENES.items():
            if self.wants(name):
                core, desktop = self.opened(look)
                self.shown(desktop, model_scenes.opened(desktop, core, show, self.fitting(size)), name)

    def privacy(self) -> None:
        for name, (show, look, size) in privacy_scenes.PRIVACY_SCENES.items():
            if self.wants(name):
                core, desktop = self.opened(look)
                self.shown(desktop, privacy_scenes.opened(desktop, core, show, self.fitting(size)), name)

    def about(self) -> None:
        for name, (found, look) in about_scenes.ABOUT_SCENES.items():
            if self.wants(name):
                core, desktop = self.opened(look)
                about = desktop.about.open()
                if found is not None:
                    core.emit(found)
                self.shown(desktop, about, name)

    def menus(self) -> None:
        for name, look in scenes.MENU_SCENES.items():
            if self.wants(name):
                core, desktop = self.opened(look)
                scenes.sleeping(core)
                self.wait()
                self.show(with_menus(desktop), name)
                close(desktop)

    def fitting(self, size: tuple[int, int]) -> tuple[int, int]:
        return min(size[0], self.screen[0]), min(size[1], self.screen[1])

    def opened(self, config: Mapping[str, object]) -> tuple[FakeCore, Desktop]:
        of_scene = dict(config.get("look", {}))  # type: ignore[call-overload]
        look = {"language": "en", "theme": "light"} | of_scene | dict(self.look)
        core = FakeCore()
        desktop = Desktop(self.app, core, FakeSettings(Config.model_validate({**config, "look": look})))
        desktop.open()
        self.wait()
        return core, desktop

    def shown(self, desktop: Desktop, window: QWidget, name: str) -> None:
        """Wait, show and close."""
        self.wait()
        self.show(window, name)
        close(desktop)

    def wait(self) -> None:
        """Until what was about to happen has happened and everything is in its place."""
        until = time.monotonic() + _PATIENCE_S
        before = None
        while True:
            self.app.processEvents()
            QCoreApplication.sendPostedEvents()  # all the way up: each layout has the next one ask again
            now = places()
            if now == before and not about_to_change():
                return
            assert time.monotonic() < until, "the window does not come to rest"
            before = now
            time.sleep(0.001)


def places() -> dict[QWidget, QRect]:
    """Where everything is that can be seen."""
    return {each: each.geometry() for each in QApplication.allWidgets() if each.isVisible()}


def about_to_change() -> bool:
    """Whether something waits for its moment. What would come later never does: a picture takes no time."""
    soon = False
    for timer in [each for widget in QApplication.allWidgets() for each in timers(widget)]:
        if timer.isActive() and timer.isSingleShot() and timer.interval() > _SOON_MS:
            timer.stop()
        soon |= timer.isActive() and (timer.isSingleShot() or timer.interval() == 0)
    return soon or any(isinstance(each, Waveform) and each.moving for each in QApplication.allWidgets())


def timers(widget: QWidget) -> list[QTimer]:
    return widget.findChildren(QTimer, options=Qt.FindChildOption.FindDirectChildrenOnly)


def edit(dialog: SettingsDialog, values: dict[str, Value]) -> None:
    """Change settings as the user would, and ask at once what they take."""
    for key, value in values.items():
        editor = dialog.fields[key].editor
        editor.set_value(value)
        editor.changed.emit()
        QCoreApplication.processEvents()
        dialog._form.ensureWidgetVisible(dialog.fields[key])
    dialog.memory.ask()


def with_menus(desktop: Desktop) -> QPixmap:
    """The window with the menu of the listening button as it opens, and the tray's menu beside it."""
    window, button = desktop.window, desktop.window.composer.listen
    whole = window.grab()
    painter = QPainter(whole)
    menu = button.menu()
    menu.adjustSize()
    menu.setActiveAction(button.by_name)
    where = button.mapTo(window, QPoint(0, -menu.sizeHint().height()))
    painter.drawPixmap(where, menu.grab())
    profiles = window.profile.profiles
    if profiles.menuAction().isVisible():
        profiles.adjustSize()
        painter.drawPixmap(window.profile.mapTo(window, QPoint(0, window.profile.height())), profiles.grab())
    tray = desktop.tray._menu
    tray.adjustSize()
    beside = button.mapTo(window, QPoint(menu.sizeHint().width() + 24, -tray.sizeHint().height()))
    painter.drawPixmap(beside, tray.grab())
    painter.end()
    return whole


def close(desktop: Desktop) -> None:
    desktop.quit()
    desktop.close()
    desktop.window.deleteLater()
    desktop.deleteLater()
    desktop.language.use("en")
    # Only a running event loop would delete them; the next picture must not restyle them as well.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


if __name__ == "__main__":
    main()
