"""What Prometheus may ask. https://prometheus.io/docs/practices/naming/

Gauges are read from the ledger when they are asked for, so any process of any machine tells the
same. They tell what is not settled: what is done grows for ever, and to count it would take longer
every day. Counters belong to the process that counts; with several web processes, set
PROMETHEUS_MULTIPROC_DIR to an empty folder and they are added up
(https://prometheus.github.io/client_python/multiprocess/).
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import structlog
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bridge.flow.bridge import Bridge
from bridge.ledger import (
    Tx,
    accounts,
    alarms,
    deliveries,
    intents,
    lanes,
    replies,
    steps,
    storm_counts,
)
from bridge.ledger.accounts import State
from bridge.model import Outcome

log = structlog.get_logger()

_DELIVERIES = (deliveries.WAITING, deliveries.SET_ASIDE)
_STEPS = (steps.WAITING, steps.SET_ASIDE)
_INTENTS = (intents.OPEN, intents.UNSENT, intents.REFUSED)
_REPLIES = tuple(str(outcome) for outcome in Outcome if outcome is not Outcome.DELIVERED)
ON_ITS_WAY = "on_its_way"


class Metrics:
    """The counters of this process, and the page."""

    content_type = CONTENT_TYPE_PLAIN_0_0_4

    def __init__(self, bridge: Bridge) -> None:
        self._counted = CollectorRegistry()
        self._ledger = CollectorRegistry()
        self._ledger.register(LedgerGauges(bridge))
        self.requests = Counter(
            "bridge_requests",
            "Requests answered, by address and status.",
            ("endpoint", "status"),
            registry=self._counted,
        )
        self.not_genuine = Counter(
            "bridge_not_genuine",
            "Deliveries refused because their signature does not hold.",
            ("source",),
            registry=self._counted,
        )
        for source in (*bridge.channels, bridge.desk):
            self.not_genuine.labels(source)  # a zero from the start, so that an alarm sees a rise

    def page(self) -> bytes:
        """In Prometheus's text format."""
        counted = self._counted
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            counted = CollectorRegistry()
            MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
        return generate_latest(counted) + generate_latest(self._ledger)


class LedgerGauges(Collector):
    """How things stand, as the ledger knows it."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def collect(self) -> Iterator[Metric]:
        try:
            with self._bridge.ledger.reading() as tx:
                found = list(self._read(tx))
        except (DBAPIError, PoolTimeout, OSError):
            log.warning("the database does not answer")
            yield GaugeMetricFamily("bridge_database_up", "Whether the ledger answers.", value=0)
            return
        yield GaugeMetricFamily("bridge_database_up", "Whether the ledger answers.", value=1)
        yield from found

    def _read(self, tx: Tx) -> Iterator[Metric]:
        yield _tally(
            "bridge_deliveries",
            "What arrived and is not settled, by state.",
            "state",
            dict.fromkeys(_DELIVERIES, 0) | deliveries.unsettled(tx),
        )
        yield _tally(
            "bridge_steps",
            "Steps of the lanes that are not done, by state.",
            "state",
            dict.fromkeys(_STEPS, 0) | steps.unsettled(tx),
        )
        yield _tally(
            "bridge_intents",
            "Writes to networks and helpdesk that are not settled, by state.",
            "state",
            dict.fromkeys(_INTENTS, 0) | intents.unsettled(tx),
        )
        outcomes = dict.fromkeys(("", *_REPLIES), 0) | replies.not_out(tx)
        outcomes[ON_ITS_WAY] = outcomes.pop("")
        yield _tally(
            "bridge_replies",
            "Agents' replies that were not delivered, by what became of them.",
            "outcome",
            outcomes,
        )
        backlog = lanes.backlog(tx)
        age = (tx.now - backlog.oldest).total_seconds() if backlog.oldest else 0.0
        for name, help_, value in (
            ("bridge_lanes_waiting", "Lanes that are due and that nobody works on.", backlog.due),
            ("bridge_lanes_held", "Lanes that wait for a set time or a person.", backlog.held),
            ("bridge_lanes_running", "Lanes that a worker has in hand.", backlog.running),
            ("bridge_oldest_waiting_seconds", "How long the first of them has been due.", age),
        ):
            yield GaugeMetricFamily(name, help_, value=value)
        open_, folded = storm_counts.counts(tx)
        yield GaugeMetricFamily("bridge_storms_open", "Storms that are not over.", value=open_)
        yield GaugeMetricFamily(
            "bridge_storm_posts", "Posts that are folded into those.", value=folded
        )
        yield from self._accounts(tx)

    def _accounts(self, tx: Tx) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(
            "bridge_account_state", "1 for the state an account is in.", labels=("account", "state")
        )
        since = GaugeMetricFamily(
            "bridge_account_state_seconds",
            "How long an account has been in its state.",
            labels=("account",),
        )
        for name in (*self._bridge.channels, self._bridge.desk):
            standing = accounts.standing(tx, name)
            stands = alarms.shown(tx, standing)
            for state in (*State, alarms.UNREAD):
                family.add_metric((name, str(state)), float(str(state) == stands))
            since.add_metric((name,), (tx.now - standing.since).total_seconds())
        yield family
        yield since


def _tally(name: str, says: str, label: str, counts: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, says, labels=(label,))
    for value, count in counts.items():
        family.add_metric((value,), count)
    return family
