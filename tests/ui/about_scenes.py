"""What happens in the pictures of About Jarvis."""

from __future__ import annotations

from jarvis_desktop.errors import NetworkError
from jarvis_desktop.events import UpdatesChecked

NEWER = UpdatesChecked(
    newer="0.2.0",
    notes="Hears better in noisy rooms, and answers the first question sooner.",
    link="https://example.org/jarvis/0.2.0",
)
UNREACHED = UpdatesChecked(
    error=NetworkError(
        "network.no_updates",
        "{host} does not tell the newest version: {reason}.",
        "Check the network, and the address in Settings, Updates.",
        host="example.org",
        reason="[Errno -3] Temporary failure in name resolution",
    )
)

ABOUT_SCENES: dict[str, tuple[UpdatesChecked | None, dict[str, object]]] = {
    "about": (NEWER, {}),
    "about-dark": (UNREACHED, {"look": {"theme": "dark"}}),
    "about-large-text": (NEWER, {"look": {"font_scale": 2.0}}),
    "about-spanish": (UpdatesChecked(asked=False), {"look": {"language": "es", "theme": "dark"}}),
}
