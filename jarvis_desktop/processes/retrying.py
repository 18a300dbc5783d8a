"""Answers in pieces, asked for again when the process that was to give one has died."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import aclosing
from typing import TypeVar

from jarvis_desktop.errors import JarvisError

_log = logging.getLogger(__name__)

T = TypeVar("T")


async def retried(
    attempt: Callable[[], AsyncGenerator[T, None]], tries: int, codes: Collection[str]
) -> AsyncGenerator[T, None]:
    """The pieces of the first attempt that gives any, or ends in another way than by an error of `codes`.

    Raises what an attempt raises: the last one of `tries`, and each one that has given a piece.
    """
    for left in reversed(range(tries)):
        begun = False
        try:
            async with aclosing(attempt()) as pieces:
                async for piece in pieces:
                    begun = True
                    yield piece
            return
        except JarvisError as error:
            if begun or not left or error.code not in codes:
                raise
            _log.warning("asked again: %s", error.code)
