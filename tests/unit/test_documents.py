"""The documents lead to what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
LINK = re.compile(r"\[([^\[\]]*)\]\(([^)\s]*)\)")


def anchors(document: Path) -> set[str]:
    """What the headings of a document can be linked by."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_leads_to_a_file_and_a_heading() -> None:
    lost = []
    for document in DOCUMENTS:
        for _, target in LINK.findall(document.read_text()):
            name, _, heading = target.partition("#")
            if ":" in target:  # elsewhere
                continue
            file = document.parent / name if name else document
            if not file.exists() or (heading and heading not in anchors(file)):
                lost.append(f"{document.name}: {target}")
    assert not lost


@pytest.mark.parametrize(("document", "least"), [("features.md", 40), ("reliability.md", 50)])
def test_every_feature_and_promise_names_a_test_that_is_there(document: str, least: int) -> None:
    shown = [
        (words, target)
        for words, target in LINK.findall((ROOT / "docs" / document).read_text())
        if target.startswith("../tests/")
    ]
    assert len(shown) > least
    gone = [
        words
        for words, target in shown
        if f"def test_{words.replace(' ', '_')}(" not in (ROOT / "docs" / target).read_text()
    ]
    assert not gone


def test_every_promise_has_a_test() -> None:
    rows = [line for line in (ROOT / "docs" / "reliability.md").read_text().splitlines() if line[:1] == "|"]
    promises = [row for row in rows if not row.startswith(("|---", "| | Fault", "| Attack"))]
    assert len(promises) == 36
    assert [row for row in promises if "](../tests/" not in row] == []
