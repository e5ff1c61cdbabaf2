"""Intents, receipts, outcomes: recorded before the outside world is changed, settled after.

An intent is `open` from the moment it is recorded: from then on it may have been carried out, and
after a crash it is looked up on the far side before anything is sent again. Only a failure that
proves nothing happened makes it `unsent`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, bindparam, case, func, literal_column, or_, select, update

from bridge.errors import LeaseLost
from bridge.ledger.made import inserting
from bridge.ledger.store import Tx
from bridge.ledger.tables import intents, outcomes, receipts, replies
from bridge.model import Outcome, Receipt, Visibility

UPDATES = ("append", "note", "fields")
"""Kinds of intents that change a ticket which is there."""

OPEN, UNSENT, SETTLED, REFUSED = "open", "unsent", "settled", "refused"


@dataclass(frozen=True, slots=True)
class Intent:
    """`far_side` is the account's name, or the helpdesk's. `receipt` is None until there is one.

    `covers` are the steps whose words are in the frozen body, where it is more than one's.
    `tried_at` is when it was last sent, None if it never was.
    """

    id: int
    key: str
    kind: str
    far_side: str
    conversation_id: int
    reply_id: int | None
    ticket_id: str
    body: str
    covers: tuple[int, ...]
    state: str
    made_at: datetime
    tried_at: datetime | None
    tries: int
    receipt: Receipt | None

    @property
    def in_doubt(self) -> bool:
        """It was sent before, and may have been carried out."""
        return self.state == OPEN and self.tries > 0


_INTEND = inserting(
    intents,
    lambda new: new.on_conflict_do_nothing(index_elements=["key"]).returning(intents.c.id),
)
_THIS = update(intents).where(intents.c.id == bindparam("the_intent"))
_THIS_TRIED = _THIS.values(tries=intents.c.tries + 1)
_WITH_RECEIPT = select(intents, receipts.c.remote_id, receipts.c.permalink).outerjoin(
    receipts, receipts.c.intent_id == intents.c.id
)
_BY_KEY = _WITH_RECEIPT.where(intents.c.key == bindparam("the_key"))
_OF_REPLY = _WITH_RECEIPT.where(intents.c.reply_id == bindparam("the_reply")).order_by(intents.c.id)
PROOF = select(receipts.c.intent_id).where(
    receipts.c.far_side == bindparam("the_far_side"),
    receipts.c.remote_id == bindparam("the_remote_id"),
)
"""The intent that a far side's id belongs to."""
_ANOTHERS = PROOF.where(receipts.c.intent_id != bindparam("the_intent"))
_SETTLE = inserting(receipts, lambda new: new.on_conflict_do_nothing(index_elements=["intent_id"]))
_UPDATES = select(func.count(), func.min(intents.c.tried_at)).where(
    intents.c.ticket_id == bindparam("the_ticket"),
    intents.c.kind.in_(UPDATES),
    intents.c.tried_at > bindparam("since"),
)
_UPDATES_LATELY = select(
    func.count(), func.count(case((intents.c.tried_at > bindparam("lately"), 1)))
).where(intents.c.kind.in_(UPDATES), intents.c.tried_at > bindparam("since"))
_NOTE = outcomes.insert().inline()


def intend(
    tx: Tx,
    *,
    key: str,
    kind: str,
    far_side: str,
    conversation_id: int,
    body: str,
    covers: tuple[int, ...] = (),
    ticket_id: str = "",
    reply_id: int | None = None,
    leaving: bool = False,
) -> Intent:
    """Record an intent with its frozen body; the one with this key if it is already recorded.

    `leaving`: it is about to be sent, which `trying` says of one that was recorded before. What is
    given back stands before that, never tried. Raises `LeaseLost` if it is already recorded: only
    the lane that it belongs to may do that.
    """
    intent_id: int | None = tx.conn.execute(
        _INTEND.on(tx),
        {
            "key": key,
            "kind": kind,
            "far_side": far_side,
            "conversation_id": conversation_id,
            "reply_id": reply_id,
            "ticket_id": ticket_id,
            "body": body,
            "covers": _joined(covers),
            "made_at": tx.now,
            "tried_at": tx.now if leaving else None,
            "tries": 1 if leaving else 0,
        },
    ).scalar_one_or_none()
    if intent_id is None:
        if leaving:
            raise LeaseLost(f"{key} was recorded by somebody else")
        found = find(tx, key)
        assert found is not None
        return found
    return Intent(
        id=intent_id,
        key=key,
        kind=kind,
        far_side=far_side,
        conversation_id=conversation_id,
        reply_id=reply_id,
        ticket_id=ticket_id,
        body=body,
        covers=covers,
        state=OPEN,
        made_at=tx.now,
        tried_at=None,
        tries=0,
        receipt=None,
    )


