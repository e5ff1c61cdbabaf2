"""/health, /ready, /metrics, and what holds for every answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bridge.ledger import accounts, alarms, deliveries, lanes
from bridge.ledger.accounts import State


@pytest.fixture
def gone(bridge, monkeypatch):
    """From here on the database does not answer."""

    def refuses(*_args, **_more):
        raise OperationalError("connect", None, OSError("connection refused"))

    def away():
        bridge.ledger.engine.dispose()
        monkeypatch.setattr(bridge.ledger.engine, "connect", refuses)

    return away


def metrics(client):
    page = client.get("/metrics")
    assert page.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page.get_data(as_text=True))
        for sample in family.samples
    }


def test_a_dead_database_is_not_healthy(client, gone):
    """503 in JSON, at /health and /ready; the metrics page still comes, and says so."""
    gone()
    assert (503, "down") == ((a := client.get("/health")).status_code, a.json["status"])
    assert (503, False) == ((a := client.get("/ready")).status_code, a.json["ready"])
    assert metrics(client)["bridge_database_up",] == 0


def test_a_dead_database_refuses_deliveries_with_503(shop, gone):
    """The sender is told to come back."""
    gone()
    assert (503, "10") == ((a := shop.posts()).status_code, a.headers["Retry-After"])


def test_health_tells_how_every_account_stands(client, bridge, clock):
    """An account in trouble is told, and is no reason to restart; its reason is not public."""
    with bridge.ledger.writing() as tx:
        accounts.stands(tx, "acme", State.NEEDS_SIGN_IN, "the token was revoked")
    answer = client.get("/health")
    assert (200, "attention") == (answer.status_code, answer.json["status"])
    stands = {each["name"]: each["state"] for each in answer.json["accounts"]}
    expected = {"shop": "unread", "acme": "needs_sign_in", "helpdesk:zendesk": "unread"}
    assert expected == stands
    assert "revoked" not in answer.get_data(as_text=True)


def test_a_gap_that_was_caught_up_with_is_told(client, bridge, clock):
    """Since when, until when, how many; the reading of an account makes it connected."""
    with bridge.ledger.writing() as tx:
        accounts.read_to(tx, "acme", "1")
    clock.move(1740)
    with bridge.ledger.writing() as tx:
        accounts.read_to(tx, "acme", "2", items=12, usual=timedelta(minutes=5))
    acme = next(each for each in client.get("/health").json["accounts"] if each["name"] == "acme")
    expected = {
        "since": "2026-11-21T12:00:00+00:00",
        "until": "2026-11-21T12:29:00+00:00",
        "items": 12,
    }
    assert ("connected", expected) == (acme["state"], acme["recovered"])


def test_refused_deliveries_cost_one_write_a_minute(client, bridge, clock):
    """Anybody can send them: they are counted, and put down now and then."""
    for _ in range(5):
        client.post("/hooks/site/shop", data=b"{}")
    clock.move(61)
    client.post("/hooks/site/shop", data=b"{}")
    with bridge.ledger.reading() as tx:
        refused = alarms.refused(tx, "shop")
    assert (6, 61) == (refused.times, (refused.last_at - refused.since).total_seconds())


def test_all_well_is_ok(client):
    """Nothing to see."""
    assert (200, "ok") == ((a := client.get("/health")).status_code, a.json["status"])


def test_a_database_of_another_release_is_not_ready(client, bridge):
    """/ready says what to run."""
    assert client.get("/ready").status_code == 200
    with bridge.ledger.writing() as tx:
        tx.conn.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert "bridge migrate" in answer.json["migrations"]


def test_the_metrics_are_the_ledgers(client, shop, bridge, clock):
    """Deliveries, lanes, ages and accounts as they stand, whatever process is asked."""
    shop.posts()
    with bridge.ledger.writing() as tx:
        deliveries.receive(tx, source="shop", key="other", via="webhook", body=b"")
        deliveries.settle(tx, 2, deliveries.DONE)
        accounts.stands(tx, "acme", State.RATE_LIMITED)
        lanes.wake(tx, "later", at=clock())
    clock.move(90)
    found = metrics(client)
    assert found["bridge_deliveries", "waiting"] == 1
    assert ("bridge_deliveries", "done") not in found  # they grow for ever
    assert found["bridge_deliveries", "set_aside"] == 0
    assert found["bridge_lanes_waiting",] == 2
    assert found["bridge_oldest_waiting_seconds",] == 90
    assert found["bridge_account_state", "acme", "rate_limited"] == 1
    assert found["bridge_account_state", "acme", "connected"] == 0
    assert found["bridge_account_state", "shop", "connected"] == 1
    assert found["bridge_account_state", "helpdesk:zendesk", "unread"] == 1
    assert found["bridge_account_state_seconds", "acme"] == 90
    assert found["bridge_database_up",] == 1
    assert found["bridge_requests_total", "hooks.receive", "200"] == 1
    assert found["bridge_not_genuine_total", "shop"] == 0


def test_a_lane_in_hand_or_held_does_not_wait(client, bridge, clock):
    """What a worker holds is running; what waits for a time is held."""
    with bridge.ledger.writing() as tx:
        lanes.wake(tx, "one")
        lanes.wake(tx, "two")
        lease = lanes.claim(tx, "me", timedelta(seconds=60))
        lanes.hold(tx, lease, clock() + timedelta(seconds=60), "wait")
        lanes.claim(tx, "me", timedelta(seconds=60))
    found = metrics(client)
    assert (0, 1, 1) == tuple(
        found[f"bridge_lanes_{name}",] for name in ("waiting", "held", "running")
    )
    assert found["bridge_oldest_waiting_seconds",] == 0


@pytest.mark.parametrize("path", ["/nowhere", "/hooks/site", "/", "/hooks/site/shop/more"])
def test_every_unknown_address_is_a_404_in_json(client, path):
    """Errors are JSON everywhere."""
    answer = client.post(path)
    assert (404, "application/json") == (answer.status_code, answer.content_type)
    assert answer.json["error"]


@pytest.mark.parametrize("path", ["/health", "/metrics", "/nowhere", "/hooks/site/shop"])
def test_every_answer_carries_the_security_headers(client, path):
    """Also errors; and browsers are told to stay with https where we are."""
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert "Server" not in headers


def test_a_request_keeps_its_senders_id_and_no_odd_one(client):
    """An id that could forge a log line is replaced."""
    kept = client.get("/health", headers={"X-Request-ID": "abc-123"})
    assert kept.headers["X-Request-ID"] == "abc-123"
    odd = client.get("/health", headers={"X-Request-ID": 'a" forged="1'})
    assert "forged" not in odd.headers["X-Request-ID"]
    assert len(odd.headers["X-Request-ID"]) == 32


def test_a_stranger_cannot_fill_the_log_with_accounts(client):
    """Counters have no label that a caller can choose."""
    with capture_logs():
        for number in range(3):
            client.post(f"/hooks/site/stranger-{number}")
    assert "stranger" not in client.get("/metrics").get_data(as_text=True)
