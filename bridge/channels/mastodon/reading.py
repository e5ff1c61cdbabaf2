"""Reading mentions, oldest first, so that none is lost and none holds up the others.

- https://docs.joinmastodon.org/methods/notifications/#get
- What the account's policy filters is there only when asked for (`include_filtered`, 4.3):
  https://docs.joinmastodon.org/entities/NotificationPolicy/
- Paging: https://docs.joinmastodon.org/api/guidelines/#pagination

Ids are opaque: a place is handed back to the server as it came, never counted or compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bridge.channels.contract import Batch, Past, Raw
from bridge.channels.mastodon.calls import Answer, Calls, Pairs, ServerTrouble, part
from bridge.channels.mastodon.translate import Me, id_in, instant_in, pack, parent_of
from bridge.errors import Again, Gone, Refused, Unreachable
from bridge.model import MINUTE, Clock

START = "start"
"""The place before everything: the account had no mention yet when it was connected."""

PAGE = 40
"""Notifications per request: the server's default since 4.1; older ones give fewer."""

_SETTLED_AFTER = timedelta(seconds=5)
_MOST_PAGES = 250
_CROWDED = 15
_PATIENCE_WITH_A_THREAD = 10 * MINUTE


@dataclass(frozen=True, slots=True)
class _Page:
    """Notifications, oldest first. `newest` is the place after the last one, "" if unknown."""

    items: tuple[Any, ...]
    newest: str
    at: datetime | None


def read_mentions(calls: Calls, cursor: str, me: Me, clock: Clock) -> Batch:
    """What is new since `cursor`.

    Where a thread cannot be read, what came before it is delivered; the rest waits for the next
    read. Raises what `Calls.get` raises when there is nothing to deliver.
    """
    page = _everything(calls) if cursor == START else _page(calls, (("min_id", cursor),))
    end = _settled(page)
    raws: list[Raw] = []
    place = cursor
    for at, item in enumerate(page.items):
        try:
            raws.append(_packed(calls, item, me, clock))
        except Again:
            if not raws:
                raise
            return Batch(tuple(raws), place, more=False)
        if at < end:
            place = id_in(item) or place
    if end == len(page.items):
        place = page.newest or place
    return Batch(tuple(raws), place, more=place != cursor)


def read_back(calls: Calls, since: datetime, me: Me, clock: Clock) -> Past:
    """Mentions since an instant, oldest first. The list is read at once, page by page backwards;
    the thread above each of them when it is its turn."""
    page = _everything(calls, since)
    items = [item for item in page.items if (instant_in(item) or since) >= since]
    return Past(len(items), (_packed(calls, item, me, clock) for item in items))


def _packed(calls: Calls, item: Any, me: Me, clock: Clock) -> Raw:
    return pack("notification", item, _above(calls, item, clock), me)


def newest_place(calls: Calls) -> str:
    """Where to begin: after everything that is there already."""
    return _page(calls, (), most=1).newest or START


def ancestors_of(calls: Calls, status_id: str) -> tuple[Any, ...]:
    """The thread above a status, its first post first; none where it cannot be seen any more.
    https://docs.joinmastodon.org/methods/statuses/#context"""
    try:
        answer = calls.get(f"/api/v1/statuses/{part(status_id)}/context")
    except (Gone, Refused):
        return ()
    found = answer.data.get("ancestors") if isinstance(answer.data, dict) else None
    return tuple(found) if isinstance(found, list) else ()


def _above(calls: Calls, item: Any, clock: Clock) -> tuple[Any, ...]:
    """What stands above a mention. A thread over which the server stumbles (5xx) again and again
    is delivered without it after a while: one bad item must not hold up the account for good."""
    status = item.get("status") if isinstance(item, dict) else None
    if not id_in(status) or not parent_of(status):
        return ()
    try:
        return ancestors_of(calls, id_in(status))
    except ServerTrouble:
        since = instant_in(item)
        if since is None or clock() - since > _PATIENCE_WITH_A_THREAD:
            return ()
        raise


