"""What a recording says, by the program's own transcription: the ear of the end-to-end tests."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from tests.conftest import ROOT


def transcribe(home: Path, samples: NDArray[np.float32]) -> str:
    """Text of 16 kHz mono samples."""
    path = home / "heard.wav"
    soundfile.write(path, samples, 16_000)
    done = subprocess.run(
        [sys.executable, "-m", "jarvis_desktop", "--home", str(home), "--json", "transcribe", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    text: str = json.loads(done.stdout)["text"]
    return text
