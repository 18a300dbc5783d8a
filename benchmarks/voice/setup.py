"""An environment for each peer, from its pinned requirements.

    python benchmarks/voice/setup.py [NAME ...]

They go to .cache/bench-envs/NAME and never touch the program's own. RealtimeSTT builds PyAudio, which needs
the headers of PortAudio (Debian: portaudio19-dev).
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parent.parent / ".cache" / "bench-envs"


def main(names: list[str]) -> int:
    """Build the environments named, or all; the exit status is 1 when one of them failed."""
    chosen = names or sorted(file.stem for file in (HERE / "requirements").glob("*.txt"))
    failed = [name for name in chosen if not build(name)]
    print("ready:", *(name for name in chosen if name not in failed))
    if failed:
        print("failed:", *failed)
    return 1 if failed else 0


def build(name: str) -> bool:
    """True when everything could be installed."""
    folder = ENVIRONMENTS / name
    print(f"{name}: installing", flush=True)
    venv.create(folder, with_pip=True, clear=True)
    requirements = HERE / "requirements" / f"{name}.txt"
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps"]
    return subprocess.run([*pip, "-r", str(requirements)], check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
