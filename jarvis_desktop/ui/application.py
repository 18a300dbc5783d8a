"""Starts and ends the window: first the window, then everything that is heavy."""

from __future__ import annotations

import gc
import logging
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QSocketNotifier, Qt, QTimer
from PySide6.QtWidgets import QApplication

from jarvis_desktop.config import describe
from jarvis_desktop.config.paths import APP_NAME, Paths
from jarvis_desktop.config.schema import Config
from jarvis_desktop.events import DevicesListed, ListDevices, ListModels, MemoryPlanned, ModelsListed
from jarvis_desktop.ui.about_presenter import AboutPresenter
from jarvis_desktop.ui.attachments_presenter import AttachmentsPresenter
from jarvis_desktop.ui.audio_doctor import AudioDoctor
from jarvis_desktop.ui.bridge import Bridge, Core, Settings
from jarvis_desktop.ui.clients_presenter import ClientsPresenter
from jarvis_desktop.ui.conversations_presenter import ConversationsPresenter
from jarvis_desktop.ui.dictation import Dictation
from jarvis_desktop.ui.editors import SHORTCUTS
from jarvis_desktop.ui.global_keys import GlobalKeys, trouble_text
from jarvis_desktop.ui.guide_presenter import GuidePresenter
from jarvis_desktop.ui.heartbeat import Heartbeat
from jarvis_desktop.ui.i18n import Language, tr
from jarvis_desktop.ui.main_window import MainWindow
from jarvis_desktop.ui.memory_presenter import MemoryPresenter
from jarvis_desktop.ui.message_presenter import MessagePresenter
from jarvis_desktop.ui.models_presenter import ModelsPresenter
from jarvis_desktop.ui.notifications import Notifications
from jarvis_desktop.ui.portal import Portal
from jarvis_desktop.ui.presenter import Presenter
from jarvis_desktop.ui.privacy_presenter import PrivacyPresenter
from jarvis_desktop.ui.profile_presenter import ProfilePresenter
from jarvis_desktop.ui.session_bus import SessionBus
from jarvis_desktop.ui.settings_dialog import SettingsDialog
from jarvis_desktop.ui.single_instance import SingleInstance, Wish
from jarvis_desktop.ui.sound_presenter import SoundPresenter
from jarvis_desktop.ui.status_presenter import StatusPresenter
from jarvis_desktop.ui.system_look import SystemLook
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.tray import Tray
from jarvis_desktop.ui.voice_presenter import VoicePresenter
from jarvis_desktop.ui.widgets import bring_to_front
from jarvis_desktop.ui.window_state import WindowState

_LOG = logging.getLogger(__name__)


