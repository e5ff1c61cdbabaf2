"""The helpdesk's pings."""

from __future__ import annotations

from structlog.testing import capture_logs

from bridge.ledger import deliveries
from bridge.ledger.lanes import backlog

EVENTS = "/helpdesk/zendesk/events"


def test_an_event_that_is_not_genuine_is_an_alarm(client, event):
    """401, an error in the log, and a count: most pings would be lost by a wrong secret."""
    body, headers = event()
    with capture_logs() as lines:
        answer = client.post(EVENTS, data=body + b" ", headers=headers)
    assert answer.status_code == 401
    assert "signature" in answer.json["error"]
    assert "error" in [line["log_level"] for line in lines]
    page = client.get("/metrics").get_data(as_text=True)
    assert 'bridge_not_genuine_total{source="helpdesk:zendesk"} 1.0' in page


def test_no_header_at_all_is_a_401(client):
    """A stranger's call is refused."""
    assert client.post(EVENTS, data=b"{}").status_code == 401


def test_an_event_is_kept_with_the_ticket_it_is_about(client, bridge, event):
    """Also of a ticket that the ledger does not know yet: the lane decides."""
    body, headers = event(ticket="5158")
    answer = client.post(EVENTS, data=body, headers=headers)
    assert (200, {"received": 1}) == (answer.status_code, answer.json)
    with bridge.ledger.reading() as tx:
        kept = deliveries.one(tx, 1)
        assert backlog(tx).due == 1
    assert kept is not None
    assert (bridge.desk, "5158", "webhook", body) == (kept.source, kept.about, kept.via, kept.body)


def test_the_same_event_twice_is_one_row(client, event):
    """A second delivery is success too."""
    body, headers = event()
    client.post(EVENTS, data=body, headers=headers)
    again = client.post(EVENTS, data=body, headers=headers)
    assert {"received": 1, "again": True} == again.json


def test_only_post_is_taken(client):
    """405 in JSON for a look with a browser."""
    assert client.get(EVENTS).status_code == 405
