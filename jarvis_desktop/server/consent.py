"""Asks the user, in the window, about a client that is used for the first time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import psutil

from jarvis_desktop.events import Client, ClientAsked, ClientSettled, Event, Scope, Standing
from jarvis_desktop.server.tokens import TokenStore

SECONDS = 60.0
"""How long a request waits for the user's answer."""


class _Question:
    def __init__(self, client: Client, program: str, process: int) -> None:
        self.client, self.program, self.process = client, program, process
        self.wanted: set[Scope] = set()
        self.waiting = 0
        self.answered = asyncio.Event()


class Consent:
    """One question for each client, however many of its requests wait. Made and used on the server's loop.

    `tell` takes events, on any thread; the answer comes through the store.
    """

    def __init__(self, store: TokenStore, tell: Callable[[Event], None]) -> None:
        self._store = store
        self._tell = tell
        self._questions: dict[str, _Question] = {}

    async def settled(self, client: Client, scope: Scope, peer: tuple[str, int] | None) -> Client | None:
        """The client as the user has decided, perhaps only now; None where they did not answer in time.

        A client that was revoked meanwhile is None too. `peer` is the other end of the connection.
        """
        if client.standing is not Standing.NEW:
            return client
        asker = await asyncio.to_thread(program_at, peer)
        question = self._questions.setdefault(client.id, _Question(client, *asker))
        question.waiting += 1
        unsubscribe = self._store.subscribe(on_this_loop(lambda: self._look(question)))
        try:
            self._ask(question, scope)
            self._look(question)  # it may have been answered before anybody listened
            async with asyncio.timeout(SECONDS):
                await question.answered.wait()
        except TimeoutError:
            return None
        finally:
            unsubscribe()
            question.waiting -= 1
            if not question.waiting and self._questions.get(client.id) is question:
                del self._questions[client.id]
                self._tell(ClientSettled(client.id))
        return self._store.client(client.id)

    def _ask(self, question: _Question, scope: Scope) -> None:
        if scope not in question.wanted:
            question.wanted.add(scope)
            wanted = frozenset(question.wanted)
            self._tell(ClientAsked(question.client, question.program, question.process, wanted))

    def _look(self, question: _Question) -> None:
        client = self._store.client(question.client.id)
        if client is None or client.standing is not Standing.NEW:
            question.answered.set()


def on_this_loop(act: Callable[[], None]) -> Callable[[], None]:
    """Has `act` called on the loop that runs now, from whatever thread the result is called."""
    loop = asyncio.get_running_loop()

    def call() -> None:
        with contextlib.suppress(RuntimeError):  # it is closed
            loop.call_soon_threadsafe(act)

    return call


def program_at(peer: tuple[str, int] | None) -> tuple[str, int]:
    """Name and id of the process at the other end of a local connection; ("", 0): unknown. Blocks."""
    try:
        for each in psutil.net_connections("tcp") if peer else ():
            if each.laddr and tuple(each.laddr) == peer and each.pid:
                return psutil.Process(each.pid).name(), each.pid
    except (psutil.Error, OSError):  # some systems tell an administrator only
        pass
    return "", 0
