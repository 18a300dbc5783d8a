"""One measured start of the window; run by `bench.ui` in a process of its own, prints one JSON line."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from jarvis_desktop import app
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.events import Part, PartChanged, PartState
from jarvis_desktop.ui.application import Desktop

SETTLE_MS = 1000
"""Goes on measuring for so long after the last model is there."""

_OVER = (PartState.READY, PartState.FAILED, PartState.ABSENT)
_HEAVY = (Part.ENGINE, Part.TRANSCRIPTION, Part.SPEECH)


class Probe:
    """Watches one window from its first paint until every part was loaded, then closes it."""

    def __init__(self, started: float) -> None:
        self._started = started
        self._result: dict[str, object] = {}
        self._states: dict[Part, PartState] = {}

    def attach(self, desktop: Desktop) -> None:
        """Begin; called with the open window before its event loop runs."""
        from PySide6.QtCore import QTimer
        from PySide6.QtGui import QGuiApplication

        self._desktop, self._later = desktop, QTimer.singleShot
        self._result["platform"] = QGuiApplication.platformName()
        desktop.heartbeat.start()
        desktop.window.painted_first.connect(lambda: self._later(0, self._interactive))
        desktop.bridge.on(PartChanged, self._part_changed)

    def _ms(self) -> int:
        return round((time.monotonic() - self._started) * 1000)

    def _interactive(self) -> None:
        """The event loop answers for the first time after the window was painted."""
        import psutil

        self._result["interactive_ms"] = self._ms()
        memory = psutil.Process().memory_full_info()
        self._result["window_rss_mib"] = round(memory.rss / 2**20)
        self._result["window_uss_mib"] = round(memory.uss / 2**20)
        self._desktop.heartbeat.start()

    def _part_changed(self, event: PartChanged) -> None:
        self._states[event.part] = event.state
        if all(self._states.get(part) in _OVER for part in _HEAVY) and "loaded_ms" not in self._result:
            self._result["loaded_ms"] = self._ms()
            self._later(SETTLE_MS, self._finish)

    def _finish(self) -> None:
        beats = self._desktop.heartbeat.stop()
        self._result |= {
            "longest_block_ms": round(beats.longest_ms, 1),
            "block_p99_ms": round(beats.p99_ms, 1),
            "parts": {part.value: self._states[part].value for part in _HEAVY},
        }
        print(json.dumps(self._result), flush=True)  # noqa: T201 - the answer to the measuring process
        self._desktop.quit()


def main() -> int:
    """Arguments: configuration folder, models folder, start on the monotonic clock (s)."""
    config_folder, models, started = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    with tempfile.TemporaryDirectory(prefix="jarvis-bench-") as name:
        paths = replace(Paths.choose(Path(name)), config=config_folder, models=models)
        config = ConfigStore(paths.config_file, {})
        config.load()
        probe = Probe(started)
        return app.run_window(paths, config, minimised=False, verbose=False, opened=probe.attach)


if __name__ == "__main__":
    sys.exit(main())
