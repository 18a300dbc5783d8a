"""The address that the server may listen on, and the file that tells of its use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jarvis_desktop.config.schema import Server
from jarvis_desktop.errors import ConfigError
from jarvis_desktop.server.audit import Audit, Request
from jarvis_desktop.server.gate import check_address
from jarvis_desktop.server.rate import Rate


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1"])
def test_this_computer_needs_no_names(host: str) -> None:
    check_address(Server(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7"])
def test_an_address_that_others_reach_needs_names(host: str) -> None:
    with pytest.raises(ConfigError, match="allowed_hosts"):
        check_address(Server(host=host))
    check_address(Server(host=host, allowed_hosts="studio.lan"))


@pytest.mark.parametrize("host", ["", "studio.lan", "127.0.0.1.evil", "http://127.0.0.1"])
def test_only_a_number_is_listened_on(host: str) -> None:
    with pytest.raises(ConfigError, match="no address"):
        check_address(Server(host=host, allowed_hosts="studio.lan"))


def test_requests_come_back_as_time_passes() -> None:
    now = 0.0
    rate = Rate(lambda: 60, clock=lambda: now)
    assert [rate.wait() for _ in range(60)] == [0] * 60
    assert rate.wait() == 1
    now = 1.0
    assert [rate.wait(), rate.wait()] == [0, 1]
    now = 1000.0
    assert [rate.wait() for _ in range(61)][-1] == 1  # what was not used is not saved up


def test_waiting_is_told_in_whole_seconds_that_are_enough() -> None:
    now = 0.0
    rate = Rate(lambda: 1, clock=lambda: now)
    waits = [rate.wait(), rate.wait()]
    now += waits[-1]
    assert waits[-1] > 0
    assert rate.wait() == 0


def test_every_line_of_the_audit_is_there_when_it_is_closed(tmp_path: Path) -> None:
    file = tmp_path / "logs" / "audit.jsonl"
    audit = Audit(file)
    for number in range(500):
        audit.note(Request("Notebook", "GET", "/v1/models", 200, 0.0015, 0, number))
    audit.close()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [each["sent"] for each in lines] == list(range(500))
    assert lines[0]["ms"] == 1.5
    assert file.stat().st_mode & 0o077 == 0
