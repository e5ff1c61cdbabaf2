"""What is measured on several hosts, as plain figures."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.spread import Wrong

HOSTS = (1, 2, 4)
THREADS = 4
DELAY = 0.05
"""Seconds that the helpdesk takes for each answer."""
POSTGRES, REDIS, RABBIT = "PostgreSQL NOTIFY", "Celery, Redis", "Celery, RabbitMQ"


@dataclass
class Woken:
    """Of one way: latencies in ms, both processes' processor time for one wake-up in ms, and how
    many were never claimed."""

    middle: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    lost: int = 0


@dataclass
class Measured:
    """By way and number of worker hosts: messages in a second, and which share of all cores was
    busy meanwhile, with everything on the machine."""

    rates: dict[tuple[str, int], list[float]] = field(default_factory=dict)
    busy: dict[tuple[str, int], list[float]] = field(default_factory=dict)
    woken: dict[str, Woken] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exact:
    """What became of it with hosts killed and cut off; `wrong` on tickets and at the website."""

    messages: int
    answers: int
    tries: int
    wrong: tuple[Wrong, Wrong]
    defects: int
