"""People of the networks as the helpdesk knows them, until its admins merge or delete them."""

from __future__ import annotations

import structlog

from bridge.errors import Gone, Refused
from bridge.flow import proving
from bridge.flow.bridge import Bridge
from bridge.flow.once import Deed, do_once
from bridge.ledger import intents, people
from bridge.ledger.lanes import Lease
from bridge.model import Person, Receipt

log = structlog.get_logger()


def person_at_helpdesk(bridge: Bridge, person: Person) -> str:
    """The helpdesk's id of a person, asked for once and remembered."""
    with bridge.ledger.reading() as tx:
        known = people.helpdesk_id(tx, person)
    return known or _asked_anew(bridge, person)


def do_for(bridge: Bridge, lease: Lease, author: Person | None, deed: Deed) -> Receipt:
    """`do_once` in the name of a person, whom the helpdesk's admins may have merged or deleted.

    Which refusal that brings is not documented, so none is read: after any, the helpdesk is asked
    who the person is. If that is somebody else than in the refused body, the body is frozen anew,
    once. A refusal proves that nothing came of the first one.
    """
    try:
        return do_once(bridge, lease, deed)
    except (Refused, Gone):
        if author is None or not _is_somebody_else_now(bridge, deed, author):
            raise
    return do_once(bridge, lease, deed)


def _is_somebody_else_now(bridge: Bridge, deed: Deed, author: Person) -> bool:
    with bridge.ledger.reading() as tx:
        intent = intents.find(tx, deed.key)
    if intent is None or intent.state != intents.REFUSED:
        return False
    was = bridge.helpdesk.written_by(intent.body)
    now_is = _asked_anew(bridge, author)
    if now_is != was:
        log.warning("the helpdesk knows a person as another user", was=was, now=now_is)
    return now_is != was


def _asked_anew(bridge: Bridge, person: Person) -> str:
    found = bridge.helpdesk.ensure_person(person)
    with bridge.ledger.writing() as tx:
        before = people.helpdesk_id(tx, person)
        person_id = people.set_helpdesk_id(tx, person, found)
        if person_id is not None and before not in ("", found):
            # Its agents may have merged two users there: that is their word.
            proving.at_helpdesk(tx, person_id, found)
    return found
