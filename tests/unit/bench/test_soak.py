"""What counts as growth."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jarvis_desktop.bench.soak import Look, Use, growth, steady


def judged(use: Callable[[int], Use], vram_mib: Callable[[int], float] = lambda turn: 900.0) -> bool:
    """Whether 100 looks at a process that holds so much after each turn, beside one of 500 MiB, are calm."""
    looks = [
        Look(turn, {1: ("own", Use(500.0, 10, 50)), 2: ("worker", use(turn))}, vram_mib(turn))
        for turn in range(1, 101)
    ]
    return steady({"failed": 0, **growth(looks)})


def test_a_process_that_warms_up_and_wavers_is_steady() -> None:
    assert judged(lambda turn: Use(200.0 + min(turn, 20) + turn % 3, 4 + turn % 2, 9 + turn % 3))


@pytest.mark.parametrize(
    "use",
    [
        lambda turn: Use(200.0 + turn / 3, 4, 9),
        lambda turn: Use(200.0, 4 + turn // 50, 9),
        lambda turn: Use(200.0, 4, 9 + turn // 50),
    ],
    ids=["memory", "threads", "handles"],
)
def test_what_a_process_loses_slowly_is_growth(use: Callable[[int], Use]) -> None:
    assert not judged(use)


def test_graphics_memory_that_grows_is_growth() -> None:
    assert not judged(lambda turn: Use(200.0, 4, 9), lambda turn: 900.0 + turn)


def test_a_process_that_comes_and_goes_counts_among_all_of_them_only() -> None:
    def look(turn: int) -> Look:
        passing = {turn: ("parser", Use(30.0, 1, 3))}
        return Look(turn, {1: ("own", Use(500.0, 10, 50)), **passing}, None)

    data = growth([look(turn) for turn in range(2, 102)])
    assert [each["name"] for each in data["processes"]] == ["own"]
    assert data["handles"] == [53, 53]
