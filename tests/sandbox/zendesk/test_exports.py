"""What changed since: the incremental exports that a reconciler lives on."""

from __future__ import annotations

from typing import Any

from plugins_zendesk import ZendeskSandbox
from zendesk_client import Client

EVENTS = "/api/v2/incremental/ticket_events.json"
TICKETS = "/api/v2/incremental/tickets/cursor.json"


def _start(clock: Any) -> int:
    return int(clock.now.timestamp())


def test_newest_minute_is_left_out(api: Client, clock: Any) -> None:
    """A comment is not exported until a minute after it was written, and then it is, whole."""
    start = _start(clock) - 60
    made = api.create(comment={"body": "hello", "public": True}, metadata={"bridge": {"m": 1}})
    query = {"start_time": start, "include": "comment_events"}
    clock.move(59)
    early = api("GET", EVENTS, params=query).json()
    assert (early["ticket_events"], early["end_time"], early["end_of_stream"]) == ([], None, True)
    clock.move(1)
    data = api("GET", EVENTS, params=query).json()
    event = data["ticket_events"][0]
    assert (event["ticket_id"], event["metadata"]["custom"]) == (
        made["ticket"]["id"],
        {"bridge": {"m": 1}},
    )
    child = event["child_events"][0]
    assert (child["event_type"], child["body"], child["public"]) == ("Comment", "hello", True)
    assert data["end_time"] == start + 60
    assert f"start_time={start + 60}" in data["next_page"]


def test_without_comments_only_their_presence(api: Client, clock: Any) -> None:
    """Without the sideload a comment is only mentioned."""
    start = _start(clock)
    api.create()
    clock.move(60)
    data = api("GET", EVENTS, params={"start_time": start}).json()
    child = data["ticket_events"][0]["child_events"][0]
    assert (child["comment_present"], child["comment_public"], "body" in child) == (
        True,
        True,
        False,
    )


def test_event_pages_lose_nothing(api: Client, clock: Any) -> None:
    """Following `end_time` brings every event; the last second comes again on the next page."""
    start = _start(clock)
    made = [api.create()["audit"]["id"] for _ in range(3)]
    clock.move(1)
    made += [api.create()["audit"]["id"] for _ in range(2)]
    clock.move(60)
    first = api("GET", EVENTS, params={"start_time": start, "per_page": 2}).json()
    assert [one["id"] for one in first["ticket_events"]] == made[:3]
    assert first["end_of_stream"] is False
    rest = {"start_time": first["end_time"], "per_page": 1000}
    second = api("GET", EVENTS, params=rest).json()
    assert [one["id"] for one in second["ticket_events"]] == made
    assert second["end_of_stream"] is True


def test_tickets_by_cursor(api: Client, zendesk_sandbox: ZendeskSandbox, clock: Any) -> None:
    """The cursor brings each changed ticket, deleted ones too, and then only what is newer."""
    start = _start(clock)
    ids = [api.create()["ticket"]["id"] for _ in range(3)]
    zendesk_sandbox.desk.delete(ids[0])
    clock.move(60)
    first = api("GET", TICKETS, params={"start_time": start, "per_page": 2}).json()
    second = api("GET", TICKETS, params={"cursor": first["after_cursor"], "per_page": 2}).json()
    rows = first["tickets"] + second["tickets"]
    assert [one["id"] for one in rows] == ids
    assert rows[0]["status"] == "deleted"
    assert (first["end_of_stream"], second["end_of_stream"]) == (False, True)
    cursor = second["after_cursor"]
    empty = api("GET", TICKETS, params={"cursor": cursor}).json()
    assert (empty["tickets"], empty["after_cursor"]) == ([], cursor)
    api.update(ids[1], subject="new")
    clock.move(60)
    later = api("GET", TICKETS, params={"cursor": cursor}).json()
    assert [one["id"] for one in later["tickets"]] == [ids[1]]


def test_wrong_questions(api: Client, clock: Any) -> None:
    """A start in the newest minute is refused, so is none at all, and the tries are limited."""
    assert api("GET", EVENTS, params={"start_time": _start(clock)}).status_code == 422
    assert api("GET", EVENTS).status_code == 400
    assert api("GET", TICKETS, params={"cursor": "nonsense"}).status_code == 400
    answers = [api("GET", EVENTS, params={"start_time": 1}).status_code for _ in range(28)]
    assert (answers[26], answers[27]) == (200, 429)
