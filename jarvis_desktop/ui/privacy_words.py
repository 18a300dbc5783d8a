"""How connections and what is stored are said."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QDateTime, QLocale

from jarvis_desktop.events import Connection, Reason, Seal, Stored, StoredKind
from jarvis_desktop.ui.i18n import number, tr
from jarvis_desktop.ui.model_words import disk_size
from jarvis_desktop.ui.words import Look

_LEAST = 100_000  # bytes that are told as a number


def connection_look(connection: Connection) -> Look:
    """Refused, not expected, or as it should be."""
    if not connection.allowed:
        return Look("minus-circle", "danger")
    if connection.reason is Reason.UNEXPECTED:
        return Look("warning-circle", "warning")
    return Look("check-circle", "accent")


def connection_lines(connection: Connection) -> tuple[str, str]:
    """Where to and how it ended; why, who and when."""
    place = f"{connection.host}:{connection.port}" if connection.port else connection.host
    state = tr("Allowed") if connection.allowed else tr("Refused")
    if connection.reason is Reason.UNEXPECTED:
        state = tr("{state}, unexpected", state=state)
    when = QLocale().toString(
        QDateTime.fromSecsSinceEpoch(round(connection.at)), QLocale.FormatType.ShortFormat
    )
    facts = [_why(connection), when]
    if connection.received is not None:
        facts.append(tr("{size} received", size=disk_size(connection.received)))
    return f"{place} – {state}", " · ".join(facts)


def _why(connection: Connection) -> str:
    detail = connection.detail
    match connection.reason:
        case Reason.MODEL_DOWNLOAD:
            return tr("Download of a model ({file})", file=detail)
        case Reason.PACKAGE_INDEX:
            return tr("Asking where a model lies")
        case Reason.REMOTE_ENGINE:
            return tr("Language engine elsewhere, which you set up")
        case Reason.TOOL_SERVER:
            return tr("Tool server {name}, which you added", name=detail)
        case Reason.VECTOR_SERVER:
            return tr("Vector server of the memory, which you set up")
        case Reason.QUEUE:
            return tr("Queue of work for other machines, which you set up")
        case Reason.UPDATES:
            return tr("Check for updates")
        case Reason.UNEXPECTED:
            return tr("Not announced by any part of Jarvis (from: {who})", who=connection.who)


def seal_line(seal: Seal, *, offline: bool) -> tuple[Look, str]:
    """What the switch does now, and who sees to it."""
    if not offline:
        return Look("info", "second"), tr("Off: Jarvis may reach other computers and lists each connection.")
    if seal is Seal.SYSTEM:
        return Look("check-circle", "accent"), tr(
            "On. The system holds every program that Jarvis starts to it; Jarvis holds itself to it."
        )
    return Look("warning-circle", "warning"), tr(
        "On. Jarvis and its own programs hold to it; this system cannot hold engines and tool servers to it."
    )


def kind_name(kind: StoredKind) -> str:
    return {
        StoredKind.CONVERSATIONS: tr("Chats"),
        StoredKind.MEMORY: tr("Memory, its documents and backups"),
        StoredKind.SETTINGS: tr("Settings and tool servers"),
        StoredKind.CACHE: tr("Caches and unfinished downloads"),
        StoredKind.LOGS: tr("Logs and the list of connections"),
        StoredKind.MODELS: tr("Models"),
    }[kind]


def amount_line(stored: Stored) -> str:
    """``12 chats, 3.4 MB``."""
    count = number(stored.count)
    counted = {
        StoredKind.CONVERSATIONS: tr("chats: {count}", count=count),
        StoredKind.MODELS: tr("models: {count}", count=count),
    }.get(stored.kind, tr("files: {count}", count=count))
    if stored.size < _LEAST:
        return tr("{counted} · less than 0.1 MB", counted=counted) if stored.size else tr("nothing")
    return f"{counted} · {disk_size(stored.size)}"


def loss_lines(stored: Sequence[Stored]) -> str:
    """What goes when everything is deleted, a line each; models are asked about beside it."""
    goes = (each for each in stored if each.kind is not StoredKind.MODELS)
    return "\n".join(f"– {kind_name(each.kind)} ({amount_line(each)})" for each in goes)
