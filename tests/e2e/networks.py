"""The networks behind the microphone, for tests that have them hear many sounds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from jarvis_desktop.audio.hearing import Hearing
from jarvis_desktop.ports import Samples

T = TypeVar("T")
Listen = Callable[[Hearing, Samples], Awaitable[T]]
HearEach = Callable[[Listen[T], Sequence[Samples]], list[T]]

SIDE_BY_SIDE = 2  # processes: as many as the smallest machine has cores


@contextmanager
def hearing_each(models_home: Path) -> Iterator[HearEach[T]]:
    """Runs a coroutine function on each sound and gives what it returned, in the order of the sounds.

    A process of the networks hears one sound after the other, as in the program.
    """
    hearings = [Hearing(lambda name: models_home / "models" / name) for _ in range(SIDE_BY_SIDE)]

    async def hear_each(listen: Listen[T], sounds: Sequence[Samples]) -> list[T]:
        idle = hearings.copy()
        turns = asyncio.Semaphore(SIDE_BY_SIDE)

        async def hear(sound: Samples) -> T:
            async with turns:
                hearing = idle.pop()
                try:
                    return await listen(hearing, sound)
                finally:
                    idle.append(hearing)

        return await asyncio.gather(*map(hear, sounds))

    with asyncio.Runner() as runner:
        try:
            yield lambda listen, sounds: runner.run(hear_each(listen, sounds))
        finally:
            for hearing in hearings:
                runner.run(hearing.unload())