def freeze_anew(tx: Tx, key: str, body: str, covers: tuple[int, ...]) -> Intent:
    """Another body for an intent that was refused: nothing came of the first one."""
    tx.conn.execute(
        update(intents)
        .where(intents.c.key == key, intents.c.state == REFUSED)
        .values(body=body, covers=_joined(covers), state=UNSENT)
    )
    found = find(tx, key)
    assert found is not None
    return found


def find(tx: Tx, key: str) -> Intent | None:
    row = tx.conn.execute(_BY_KEY, {"the_key": key}).one_or_none()
    return _intent(row) if row else None


def is_anothers(tx: Tx, intent: Intent, remote_id: str) -> bool:
    """Whether the far side's id is the proof of another intent than this one."""
    proof = {"the_far_side": intent.far_side, "the_remote_id": remote_id}
    return tx.conn.execute(_ANOTHERS, {**proof, "the_intent": intent.id}).first() is not None


def with_receipt(tx: Tx, far_side: str, remote_id: str) -> Intent | None:
    """The intent that became this message."""
    row = tx.conn.execute(
        select(intents, receipts.c.remote_id, receipts.c.permalink)
        .join(receipts, receipts.c.intent_id == intents.c.id)
        .where(receipts.c.far_side == far_side, receipts.c.remote_id == remote_id)
    ).one_or_none()
    return _intent(row) if row else None


def of_reply(tx: Tx, reply_id: int) -> tuple[Intent, ...]:
    rows = tx.conn.execute(_OF_REPLY, {"the_reply": reply_id})
    return tuple(_intent(row) for row in rows)


def private_answers(tx: Tx, post_id: int, *, but_for: int) -> int:
    """How many messages went out privately in answer to a public post, by other replies."""
    found: int = tx.conn.execute(
        select(func.count())
        .select_from(intents)
        .join(replies, replies.c.id == intents.c.reply_id)
        .join(receipts, receipts.c.intent_id == intents.c.id)
        .where(
            replies.c.answers == post_id,
            replies.c.visibility == Visibility.PRIVATE,
            replies.c.id != but_for,
        )
    ).scalar_one()
    return found


def is_in_doubt(tx: Tx, far_side: str, reply_ids: tuple[int, ...], *, since: datetime) -> bool:
    """Whether one of these replies has lately been sent privately, and nobody knows what became of
    it."""
    if not reply_ids:
        return False
    found = tx.conn.execute(
        select(intents.c.id)
        .join(replies, replies.c.id == intents.c.reply_id)
        .where(
            intents.c.reply_id.in_(reply_ids),
            intents.c.far_side == far_side,
            intents.c.state == OPEN,
            intents.c.tried_at >= since,
            replies.c.visibility == Visibility.PRIVATE,
        )
        .limit(1)
    ).first()
    return found is not None


def trying(tx: Tx, intent_id: int) -> None:
    """It is about to be sent: from here on nobody can be sure that it was not."""
    tried = {"state": OPEN, "tried_at": tx.now}
    tx.conn.execute(_THIS_TRIED, {"the_intent": intent_id, **tried})


def unsent(tx: Tx, intent_id: int) -> None:
    """The failure proved that nothing happened."""
    tx.conn.execute(_THIS, {"the_intent": intent_id, "state": UNSENT})


def settle(
    tx: Tx, intent: Intent, receipt: Receipt, *, because: str = "", opened: str = ""
) -> None:
    """The far side's proof. Settling twice with the same proof is success. `opened`: the ticket
    that came of it."""
    tx.conn.execute(
        _SETTLE.on(tx),
        {
            "intent_id": intent.id,
            "far_side": intent.far_side,
            "remote_id": receipt.id,
            "permalink": receipt.permalink,
            "at": tx.now,
        },
    )
    news = {"state": SETTLED, "ticket_id": opened} if opened else {"state": SETTLED}
    tx.conn.execute(_THIS, {"the_intent": intent.id, **news})
    note(tx, Outcome.DELIVERED, intent_id=intent.id, reply_id=intent.reply_id, because=because)


def refuse(tx: Tx, intent: Intent, outcome: Outcome, code: str, because: str) -> None:
    tx.conn.execute(_THIS, {"the_intent": intent.id, "state": REFUSED})
    note(tx, outcome, intent_id=intent.id, reply_id=intent.reply_id, code=code, because=because)


def drop(tx: Tx, key: str) -> None:
    """It is not to be tried any more; what is known to have been done, or may have been, stays."""
    tx.conn.execute(
        update(intents).where(intents.c.key == key, intents.c.state == UNSENT).values(state=REFUSED)
    )
    tx.conn.execute(
        update(intents)
        .where(intents.c.key == key, intents.c.state == OPEN, intents.c.tries == 0)
        .values(state=REFUSED)
    )


