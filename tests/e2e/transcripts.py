"""What a recording says, by the program's own transcription: the ear of the end-to-end tests."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from difflib import SequenceMatcher
from itertools import accumulate
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


def words_apart(kept: str, heard: str) -> int:
    """How many words the kept text goes on behind the last letters both agree on, or stops short of them.

    By letters, because a recogniser divides words its own way where the voice breaks off.
    """
    ours, theirs = (re.findall(r"[^\W_]+", text.lower()) for text in (kept, heard))
    blocks = SequenceMatcher(None, "".join(ours), "".join(theirs), autojunk=False).get_matching_blocks()
    shared = [block for block in blocks if block.size >= 3]
    if not shared:
        return max(len(ours), len(theirs))
    last = max(shared, key=lambda block: block.a)
    return max(words_behind(ours, last.a + last.size), words_behind(theirs, last.b + last.size))


def words_behind(words: list[str], letters: int) -> int:
    """Words of which some letter comes after so many."""
    ends = accumulate(len(word) for word in words)
    return sum(end > letters for end in ends)
