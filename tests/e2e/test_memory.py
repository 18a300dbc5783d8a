"""The memory's command line on real models: what is kept, found, changed, and gone for good."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT


def jarvis(home: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("JARVIS_")}
    return subprocess.run(
        [sys.executable, "-m", "jarvis_desktop", "--home", str(home), "--json", "memory", *arguments],
        cwd=ROOT,
        env=env,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=170,
    )


def told(home: Path, *arguments: str) -> list[dict[str, Any]]:
    """The lines of a command that has to succeed."""
    done = jarvis(home, *arguments)
    assert done.returncode == 0, done.stderr + done.stdout
    return [json.loads(line) for line in done.stdout.splitlines()]


def found(home: Path, question: str, *options: str) -> list[str]:
    """Ids, best first."""
    (answer,) = told(home, "search", question, *options)
    return [result["id"] for result in answer["results"]]


def files_with(home: Path, text: str) -> list[str]:
    return [
        str(file.relative_to(home))
        for file in home.rglob("*")
        if file.is_file() and text.encode() in file.read_bytes()
    ]


@pytest.fixture(scope="module")
def remembered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose memory has a few notes; tests add to it and take away only what they added."""
    home = tmp_path_factory.mktemp("home")
    file = home / "notes.jsonl"
    notes = {
        "car": "The graphics card in my computer is an RTX 5070 Ti.",
        "plants": "Hay que regar las plantas del balcón cada tres días.",
        "dentist": "The dentist appointment is on Tuesday at 9.",
        "wifi": "The wireless password of the holiday house stands under the router.",
    }
    lines = (json.dumps({"id": id_, "text": text, "metadata": {"n": 1}}) for id_, text in notes.items())
    file.write_text("\n".join(lines), encoding="utf-8")
    *_, summary = told(home, "import", str(file))
    file.unlink()
    assert summary["passages"] == len(notes)
    return home


def test_it_is_found_by_meaning_by_words_and_across_languages(remembered: Path) -> None:
    assert found(remembered, "RTX 5070 Ti")[0] == "car"
    assert found(remembered, "how often do the flowers need water?", "--stages", "dense")[0] == "plants"
    assert found(remembered, "¿Cuándo tengo que ir al dentista?")[0] == "dentist"
    (answer,) = told(remembered, "search", "What is the password of the wifi?", "-k", "2")
    assert len(answer["results"]) == 2
    best = answer["results"][0]
    assert best["id"] == "wifi"
    assert best["text"].startswith("The wireless password")
    assert best["stages"].keys() >= {"dense"}
    assert answer["timings_ms"].keys() >= {"embed", "dense", "sparse", "total"}


def test_what_was_added_can_be_read_changed_and_is_forgotten_in_every_file(remembered: Path) -> None:
    (added,) = told(remembered, "add", "My sister collects zanzibarite stones.", "--source", "a talk")
    item = added["id"]
    assert found(remembered, "What does my sister collect?")[0] == item
    (shown,) = told(remembered, "show", item)
    assert (shown["text"], shown["source"]) == ("My sister collects zanzibarite stones.", "a talk")
    assert item in [each["id"] for each in told(remembered, "list")]

    told(remembered, "edit", item, "My sister collects quokkalite stones.")
    assert not files_with(remembered, "zanzibarite"), "the former text is gone"
    assert told(remembered, "search", "sister stones")[0]["results"][0]["text"].startswith(
        "My sister collects q"
    )
    told(remembered, "backup")
    assert files_with(remembered, "quokkalite")

    (receipt,) = told(remembered, "forget", item)
    assert receipt["items"] == [item]
    assert receipt["vectors"] == 1
    assert not files_with(remembered, "quokkalite")
    assert not files_with(remembered, "quokkal"), "not as a word of the index either"
    assert item not in found(remembered, "What does my sister collect?")
    assert told(remembered, "backups"), "in the place of those that knew it"
    done = jarvis(remembered, "show", item)
    assert done.returncode == 7
    assert json.loads(done.stdout)["error"]["code"] == "memory.unknown_item"


def test_what_says_the_same_is_kept_once_and_what_only_looks_alike_twice(remembered: Path) -> None:
    (first,) = told(remembered, "add", "My dog is called Luna.")
    (again,) = told(remembered, "add", "My dog is named Luna.")
    (other,) = told(remembered, "add", "My dog is not called Luna.")
    assert again["id"] == first["id"] != other["id"]
    told(remembered, "forget", first["id"], other["id"])


def test_it_moves_to_another_home_and_is_made_anew_there(remembered: Path, tmp_path: Path) -> None:
    there = told(remembered, "list")
    (exported,) = told(remembered, "export", str(tmp_path / "memory.jsonl"))
    assert exported["items"] == len(there)
    (restored,) = told(tmp_path / "new", "restore", str(tmp_path / "memory.jsonl"))
    assert restored["items"] == len(there)
    assert told(tmp_path / "new", "list") == there
    assert told(tmp_path / "new", "rebuild") == [{"vectors": len(there)}]
    assert found(tmp_path / "new", "RTX 5070 Ti")[0] == "car"
    (again,) = told(tmp_path / "new", "restore", str(tmp_path / "memory.jsonl"))
    assert again["items"] == 0


def test_how_well_questions_find_their_answers_is_measured(remembered: Path, tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    asked = [
        {"question": "Which graphics card do I have?", "relevant": ["car"]},
        {"question": "When is the dentist?", "relevant": ["dentist"]},
    ]
    questions.write_text("\n".join(map(json.dumps, asked)), encoding="utf-8")
    (measured,) = told(remembered, "eval", str(questions))
    assert measured["questions"] == 2
    assert measured["recall@1"] == measured["recall@10"] == measured["mrr"] == 1.0
    assert 0 < measured["latency_ms"]["p50"] <= measured["latency_ms"]["p95"]


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (("show", "nothing"), 7, "memory.unknown_item"),
        (("forget", "nothing"), 7, "memory.unknown_item"),
        (("add", "  "), 2, "usage.no_text"),
        (("import", "/nowhere/at/all"), 2, "usage.no_file"),
        (("search", "x", "--stages", "guess"), 2, "usage.wrong"),
        (("search", "x", "-k", "0"), 2, "usage.wrong"),
        (("list", "--profile", "nobody"), 2, "usage.unknown_profile"),
    ],
)
def test_what_makes_no_sense_is_said(
    remembered: Path, arguments: tuple[str, ...], status: int, code: str
) -> None:
    done = jarvis(remembered, *arguments)
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (status, code)
