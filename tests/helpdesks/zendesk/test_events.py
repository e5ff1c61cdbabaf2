"""Webhooks: what is believed, and what an event says."""

import base64
import hashlib
import hmac
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import NotGenuine
from bridge.helpdesks.contract import Ping, TicketState
from bridge.helpdesks.zendesk.events import PUBLISHED_TEST_KEY, genuine, is_no_agents, state_in
from bridge.settings import Secret

SECRET = Secret("HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA=")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SAID = "X-Zendesk-Webhook-Signature"
AT = "X-Zendesk-Webhook-Signature-Timestamp"

EVENT = {
    "account_id": 22129848,
    "detail": {"id": "5158", "status": "OPEN", "external_id": ""},
    "event": {"comment": {"id": 9876543210, "is_public": True}},
    "id": "d4f5c389-0000",
    "subject": "zen:ticket:5158",
    "time": "2025-01-08T14:25:30.123456789Z",
    "type": "zen:event-type:ticket.comment_added",
    "zendesk_event_version": "2022-11-06",
}


def signed(body, at="2026-11-21T12:00:00Z", secret=SECRET):
    digest = hmac.new(secret.reveal().encode(), at.encode() + body, hashlib.sha256).digest()
    return {SAID: base64.b64encode(digest).decode(), AT: at}


@pytest.fixture
def vectors():
    path = Path(__file__).resolve().parents[3] / "../shared/specs/zendesk"
    path /= "webhook-signature-vectors.json"
    if not path.exists():
        assert "CI" not in os.environ, "the specs are missing"
        pytest.skip("the specs are not on this machine")
    return json.loads(path.read_text())["vectors"]


def test_the_old_order_is_refused(vectors):
    """Body before timestamp was documented once; it is not accepted."""
    old = vectors[0]
    at = datetime.fromisoformat(old["timestamp"])
    headers = {SAID: old["signature"], AT: old["timestamp"]}
    with pytest.raises(NotGenuine, match="does not fit"):
        genuine(headers, old["body"].encode(), Secret(old["secret"]), at)


def test_the_published_test_key_is_refused_even_if_it_is_set(vectors):
    """Everybody knows it, so what it signs proves nothing."""
    vector = vectors[1]
    assert vector["secret"] == PUBLISHED_TEST_KEY
    at = datetime.fromisoformat(vector["timestamp"])
    headers = {SAID: vector["signature"], AT: vector["timestamp"]}
    with pytest.raises(NotGenuine, match="public test secret"):
        genuine(headers, vector["body"].encode(), Secret(vector["secret"]), at)


def test_the_recorded_body_is_signed_as_we_verify(vectors):
    """Timestamp before body, key as text: the vector of the recorded payload is reproduced."""
    vector = vectors[1]
    headers = signed(vector["body"].encode(), vector["timestamp"], Secret(vector["secret"]))
    assert vector["signature"] == headers[SAID]


def test_a_recorded_body_of_another_kind_names_no_ticket(vectors):
    """An event about a user is genuine, and about no ticket."""
    body, at = vectors[1]["body"].encode(), vectors[1]["timestamp"]
    headers = signed(body, at)
    ping = genuine(headers, body, SECRET, datetime.fromisoformat(at))
    assert Ping("b3695d61-2ef4-4e9c-97af-1f065c099564", "", "user.deleted") == ping


def test_no_secret_means_no_belief():
    """Without a secret nothing can be verified."""
    with pytest.raises(NotGenuine, match="ZENDESK_WEBHOOK_SECRET is not set"):
        genuine(signed(b"{}"), b"{}", Secret(""), NOW)


@pytest.mark.parametrize("seconds", [-901, 901, -86400 * 400])
def test_too_old_and_too_new_are_refused(seconds):
    """More than fifteen minutes off, either way."""
    with pytest.raises(NotGenuine, match="15 minutes"):
        genuine(signed(b"{}"), b"{}", SECRET, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-899, 0, 899])
def test_what_is_fresh_is_taken(seconds):
    """Less is accepted."""
    body = json.dumps(EVENT, indent=3).encode() + b"\n"
    ping = genuine(signed(body), body, SECRET, NOW + timedelta(seconds=seconds))
    assert Ping("d4f5c389-0000", "5158", "ticket.comment_added") == ping


