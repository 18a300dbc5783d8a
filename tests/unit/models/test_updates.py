"""Newer versions: asked for when the user says so, told plainly, and never believed blindly."""

from __future__ import annotations

import json

import pytest

from jarvis_desktop import __version__
from jarvis_desktop.config.describe import with_values
from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import ConfigError, NetworkError
from jarvis_desktop.models.updates import look_for_update
from tests.model_server import Server, server

__all__ = ["server"]


def told(server: Server, **release: str) -> str:
    """The address of a file that tells of `release`."""
    server.content = json.dumps(release).encode()
    return f"{server.url}/newest.json"


@pytest.mark.parametrize("version", ["99.0", "99.0rc1", "1!0.0.1"])
def test_a_newer_version_is_told_with_its_notes_and_page(server: Server, version: str) -> None:
    found = look_for_update(told(server, version=version, notes="Hears better.", link="https://example.org/"))
    assert (found.newer, found.notes, found.link) == (version, "Hears better.", "https://example.org/")
    assert len(server.requests) == 1


@pytest.mark.parametrize("version", [__version__, "0.0.9", f"{__version__}rc1", f"{__version__}.dev3"])
def test_the_same_or_an_older_version_is_no_news(server: Server, version: str) -> None:
    found = look_for_update(told(server, version=version, notes="Old.", link="https://example.org/"))
    assert (found.asked, found.newer, found.notes, found.link) == (True, "", "", "")


def test_without_an_address_nobody_is_asked() -> None:
    found = look_for_update(Config().updates.address)
    assert not found.asked
    assert not found.newer


@pytest.mark.parametrize(
    "release",
    [{"notes": "no version"}, {"version": "newest"}, {"version": "99", "link": "file:///etc/passwd"}],
)
def test_what_names_no_version_is_refused(server: Server, release: dict[str, str]) -> None:
    with pytest.raises(NetworkError) as caught:
        look_for_update(told(server, **release))
    assert caught.value.code == "network.not_updates"


def test_no_more_is_read_than_a_version_takes(server: Server) -> None:
    with pytest.raises(NetworkError) as caught:
        look_for_update(told(server, version="99", notes="x" * 1_000_000))
    assert caught.value.code == "network.not_updates"


def test_a_server_that_refuses_is_named(server: Server) -> None:
    server.status = [404]
    with pytest.raises(NetworkError) as caught:
        look_for_update(told(server, version="99"))
    assert caught.value.code == "network.no_updates"
    assert "127.0.0.1" in caught.value.message
    assert "404" in caught.value.message


@pytest.mark.parametrize("address", ["http://example.org/v.json", "file:///etc/passwd", "example.org"])
def test_only_an_address_that_nobody_can_forge_is_taken(address: str) -> None:
    with pytest.raises(ConfigError):
        with_values(Config(), {"updates.address": address})
    with_values(Config(), {"updates.address": "https://example.org/newest.json"})
