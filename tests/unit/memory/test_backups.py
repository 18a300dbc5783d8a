"""Backups of the memory: made when due, the last ones kept, none that holds what was forgotten."""

from pathlib import Path

from jarvis_desktop.memory.backups import DAY_S, KEPT, Backups


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def made(folder: Path) -> tuple[Backups, Clock]:
    clock = Clock()
    return Backups(folder / "backups", lambda file: file.write_text(str(clock.now)), clock), clock


def test_one_is_due_when_the_last_one_is_old(tmp_path: Path) -> None:
    backups, clock = made(tmp_path)
    assert backups.due(7)
    backups.make()
    assert not backups.due(7)
    clock.now += 6.9 * DAY_S
    assert not backups.due(7)
    clock.now += 0.2 * DAY_S
    assert backups.due(7)
    assert not backups.due(0), "switched off"


def test_one_made_while_the_clock_was_ahead_does_not_hold_off_the_next(tmp_path: Path) -> None:
    backups, clock = made(tmp_path)
    backups.make()
    clock.now -= 300 * DAY_S
    assert backups.due(7)


def test_the_last_ones_are_kept_newest_first(tmp_path: Path) -> None:
    backups, clock = made(tmp_path)
    for _ in range(KEPT + 2):
        clock.now += 60
        newest = backups.make()
    assert len(backups.there()) == KEPT
    assert backups.there()[0] == newest
    assert newest.read_text() == str(clock.now)


def test_after_forgetting_none_is_left_and_a_new_one_is_due(tmp_path: Path) -> None:
    backups, clock = made(tmp_path)
    backups.make()
    clock.now += 60
    backups.drop()
    assert not backups.there()
    assert backups.due(0), "whoever had one gets one again"
    backups.make()
    assert not backups.due(0)