class Desktop(QObject):
    """The window with its tray icon and settings, bound to a core. `open`, then run the event loop."""

    def __init__(
        self, app: QApplication, core: Core, settings: Settings, state: WindowState | None = None
    ) -> None:
        super().__init__()
        self._state = state
        self._app = app
        self._core = core
        self._settings = settings
        self._started = False
        self._told_that_it_goes_on = False
        self._dialog: SettingsDialog | None = None
        self._doctor: AudioDoctor | None = None
        self.heartbeat = Heartbeat(parent=self)
        self.theme = Theme(app)
        self.language = Language(app)
        self._bus = SessionBus(self)
        self._system = SystemLook(self._bus, self)
        self._take_look(settings.current)
        self.window = MainWindow(self.theme)
        self.tray = Tray(self.theme, self)
        self.bridge = Bridge(core, settings, self)
        self._presenter = Presenter(self.bridge, self.window, self.tray)
        self._status = StatusPresenter(self.bridge, self.window)
        self._profiles = ProfilePresenter(self.bridge, self.window)
        self._messages = MessagePresenter(self.bridge, self.window)
        self._voice = VoicePresenter(self.bridge, self.window)
        self._conversations = ConversationsPresenter(self.bridge, self.window)
        self.memory = MemoryPresenter(self.bridge, self.window, self.theme, self.open_settings)
        self.attachments = AttachmentsPresenter(self.bridge, self.window, self.theme, self.memory.offer_files)
        self.sound = SoundPresenter(self.bridge, self)
        self.tray.memory_wanted.connect(self.memory.open)
        self._notifications = Notifications(self.bridge, self.window, self.tray, self._bus)
        self._clients = ClientsPresenter(self.bridge, self.window, self._notifications)
        self._system.changed.connect(lambda: self._take_look(self._settings.current))
        portal = Portal(self._bus)
        self.keys = GlobalKeys(app, self.window, portal)
        self.keys.talk.pressed.connect(self._presenter.talk.press)
        self.keys.talk.released.connect(self._presenter.talk.release)
        self.keys.show.pressed.connect(self.show_or_hide)
        self.dictation = Dictation(
            self.bridge, self.window, self.tray, self._notifications, self.keys, portal
        )
        self.keys.trouble_changed.connect(self._show_key_trouble)
        self.models = ModelsPresenter(self.bridge, self.window, self.theme)
        self.about = AboutPresenter(self.bridge, self.window, self.theme)
        self.privacy = PrivacyPresenter(self.bridge, self.window, self.theme, self.quit)
        self.tray.privacy_wanted.connect(self.privacy.open)
        self.guide = GuidePresenter(
            self.bridge,
            self.window,
            self.theme,
            self.language,
            self.sound,
            self.open_doctor,
            self.models.open,
        )
        self.bridge.config_changed.connect(self._config_changed)
        self.bridge.on(DevicesListed, self._devices_listed)
        self.bridge.on(ModelsListed, self._models_listed)
        self.bridge.on(MemoryPlanned, self._memory_planned)
        self._say_where(settings.current)
        self.window.painted_first.connect(self._start_core_soon)
        # Queued: a window cannot be closed while it is asking.
        self.window.close_wanted.connect(self._close_wanted, Qt.ConnectionType.QueuedConnection)
        self.window.sidebar.settings_wanted.connect(self.open_settings)
        self.window.composer.listen.settings_wanted.connect(lambda: self.open_settings("listening"))
        self.window.composer.listen.doctor_wanted.connect(self.open_doctor)
        for menu in (self.window.profile.profiles, self.tray.profiles):
            menu.edit_wanted.connect(lambda: self.open_settings(describe.PROFILES))
        self.tray.show_wanted.connect(lambda: bring_to_front(self.window))
        self.tray.settings_wanted.connect(self.open_settings)
        self.tray.quit_wanted.connect(self.quit)
        self.window.quit_wanted.connect(self.quit)
        app.setQuitOnLastWindowClosed(False)

    def open(self, *, minimised: bool = False) -> None:
        """Show the window; the core starts once it is on the screen."""
        if self._state is not None:
            self._state.restore(self.window)
        self.bridge.connect_core()
        self.keys.use(self._settings.current)
        if not minimised:
            self.window.show()
            self.window.composer.field.setFocus()
            return
        self._put_away()
        self._start_core_soon()

    def open_settings(self, page: str = "") -> None:
        """Show the settings, perhaps at a page; what was being edited is still there."""
        if self._dialog is None:
            self._dialog = SettingsDialog(self.theme, self._settings, self.window)
            self._dialog.memory.asked.connect(self.bridge.post)
            self._show_key_trouble()
            self._dialog.doctor_wanted.connect(self.open_doctor)
            self._dialog.guide_wanted.connect(self.guide.open)
            self._dialog.about_wanted.connect(self.about.open)
            self._dialog.models_wanted.connect(self.models.open)
            self._dialog.privacy_wanted.connect(self.privacy.open)
        if page:
            self._dialog.show_page(page)
        self.bridge.post(ListDevices())
        self.bridge.post(ListModels())
        self._clients.fill(self._dialog.clients)
        bring_to_front(self._dialog)

    def obey(self, wish: Wish) -> None:
        """Do what another start of the program asked for."""
        match wish:
            case Wish.SHOW:
                bring_to_front(self.window)
            case Wish.SHOW_OR_HIDE:
                self.show_or_hide()
            case Wish.TALK:
                self._presenter.talk.toggle()
            case Wish.DICTATE:
                self.dictation.toggle()

    def show_or_hide(self) -> None:
        """Bring the window to the front, or put it away when it is there."""
        if self.window.in_front:
            self._put_away()
        else:
            bring_to_front(self.window)

    def open_doctor(self) -> None:
        """Show why Jarvis does not hear, or is not heard."""
        if self._doctor is None:
            self._doctor = AudioDoctor(self.theme, self.sound, self.window)
        bring_to_front(self._doctor)

    def quit(self) -> None:
        """Close the window and end the event loop."""
        if self._state is not None:
            self._state.keep(self.window)
        self.tray.hide()
        self.keys.close()
        self.dictation.close()
        self.memory.close()
        self.models.close()
        self.privacy.close()
        self.window.close_for_good()
        self._app.quit()

    def close(self) -> None:
        """After the event loop: stop the core if it was started. Safe to call twice."""
        self.bridge.disconnect_core()
        self._bus.close()
        if self._started:
            self._started = False
            self._core.stop()

    def _start_core_soon(self) -> None:
        # After the paint event that asked for it, so that nothing is loaded before the window is seen.
        QTimer.singleShot(0, self._start_core)

    def _start_core(self) -> None:
        if not self._started:
            self._started = True
            self._core.start()
            self._system.follow()

    def _close_wanted(self) -> None:
        if not self._settings.current.desktop.keep_running:
            self.quit()
            return
        self._put_away()
        if self._told_that_it_goes_on:
            return
        self._told_that_it_goes_on = True
        if self.tray.available:
            self.tray.tell("Jarvis", tr("Jarvis goes on here. Quit it from this icon's menu."))
        else:  # to be read when the window comes back
            self.window.remark.present(
                tr("Jarvis keeps running while its window is closed. Ctrl+Q quits it.")
            )

    def _put_away(self) -> None:
        if self.tray.available:
            self.tray.hold(self.window)
        else:
            self.window.showMinimized()

    def _config_changed(self, config: Config) -> None:
        self._take_look(config)
        self._say_where(config)
        self.keys.use(config)
        if self._dialog is not None:
            self._dialog.take(self._settings.base)

    def _show_key_trouble(self) -> None:
        if self._dialog is None:
            return
        for key in SHORTCUTS:
            trouble = self.keys.trouble.get(key)
            self._dialog.fields[key].show_trouble(trouble_text(trouble) if trouble else "")

    def _devices_listed(self, event: DevicesListed) -> None:
        if self._dialog is not None:
            self._dialog.offer({"audio.input_device": event.inputs, "audio.output_device": event.outputs})

    def _models_listed(self, event: ModelsListed) -> None:
        if self._dialog is not None:
            self._dialog.offer(
                {
                    "engine.model": event.chat,
                    "transcription.model": event.transcription,
                    "speech.voice": event.speech,
                    "speech.spanish_voice": event.spanish_speech,
                }
            )

    def _memory_planned(self, event: MemoryPlanned) -> None:
        if self._dialog is not None:
            self._dialog.memory.take(event)

    def _say_where(self, config: Config) -> None:
        self.window.conversation.empty.show_local(config.engine.kind != "remote")

    def _take_look(self, config: Config) -> None:
        before = self.language.current
        self.language.use(config.look.language)
        self.theme.apply(config.look.theme, config.look.font_scale, system_dark=self._system.dark)
        self.theme.reduce_motion(config.look.reduced_motion, system=self._system.reduced_motion)
        if before and before != self.language.current:
            # Widgets are told by Qt, after this; states are said again once they know.
            QTimer.singleShot(0, self._retranslate)

    def _retranslate(self) -> None:
        self._presenter.retranslate()
        self._show_key_trouble()
        self.tray.retranslate()


