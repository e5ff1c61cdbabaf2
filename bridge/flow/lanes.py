"""The names of the lanes, and how an account's network work is queued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

ERASING = "erase"
"""Who has the lanes of somebody who is being erased in hand; no worker's name."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A lane has nothing to do: until somebody wakes it, or until an instant."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """The step at the head of a lane must wait, whoever wakes it."""

    until: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Rested:
    """A lane has nothing to do, and was given back when that was seen."""


Pause = Rest | Hold | Rested


def intake(source: str) -> str:
    """Where a source's deliveries are understood and sorted into conversations."""
    return f"intake:{source}"


def poll(account: str) -> str:
    return f"poll:{account}"


def reread(account: str) -> str:
    return f"reread:{account}"


def broadcast(account: str) -> str:
    """Where answers to many go out on an account, at its pace."""
    return f"broadcast:{account}"


def sweep(helpdesk: str) -> str:
    """One per installation, as its helpdesk is."""
    return f"sweep:{helpdesk}"


def promises(helpdesk: str) -> str:
    """Where what is due by the clock is queued for the conversations; one per installation."""
    return f"promises:{helpdesk}"


def storms(helpdesk: str) -> str:
    """Where what is due by the clock is queued for the incidents; one per installation."""
    return f"storms:{helpdesk}"


def watch(account: str) -> str:
    return f"watch:{account}"


def glance(conversation: str) -> str:
    """Where a ticket is read while its conversation's lane (named whole) is held."""
    return f"glance:{conversation.partition(':')[2]}"


def reconcile(helpdesk: str) -> str:
    return f"reconcile:{helpdesk}"


def feed(helpdesk: str) -> str:
    """Where the change feed is looked at for the webhooks; one per installation."""
    return f"feed:{helpdesk}"


def webhook(endpoint_id: int) -> str:
    """Where what one endpoint is told is sent."""
    return f"webhook:{endpoint_id}"
