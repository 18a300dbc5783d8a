"""What the adapters share: the settings that `run.py` hands them, and waiting for the tail of a clip."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np
from harness import BLOCK, RATE, Adapter

MODEL = os.environ.get("VOICE_BENCH_MODEL", "")
"""Folder of the Whisper model (CTranslate2) that every tool loads."""

THREADS = int(os.environ.get("OMP_NUM_THREADS", "2"))

END_TOLD = os.environ.get("VOICE_BENCH_END") == "told"
"""`finish` is a key that went up: the tool is told that the utterance is over, and need not find out."""

LONGEST_WAIT = 30.0  # seconds of more silence a tool may take to find the end of an utterance


def pcm16(samples: np.ndarray) -> bytes:
    """Float samples as 16 bit little endian."""
    return (np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes()


def feed_quiet_until(adapter: Adapter, settled: Callable[[], bool], longest: float = LONGEST_WAIT) -> None:
    """The microphone stays open and quiet, in real time, until the tool has nothing pending."""
    quiet = np.zeros(BLOCK, np.float32)
    begin = time.monotonic()
    blocks = 0
    while not settled() and time.monotonic() - begin < longest:
        adapter.feed(quiet, blocks * BLOCK / RATE)
        blocks += 1
        time.sleep(max(0.0, begin + blocks * BLOCK / RATE - time.monotonic()))


def wait_until(settled: Callable[[], bool], longest: float = 60.0) -> None:
    """No more audio: wait for what is being worked on."""
    begin = time.monotonic()
    while not settled() and time.monotonic() - begin < longest:
        time.sleep(0.005)
