"""What other programs on this machine may ask of Jarvis."""

from __future__ import annotations

from typing import Literal

from jarvis_desktop.config.schema.section import Section, setting


class Server(Section):
    """Lets other programs on this computer use the models, by OpenAI's protocol. Each needs a token."""

    enabled: bool = setting(
        False,
        "Let other programs in",
        "Answers programs on this computer while Jarvis runs. Nothing on the network reaches it.",
    )
    host: str = setting(
        "127.0.0.1",
        "Address",
        "127.0.0.1 and ::1 are reached from this computer only. Any other one opens Jarvis to the network, "
        "not encrypted, and needs allowed names.",
        advanced=True,
    )
    allowed_hosts: str = setting(
        "",
        "Allowed names",
        "Names of this computer that other ones may call it by, with commas between. None for 127.0.0.1.",
        advanced=True,
    )
    port: int = setting(
        8765,
        "Port",
        "Where programs find it; where it is taken, the next free one is used and shown.",
        ge=1024,
        le=65535,
    )
    requests_per_minute: int = setting(
        300,
        "Requests per minute",
        "What one program may ask; more is refused until the minute is over.",
        ge=1,
        le=100_000,
        advanced=True,
    )
    concurrent: int = setting(
        4,
        "Answers at once",
        "More than that wait for their turn, each program after the other.",
        ge=1,
        le=256,
        advanced=True,
    )
    waiting: int = setting(
        32,
        "Waiting requests",
        "More than that are refused, with the time after which to ask again.",
        ge=0,
        le=10_000,
        advanced=True,
    )
    longest_body_mib: int = setting(
        100,
        "Longest request",
        "Recordings take about 1 MiB a minute.",
        unit="MiB",
        ge=1,
        le=1024,
        advanced=True,
    )
    queue: Literal["local", "celery"] = setting(
        "local",
        "Who answers programs",
        "What `jarvis serve` does: answer by itself, or give the work to `jarvis worker` on this and other "
        "machines, by Celery and Redis.",
        advanced=True,
    )
    redis_url: str = setting(
        "redis://127.0.0.1:6379/0",
        "Address of Redis",
        "Where work for `jarvis worker` waits. The password is read from JARVIS_REDIS_PASSWORD.",
        pattern=r"^rediss?://([^:@/\s]+@)?[^@/\s]+(/\d+)?$",
        advanced=True,
    )
    wyoming: bool = setting(
        False,
        "Voice for Home Assistant",
        "Lends ears and voice of this machine to Home Assistant (Wyoming protocol, which has no passwords).",
    )
    wyoming_host: str = setting(
        "127.0.0.1",
        "Address for Home Assistant",
        "127.0.0.1 is for this computer only. Home Assistant on another one needs this computer's address in "
        "your network, or 0.0.0.0. Everybody in that network can then use it, without a password.",
        pattern=r"^[0-9A-Fa-f:.]+$",
        advanced=True,
    )
    wyoming_port: int = setting(
        10300, "Port for Home Assistant", "Where Home Assistant finds it.", ge=1024, le=65535, advanced=True
    )

    @property
    def allowed_names(self) -> tuple[str, ...]:
        """The names in `allowed_hosts`."""
        return tuple(filter(None, (name.strip() for name in self.allowed_hosts.split(","))))