def _everything(calls: Calls, since: datetime | None = None) -> _Page:
    """All there is, or every page down to an instant: what was before the first connect, and what
    came between the first connect and the first mention, so
    there is no place yet to go on from; ends where a page brings nothing that is new, and raises
    `Unreachable` where the server makes no end of it."""
    found: list[Any] = []
    seen: set[str] = set()
    first = page = _page(calls, ())
    for _ in range(_MOST_PAGES):
        fresh = [item for item in page.items if not id_in(item) or id_in(item) not in seen]
        oldest = next((id_in(item) for item in page.items if id_in(item)), "")
        found = fresh + found
        times = [at for item in page.items if (at := instant_in(item)) is not None]
        far_enough = since is not None and bool(times) and times[0] < since
        if not oldest or oldest in seen or far_enough:
            return _Page(tuple(found), first.newest, first.at)
        seen.update(id_in(item) for item in page.items)
        page = _page(calls, (("max_id", oldest),))
    raise Unreachable("the server sends page after page without an end")


def _page(calls: Calls, place: Pairs, most: int = PAGE) -> _Page:
    """One page. Servers that refuse the narrower question are asked the wider one, and what is
    certainly no mention is left out here."""
    usual: Pairs = (("limit", str(most)), *place)
    try:
        answer = calls.get(
            "/api/v1/notifications", (("types[]", "mention"), ("include_filtered", "true"), *usual)
        )
    except Refused:
        answer = calls.get("/api/v1/notifications", usual)
    if not isinstance(answer.data, list):
        raise Unreachable("the server answered something that is no list of notifications")
    items = _oldest_first(answer.data)
    newest = answer.newer or next((id_in(item) for item in reversed(items) if id_in(item)), "")
    return _Page(tuple(item for item in items if _may_be_mention(item)), newest, answer.at)


def _may_be_mention(item: Any) -> bool:
    kind = item.get("type") if isinstance(item, dict) else None
    return not isinstance(kind, str) or kind == "mention"


def _oldest_first(items: list[Any]) -> list[Any]:
    """Every server sends the newest first; turned around only if this one clearly does not."""
    times = [at for item in items if (at := instant_in(item)) is not None]
    return list(items) if times and times[0] < times[-1] else items[::-1]


def _settled(page: _Page) -> int:
    """After how many of the items the place may move on.

    Notifications are written side by side, and one with a lower id can appear a moment after one
    with a higher id. So the place stays before what is only seconds old: the next read brings it
    again, under the same key. A page that is crowded moves the place in any case, because standing
    still would lose what no longer fits on it.
    """
    if page.at is None or len(page.items) >= _CROWDED:
        return len(page.items)
    for at, item in enumerate(page.items):
        since = instant_in(item)
        if since is not None and -MINUTE < page.at - since < _SETTLED_AFTER:
            return at
    return len(page.items)


def statuses_by_id(calls: Calls, ids: tuple[str, ...]) -> dict[str, Any]:
    """The statuses that can still be seen, each with its id.

    Asked for twenty at a time (4.3); each one that is missing is asked for alone before it is
    believed to be gone, because its words are then taken off the ticket.
    https://docs.joinmastodon.org/methods/statuses/#index
    """
    found: dict[str, Any] = {}
    for at in range(0, len(ids), 20):
        some = ids[at : at + 20]
        found.update(_several(calls, some))
        for one in some:
            if one not in found:
                status = status_by_id(calls, one)
                if status is not None:
                    found[one] = status.data
    return found


def _several(calls: Calls, ids: tuple[str, ...]) -> dict[str, Any]:
    try:
        answer = calls.get("/api/v1/statuses", tuple(("id[]", one) for one in ids))
    except (Gone, Refused):
        return {}  # a server without this question
    listed = answer.data if isinstance(answer.data, list) else []
    return {id_in(status): status for status in listed if id_in(status) in ids}


def status_by_id(calls: Calls, status_id: str) -> Answer | None:
    """The status, None if it is gone or hidden from us."""
    try:
        return calls.get(f"/api/v1/statuses/{part(status_id)}")
    except Gone:
        return None
