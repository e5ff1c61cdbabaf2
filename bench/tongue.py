"""SQL that both databases understand, for rows that are made of their number alone."""

# ruff: noqa: S608  # it is all our own: numbers, and literals that are quoted

from __future__ import annotations

import re
from dataclasses import dataclass

APART = 30
"""Seconds from one conversation to the next."""
POSTS = 3
"""Of one conversation."""
FIRST_TICKET = 100_000


@dataclass(frozen=True, slots=True)
class Tongue:
    """How one of the databases says what the other says differently. `now` is seconds."""

    postgres: bool
    now: int
    count: int

    def at(self, later: int = 0) -> str:
        """The instant so many seconds after the conversation began."""
        seconds = f"({self.now} - ({self.count} - i) * {APART} - 3600 + {later})"
        if self.postgres:
            return f"to_timestamp({seconds})"
        return f"strftime('%Y-%m-%d %H:%M:%S.000000', {seconds}, 'unixepoch')"

    def iso(self, later: int = 0) -> str:
        """The same, as JSON has it."""
        if self.postgres:
            return (
                f"to_char({self.at(later)} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS+00:00')"
            )
        return f"strftime('%Y-%m-%dT%H:%M:%S+00:00', {self.at(later)})"

    def hexed(self, number: str) -> str:
        """Eight characters that lie far from those of the next number."""
        far = f"((({number}) * 2654435761) % 4294967296)"
        return f"lpad(to_hex({far}), 8, '0')" if self.postgres else f"printf('%08x', {far})"

    def text(self, number: str) -> str:
        return f"CAST({number} AS TEXT)"

    def yes(self, is_so: bool) -> str:
        return str(is_so).lower() if self.postgres else str(int(is_so))

    def raw(self, text: str) -> str:
        return f"convert_to({text}, 'UTF8')" if self.postgres else f"CAST({text} AS BLOB)"

    def numbers(self) -> str:
        if self.postgres:
            return f"generate_series(1::bigint, {self.count}) AS g(i)"
        return (
            "(WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g "
            f"WHERE i < {self.count}) SELECT i FROM g)"
        )

    # ------------------------------------------------------------ what recurs

    @property
    def person(self) -> str:
        return "(i + 1) / 2"

    @property
    def external(self) -> str:
        return f"'bridge:' || {self.hexed('i')} || {self.hexed('i + 7')} || '0123456789abcdef'"

    @property
    def ticket(self) -> str:
        return self.text(f"{FIRST_TICKET} + i")

    def word(self, which: int) -> str:
        """The network's id of a message."""
        return f"'m' || {self.hexed(f'{POSTS} * i + {which}')}"

    def comment(self, which: int) -> str:
        return self.text(f"14500000000000 + {POSTS + 1} * i + {which}")

    def spelt(self, template: str) -> str:
        """A literal with @words@ in it: the message, the thread, the customer, the instant."""
        known = {
            **{f"word{which}": self.word(which) for which in range(POSTS)},
            **{f"at{which}": self.iso(100 * which) for which in range(POSTS)},
            "person": self.text(self.person),
            "ticket": self.ticket,
            "external": self.external,
        }
        parts = re.split(r"@(\w+)@", template)
        return " || ".join(
            known[part] if place % 2 else "'" + part.replace("'", "''") + "'"
            for place, part in enumerate(parts)
            if part or place % 2
        )
