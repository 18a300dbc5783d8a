"""Takes the pictures of docs/screenshots: `tour.py [--font NAME] [--only NAME,NAME] [--to DIR]`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "unit" / "ui")]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import attachment_scenes  # noqa: E402
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
from PySide6.QtCore import QCoreApplication, QEvent, QPoint  # noqa: E402
from PySide6.QtGui import QFont, QPainter  # noqa: E402
from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402

from jarvis_desktop.config.describe import Value  # noqa: E402
from jarvis_desktop.config.schema import Config  # noqa: E402
from jarvis_desktop.events import PlanMemory  # noqa: E402
from jarvis_desktop.ui.application import Desktop, application  # noqa: E402
from jarvis_desktop.ui.settings_dialog import SettingsDialog  # noqa: E402

MESSAGE_SCENES = message_scenes.MESSAGE_SCENES | attachment_scenes.ATTACHMENT_SCENES


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--font", default="Inter")
    parser.add_argument("--only", default="")
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "screenshots")
    options = parser.parse_args()
    app = application()
    app.setFont(QFont(options.font))
    cited = {"citations": (memory_scenes.cited, {}, (1120, 760))}
    told = {
        name: (lambda _, core, play=play: play(core), *rest)
        for name, (play, *rest) in (
            scenes.SCENES | cited | sidebar_scenes.SCENES | status_scenes.SCENES
        ).items()
    }
    scened = told | MESSAGE_SCENES | voice_scenes.VOICE_SCENES
    for name, (play, look, size) in scened.items():
        if any(wanted in name for wanted in options.only.split(",")):
            core, desktop = opened(app, look)
            desktop.window.resize(*size)
            wait(app, 0.1)
            play(desktop, core)
            sidebar_scenes.act(name, desktop)
            wait(app, 0.4)
            picture(desktop.window, options.to, name)
            close(app, desktop)
    for name, (look, page, words) in scenes.SETTINGS_SCENES.items():
        if any(wanted in name for wanted in options.only.split(",")):
            core, desktop = opened(app, look)
            desktop.open_settings(page)
            dialog = desktop._dialog
            assert dialog is not None
            core.emit(scenes.DEVICES, scenes.MODELS)
            dialog.search.setText(words)
            edit(dialog, scenes.EDITS.get(name, {}))
            asked = [intent for intent in core.posted if isinstance(intent, PlanMemory)]
            core.emit(replace(scenes.PLANS.get(name, scenes.ON_CPU), number=asked[-1].number))
            wait(app)
            picture(dialog, options.to, name)
            close(app, desktop)
    for name, (show, look, size) in memory_scenes.MEMORY_SCENES.items():
        if any(wanted in name for wanted in options.only.split(",")):
            core, desktop = opened(app, look)
            memory = memory_scenes.opened(desktop, core, show, size)
            wait(app)
            picture(memory, options.to, name)
            close(app, desktop)
    pictures_of_doctor(app, options.only.split(","), options.to)
    pictures_of_guide(app, options.only.split(","), options.to)
    pictures_of_models(app, options.only.split(","), options.to)
    pictures_of_privacy(app, options.only.split(","), options.to)
    for name, look in scenes.MENU_SCENES.items():
        if any(wanted in name for wanted in options.only.split(",")):
            core, desktop = opened(app, look)
            scenes.sleeping(core)
            wait(app)
            picture_of_menus(desktop, options.to, name)
            close(app, desktop)


def pictures_of_doctor(app: QApplication, only: list[str], to: Path) -> None:
    for name, (play, look, size) in sound_scenes.DOCTOR_SCENES.items():
        if any(wanted in name for wanted in only):
            core, desktop = opened(app, look)
            desktop.open_doctor()
            assert desktop._doctor is not None
            desktop._doctor.resize(*size)
            play(core)
            wait(app)
            picture(desktop._doctor, to, name)
            close(app, desktop)


def pictures_of_guide(app: QApplication, only: list[str], to: Path) -> None:
    for name, (play, step, look) in guide_scenes.GUIDE_SCENES.items():
        if any(wanted in name for wanted in only):
            core, desktop = opened(app, look)
            desktop.guide.open()
            assert desktop.guide.guide is not None
            desktop.guide.guide.show_step(step)
            play(core)
            wait(app)
            picture(desktop.guide.guide, to, name)
            close(app, desktop)


def pictures_of_models(app: QApplication, wanted: list[str], to: Path) -> None:
    """The models window."""
    for name, (show, look, size) in model_scenes.MODEL_SCENES.items():
        if any(word in name for word in wanted):
            core, desktop = opened(app, look)
            models = model_scenes.opened(desktop, core, show, size)
            wait(app)
            picture(models, to, name)
            close(app, desktop)


def pictures_of_privacy(app: QApplication, wanted: list[str], to: Path) -> None:
    """The privacy window."""
    for name, (show, look, size) in privacy_scenes.PRIVACY_SCENES.items():
        if any(word in name for word in wanted):
            core, desktop = opened(app, look)
            privacy = privacy_scenes.opened(desktop, core, show, size)
            wait(app)
            picture(privacy, to, name)
            close(app, desktop)


def opened(app: QApplication, config: dict[str, object]) -> tuple[FakeCore, Desktop]:
    look = {"language": "en", "theme": "light"} | dict(config.get("look", {}))  # type: ignore[call-overload]
    core = FakeCore()
    desktop = Desktop(app, core, FakeSettings(Config.model_validate(config | {"look": look})))
    desktop.open()
    wait(app, 0.1)
    return core, desktop


def edit(dialog: SettingsDialog, values: dict[str, Value]) -> None:
    """Change settings as the user would, and ask at once what they take."""
    for key, value in values.items():
        editor = dialog.fields[key].editor
        editor.set_value(value)
        editor.changed.emit()
        QCoreApplication.processEvents()
        dialog._form.ensureWidgetVisible(dialog.fields[key])
    dialog.memory.ask()


def wait(app: QApplication, seconds: float = 0.25) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        app.processEvents()
        time.sleep(0.005)


def picture(widget: QWidget, to: Path, name: str) -> None:
    to.mkdir(parents=True, exist_ok=True)
    widget.grab().save(str(to / f"{name}.png"), "PNG", 0)  # 0: as small as can be


def picture_of_menus(desktop: Desktop, to: Path, name: str) -> None:
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
    to.mkdir(parents=True, exist_ok=True)
    whole.save(str(to / f"{name}.png"), "PNG", 0)


def close(app: QApplication, desktop: Desktop) -> None:
    desktop.quit()
    desktop.close()
    desktop.window.deleteLater()
    desktop.deleteLater()
    desktop.language.use("en")
    # Only a running event loop would delete them; the next picture must not restyle them as well.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


if __name__ == "__main__":
    main()
