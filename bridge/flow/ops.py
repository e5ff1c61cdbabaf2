"""One ticket to an ops group for each trouble of an account: opened once, solved by itself.

The ticket is a conversation like any other, with the bridge as its requester and a lane of its
own, so that it is opened once and its comments stand in order, whatever is killed when.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from bridge.errors import Closed, Gone
from bridge.flow.bridge import Bridge
from bridge.flow.tickets import Opening, Saying, plain, say, was_said
from bridge.ledger import Tx, accounts, alarms, audit, conversations, lanes, people, steps
from bridge.ledger.accounts import About, State, Trouble
from bridge.ledger.alarms import OpsTicket
from bridge.ledger.conversations import lane_of
from bridge.ledger.lanes import Lease
from bridge.ledger.steps import Step
from bridge.mapping import Route
from bridge.model import HOUR, OURSELVES, Kind, Person
from bridge.text import alarm

BRIDGE = Person(OURSELVES, "ops", "", "Helpdesk bridge")
TAGS = ("bridge", "bridge_ops")
NOTE_EVERY: timedelta = HOUR
STEP = "ops"


def attend(bridge: Bridge, tx: Tx, name: str) -> None:
    """Queue what the ops group should be told of an account, if anything."""
    now_is = accounts.standing(tx, name)
    ticket = alarms.open_ticket(tx, name)
    found = _told(bridge, name, accounts.all_troubles(tx, name))
    if ticket is not None:
        if not found and now_is.state is State.CONNECTED:
            alarms.over(tx, ticket.conversation_id)
            _queue(bridge, tx, ticket.conversation_id, "solve")
        elif found and _is_news(ticket, found[0], tx.now):
            alarms.say(tx, ticket.conversation_id, found[0].state, found[0].because)
            _queue(bridge, tx, ticket.conversation_id, f"note:{tx.now.isoformat()}")
        return
    policy = bridge.mapping.ops
    if policy is None or not found or now_is.state is State.DISABLED:
        return
    if tx.now - min(each.since for each in found) < policy.after:
        return
    person_id = people.remember(tx, BRIDGE)
    key = f"ops:{name}:{tx.now.isoformat()}"
    conversation_id = conversations.begin(tx, bridge.desk, person_id, key, tx.now)
    alarms.begin(tx, name, conversation_id, found[0].state, found[0].because)
    audit.add(
        tx,
        f"the ops group is told of {name}",
        f"{found[0].state}: {found[0].because}",
        conversation_id=conversation_id,
    )
    _queue(bridge, tx, conversation_id, "open")


def tell_ops(bridge: Bridge, lease: Lease, step: Step) -> None:
    """Write what was queued: the opening, a note, or that all is well again."""
    conversation_id = int(lease.lane.partition(":")[2])
    with bridge.ledger.reading() as tx:
        conversation = conversations.one(tx, conversation_id)
        ticket = alarms.ops_ticket(tx, conversation_id)
    assert ticket is not None
    if ticket.over_at is not None and not conversation.ticket_id:
        return  # it was over before it could be told
    if was_said(bridge, conversation, f"ops:{step.about}"):
        return
    known = bridge.mapping.accounts.get(ticket.account)
    whose = alarm.whose(ticket.account, known.network if known else "")
    language = bridge.mapping.agents_language
    if step.about == "open":
        policy = bridge.mapping.ops
        saying = Saying(
            key="ops:open",
            content=plain(alarm.opening(whose, ticket.state, ticket.because, language)),
            public=True,
            author=BRIDGE,
            tags=TAGS,
            opens=Opening(
                alarm.subject(whose, ticket.state, language),
                Kind.POST,
                Route("", "an account is in trouble", group=policy.group if policy else ""),
            ),
        )
    elif step.about == "solve":
        text = alarm.well(whose, language)
        saying = Saying(key="ops:solve", content=plain(text), public=False, solve=True)
    else:
        text = alarm.changed(whose, ticket.state, ticket.because, language)
        saying = Saying(key=f"ops:{step.about}", content=plain(text), public=False)
    try:
        say(bridge, lease, conversation, saying)
    except (Closed, Gone) as refusal:
        # Somebody has closed it, or thrown it away: what there is to say stands in the trail.
        with bridge.ledger.writing() as tx:
            lanes.fence(tx, lease)
            audit.add(
                tx, f"ops not told: {step.about}", refusal.because, conversation_id=conversation_id
            )


def _told(bridge: Bridge, name: str, troubles: tuple[Trouble, ...]) -> list[Trouble]:
    """A pause is no trouble. A helpdesk on which nothing can be written cannot be told of that, nor
    of anything else; one that only cannot be read can."""
    if name == bridge.desk and any(each.about is About.SENDING for each in troubles):
        return []
    return [each for each in troubles if each.about is not About.PAUSED]


def _is_news(ticket: OpsTicket, trouble: Trouble, now: datetime) -> bool:
    """Another state, or another reason (a count that grew is none), and not said too often."""
    before = (ticket.state, re.sub(r"\d+", "", ticket.because))
    differs = before != (str(trouble.state), re.sub(r"\d+", "", trouble.because))
    return differs and now - ticket.said_at >= NOTE_EVERY


def _queue(bridge: Bridge, tx: Tx, conversation_id: int, what: str) -> None:
    steps.add(tx, lane_of(conversation_id), STEP, what, account=bridge.desk)
