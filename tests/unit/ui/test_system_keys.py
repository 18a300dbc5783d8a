"""What Windows and macOS are asked for keys and typing: seen from here, for neither has run it."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from jarvis_desktop.errors import DesktopError
from jarvis_desktop.ui.key_names import Trouble, combination
from jarvis_desktop.ui.mac_keys import HotKeyId, MacKeys
from jarvis_desktop.ui.mac_typist import MacTypist
from jarvis_desktop.ui.registered_keys import RegisteredKeys
from jarvis_desktop.ui.typist import Typist
from jarvis_desktop.ui.windows_keys import Message, WindowsKeys
from jarvis_desktop.ui.windows_typist import Input, WindowsTypist

from .conftest import Pump

TEXT = "¿Año? 40 €\n😀"


def keys(*texts: str) -> dict[str, Any]:
    """Combinations by name: their own texts."""
    return {text: combination(text) for text in texts}


class Told:
    """What a keyboard told."""

    def __init__(self, keyboard: RegisteredKeys) -> None:
        self.heard: list[str] = []
        self.refused: dict[str, Trouble] = {}
        keyboard.pressed.connect(lambda name: self.heard.append(f"{name} down"))
        keyboard.released.connect(lambda name: self.heard.append(f"{name} up"))
        keyboard.refused.connect(self.refused.update)


def failures(typist: Typist) -> list[DesktopError]:
    told: list[DesktopError] = []
    typist.failed.connect(told.append)
    return told


# --- Windows ----------------------------------------------------------------------------------------------


class Windows:
    """Registers all keys but F12, and notes what is typed."""

    def __init__(self) -> None:
        self.registered: dict[int, tuple[int, int]] = {}
        self.down: set[int] = set()
        self.typed: list[tuple[int, int, int]] = []
        self.blocks = False

        def register(_window: None, number: int, modifiers: int, key: int) -> bool:
            if key != 0x7B:
                self.registered[number] = modifiers, key
            return key != 0x7B

        def scan(character: int) -> int:
            return ord(chr(character).upper()) if chr(character).isalnum() else -1

        def send(count: int, inputs: Any, size: int) -> int:
            assert size == ctypes.sizeof(Input)
            assert {each.kind for each in inputs} == {1}
            keyboards = [each.of.keyboard for each in inputs]
            self.typed += [(each.key, each.scan, each.flags) for each in keyboards]
            return 0 if self.blocks else count

        self.library: Any = SimpleNamespace(
            RegisterHotKey=register,
            UnregisterHotKey=lambda _window, number: self.registered.pop(number),
            VkKeyScanW=scan,
            GetAsyncKeyState=lambda key: -0x8000 if key in self.down else 1,
            SendInput=send,
        )


def hot_key(number: int) -> Message:
    return Message(kind=0x0312, number=number)


def test_windows_tells_of_the_press_and_the_release_is_seen(app: QApplication, pump: Pump) -> None:
    windows = Windows()
    keyboard = WindowsKeys(windows.library)
    told = Told(keyboard)
    keyboard.bind(keys("Ctrl+Alt+D", "Meta+Shift+F9", "F12", "Ctrl+?"))
    assert list(windows.registered.values()) == [(0x4003, 0x44), (0x400C, 0x78)]
    assert told.refused == {"F12": Trouble.TAKEN, "Ctrl+?": Trouble.TAKEN}
    number = next(iter(windows.registered))
    windows.down = {0x44}
    keyboard.take(hot_key(number))
    keyboard.take(hot_key(99))  # of another program
    keyboard.bind(keys("Ctrl+Alt+D", "Esc"))  # while it is held
    assert number in windows.registered
    assert told.heard == ["Ctrl+Alt+D down"]
    windows.down = set()
    pump(lambda: told.heard == ["Ctrl+Alt+D down", "Ctrl+Alt+D up"])
    keyboard.close()
    assert not windows.registered


def test_windows_is_given_characters_and_return_keys(app: QApplication) -> None:
    # The sizes of a 64-bit Windows.
    assert (ctypes.sizeof(Input), Input.of.offset) == (40, 8)
    windows = Windows()
    WindowsTypist(windows.library).type(TEXT)
    downs, ups = windows.typed[::2], windows.typed[1::2]
    assert [(key, scan, flags | 2) for key, scan, flags in downs] == ups
    text = b"".join((13 if key else scan).to_bytes(2, "little") for key, scan, _ in downs).decode("utf-16-le")
    assert text == TEXT.replace("\n", "\r")
    assert {flags for key, _, flags in downs if not key} == {4}


def test_windows_is_typed_into_once_ctrl_is_up(app: QApplication, pump: Pump) -> None:
    windows = Windows()
    windows.down = {0x11}
    typist = WindowsTypist(windows.library)
    typist.type("a")
    assert windows.typed == []
    windows.down = set()
    pump(lambda: len(windows.typed) == 2)


def test_a_program_that_windows_protects_is_told(app: QApplication) -> None:
    windows = Windows()
    windows.blocks = True
    typist = WindowsTypist(windows.library)
    told = failures(typist)
    typist.type("a")
    assert [error.code for error in told] == ["desktop.typing_refused"]


# --- macOS ------------------------------------------------------------------------------------------------


class Mac:
    """The two frameworks; functions, because their types are set on them."""

    def __init__(self) -> None:
        self.registered: dict[int, tuple[int, int]] = {}
        self.posted: list[tuple[int, bool, str]] = []
        self.flags = 0
        self.trusted = True
        self.handler: Any = None
        self._events: dict[int, list[Any]] = {}

        def install(_target: int, handler: Any, count: int, *_: object) -> int:
            assert count == 2
            self.handler = handler
            return 0

        def register(code: int, modifiers: int, name: HotKeyId, _target: int, _: int, reference: Any) -> int:
            if code == 111:
                return -9878  # another program has it
            reference._obj.value = name.number
            self.registered[name.number] = code, modifiers
            return 0

        def unregister(reference: ctypes.c_void_p) -> int:
            del self.registered[reference.value or 0]
            return 0

        def parameter(event: int, *arguments: Any) -> int:
            arguments[-1]._obj.number = event >> 8
            return 0

        def create(_source: None, code: int, down: bool) -> int:
            self._events[len(self._events) + 1] = [code, down, ""]
            return len(self._events)

        def write(event: int, count: int, units: Any) -> None:
            self._events[event][2] = bytes(units).decode("utf-16-le")
            assert count == len(units) <= 20

        def post(_where: int, event: int) -> None:
            code, down, text = self._events[event]
            self.posted.append((code, down, text))

        self.library: Any = SimpleNamespace(
            GetApplicationEventTarget=lambda: 7,
            InstallEventHandler=install,
            RemoveEventHandler=lambda _: 0,
            RegisterEventHotKey=register,
            UnregisterEventHotKey=unregister,
            GetEventParameter=parameter,
            GetEventKind=lambda event: event & 0xFF,
            AXIsProcessTrusted=lambda: self.trusted,
            CGEventSourceFlagsState=lambda _: self.flags,
            CGEventCreateKeyboardEvent=create,
            CGEventSetFlags=lambda *_: None,
            CGEventKeyboardSetUnicodeString=write,
            CGEventPost=post,
            CFRelease=lambda _: None,
        )


def test_macos_tells_of_press_and_release(app: QApplication) -> None:
    mac = Mac()
    keyboard = MacKeys(mac.library)
    told = Told(keyboard)
    keyboard.bind(keys("Ctrl+Alt+D", "Meta+Shift+F9", "F12", "Pause"))
    assert list(mac.registered.values()) == [(2, 0x900), (101, 0x1200)]
    assert told.refused == {"F12": Trouble.TAKEN, "Pause": Trouble.TAKEN}
    number = next(iter(mac.registered))
    for kind in (5, 6):
        mac.handler(None, number << 8 | kind, None)
    assert told.heard == ["Ctrl+Alt+D down", "Ctrl+Alt+D up"]
    keyboard.close()
    assert not mac.registered


@pytest.mark.parametrize("text", [TEXT, "a" * 19 + "😀" + "b" * 30, "\n\nx"])
def test_macos_is_given_text_in_pieces_and_return_keys(app: QApplication, text: str) -> None:
    mac = Mac()
    MacTypist(mac.library).type(text)
    downs, ups = mac.posted[::2], mac.posted[1::2]
    assert [(code, not down, piece) for code, down, piece in downs] == ups
    assert "".join("\n" if code == 36 else piece for code, _, piece in downs) == text


def test_macos_without_leave_says_where_to_give_it(app: QApplication) -> None:
    mac = Mac()
    mac.trusted = False
    typist = MacTypist(mac.library)
    told = failures(typist)
    typist.prepare()
    typist.type("a")
    assert ["Accessibility" in error.hint for error in told] == [True, True]
    assert mac.posted == []


def test_macos_is_typed_into_once_command_is_up(app: QApplication, pump: Pump) -> None:
    mac = Mac()
    mac.flags = 0x100000
    typist = MacTypist(mac.library)
    typist.type("a")
    assert mac.posted == []
    mac.flags = 0
    pump(lambda: len(mac.posted) == 2)