def note(
    tx: Tx,
    outcome: Outcome,
    *,
    intent_id: int | None = None,
    reply_id: int | None = None,
    code: str = "",
    because: str = "",
) -> None:
    """Outcomes are only ever added: what was believed, and when."""
    tx.conn.execute(
        _NOTE,
        {
            "intent_id": intent_id,
            "reply_id": reply_id,
            "outcome": outcome,
            "code": code,
            "because": because,
            "at": tx.now,
        },
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What is believed of a reply, and why."""

    outcome: Outcome
    code: str
    because: str


def last_outcome(tx: Tx, reply_id: int) -> Known | None:
    row = tx.conn.execute(
        select(outcomes)
        .where(outcomes.c.reply_id == reply_id)
        .order_by(outcomes.c.id.desc())
        .limit(1)
    ).one_or_none()
    return Known(Outcome(row.outcome), row.code, row.because) if row else None


def troubled(tx: Tx, reply_id: int) -> bool:
    """Whether the ticket was ever told that something is wrong with a reply."""
    return (
        tx.conn.execute(
            select(outcomes.c.id).where(outcomes.c.reply_id == reply_id, outcomes.c.code != "")
        ).first()
        is not None
    )


def may_stand(tx: Tx, conversation_id: int, stem: str) -> bool:
    """Whether something of a conversation, under a key that begins so, was sent and nobody knows
    what became of it."""
    here = select(intents.c.id).where(
        intents.c.conversation_id == conversation_id,
        intents.c.key.startswith(stem, autoescape=True),
        intents.c.state == OPEN,
        intents.c.tries > 0,
    )
    return tx.conn.execute(here.limit(1)).first() is not None


def times_unknown(tx: Tx, intent_id: int) -> int:
    """How often an intent was sent and no answer came."""
    return tx.conn.execute(
        select(func.count())
        .select_from(outcomes)
        .where(outcomes.c.intent_id == intent_id, outcomes.c.outcome == Outcome.UNKNOWN)
    ).scalar_one()


def is_open(tx: Tx, reply_id: int) -> bool:
    """Whether a part of a reply was sent and nobody knows what became of it."""
    return (
        tx.conn.execute(
            select(intents.c.id).where(
                intents.c.reply_id == reply_id, intents.c.state == OPEN, intents.c.tries > 0
            )
        ).first()
        is not None
    )


def may_be_out(tx: Tx, reply_id: int) -> bool:
    """Whether a part of a reply was sent, or may have been."""
    here = select(intents.c.id).where(
        intents.c.reply_id == reply_id,
        or_(
            intents.c.state == SETTLED,
            (intents.c.state == OPEN) & (intents.c.tries > 0),
        ),
    )
    return tx.conn.execute(here.limit(1)).first() is not None


def updates_since(tx: Tx, ticket_id: str, window: timedelta) -> tuple[int, datetime | None]:
    """How many writes a ticket took within the window, and when the oldest of them was."""
    row = tx.conn.execute(_UPDATES, {"the_ticket": ticket_id, "since": tx.now - window}).one()
    return row[0], row[1]


def updates_lately(tx: Tx, window: timedelta, part: timedelta) -> tuple[int, int]:
    """How many writes all tickets took within the window, and within its last part."""
    row = tx.conn.execute(
        _UPDATES_LATELY, {"since": tx.now - window, "lately": tx.now - part}
    ).one()
    return row[0], row[1]


def counts(tx: Tx) -> dict[str, int]:
    """State → how many. It reads all there are: `unsettled` tells what must be watched."""
    return tx.tally(intents.c.state)


def unsettled(tx: Tx) -> dict[str, int]:
    """The same of all that are not done; it reads those alone."""
    return tx.tally(intents.c.state, intents.c.state != literal_column(f"'{SETTLED}'"))


def _joined(covers: tuple[int, ...]) -> str:
    return " ".join(map(str, covers))


def _intent(row: Row[tuple[object, ...]]) -> Intent:
    return Intent(
        id=row.id,
        key=row.key,
        kind=row.kind,
        far_side=row.far_side,
        conversation_id=row.conversation_id,
        reply_id=row.reply_id,
        ticket_id=row.ticket_id,
        body=row.body,
        covers=tuple(int(step) for step in row.covers.split()),
        state=row.state,
        made_at=row.made_at,
        tried_at=row.tried_at,
        tries=row.tries,
        receipt=Receipt(row.remote_id, row.permalink) if row.remote_id else None,
    )