def run_window(
    core: Core,
    config: Settings,
    paths: Paths,
    *,
    minimised: bool = False,
    wish: str = Wish.SHOW,
    started_at: float | None = None,
    opened: Callable[[Desktop], None] | None = None,
) -> int:
    """Open the window and return the exit status once it was closed.

    A second start tells the first its `wish` (a `Wish`) and returns 0. `started_at` (`time.perf_counter`) is
    when the program was started, for the log; `opened` is called with the open window, for measurements.
    """
    app = application()
    instance = SingleInstance(paths.runtime)
    if not instance.claim(Wish(wish)):
        return 0
    desktop = Desktop(app, core, config, WindowState(paths.data / "window.ini"))
    instance.asked.connect(desktop.obey)
    if started_at is not None:
        desktop.window.painted_first.connect(
            lambda: _LOG.info("window on screen after %.0f ms", (time.perf_counter() - started_at) * 1000)
        )
    try:
        with _quit_on_signals(desktop.quit):
            desktop.open(minimised=minimised)
            if wish in (Wish.TALK, Wish.DICTATE):
                desktop.obey(Wish(wish))
            if opened is not None:
                opened(desktop)
            elif config.current.look.guide and not minimised:
                desktop.guide.open()
            # What exists now stays; going through it again costs a full collection 50 ms of a frozen window.
            gc.freeze()
            return app.exec()
    finally:
        desktop.close()
        instance.release()


def application() -> QApplication:
    """The one QApplication of the process."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    QApplication.setApplicationName("Jarvis")
    QApplication.setDesktopFileName(APP_NAME)
    app = QApplication(sys.argv[:1])
    app.setStyle("Fusion")  # here and not by the theme: once there are widgets, each would be laid out anew
    return app


@contextmanager
def _quit_on_signals(quit_: Callable[[], None]) -> Iterator[None]:
    """Ctrl+C and a polite kill close the window; Python alone would see them only between two events."""
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    writing.setblocking(False)
    previous_fd = signal.set_wakeup_fd(writing.fileno())
    wanted = [signal.SIGINT, signal.SIGTERM]
    previous = {number: signal.signal(number, lambda *_: None) for number in wanted}
    notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read)

    def woken() -> None:
        reading.recv(64)
        quit_()

    notifier.activated.connect(woken)
    try:
        yield
    finally:
        notifier.setEnabled(False)
        for number, handler in previous.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(previous_fd)
        reading.close()
        writing.close()