@pytest.mark.parametrize(
    "spoil",
    [
        lambda h: {},
        lambda h: {SAID: h[SAID]},
        lambda h: {AT: h[AT]},
        lambda h: h | {SAID: ""},
        lambda h: h | {SAID: "ü" + h[SAID]},
        lambda h: h | {SAID: h[SAID] + "\n"},
        lambda h: h | {SAID: h[SAID][:-1]},
        lambda h: h | {SAID.lower(): "other"},
        lambda h: h | {AT: "yesterday"},
        lambda h: h | {AT: "2026-11-21T12:00:00"},
        lambda h: h | {AT: "2026-11-21T12:00:01Z"},
        lambda h: h | {AT: "\ud800"},
        lambda h: h | {SAID: base64.b64decode(h[SAID]).hex()},
    ],
)
def test_every_malformed_header_is_refused(spoil):
    """Never another exception, never belief."""
    with pytest.raises(NotGenuine):
        genuine(spoil(signed(b"{}")), b"{}", SECRET, NOW)


@pytest.mark.parametrize("at", ["2026-11-21", "20261121", "2026-11-21T12:00:00", "x", "9" * 30])
def test_a_signed_timestamp_that_is_none_is_refused(at):
    """Even the holder of the secret must say when."""
    with pytest.raises(NotGenuine):
        genuine(signed(b"{}", at), b"{}", SECRET, NOW)


@given(
    headers=st.dictionaries(st.sampled_from([SAID, AT, "x"]), st.text()),
    body=st.binary(max_size=200),
)
def test_nothing_made_up_is_believed(headers, body):
    """Any header and any body: NotGenuine, and nothing else."""
    with pytest.raises(NotGenuine):
        genuine(headers, body, SECRET, NOW)


@given(body=st.binary(max_size=300))
def test_any_signed_body_has_a_key(body):
    """What is genuine but not understood is a ping about no ticket."""
    ping = genuine(signed(body), body, SECRET, NOW)
    assert ping.key
    assert ping.ticket_id == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries(
        {"id": JSON, "type": JSON, "subject": JSON, "detail": JSON, "ticket_id": JSON}
    )
)
def test_any_signed_event_gives_a_number_or_no_ticket(event):
    """Whatever types the fields have."""
    body = json.dumps(event).encode()
    ping = genuine(signed(body), body, SECRET, NOW)
    assert ping.ticket_id == "" or ping.ticket_id.isdigit()


def test_a_very_deep_body_is_survived():
    """A hundred thousand brackets, signed."""
    body = b"[" * 100_000
    assert genuine(signed(body), body, SECRET, NOW).ticket_id == ""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "5158"),
        ({"subject": "", "detail": {"id": 5158}}, "5158"),
        ({"subject": None, "detail": {"id": "5158"}}, "5158"),
        ({"subject": "zen:ticket:0"}, ""),
        ({"subject": "zen:ticket:5158/../1"}, ""),
        ({"subject": "zen:user:7"}, ""),
        ({"subject": None, "detail": {"id": True}}, ""),
        ({"subject": None, "detail": {"id": 5.5}}, ""),
        ({"subject": None, "detail": []}, ""),
        ({"subject": None, "type": None, "detail": None, "ticket_id": " 77 "}, "77"),
        ({"type": "zen:event-type:ticket.merged"}, "5158"),
    ],
)
def test_the_ticket_is_named_in_several_ways(changes, expected):
    """Ids as strings or numbers; a trigger's own template has only `ticket_id`."""
    body = json.dumps(EVENT | changes).encode()
    assert expected == genuine(signed(body), body, SECRET, NOW).ticket_id


def test_the_same_event_has_the_same_key_in_every_delivery():
    """The key is signed: another invocation id does not make another event."""
    body = json.dumps(EVENT).encode()
    first = signed(body) | {"X-Zendesk-Webhook-Invocation-Id": "01AAA"}
    again = signed(body, "2026-11-21T12:03:00Z") | {"X-Zendesk-Webhook-Invocation-Id": "01BBB"}
    keys = {genuine(headers, body, SECRET, NOW).key for headers in (first, again)}
    assert {"d4f5c389-0000"} == keys


def test_a_trigger_without_an_id_is_known_by_its_invocation():
    """Then by its body."""
    body = b'{"ticket_id":"77"}'
    headers = signed(body)
    named = headers | {"x-zendesk-webhook-invocation-id": "01AAA"}
    assert Ping("01AAA", "77", "") == genuine(named, body, SECRET, NOW)
    plain = genuine(headers, body, SECRET, NOW)
    assert hashlib.sha256(body).hexdigest() == plain.key


