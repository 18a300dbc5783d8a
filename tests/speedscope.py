"""What viewers of profiles ask of a file: https://www.speedscope.app/file-format-schema.json."""

from __future__ import annotations

import json
from pathlib import Path


def functions(file: Path) -> set[str]:
    """The functions in a valid file, each as ``file:name``."""
    data = json.loads(file.read_text(encoding="utf-8"))
    assert data["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    frames = data["shared"]["frames"]
    assert all(isinstance(frame["name"], str) for frame in frames)
    assert data["profiles"]
    for profile in data["profiles"]:
        assert profile["type"] == "evented"
        assert profile["unit"] == "seconds"
        open_frames, at = [], profile["startValue"]
        for event in profile["events"]:
            assert event["at"] >= at, "time goes on"
            at = event["at"]
            assert 0 <= event["frame"] < len(frames)
            if event["type"] == "O":
                open_frames.append(event["frame"])
            else:
                assert event["type"] == "C"
                assert open_frames.pop() == event["frame"], "what began last ends first"
        assert not open_frames
    return {f"{frame['file']}:{frame['name']}" for frame in frames}
