"""How a user comes to an end: deleted, or merged into another one.

https://developer.zendesk.com/api-reference/ticketing/users/users/#delete-user
https://developer.zendesk.com/api-reference/ticketing/users/users/#merge-end-users
https://support.zendesk.com/hc/en-us/articles/4408887695898 on what a merge does to tickets.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bridge.sandbox.zendesk.records import Audit, Changed, User, Via, invalid

if TYPE_CHECKING:
    from bridge.sandbox.zendesk.desk import Desk

MOST_TICKETS = 10_000


def delete_user(desk: Desk, user_id: int) -> User:
    """Refused (422) while they are the requester of a ticket that is not closed."""
    user = desk.user(user_id)
    asked = [ticket for ticket in desk.all_tickets() if ticket.requester_id == user_id]
    if any(ticket.status != "closed" for ticket in asked):
        raise invalid("base", "User is requester on tickets that are not closed")
    desk.deleted_users[user_id] = desk.users.pop(user_id)
    return user


def merge_user(desk: Desk, user_id: int, into: int, by: User) -> User:
    """One of two end users goes; their tickets, closed ones too, are the other one's from then on.
    The audits show it, and no trigger fires. What becomes of the external id of the one who goes
    is not documented: here it goes with them."""
    gone, stays = desk.user(user_id), desk.user(into)
    if gone.is_staff or stays.is_staff or gone.id == stays.id:
        raise invalid("base", "Only two end users can be merged")
    asked = [ticket for ticket in desk.all_tickets() if ticket.requester_id == gone.id]
    if len(asked) > MOST_TICKETS:
        raise invalid("base", "User is requester on too many tickets")
    for ticket in asked:
        moved = Changed(desk.next_id(), "Change", "requester_id", str(stays.id), str(gone.id))
        audit = Audit(desk.next_id(), ticket.id, by.id, desk.clock(), Via("web"), (moved,))
        desk.record(replace(ticket, requester_id=stays.id, updated_at=desk.clock()), audit)
    desk.deleted_users[gone.id] = desk.users.pop(gone.id)
    return stays