STATUS = EVENT | {
    "type": "zen:event-type:ticket.status_changed",
    "detail": {"id": "5158", "status": "SOLVED"},
    "event": {"current": "SOLVED", "previous": "OPEN"},
}


def test_an_event_about_the_status_tells_it():
    """In lower case, as everywhere else, with the time of the event."""
    at = datetime(2025, 1, 8, 14, 25, 30, 123456, tzinfo=UTC)
    assert state_in(json.dumps(STATUS).encode()) == TicketState("5158", "solved", at=at)


@pytest.mark.parametrize(
    ("detail", "is_merged"),
    [
        ({"status": "CLOSED", "tags": ["bridge", "closed_by_merge"]}, True),
        ({"status": "CLOSED", "tags": ["bridge"]}, False),
        ({"status": "CLOSED", "tags": "closed_by_merge"}, False),
        ({"status": "OPEN", "tags": ["closed_by_merge"]}, False),
    ],
)
def test_an_event_about_the_status_tells_of_a_merge(detail, is_merged):
    state = state_in(json.dumps(STATUS | {"detail": {"id": "5158", **detail}}).encode())
    assert state is not None
    assert is_merged is state.is_merged


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "zen:event-type:ticket.comment_added"},
        {"type": ["zen:event-type:ticket.status_changed"]},
        {"detail": {"id": "5158"}},
        {"detail": {"id": "5158", "status": 4}},
        {"detail": []},
        {"subject": "zen:user:7"},
    ],
)
def test_every_other_event_is_a_ping(changes):
    assert state_in(json.dumps(STATUS | changes).encode()) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"null"])
def test_what_cannot_be_read_tells_no_status(body):
    assert state_in(body) is None
    assert not is_no_agents(body, "8")


def said_by(author, **more):
    event = {"comment": {"id": 9, "is_public": True, "author": author}}
    added = {"type": "zen:event-type:ticket.comment_added", "event": event}
    return json.dumps(EVENT | added | more).encode()


def test_what_no_staff_wrote_is_no_agents():
    assert is_no_agents(said_by({"id": "8", "is_staff": False, "name": "Ada"}), "")


@pytest.mark.parametrize("author", [{"id": "8", "is_staff": True}, {"id": 8}])
def test_what_the_bridge_wrote_is_no_agents(author):
    """Its notes: it is staff itself. As long as it does not know itself, and of whoever else."""
    assert is_no_agents(said_by(author), "8")
    assert not is_no_agents(said_by(author), "")
    assert not is_no_agents(said_by(author), "88")
    assert not is_no_agents(said_by(author, type="zen:event-type:ticket.merged"), "8")


def test_who_the_bridge_is_costs_no_call(desk, stub):
    """What it has not asked for yet is not asked for: the ticket is looked at."""
    note = said_by({"id": "1", "is_staff": True})
    assert not desk.is_no_agents(note)
    assert stub.seen == []
    stub.will({"user": {"id": 1, "name": "Bridge", "role": "admin"}})
    stub.will({"audits": [{"id": 5, "author_id": 1, "events": []}], "users": []})
    desk.comments("35")
    assert desk.is_no_agents(note)


@pytest.mark.parametrize(
    "body",
    [
        said_by({"id": "8", "is_staff": True}),
        said_by({"id": "8"}),
        said_by({"id": "8", "is_staff": None}),
        said_by({"id": "8", "is_staff": "false"}),
        said_by({"id": "8", "is_staff": 0}),
        said_by(None),
        said_by({"id": "", "is_staff": True}),
        said_by({"id": "8", "is_staff": False}, type="zen:event-type:ticket.merged"),
        said_by({"id": "8", "is_staff": False}, event=None),
    ],
)
def test_only_a_clear_no_spares_a_look(body):
    """What is absent, or written otherwise, may be an agent."""
    assert not is_no_agents(body, "")
    assert not is_no_agents(body, "7")


@pytest.mark.parametrize("time", [None, "", "yesterday", "2025-01-08T14:25:30", 5])
def test_a_status_without_a_time_is_told_all_the_same(time):
    assert state_in(json.dumps(STATUS | {"time": time}).encode()) == TicketState("5158", "solved")
