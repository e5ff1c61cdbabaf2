"""What agents read about an answer to many: to whom it would go, how it looks there, what became
of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from bridge.text.tables import spoken
from bridge.text.words import network_name

_ENGLISH = {
    "held": "This comment has been sent to nobody ({number}). As an answer to many it would go, in "
    "public, to {count}, each under their newest post; whoever posts after this note is not among "
    "them.",
    "line": "- {account} ({network}): {count}, {length}, about {time}",
    "line_cannot": "- {account} ({network}): it cannot be sent there ({count}): {why}",
    "length": "{used} of {most} {unit}",
    "length_parts": "{used} {unit}, in {parts} parts",
    "looks": "It looks like this on {account}:",
    "found": "Look at this before you send it:",
    "do": "To send it, write as an internal note: #answer-all {number} {count}. To drop it: "
    "#withdraw {number}. Private answers to many there are none.",
    "do_second": "To send it, a colleague writes as an internal note: #answer-all {number} "
    "{count}. To drop it: #withdraw {number}. Private answers to many there are none.",
    "nobody": "This comment has been sent to nobody ({number}), and there is nobody to whom it "
    "could go.",
    "started": "The answer {number} goes out to {count} since {who} said so, in about {time}. To "
    "stop what has not been sent, write #stop {number} as an internal note.",
    "done": "The answer {number} has gone out.",
    "stopped": "The answer {number} has been stopped.",
    "waits": "The answer {number} waits on {account}: {why}. It goes on by itself.",
    "delivered": "- Delivered: {count}",
    "refused": "- Not sent, {why}: {count}",
    "skipped": "- Left out, {why}: {count}",
    "unknown": "- Perhaps sent, nobody knows: {count}. They are not sent again.",
    "left_out": "- Not sent any more: {count}",
    "under_way": "- Begun before that: {count}. What becomes of it stands in the console.",
    "list": "Who is who stands in the console, under Storms.",
    "people": "{count} people",
    "person": "1 person",
    "gone": "the post is gone",
    "blocked": "they are blocked",
    "own_ticket": "they have a ticket of their own",
    "needs_sign_in": "nobody signed in to the account again",
    "gave_up": "it could not be sent for too long",
    "other": "the network said no ({code})",
}
_GERMAN = {
    "held": "Dieser Kommentar ging an niemanden ({number}). Als Antwort an viele ginge er "
    "öffentlich an {count}, je unter den neuesten Beitrag; wer nach dieser Notiz "
    "schreibt, ist nicht dabei.",
    "line": "- {account} ({network}): {count}, {length}, etwa {time}",
    "line_cannot": "- {account} ({network}): geht dort nicht ({count}): {why}",
    "length": "{used} von {most} {unit}",
    "length_parts": "{used} {unit}, in {parts} Teilen",
    "looks": "So sieht es auf {account} aus:",
    "found": "Bitte vor dem Senden ansehen:",
    "do": "Zum Senden als interne Notiz: #answer-all {number} {count}. Zum Verwerfen: #withdraw "
    "{number}. Private Antworten an viele gibt es nicht.",
    "do_second": "Zum Senden schreibt jemand anderes im Team als interne Notiz: #answer-all "
    "{number} {count}. Zum Verwerfen: #withdraw {number}. Private Antworten an viele gibt es "
    "nicht.",
    "nobody": "Dieser Kommentar ging an niemanden ({number}), und es gibt niemanden, an den er "
    "gehen könnte.",
    "started": "Die Antwort {number} geht an {count}, weil {who} es so wollte, in etwa {time}. Um "
    "anzuhalten, was noch nicht gesendet ist, als interne Notiz: #stop {number}.",
    "done": "Die Antwort {number} ist hinausgegangen.",
    "stopped": "Die Antwort {number} ist angehalten.",
    "waits": "Die Antwort {number} wartet auf {account}: {why}. Es geht von selbst weiter.",
    "delivered": "- Angekommen: {count}",
    "refused": "- Nicht gesendet, {why}: {count}",
    "skipped": "- Ausgelassen, {why}: {count}",
    "unknown": "- Vielleicht gesendet, niemand weiß es: {count}. Sie werden nicht noch einmal "
    "gesendet.",
    "left_out": "- Nicht mehr gesendet: {count}",
    "under_way": "- Davor begonnen: {count}. Was daraus wird, steht in der Konsole.",
    "list": "Wer wer ist, steht in der Konsole unter Storms.",
    "people": "{count} Menschen",
    "person": "1 Mensch",
    "gone": "der Beitrag ist weg",
    "blocked": "sie sind gesperrt",
    "own_ticket": "sie haben ein eigenes Ticket",
    "needs_sign_in": "niemand hat das Konto neu angemeldet",
    "gave_up": "es ließ sich zu lange nicht senden",
    "other": "das Netzwerk lehnte ab ({code})",
}
_LANGUAGES = {"en": _ENGLISH, "de": _GERMAN}


@dataclass(frozen=True, slots=True)
class Ahead:
    """What would go out on one account. `why_not` "" where it can; `looks` is the longest of what
    would be posted, whole."""

    account: str
    network: str
    count: int
    used: int
    most: int
    unit: str
    parts: int
    takes: timedelta
    looks: str
    why_not: str = ""


def held(
    number: str,
    count: int,
    ahead: tuple[Ahead, ...],
    found: tuple[str, ...],
    *,
    needs_second: bool,
    language: str,
) -> str:
    """The note under a comment that waits for its confirmation."""
    words = _LANGUAGES.get(language, _ENGLISH)
    if not count:
        lines = [words["nobody"].format(number=number)]
        return "\n".join((*lines, *(_line(words, each) for each in ahead)))
    lines = [words["held"].format(number=number, count=_people(words, count))]
    lines += [_line(words, each) for each in ahead]
    for each in ahead:
        if not each.why_not:
            lines += ["", words["looks"].format(account=each.account)]
            lines += [f"> {line}" for line in each.looks.splitlines()]
    if found:
        lines += ["", words["found"], *(f"- {says}" for says in found)]
    do = words["do_second" if needs_second else "do"]
    return "\n".join((*lines, "", do.format(number=number, count=count)))


def started(number: str, count: int, who: str, takes: timedelta, language: str) -> str:
    words = _LANGUAGES.get(language, _ENGLISH)
    return words["started"].format(
        number=number, count=_people(words, count), who=who, time=spoken(takes)
    )


def waits(number: str, account: str, why: str, language: str) -> str:
    words = _LANGUAGES.get(language, _ENGLISH)
    return words["waits"].format(number=number, account=account, why=why)


def came(head: str, number: str, counts: Iterable[tuple[str, str, int]], language: str) -> str:
    """`head` is `done` or `stopped`; (state, code, how many)."""
    words = _LANGUAGES.get(language, _ENGLISH)
    states = {"stopped": "left_out", "waiting": "under_way"}
    lines = [words[head].format(number=number)]
    for state, code, count in counts:
        why = words.get(code) or words["other"].format(code=code)
        line = words.get(states.get(state, state))
        if line is not None:
            lines.append(line.format(count=count, why=why))
    return "\n".join((*lines, words["list"]))


def _line(words: dict[str, str], each: Ahead) -> str:
    network, count = network_name(each.network), _people(words, each.count)
    if each.why_not:
        return words["line_cannot"].format(
            account=each.account, network=network, count=count, why=each.why_not
        )
    length = words["length_parts" if each.parts > 1 else "length"].format(
        used=each.used, most=each.most, unit=each.unit, parts=each.parts
    )
    return words["line"].format(
        account=each.account, network=network, count=count, length=length, time=spoken(each.takes)
    )


def _people(words: dict[str, str], count: int) -> str:
    return words["person"] if count == 1 else words["people"].format(count=count)
