"""What agents read about a storm: how many say the same, who, and where.

No words of anybody stand in a subject: they could not be taken off again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.model import MINUTE, Post
from bridge.text.comments import author, quoted
from bridge.text.tables import spoken
from bridge.text.words import network_name

LIST_NAME = "bridge-storm-"
"""How the names of our lists begin: they name many, and are taken off when one is erased."""

MOST_TICKETS = 50
COLUMNS = (
    "time",
    "account",
    "network",
    "id",
    "handle",
    "name",
    "followers",
    "permalink",
    "state",
    "post",
)

_ENGLISH = {
    "subject": "Storm {name}: many say the same ({accounts})",
    "opening": "Many posts say the same. From now on they are folded into this ticket: each is "
    "kept in the history, but has no ticket of its own, and nobody is answered by itself. Private "
    "messages are never folded, nor what names a number, a code or an address of its own. Whoever "
    "writes again privately, below their post or in other words has a ticket of their own.",
    "more": "More of the same.",
    "over": "It is over: nothing of it was said for {quiet}. The attached list names everybody who "
    "was folded. What is said from now on has tickets of its own.",
    "list": "The list of everybody who was folded, without those who were erased since.",
    "posts": "Folded: {count}",
    "removed": "{count}, of which {removed} are gone from the network",
    "left": "With tickets of their own since: {left}",
    "taken_out": "Taken out: the post {post} has a ticket of its own from now on, and is not among "
    "those whom an answer to many goes to.",
    "people": "People: {people}, with {reach} followers",
    "rate": "Now: {rate} a minute",
    "accounts": "Accounts: {accounts}",
    "since": "Since: {since} UTC",
    "samples": "Some of them:",
    "tickets": "Said before that, with tickets of their own: {tickets}",
    "and_more": "{tickets} and {more} more",
}
_GERMAN = {
    "subject": "Sturm {name}: viele sagen dasselbe ({accounts})",
    "opening": "Viele Beiträge sagen dasselbe. Sie werden ab jetzt in diesem Ticket "
    "zusammengefasst: Jeder bleibt im Verlauf, hat aber kein eigenes Ticket, und niemand wird von "
    "selbst beantwortet. Private Nachrichten werden nie zusammengefasst, auch nichts, was eine "
    "eigene Nummer, einen Code oder eine Adresse nennt. Wer noch einmal schreibt, privat, unter "
    "dem eigenen Beitrag oder mit anderen Worten, bekommt ein eigenes Ticket.",
    "more": "Mehr davon.",
    "over": "Es ist vorbei: Seit {quiet} kam nichts mehr dazu. Die angehängte Liste nennt alle, "
    "die zusammengefasst wurden. Was ab jetzt kommt, hat wieder eigene Tickets.",
    "list": "Die Liste aller, die zusammengefasst wurden, ohne die seither Gelöschten.",
    "posts": "Zusammengefasst: {count}",
    "removed": "{count}, davon {removed} im Netzwerk nicht mehr zu sehen",
    "left": "Seither mit eigenem Ticket: {left}",
    "taken_out": "Herausgenommen: Der Beitrag {post} hat ab jetzt ein eigenes Ticket und ist bei "
    "Antworten an viele nicht dabei.",
    "people": "Menschen: {people}, zusammen {reach} Follower",
    "rate": "Zurzeit: {rate} in der Minute",
    "accounts": "Konten: {accounts}",
    "since": "Seit: {since} UTC",
    "samples": "Einige davon:",
    "tickets": "Davor gesagt, mit eigenem Ticket: {tickets}",
    "and_more": "{tickets} und {more} weitere",
}
_LANGUAGES = {"en": _ENGLISH, "de": _GERMAN}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a storm stands. `rate` is posts a minute, `accounts` (name, network, how many), `samples`
    are posts with what agents call them (p34)."""

    name: str
    posts: int
    removed: int
    people: int
    reach: int
    rate: float
    accounts: tuple[tuple[str, str, int], ...]
    since: datetime
    samples: tuple[tuple[str, Post], ...] = ()
    tickets: tuple[str, ...] = ()
    left: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list. No words: the link leads to them while they stand. `number` is what
    agents call the post (p34)."""

    number: str
    post: Post
    said_at: datetime
    is_gone: bool
    has_ticket: bool


def subject(name: str, accounts: Iterable[str], language: str) -> str:
    return _table(language)["subject"].format(name=name, accounts=", ".join(accounts))


def opening(standing: Standing, language: str) -> str:
    return _told("opening", standing, language)


def more(standing: Standing, language: str) -> str:
    return _told("more", standing, language)


def over(standing: Standing, quiet: timedelta, language: str) -> str:
    return _told("over", standing, language, quiet=spoken(quiet))


def taken_out(standing: Standing, post: str, language: str) -> str:
    return _told("taken_out", standing, language, post=post)


def listing(language: str) -> str:
    """Above a list that takes the place of an earlier one."""
    return _table(language)["list"]


def as_csv(rows: Iterable[Row]) -> bytes:
    """Who was folded, as spreadsheets read it: UTF-8, and no cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        by = row.post.author
        followers = "" if by.followers is None else str(by.followers)
        cells = (
            row.said_at.isoformat(timespec="seconds"),
            row.post.account,
            row.post.network,
            row.post.id,
            by.handle,
            by.name,
            followers,
            row.post.permalink,
            _state(row),
            row.number,
        )
        writer.writerow([_harmless(cell) for cell in cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _state(row: Row) -> str:
    if row.is_gone:
        return "removed"
    return "own ticket" if row.has_ticket else ""


def _harmless(cell: str) -> str:
    """https://owasp.org/www-community/attacks/CSV_Injection"""
    line = " ".join(cell.split())
    return f"'{line}" if line[:1] in ("=", "+", "-", "@") else line


def _told(sentence: str, standing: Standing, language: str, **more: str) -> str:
    words = _table(language)
    count = str(standing.posts)
    if standing.removed:
        count = words["removed"].format(count=count, removed=standing.removed)
    accounts = ", ".join(
        f"{name} ({network_name(network)}) {times}" if network else f"{name} {times}"
        for name, network, times in standing.accounts
    )
    figures = [
        words["posts"].format(count=count),
        words["people"].format(people=standing.people, reach=standing.reach),
        words["accounts"].format(accounts=accounts),
        words["since"].format(since=f"{standing.since:%Y-%m-%d %H:%M}"),
    ]
    if standing.left:
        figures.insert(1, words["left"].format(left=standing.left))
    if sentence != "over":
        figures.append(words["rate"].format(rate=_rate(standing.rate)))
    parts = [words[sentence].format(**more), "\n".join(figures)]
    if standing.samples:
        parts.append("\n\n".join((words["samples"], *map(_sample, standing.samples))))
    if standing.tickets:
        parts.append(words["tickets"].format(tickets=_tickets(standing.tickets, words)))
    return "\n\n".join(parts)


def _sample(sample: tuple[str, Post]) -> str:
    """`quoted` words on a line of their own: that is how they are found when they are to go."""
    number, post = sample
    by = " · ".join(filter(None, (author(post.author), number, post.permalink)))
    return f"{quoted(post.text)}\n— {by}"


def _tickets(tickets: tuple[str, ...], words: dict[str, str]) -> str:
    named = ", ".join(f"#{ticket}" for ticket in tickets[:MOST_TICKETS])
    more = len(tickets) - MOST_TICKETS
    return words["and_more"].format(tickets=named, more=more) if more > 0 else named


def _rate(rate: float) -> str:
    return f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}"


def _table(language: str) -> dict[str, str]:
    return _LANGUAGES.get(language.replace("_", "-").lower().partition("-")[0], _ENGLISH)


QUICK = MINUTE
"""The span that a rate is counted over."""
