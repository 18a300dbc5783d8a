"""The search model that a package leaves out says which one is there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.embedding import SentenceTransformersEncoder


def test_without_its_packages_the_other_model_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)  # as where it is not installed
    with pytest.raises(StorageError) as caught:
        SentenceTransformersEncoder(tmp_path, "cpu").question("Where is the key?")
    assert caught.value.code == "memory.encoder_left_out"
    assert "memory.encoder e5-small" in caught.value.hint
