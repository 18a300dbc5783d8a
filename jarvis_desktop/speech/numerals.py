"""Reads figures the way a person would: money, measures, dates, times, ranges, versions; English and Spanish.

What espeak reads well on its own (plain integers, decimals, percentages) is left to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import partial

from num2words import num2words

from jarvis_desktop.speech.traced import Traced

_NUMBER = r"\d{1,3}(?:[.,]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
_DASH = r"\s?[–—]\s?|-"

# symbol or code -> (one, many, hundredth, hundredths)
_MONEY = {
    "en": {
        "$": ("dollar", "dollars", "cent", "cents"),
        "€": ("euro", "euros", "cent", "cents"),
        "£": ("pound", "pounds", "penny", "pence"),
        "¥": ("yen", "yen", "", ""),
        "₹": ("rupee", "rupees", "paisa", "paise"),
        "S/": ("sol", "soles", "cent", "cents"),
        "R$": ("real", "reais", "cent", "cents"),
        "MXN": ("peso", "pesos", "cent", "cents"),
        "CHF": ("franc", "francs", "cent", "cents"),
    },
    "es": {
        "$": ("dólar", "dólares", "centavo", "centavos"),
        "€": ("euro", "euros", "céntimo", "céntimos"),
        "£": ("libra", "libras", "penique", "peniques"),
        "¥": ("yen", "yenes", "", ""),
        "₹": ("rupia", "rupias", "paisa", "paisas"),
        "S/": ("sol", "soles", "céntimo", "céntimos"),
        "R$": ("real", "reales", "centavo", "centavos"),
        "MXN": ("peso", "pesos", "centavo", "centavos"),
        "CHF": ("franco", "francos", "céntimo", "céntimos"),
    },
}
_CODES = {
    "US$": "$", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "PEN": "S/", "BRL": "R$",
    "MX$": "MXN", "MXN": "MXN", "CHF": "CHF",
}  # fmt: skip
_SYMBOL = r"(?:US|MX|R)?\$|[€£¥₹]|S/\.?|\b(?:USD|EUR|GBP|JPY|INR|PEN|BRL|MXN|CHF)\b"
_SCALES = {
    "en": {
        "k": "thousand",
        "m": "million",
        "bn": "billion",
        "b": "billion",
        "tn": "trillion",
        "t": "trillion",
    },
    "es": {"k": "mil", "m": "millones de", "bn": "mil millones de", "b": "mil millones de"},
}
_SCALE = (
    r"\s?(?P<scale>thousand|million|billion|trillion|mil millones|mill[oó]n(?:es)?|mil|bn|tn|[kKmMbB])(?!\w)"
)
_PRICE_BEFORE = re.compile(
    rf"(?P<minus>[-−])?(?P<symbol>{_SYMBOL})\s?(?P<amount>{_NUMBER})(?:{_SCALE})?(?![\d/])"
)
_PRICE_BEHIND = re.compile(
    rf"(?<![\w.,])(?P<minus>[-−])?(?P<amount>{_NUMBER})(?:{_SCALE}(?: de)?)?\s?(?P<symbol>{_SYMBOL})(?!\w)"
)

_UNITS = {  # unit -> English one, many; Spanish one, many
    "km/h": ("kilometre per hour", "kilometres per hour", "kilómetro por hora", "kilómetros por hora"),
    "m/s": ("metre per second", "metres per second", "metro por segundo", "metros por segundo"),
    "mph": ("mile per hour", "miles per hour", "milla por hora", "millas por hora"),
    "km²": ("square kilometre", "square kilometres", "kilómetro cuadrado", "kilómetros cuadrados"),
    "m²": ("square metre", "square metres", "metro cuadrado", "metros cuadrados"),
    "m³": ("cubic metre", "cubic metres", "metro cúbico", "metros cúbicos"),
    "km": ("kilometre", "kilometres", "kilómetro", "kilómetros"),
    "cm": ("centimetre", "centimetres", "centímetro", "centímetros"),
    "mm": ("millimetre", "millimetres", "milímetro", "milímetros"),
    "m": ("metre", "metres", "metro", "metros"),
    "mi": ("mile", "miles", "milla", "millas"),
    "ft": ("foot", "feet", "pie", "pies"),
    "kg": ("kilogram", "kilograms", "kilo", "kilos"),
    "mg": ("milligram", "milligrams", "miligramo", "miligramos"),
    "g": ("gram", "grams", "gramo", "gramos"),
    "lbs": ("pound", "pounds", "libra", "libras"),
    "lb": ("pound", "pounds", "libra", "libras"),
    "oz": ("ounce", "ounces", "onza", "onzas"),
    "ml": ("millilitre", "millilitres", "mililitro", "mililitros"),
    "mL": ("millilitre", "millilitres", "mililitro", "mililitros"),
    "l": ("litre", "litres", "litro", "litros"),
    "L": ("litre", "litres", "litro", "litros"),
    "°C": ("degree Celsius", "degrees Celsius", "grado", "grados"),
    "ºC": ("degree Celsius", "degrees Celsius", "grado", "grados"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit", "grado Fahrenheit", "grados Fahrenheit"),
    "°": ("degree", "degrees", "grado", "grados"),
    "kWh": ("kilowatt hour", "kilowatt hours", "kilovatio hora", "kilovatios hora"),
    "kW": ("kilowatt", "kilowatts", "kilovatio", "kilovatios"),
    "MW": ("megawatt", "megawatts", "megavatio", "megavatios"),
    "W": ("watt", "watts", "vatio", "vatios"),
    "V": ("volt", "volts", "voltio", "voltios"),
    "mAh": ("milliamp hour", "milliamp hours", "miliamperio hora", "miliamperios hora"),
    "GHz": ("gigahertz", "gigahertz", "gigahercio", "gigahercios"),
    "MHz": ("megahertz", "megahertz", "megahercio", "megahercios"),
    "kHz": ("kilohertz", "kilohertz", "kilohercio", "kilohercios"),
    "Hz": ("hertz", "hertz", "hercio", "hercios"),
    "TB": ("terabyte", "terabytes", "terabyte", "terabytes"),
    "GB": ("gigabyte", "gigabytes", "gigabyte", "gigabytes"),
    "MB": ("megabyte", "megabytes", "megabyte", "megabytes"),
    "KB": ("kilobyte", "kilobytes", "kilobyte", "kilobytes"),
    "kB": ("kilobyte", "kilobytes", "kilobyte", "kilobytes"),
    "Mbps": ("megabit per second", "megabits per second", "megabit por segundo", "megabits por segundo"),
    "dB": ("decibel", "decibels", "decibelio", "decibelios"),
    "ms": ("millisecond", "milliseconds", "milisegundo", "milisegundos"),
    "s": ("second", "seconds", "segundo", "segundos"),
    "min": ("minute", "minutes", "minuto", "minutos"),
    "h": ("hour", "hours", "hora", "horas"),
    "%": ("percent", "percent", "por ciento", "por ciento"),
}
_MEASURE = re.compile(
    rf"(?<![\w.,])(?P<amount>{_NUMBER})\s?"
    rf"(?P<unit>{'|'.join(re.escape(u) for u in sorted(_UNITS, key=len, reverse=True))})(?![\w²³/])"
)

_MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
}
_ISO_DATE = re.compile(r"(?<![\w-])(\d{4})-(\d{2})-(\d{2})(?![\w-])")
_SLASH_DATE = re.compile(r"(?<![\w/.])(\d{1,2})([/.])(\d{1,2})\2(\d{4})(?![\w/])")
_YEAR = re.compile(r"(?<![\w.,$€£/:-])(1[1-9]\d\d)(?=s?\b)(?!\s?[%°€]|[.,:/-]\d)")
_TIME = re.compile(
    r"(?<![\w:.,])(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?![\w:])"
    r"(?:\s?(?:h|hrs)\b)?(?P<half>\s?[AaPp]\.?\s?[Mm]\b\.?)?"
)
_HALF_DAY = re.compile(r"(?<=\d)\s?(?P<half>[AaPp])\.?\s?[Mm](?:\.(?P<end>(?=\s*$|\s+[A-ZÁÉÍÓÚ¿¡]))?|\b)")

_HALVES = {"en": ("AM", "PM"), "es": ("de la mañana", "de la tarde")}

_RANGE = re.compile(rf"(?<![\w.,/-])({_NUMBER})(%?)(?:{_DASH})({_NUMBER})(?![\d-]|[.,/]\d)")
_DIFFERENCE = re.compile(r"(?<=\d)\s+-\s+(?=\d)")
_BELOW_ZERO = re.compile(r"(?<![\w)\]])[-−](?=\d)")
_VERSION = re.compile(r"(?<![\d.,])[vV]?\d+(?:\.\d+){2,}(?![\w]|\.\d)")
_PHONE = re.compile(
    r"(?<![\w.,])(\+?)((?:\(\d{1,4}\)|\d{1,4})(?:[ .-]{1,2}(?:\(\d{1,4}\)|\d{2,4})){2,6})(?![\w-]|[.,]\d)"
)
_CONTINUED = re.compile(r"(?<![\d.,/])(\d+)/(\d+)(?![\d/]|[.,]\d)")
_FRACTIONS = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅛": (1, 8)}
_FRACTION_SIGN = re.compile(rf"(?:(?P<whole>\d+)\s?)?(?P<sign>[{''.join(_FRACTIONS)}])")
_ENGLISH_PARTS = {2: "half", 3: "third", 4: "quarter", 5: "fifth", 8: "eighth", 10: "tenth"}
_SPANISH_PARTS = {2: "medio", 3: "tercio", 4: "cuarto", 5: "quinto", 8: "octavo", 10: "décimo"}
_SPANISH_ORDINAL = re.compile(r"(?<![\w.,])(\d{1,2})\.?(º|°(?!\s?[CF])|ª|er|ro|ra|do|da|to|ta|o\.|a\.)(?!\w)")

_Reader = Callable[[re.Match[str], str], str]


def read_figures(text: Traced, language: str) -> Traced:
    """All figures of `text` that a voice would misread, in words; order matters, the widest come first."""
    language = language if language in _MONTHS else "en"
    for pattern, reader in _READERS:
        text = text.sub(pattern, partial(_read_by, reader, language))
    return text


def _read_by(reader: _Reader, language: str, match: re.Match[str]) -> str:
    return reader(match, language)


def _amount(written: str, language: str) -> tuple[str, str]:
    """Whole part and decimals of a number in either notation: "1.299,00" is 1299 and 00."""
    parts = re.split(r"[.,]", written)
    if len(parts) == 1:
        return written, ""
    marks = re.findall(r"[.,]", written)
    grouping = "." if language == "es" else ","
    grouped = len(parts[-1]) == 3 and (len(set(marks)) == 1) and (len(marks) > 1 or marks[0] == grouping)
    if grouped:
        return "".join(parts), ""
    return "".join(parts[:-1]), parts[-1]


def _figure(whole: str, decimals: str, language: str) -> str:
    if language == "es":
        return f"{whole},{decimals}" if decimals else whole
    whole = f"{int(whole):,}"  # grouped, or "1984 dollars" would be taken for a year
    return f"{whole}.{decimals}" if decimals else whole


def _count(whole: str, decimals: str, name: str, language: str) -> str:
    """A number as it is said before a noun: "veintiún euros", "una libra"."""
    if decimals or language != "es" or whole[-2:] == "11" or whole[-1] != "1" or len(whole) > 9:
        return _figure(whole, decimals, language)
    words: str = num2words(int(whole), lang="es")
    if name.split()[0].endswith("a"):
        return re.sub(r"uno$", "una", words)
    return re.sub(r"veintiuno$", "veintiún", re.sub(r"(?<!veinti)uno$", "un", words))


def _price(match: re.Match[str], language: str) -> str:
    symbol = match["symbol"].rstrip(".")
    one, many, hundredth, hundredths = _MONEY[language][_CODES.get(symbol, symbol)]
    whole, decimals = _amount(match["amount"], language)
    minus = _read_minus(language) if match["minus"] else ""
    if match["scale"]:
        scale = _SCALES[language].get(match["scale"].lower(), match["scale"])
        if "mill" in scale and language == "es" and not scale.endswith("de"):
            scale += " de"
        if whole == "1" and not decimals:
            scale = scale.replace("millones", "millón")
        return f"{minus}{_count(whole, decimals, scale, language)} {scale} {many}"
    if len(decimals) != 2 or not hundredth:
        name = one if (whole, decimals) == ("1", "") else many
        return f"{minus}{_count(whole, decimals, name, language)} {name}"
    said = []
    if int(whole) or not int(decimals):
        name = one if int(whole) == 1 else many
        said.append(f"{_count(whole, '', name, language)} {name}")
    if int(decimals):
        name = hundredth if int(decimals) == 1 else hundredths
        said.append(f"{_count(str(int(decimals)), '', name, language)} {name}")
    return minus + (" con " if language == "es" else " and ").join(said)


def _measure(match: re.Match[str], language: str) -> str:
    names = _UNITS[match["unit"]][2 * (language == "es") :]
    whole, decimals = _amount(match["amount"], language)
    name = names[0] if (whole, decimals) == ("1", "") else names[1]
    return f"{_count(whole, decimals, name, language)} {name}"


def _iso_date(match: re.Match[str], language: str) -> str:
    return _day(int(match[1]), int(match[2]), int(match[3]), language) or match[0]


def _slash_date(match: re.Match[str], language: str) -> str:
    """Day first, but month first in English where it can be a month."""
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    month_first = language == "en" and match[2] == "/" and first <= 12
    month, day = (first, second) if month_first else (second, first)
    return _day(year, month, day, language) or match[0]


def _day(year: int, month: int, day: int, language: str) -> str:
    try:
        date(year, month, day)
    except ValueError:
        return ""
    name = _MONTHS[language][month - 1]
    if language == "es":
        return f"{'uno' if day == 1 else day} de {name} de {year}"
    return f"{name} {num2words(day, to='ordinal_num')}, {num2words(year, to='year')}"


def _year(match: re.Match[str], language: str) -> str:
    if language == "es":
        return match[0]
    return str(num2words(int(match[1]), to="year")).replace("-", " ")


def _time(match: re.Match[str], language: str) -> str:
    hour, minute, half = int(match["hour"]), match["minute"], match["half"] or ""
    if minute == "00":
        on_the_hour = "" if half else (" en punto" if language == "es" else " o'clock")
        return f"{hour}{on_the_hour}{half}"
    if minute[0] == "0":
        minute = f"{'cero' if language == 'es' else 'oh'} {minute[1]}"
    return f"{hour} {'y ' if language == 'es' else ''}{minute}{half}"


def _half_day(match: re.Match[str], language: str) -> str:
    said = _HALVES[language][match["half"] in "pP"]
    return f" {said}" + ("." if match["end"] is not None else "")


def _range(match: re.Match[str], language: str) -> str:
    return f"{match[1]}{match[2]} {'a' if language == 'es' else 'to'} {match[3]}"


def _read_minus(language: str) -> str:
    return "menos " if language == "es" else "minus "


def _version(match: re.Match[str], language: str) -> str:
    point = " punto " if language == "es" else " point "
    return point.join(match[0].lstrip("vV").split("."))


def _phone(match: re.Match[str], language: str) -> str:
    groups = re.findall(r"\d+", match[2])
    if not 8 <= sum(len(group) for group in groups) <= 15 or (len(groups) == 3 and len(groups[0]) == 4):
        return match[0]
    plus = ("más " if language == "es" else "plus ") if match[1] else ""
    return plus + ", ".join(" ".join(group) for group in groups)


def _fraction(match: re.Match[str], language: str) -> str:
    above, below = int(match[1]), int(match[2])
    return (_part(above, below, language) if 0 < above < below else "") or match[0]


def _fraction_sign(match: re.Match[str], language: str) -> str:
    above, below = _FRACTIONS[match["sign"]]
    part = _part(above, below, language)
    if not match["whole"]:
        return part
    if language == "es":
        return f"{match['whole']} y {part}"
    return f"{match['whole']} and {'a half' if part == 'one half' else part}"


def _part(above: int, below: int, language: str) -> str:
    names = _SPANISH_PARTS if language == "es" else _ENGLISH_PARTS
    if below not in names or above > 9:
        return ""
    if language == "es":
        if below == 2:
            return "medio"
        return f"{'un' if above == 1 else above} {names[below]}{'s' if above > 1 else ''}"
    return f"{'one' if above == 1 else above} {names[below]}{'s' if above > 1 else ''}"


def _ordinal(match: re.Match[str], language: str) -> str:
    if language != "es" or not 0 < int(match[1]) <= 20:
        return match[0]
    ordinal: str = num2words(int(match[1]), lang="es", to="ordinal")
    if match[2][0] in "ªa" or match[2] in ("ra", "da", "ta"):
        return re.sub(r"o\b", "a", ordinal)
    return re.sub(r"(primer|tercer)o$", r"\1", ordinal) if match[2] == "er" else ordinal


_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (_ISO_DATE, _iso_date),
    (_SLASH_DATE, _slash_date),
    (_PRICE_BEFORE, _price),
    (_PRICE_BEHIND, _price),
    (_VERSION, _version),
    (_PHONE, _phone),
    (_RANGE, _range),
    (_TIME, _time),
    (_HALF_DAY, _half_day),
    (_SPANISH_ORDINAL, _ordinal),
    (_FRACTION_SIGN, _fraction_sign),
    (_CONTINUED, _fraction),
    (_MEASURE, _measure),
    (_YEAR, _year),
    (_DIFFERENCE, lambda _, language: f" {_read_minus(language)}"),
    (_BELOW_ZERO, lambda _, language: _read_minus(language)),
)
