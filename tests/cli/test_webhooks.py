"""Webhook endpoints, from the command line."""

from __future__ import annotations

import json
from datetime import timedelta

from cryptography.fernet import Fernet

from bridge.ledger import deeds, endpoints, sendings
from bridge.ledger.sendings import Became
from bridge.model import utcnow

URL = "https://93.184.215.14/hook"


def test_an_endpoint_from_its_first_day_to_its_last(bridge, environ, store):
    """What is wrong is said; the secret is printed alone; each deed is put down."""
    refused = bridge("webhooks", "add", "crm", URL)
    assert (2, True) == (refused.exit_code, "BRIDGE_SECRET_KEY" in refused.stderr)
    environ["BRIDGE_SECRET_KEY"] = Fernet.generate_key().decode()
    inside = bridge("webhooks", "add", "crm", "https://127.0.0.1/hook")
    assert (1, True) == (inside.exit_code, "not a public address" in inside.stderr)
    made = bridge("webhooks", "add", "crm", URL, "--event", "customer.changed")
    secret = made.stdout.strip()
    assert (0, True, 1) == (made.exit_code, secret.startswith("whsec_"), len(secret.split()))
    assert "already" in bridge("webhooks", "add", "crm", URL).stderr
    assert 'did you mean "crm"' in bridge("webhooks", "pause", "cmr").stderr
    assert "crm: paused\n" == bridge("webhooks", "pause", "crm", "--because", "moving").stdout
    listed = bridge("webhooks", "list")
    assert "moving" in listed.stdout
    assert secret not in listed.stdout
    assert "crm: on\n" == bridge("webhooks", "resume", "crm").stdout
    again = json.loads(bridge("webhooks", "rotate", "crm", "--keep-old", "1", "--json").stdout)
    assert secret != again["secret"]
    with store.reading() as tx:
        known = endpoints.named(tx, "crm")
    assert utcnow() < known.old_secret_until < utcnow() + timedelta(hours=2)
    assert ["customer.changed"] == json.loads(bridge("webhooks", "list", "--json").stdout)[0][
        "events"
    ]
    assert "crm: removed\n" == bridge("webhooks", "remove", "crm", "--yes").stdout
    with store.reading() as tx:
        assert () == endpoints.everyone(tx)
        whats = [each.what for each in deeds.latest(tx, 9) if each.about == "crm"]
    assert ["removed", "renewed", "resumed", "paused", "added"] == [w.split()[0] for w in whats]


def test_a_test_waits_for_a_worker(bridge, environ, store):
    """Without one it says so; what a worker came to is shown, and in the log."""
    environ["BRIDGE_SECRET_KEY"] = Fernet.generate_key().decode()
    bridge("webhooks", "add", "crm", URL)
    asked = bridge("webhooks", "test", "crm", "--wait", "0")
    assert (1, True) == (asked.exit_code, "is a worker running?" in asked.stdout)
    with store.writing() as tx:
        number = endpoints.named(tx, "crm").id
        (queued,) = sendings.log(tx, number, 9)
        sendings.settle(tx, queued, Became.FAILED, "93.184.215.14 answered 500", 500)
    assert "webhook.test" in bridge("webhooks", "log", "crm", "--state", "failed").stdout
    assert [500] == [
        each["status"] for each in json.loads(bridge("webhooks", "log", "crm", "--json").stdout)
    ]


def test_a_replay_says_from_where_on(bridge, environ, store):
    """Without it, or with an instant that is none, nothing is queued."""
    environ["BRIDGE_SECRET_KEY"] = Fernet.generate_key().decode()
    bridge("webhooks", "add", "crm", URL)
    assert 2 == bridge("webhooks", "replay", "crm").exit_code
    assert 2 == bridge("webhooks", "replay", "crm", "--since", "yesterday").exit_code
    done = bridge("webhooks", "replay", "crm", "--since", "2d", "--until", "2026-11-21T12:00Z")
    assert (0, "crm: 0 queued\n") == (done.exit_code, done.stdout)
