"""When a question is about: "yesterday", "in May 2023", "la semana pasada", "el 3 de mayo"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from jarvis_desktop.folding import fold

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero", "february feb febrero", "march marzo", "april apr abril", "may mayo",
            "june jun junio", "july jul julio", "august aug agosto", "september sep sept septiembre",
            "october oct octubre", "november nov noviembre", "december dec diciembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("monday lunes", "tuesday martes", "wednesday miercoles", "thursday jueves", "friday viernes",
         "saturday sabado", "sunday domingo")
    )
    for name in names.split()
}  # fmt: skip
_DAYS_AGO = (
    (re.compile(r"\b(?:the day before yesterday|anteayer|antes de ayer)\b"), 2),
    (re.compile(r"\b(?:yesterday|last night|ayer|anoche)\b"), 1),
    (re.compile(r"\b(?:today|this morning|tonight|hoy|esta manana|esta noche)\b"), 0),
)
_LAST_WEEKDAY = re.compile(
    rf"\b(?:(?:last|on|el|este) )({'|'.join(_WEEKDAYS)})\b(?! (?:que viene|proximo|next))"
)
_LAST_UNIT = re.compile(
    r"\b(?:(last|past|previous|this) (week|weekend|month|year)"
    r"|(?:la|el|las|los)? ?(semana|fin de semana|mes|ano) (pasad[oa]|anterior)"
    r"|(est[ea]) (semana|fin de semana|mes|ano))\b"
)
_AGO = re.compile(
    r"\b(?:(a|an|one|two|three|four|five|six|\d{1,3}) (day|week|month|year)s? ago"
    r"|hace (una?|dos|tres|cuatro|cinco|seis|\d{1,3}) (dia|semana|mes|ano)(?:e?s)?)\b"
)
_COUNTS = {word: number for number, words in enumerate(
    ("a an one un una", "two dos", "three tres", "four cuatro", "five cinco", "six seis"), start=1
) for word in words.split()}  # fmt: skip
_UNITS = {
    "day": 1, "dia": 1, "week": 7, "semana": 7, "weekend": 7, "fin de semana": 7, "month": 30, "mes": 30,
    "year": 365, "ano": 365,
}  # fmt: skip
_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_MONTH = "|".join(_MONTHS)
_DAY_MONTH = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of| de)? ({_MONTH})\b(?:,? (?:de |del |of )?(\d{{4}}))?"
)
_MONTH_DAY = re.compile(rf"\b({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}}))?")
_MONTH_YEAR = re.compile(rf"\b({_MONTH})\b,? (?:de |del |of )?(\d{{4}})\b")
_IN_MONTH = re.compile(rf"\b(?:in|last|en|durante|during)(?: el mes de)? ({_MONTH})\b")
_YEAR = re.compile(r"\b(?:in|during|en|durante)(?: el(?: ano)?)? ((?:19|20)\d{2})\b")


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` up to, not including, `end`, in seconds since the epoch."""

    start: float
    end: float

    def holds(self, moment: float) -> bool:
        return self.start <= moment < self.end


def window(question: str, now: float) -> Window | None:
    """The days a question names, in local time, or None. `now` tells what "yesterday" is.

    A date without a year is the latest such one that is not in the future.
    """
    text = " ".join(fold(question).split())
    today = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        days = _dated(text, today) or _relative(text, today)
        return None if days is None else Window(days[0].timestamp(), days[1].timestamp())
    except (ValueError, OverflowError, OSError):  # "February 31", a year before the clocks of some systems
        return None


Days = tuple[datetime, datetime]


def _dated(text: str, today: datetime) -> Days | None:
    if found := _ISO.search(text):
        return _day(datetime(*map(int, found.groups())))  # type: ignore[arg-type]
    if found := _DAY_MONTH.search(text):
        day, month, year = found.groups()
        return _day(_past(today, _MONTHS[month], int(day), year))
    if found := _MONTH_YEAR.search(text):
        return _month(datetime(int(found[2]), _MONTHS[found[1]], 1))
    if found := _MONTH_DAY.search(text):
        month, day, year = found.groups()
        return _day(_past(today, _MONTHS[month], int(day), year))
    if found := _IN_MONTH.search(text):
        return _month(_past(today, _MONTHS[found[1]], 1, None))
    if found := _YEAR.search(text):
        return datetime(int(found[1]), 1, 1), datetime(int(found[1]) + 1, 1, 1)
    return None


def _relative(text: str, today: datetime) -> Days | None:
    for pattern, days in _DAYS_AGO:
        if pattern.search(text):
            return _day(today - timedelta(days=days))
    if found := _LAST_WEEKDAY.search(text):
        return _day(today - timedelta(days=(today.weekday() - _WEEKDAYS[found[1]] - 1) % 7 + 1))
    if found := _AGO.search(text):
        count, unit = found[1] or found[3], found[2] or found[4]
        length = _UNITS[unit]
        then = today - timedelta(days=length * (_COUNTS.get(count) or int(count)))
        about = timedelta(days=length // 2)  # "two weeks ago" is seldom meant to the day
        return then - about, then + about + timedelta(days=1)
    if found := _LAST_UNIT.search(text):
        this = found[1] == "this" or found[5] is not None
        return _calendar(found[2] or found[3] or found[6], today, 0 if this else 1)
    return None


def _calendar(unit: str, today: datetime, back: int) -> Days:
    """The week (from Monday), weekend, month or year of today, or so many before it."""
    if unit in ("week", "semana", "weekend", "fin de semana"):
        monday = today - timedelta(days=today.weekday() + 7 * back)
        saturday = monday + timedelta(days=5)
        return (monday if unit in ("week", "semana") else saturday), monday + timedelta(days=7)
    if unit in ("month", "mes"):
        month = today.year * 12 + today.month - 1 - back
        return _month(datetime(month // 12, month % 12 + 1, 1))
    return datetime(today.year - back, 1, 1), datetime(today.year - back + 1, 1, 1)


def _past(today: datetime, month: int, day: int, year: str | None) -> datetime:
    if year is not None:
        return datetime(int(year), month, day)
    this_year = datetime(today.year, month, day)
    return this_year if this_year <= today else datetime(today.year - 1, month, day)


def _day(start: datetime) -> Days:
    return start, start + timedelta(days=1)


def _month(start: datetime) -> Days:
    return start, (start + timedelta(days=31)).replace(day=1)
