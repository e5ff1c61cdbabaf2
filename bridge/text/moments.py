"""Instants as customers and agents read them."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

_DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "it": "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "nl": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "pt": "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
}
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
    "dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro "
    "dezembro",
}
_FORMS = {
    "en": "{day} {number} {month}, {time}",
    "de": "{day}, {number}. {month}, {time} Uhr",
    "fr": "{day} {number} {month}, {time}",
    "es": "{day} {number} de {month}, {time}",
    "it": "{day} {number} {month}, {time}",
    "nl": "{day} {number} {month}, {time}",
    "pt": "{day}, {number} de {month}, {time}",
}
SPOKEN = frozenset(_FORMS)
"""The languages in which days and months have names here."""


def spoken(at: datetime, zone: str, languages: tuple[str, ...]) -> str:
    """`Monday 23 November, 09:00 (CET)`: the day and the time in a zone, in the first of these
    languages (BCP 47 tags) that is spoken here; in none of them `2026-11-23, 09:00 (CET)`."""
    local = at.astimezone(ZoneInfo(zone))
    time = f"{local:%H:%M}"
    for tag in languages:
        language = re.split("[-_]", tag.lower())[0]
        if language in SPOKEN:
            said = _FORMS[language].format(
                day=_DAYS[language].split()[local.weekday()],
                number=local.day,
                month=_MONTHS[language].split()[local.month - 1],
                time=time,
            )
            break
    else:
        said = f"{local:%Y-%m-%d}, {time}"
    return f"{said} ({_zone_name(local, zone)})"


def field(at: datetime, zone: str) -> str:
    """`2026-11-23 09:00 CET`: as a ticket field holds it; it sorts as text within one zone."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d %H:%M} {_zone_name(local, zone)}"


def _zone_name(local: datetime, zone: str) -> str:
    """`CET`; where the zone has only a number for itself, `UTC+5:45`."""
    name = local.tzname() or zone
    if name.isalpha():
        return name
    offset = local.utcoffset()
    assert offset is not None
    minutes = int(offset.total_seconds() // 60)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")
