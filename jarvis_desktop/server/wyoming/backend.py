"""What the connections work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jarvis_desktop.ports import SentenceChunker, VoiceService
from jarvis_desktop.server.core_link import CoreLink
from jarvis_desktop.server.wyoming.info import Offer
from jarvis_desktop.server.wyoming.sound import Cutter

if TYPE_CHECKING:
    from jarvis_desktop.server.context import Admission


@dataclass(frozen=True)
class Backend:
    """`offer` tells what there is (blocks); each stream of sound has a `cutter`, one of text a `chunker`."""

    service: VoiceService
    link: CoreLink
    admission: Admission
    offer: Callable[[], Offer]
    cutter: Callable[[int, int], Cutter]
    chunker: Callable[[], SentenceChunker]
