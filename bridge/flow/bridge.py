"""The things that every step needs, in one place."""

from __future__ import annotations

from collections.abc import Mapping as Environ
from dataclasses import dataclass, field
from datetime import timedelta

from bridge.channels.contract import Channel
from bridge.errors import Misconfigured
from bridge.flow.pacing import Pace, Room
from bridge.helpdesks.contract import Helpdesk
from bridge.ledger import Ledger
from bridge.ledger.ranks import Order
from bridge.mapping import Mapping
from bridge.model import Clock
from bridge.settings import Settings


@dataclass(frozen=True, slots=True)
class Patience:
    """How long what is waited for. All of it is data, so that tests and admins may set it.

    `unknown` is how long after a lost answer the far side is asked what became of the write: it
    may still be carrying it out. `give_up` is how long a reply that cannot be sent is tried;
    `speak_up` after how long the ticket is told that it is still being tried.
    """

    unknown: timedelta = timedelta(seconds=10)
    speak_up: timedelta = timedelta(minutes=10)
    give_up: timedelta = timedelta(hours=24)
    sign_in: timedelta = timedelta(minutes=5)
    longest: timedelta = timedelta(minutes=10)
    unknown_tries: int = 5


@dataclass(frozen=True, slots=True)
class Bridge:
    """One installation: its settings, its memory, its rules, and whom it talks to."""

    settings: Settings
    clock: Clock
    ledger: Ledger
    mapping: Mapping
    channels: dict[str, Channel]
    helpdesk: Helpdesk
    patience: Patience = field(default_factory=Patience)
    pace: Pace = field(default_factory=Pace, repr=False, compare=False)
    environ: Environ[str, str] = field(default_factory=dict, repr=False)
    """Where `env:NAME` of a mapping leads, without what the ledger keeps sealed."""

    def room(self) -> Room:
        """What the helpdesk's limits leave room for now."""
        return self.pace.room(self.ledger, self.helpdesk.budget(), self.helpdesk.updates_per_minute)

    def order(self) -> Order:
        """Whose turn it is."""
        return self.pace.order(
            self.ledger, self.helpdesk.budget(), self.helpdesk.updates_per_minute
        )

    @property
    def desk(self) -> str:
        """The helpdesk's name among the accounts."""
        return f"helpdesk:{self.helpdesk.name}"

    def channel(self, account: str) -> Channel:
        """Raises `Misconfigured` for an account that the mapping no longer has."""
        try:
            return self.channels[account]
        except KeyError:
            raise Misconfigured(
                f"account {account!r} is not in the mapping any more: put it back, or dismiss "
                "what still waits for it"
            ) from None
