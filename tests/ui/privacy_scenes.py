"""What happens in the pictures of the privacy window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from fake_core import FakeCore
from memory_scenes import play

from jarvis_desktop.events import Connection, PrivacyShown, Reason, Seal, Stored, StoredKind
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.privacy_window import PrivacyWindow

HOME = Path("/home/ana/.local/share/jarvis-desktop")
AT = 1_795_300_000.0

CONNECTIONS = (
    Connection("6", AT, "192.0.2.7", 443, "node", Reason.UNEXPECTED, True),
    Connection("5", AT - 900, "huggingface.co", 443, "models", Reason.MODEL_DOWNLOAD, False, "qwen3-4b.gguf"),
    Connection("4", AT - 4000, "api.weather.example", 443, "weather", Reason.TOOL_SERVER, True, "weather"),
    Connection(
        "3",
        AT - 80_000,
        "huggingface.co",
        443,
        "models",
        Reason.MODEL_DOWNLOAD,
        True,
        "llama-3.2-3b-instruct-q4_k_m.gguf",
        2_019_000_000,
    ),
    Connection("2", AT - 80_100, "llm.example.org", 443, "engine", Reason.REMOTE_ENGINE, True),
    Connection("1", AT - 90_000, "the Python package index", 443, "models", Reason.PACKAGE_INDEX, True),
)

STORED = (
    Stored(StoredKind.CONVERSATIONS, HOME, 3_400_000, 42),
    Stored(StoredKind.MEMORY, HOME / "memory", 128_000_000, 19),
    Stored(StoredKind.SETTINGS, Path("/home/ana/.config/jarvis-desktop"), 9_000, 3),
    Stored(StoredKind.CACHE, Path("/home/ana/.cache/jarvis-desktop"), 2_300_000, 5),
    Stored(StoredKind.LOGS, Path("/home/ana/.local/state/jarvis-desktop/log"), 1_900_000, 4),
    Stored(StoredKind.MODELS, HOME / "models", 3_210_000_000, 9),
)


def listed(core: FakeCore, _: PrivacyWindow) -> None:
    play(core, PrivacyShown(CONNECTIONS, STORED, Seal.SYSTEM))


def weak(core: FakeCore, _: PrivacyWindow) -> None:
    play(core, PrivacyShown(CONNECTIONS, STORED, Seal.PROGRAM))


def nothing(core: FakeCore, _: PrivacyWindow) -> None:
    play(core, PrivacyShown((), STORED, Seal.SYSTEM))


def deletion(core: FakeCore, window: PrivacyWindow) -> None:
    listed(core, window)
    window.storage.delete.click()


Play = Callable[[FakeCore, PrivacyWindow], None]
OFFLINE = {"privacy": {"offline": True}}

PRIVACY_SCENES: Mapping[str, tuple[Play, dict[str, object], tuple[int, int]]] = {
    "privacy": (listed, {}, (760, 760)),
    "privacy-dark": (weak, {"look": {"theme": "dark"}, **OFFLINE}, (760, 760)),
    "privacy-offline": (nothing, OFFLINE, (760, 760)),
    "privacy-delete": (deletion, {}, (760, 900)),
    "privacy-delete-dark": (deletion, {"look": {"theme": "dark", "language": "es"}}, (760, 900)),
    "privacy-large-text": (listed, {"look": {"font_scale": 1.6}}, (1180, 780)),
}


def opened(desktop: Desktop, core: FakeCore, show: Play, size: tuple[int, int]) -> PrivacyWindow:
    window = desktop.privacy.open()
    window.resize(*size)
    show(core, window)
    return window
