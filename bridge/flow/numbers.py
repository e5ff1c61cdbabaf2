"""The numbers of a period: asked from the ledger, measured, ready to be shown.

What each of them means is written down in docs/numbers.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bridge.flow import measuring
from bridge.flow.bridge import Bridge
from bridge.flow.measuring import Answering, Badge, K, Resolution, Spell
from bridge.ledger import Tx, dialogues, numbers
from bridge.ledger.numbers import Failure, Heard, Rated, Spent
from bridge.ledger.periods import Period
from bridge.mapping import Mapping
from bridge.model import DAY

LONGEST = 366
"""Days that may be asked for at once."""

BADGES = "messenger"
"""The network whose private messages a Facebook Page's badge is about."""


@dataclass(frozen=True, slots=True)
class Days:
    """From the first day to the last, both of them whole, in a zone; `account` "" for all."""

    first: date
    last: date
    zone: str
    account: str = ""

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def period(self) -> Period:
        zone = ZoneInfo(self.zone)
        since = datetime.combine(self.first, time(), zone)
        return Period(since, datetime.combine(self.last + DAY, time(), zone))

    @property
    def each(self) -> tuple[date, ...]:
        return tuple(self.first + number * DAY for number in range(self.count))


@dataclass(frozen=True, slots=True)
class Numbers:
    """Everything of a period. `held`: (account, what became of it) → how many."""

    days: Days
    now: datetime
    mapping: Mapping
    heard: tuple[Heard, ...]
    spells: tuple[Spell, ...]
    resolutions: tuple[Resolution, ...]
    failures: tuple[Failure, ...]
    held: dict[tuple[str, str], int]
    rated: tuple[Rated, ...]
    spent: tuple[Spent, ...]
    badges: dict[str, Badge]

    def network(self, account: str) -> str:
        known = self.mapping.accounts.get(account)
        heard = (each.network for each in self.heard if each.account == account)
        return known.network if known else next(heard, "")

    def answering(self, key: Callable[[Spell], K]) -> dict[K, Answering]:
        groups = measuring.grouped(self.spells, key)
        return {
            name: measuring.answering(found, self.mapping.service, self.now)
            for name, found in groups.items()
        }

    def hour(self, asked: Spell | Resolution) -> int:
        """In which hour of the account's own day it began."""
        return asked.began_at.astimezone(ZoneInfo(zone_of(self.mapping, asked.account))).hour

    def day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.days.zone)).date()


def _spells(tx: Tx, period: Period, account: str) -> tuple[Spell, ...]:
    said, solved = dialogues.said(tx, period, account), dialogues.solved(tx, period, account)
    return measuring.spells(said, solved)


def zone_of(mapping: Mapping, account: str = "") -> str:
    """The zone of an account's opening hours; of all accounts, the one that they share."""
    names = [account] if account else list(mapping.accounts)
    hours = [mapping.service(name).hours for name in names]
    zones = {each.zone if each else "UTC" for each in hours}
    return zones.pop() if len(zones) == 1 else "UTC"


def last_days(bridge: Bridge, count: int, account: str = "") -> Days:
    """Up to and with today."""
    zone = zone_of(bridge.mapping, account)
    today = bridge.clock().astimezone(ZoneInfo(zone)).date()
    return Days(today - (count - 1) * DAY, today, zone, account)


def numbers_of(bridge: Bridge, days: Days) -> Numbers:
    """One look at the ledger, so that all of it belongs together."""
    period, account, mapping = days.period, days.account, bridge.mapping
    with bridge.ledger.reading() as tx:
        now = tx.now
        said = dialogues.said(tx, period, account)
        solved = dialogues.solved(tx, period, account)
        week = Period(now - measuring.BADGE_OVER, now + timedelta(seconds=1))
        pages = [
            name
            for name, each in mapping.accounts.items()
            if each.network == BADGES and account in ("", name)
        ]
        badges = {name: measuring.badge(_spells(tx, week, name), now) for name in pages}
        return Numbers(
            days=days,
            now=now,
            mapping=mapping,
            heard=numbers.heard(tx, period, account),
            spells=measuring.within(measuring.spells(said, solved), period),
            resolutions=measuring.resolutions(said, solved, period),
            failures=numbers.failures(tx, period, account),
            held=numbers.held(tx, period, account),
            rated=numbers.rated(tx, period, account),
            spent=numbers.spent(tx, period, account),
            badges=badges,
        )
