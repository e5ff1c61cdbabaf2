"""The lane of one endpoint: sends what is due, a try at a time, each put down before it is made.

What a sending says is read when it is sent: a retry tells the record as it stands by then, and what
was erased meanwhile is told as erased. A worker that dies after a try leaves the sending due again,
under the same webhook-id.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from tenacity.wait import wait_random

from bridge.crm.webhooks import posting
from bridge.crm.webhooks.disabling import disable
from bridge.crm.webhooks.posting import Answer
from bridge.crm.webhooks.rendering import Envelope, Message
from bridge.departing import departing
from bridge.errors import Again
from bridge.flow.bridge import Bridge
from bridge.flow.lanes import Pause, Rest
from bridge.ledger import Tx, changes, endpoints, history, lanes, sendings
from bridge.ledger.endpoints import Endpoint, Stands
from bridge.ledger.lanes import Lease
from bridge.ledger.secrets import Safe
from bridge.ledger.sendings import Became, Sending
from bridge.model import DAY, HOUR, MINUTE
from bridge.settings import Secret
from bridge.signing import sign

log = structlog.get_logger()

SECOND = timedelta(seconds=1)
WAITS = (
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
)
"""Before each further try: the schedule that the standard names as an example, about 75 hours."""
MOST_TRIES = 1 + len(WAITS)
GIVE_UP = 4 * DAY
"""An endpoint that took nothing for so long, and was told something all the while, is disabled."""
AT_A_TIME = 50
SLOW = SECOND
_LOOK_AGAIN = 2 * SECOND


@dataclass(frozen=True, slots=True)
class Turn:
    """What is due at an endpoint. Without a `message` there is nothing to say of it any more,
    `because` of this, or ("") nothing yet."""

    endpoint: Endpoint
    sending: Sending
    message: Message | None
    secrets: tuple[Secret, ...] = ()
    because: str = ""


def send(bridge: Bridge, lease: Lease) -> Pause:
    """A short batch. Whoever is slow is left alone for as long as they took, so that they hold up
    nobody else. Raises `Again` where the endpoint as a whole does not answer: all of it waits."""
    number = int(lease.lane.partition(":")[2])
    begun = bridge.clock()
    for _ in range(AT_A_TIME):
        found = _look(bridge, number)
        if not isinstance(found, Turn):
            return found
        _take(bridge, lease, found)
        took = bridge.clock() - begun
        if took >= SLOW:
            return Rest(bridge.clock() + took)
    return Rest(bridge.clock())


def _look(bridge: Bridge, number: int) -> Turn | Rest:
    with bridge.ledger.reading() as tx:
        endpoint = endpoints.one(tx, number)
        if endpoint is None:
            return Rest()
        only_tests = endpoint.state is not Stands.ON
        sending = sendings.next_due(tx, number, only_tests=only_tests)
        if sending is None:
            return Rest(sendings.due_at(tx, number, only_tests=only_tests))
        return _turn(bridge, tx, endpoint, sending)


def _turn(bridge: Bridge, tx: Tx, endpoint: Endpoint, sending: Sending) -> Turn:
    if sending.tries >= MOST_TRIES:
        because = "nobody came back to say what became of the last try"
        return Turn(endpoint, sending, None, because=because)
    signs = endpoints.secrets_of(tx, Safe(bridge.settings.secret_keys), endpoint)
    envelope = Envelope(
        endpoint.format,
        webhook_id(changes.stands(tx).generation, sending),
        bridge.settings.public_url,
    )
    if sending.is_test:
        message = envelope.of_test(sending.made_at, endpoint.name)
        return Turn(endpoint, sending, message, signs)
    ref = changes.one(tx, sending.kind, sending.number)
    if ref is None:
        # Others were told for long enough that it is gone; this endpoint was not there.
        ref = changes.forgotten(tx, sending.kind, sending.number, sending.seq, sending.made_at)
    read = history.changes(tx, (ref,), bridge.helpdesk.said_in)
    if not read:
        return Turn(endpoint, sending, None)
    message = envelope.of_change(read[0])
    if not endpoint.wants(message.event):
        because = f"it is {message.event} by now, which is not chosen"
        return Turn(endpoint, sending, None, because=because)
    return Turn(endpoint, sending, message, signs)


def webhook_id(generation: str, sending: Sending) -> str:
    """The same on every try, also when it is replayed. After a backup was put back and the feed was
    begun anew, numbers mean other changes, and their ids are others too."""
    seq = f"test_{-sending.seq}" if sending.is_test else str(sending.seq)
    return f"msg_{generation}_{sending.endpoint_id}_{seq}"


def _take(bridge: Bridge, lease: Lease, turn: Turn) -> None:
    if turn.message is None:
        _say_nothing(bridge, lease, turn)
        return
    answer = _post(bridge, lease, turn, turn.message)
    if answer is None:
        return
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        _settle(bridge, tx, turn, answer)
    log.info(
        "webhook",
        endpoint=turn.endpoint.name,
        change=turn.sending.seq,
        status=answer.status,
        because=answer.because,
    )
    if answer.of_all:
        raise Again(answer.because, answer.wait)


def _say_nothing(bridge: Bridge, lease: Lease, turn: Turn) -> None:
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        if not turn.because:
            # Its row went just now: what it became is numbered in a moment.
            sendings.wait(tx, turn.sending, tx.now + _LOOK_AGAIN)
            return
        tried_out = turn.sending.tries >= MOST_TRIES
        state = Became.FAILED if tried_out else Became.SUPERSEDED
        sendings.settle(tx, turn.sending, state, turn.because, turn.sending.status)


def _post(bridge: Bridge, lease: Lease, turn: Turn, message: Message) -> Answer | None:
    """None where a newer change has taken its place just now."""
    lease_for = timedelta(seconds=bridge.settings.lease_seconds)

    def still_ours() -> datetime:
        with bridge.ledger.writing() as tx:
            lanes.renew(tx, lease, lease_for)
            return tx.now + lease_for / 2

    with bridge.ledger.writing() as tx:
        lanes.renew(tx, lease, lease_for)
        if not sendings.trying(tx, turn.sending, message.event, tx.now + _wait(turn.sending)):
            return None
        now = tx.now
    signed = sign(turn.secrets, message.webhook_id, now, message.body)
    with departing(bridge.clock, now + lease_for / 2, still_ours):
        return posting.post(turn.endpoint.url, message, signed, now, bridge.settings.trusted_hosts)


def _settle(bridge: Bridge, tx: Tx, turn: Turn, answer: Answer) -> None:
    endpoint, sending = turn.endpoint, turn.sending
    if answer.is_taken:
        sendings.settle(tx, sending, Became.DELIVERED, status=answer.status)
        endpoints.works(tx, endpoint)
        return
    if sending.is_test or sending.tries + 1 >= MOST_TRIES:
        sendings.settle(tx, sending, Became.FAILED, answer.because, answer.status)
    else:
        named = timedelta(seconds=answer.wait or 0)
        due = tx.now + max(_wait(sending), named)
        sendings.again(tx, sending, due, answer.because, answer.status)
    if answer.is_gone:
        disable(tx, bridge.desk, endpoint, answer.because)
        return
    endpoints.failed(tx, endpoint)
    since = endpoint.failing_since
    if since is not None and tx.now - since >= GIVE_UP:
        because = f"nothing arrived since {since:%Y-%m-%d %H:%M} UTC: {answer.because}"
        disable(tx, bridge.desk, endpoint, because)


def _wait(sending: Sending) -> timedelta:
    """Until the try after the one that is made now; the last one is only looked at again."""
    wait = WAITS[sending.tries] if sending.tries < len(WAITS) else MINUTE
    return wait * _spread()


def _spread() -> float:
    return 0.9 + wait_random(0, 0.2)(None)  # type: ignore[arg-type]  # it looks at no state
