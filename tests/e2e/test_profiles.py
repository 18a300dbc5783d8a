"""Profiles on a real model: whose words it answers by, what the record says, and what is remembered."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

SETTINGS = """
[profiles.Pirate]
persona = "End every answer with the word Arrr."
memory = "own"

[profiles.Private]
persona = "Answer only with the word BANANA, whatever is asked."
memory = "none"
"""


@pytest.fixture
def home(tmp_path: Path, models_home: Path) -> Path:
    """A fresh home with two profiles that shares the fetched models."""
    (tmp_path / "models").symlink_to(models_home / "models")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


def ask(home: Path, *options: str) -> dict[str, Any]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("JARVIS_")}
    env["JARVIS_ENGINE__TEMPERATURE"] = "0"
    command = [sys.executable, "-m", "jarvis_desktop", "--home", str(home), "--json", "ask", *options]
    question = "Good morning, how are you?"
    done = subprocess.run(
        [*command, question], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def stored(home: Path) -> list[tuple[str, int]]:
    """Owner and number of messages of each conversation."""
    with sqlite3.connect(home / "data" / "jarvis.sqlite3") as connection:
        return connection.execute(
            "SELECT owner, count(*) FROM conversations JOIN messages ON conversation_id = conversations.id "
            "GROUP BY conversations.id"
        ).fetchall()


def test_each_profile_answers_in_its_own_way_and_remembers_for_itself(home: Path) -> None:
    private = ask(home, "--profile", "Private")
    assert "BANANA" in private["reply"]
    assert private["route"]["profile"] == "Private"
    assert not (home / "data").exists()  # nothing was stored, not even an empty file
    pirate = ask(home, "--profile", "Pirate", "--tier", "technical")
    assert "arrr" in pirate["reply"].lower()
    assert (pirate["route"]["profile"], pirate["route"]["tier"]) == ("Pirate", "technical")
    assert stored(home) == [("Pirate", 2)]
    plain = ask(home)
    assert plain["route"]["profile"] == ""
    assert "banana" not in plain["reply"].lower()
    assert sorted(stored(home)) == [("", 2), ("Pirate", 2)]


def test_a_profile_that_is_not_there_is_answered_with_the_nearest(home: Path) -> None:
    error = ask(home, "--profile", "pirat")["error"]
    assert (error["code"], error["hint"]) == ("usage.unknown_profile", "Did you mean Pirate?")
