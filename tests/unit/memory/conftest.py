"""An empty memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.memory.fakes import FakeEncoder
from tests.unit.memory.told import Told


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Told]:
    opened = Told(tmp_path / "memory", FakeEncoder())
    opened.open()
    yield opened
    opened.close()
