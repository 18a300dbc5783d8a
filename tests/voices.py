"""Piper's voice without its dice, for tests of what is understood of it."""

from __future__ import annotations

import json
from pathlib import Path


def steady_voice(models_home: Path, folder: Path, **inference: float) -> Path:
    """A folder with a voice that says a sentence twice alike; `inference` changes more of how it speaks."""
    model = next((models_home / "models" / "piper-en-joe").glob("*.onnx"))
    (folder / model.name).symlink_to(model)
    config = json.loads(model.with_name(f"{model.name}.json").read_text(encoding="utf-8"))
    config["inference"] |= {"noise_scale": 0.0, "noise_w": 0.0} | inference
    (folder / f"{model.name}.json").write_text(json.dumps(config), encoding="utf-8")
    return folder
