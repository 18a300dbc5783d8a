"""Words about programs that use Jarvis."""

from __future__ import annotations

from collections.abc import Collection

from jarvis_desktop.events import Client, ClientAsked, Scope, Standing
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.memory_words import day

_DEFAULT = "default"


def scope_name(scope: Scope) -> str:
    """What a program may ask for."""
    return {
        Scope.CHAT: tr("Answers"),
        Scope.EMBEDDINGS: tr("Embeddings"),
        Scope.TRANSCRIPTION: tr("Transcription"),
        Scope.SPEECH: tr("Speech"),
        Scope.MEMORY: tr("What Jarvis remembers"),
        Scope.TASKS: tr("Longer tasks"),
        Scope.MODELS: tr("List of models, and whether they are ready"),
        Scope.METRICS: tr("Figures of use"),
    }[scope]


def scopes_line(scopes: Collection[Scope]) -> str:
    """Several of them, in one line."""
    if len(scopes) == len(Scope):
        return tr("Everything")
    return " · ".join(scope_name(scope) for scope in Scope if scope in scopes)


def client_name(client: Client) -> str:
    """What a client is called."""
    return tr("Programs of yours that read the token file") if client.id == _DEFAULT else client.name


def client_line(client: Client) -> str:
    """What a client may do, and when it did."""
    state = {Standing.REFUSED: tr("Not allowed"), Standing.NEW: tr("Not asked about yet")}.get(
        client.standing, ""
    )
    made = tr("made: {day}", day=day(client.created, within=True))
    last = day(client.last_used, within=True)
    used = tr("last used: {day}", day=last) if last else tr("never used")
    return " · ".join(filter(None, (state, made, used)))


def question(asked: ClientAsked) -> str:
    """What the card asks."""
    if not asked.program:
        return tr("A program wants to use Jarvis")
    return tr("{program} wants to use Jarvis", program=asked.program)


def question_lines(asked: ClientAsked) -> str:
    """What the program wants, and what it could ask for later."""
    wanted = tr("It asks for: {things}", things=scopes_line(asked.wanted))
    if asked.wanted == asked.client.scopes:
        return wanted
    if len(asked.client.scopes) == len(Scope):
        return f"{wanted}. {tr('Its token is for everything.')}"
    rest = scopes_line(asked.client.scopes - asked.wanted)
    return f"{wanted}. {tr('Its token is also for: {things}', things=rest)}"


def origin_line(asked: ClientAsked) -> str:
    """Which process it is, and by which token it came."""
    token = (
        tr("It has read the token file.")
        if asked.client.id == _DEFAULT
        else tr("It has the token “{name}”.", name=asked.client.name)
    )
    return f"{tr('Process {number}.', number=asked.process)} {token}" if asked.process else token
