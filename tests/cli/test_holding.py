"""An account held by hand, and read back, from the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bridge.ledger import accounts, deliveries, lanes
from bridge.ledger.accounts import State
from bridge.model import utcnow
from bridge.sandbox import mastodon as network
from bridge.sandbox.server import serve

MAPPING = """
accounts:
  acme:
    network: mastodon
    options: {url: %s, token: env:MASTODON_TOKEN}
  shop:
    network: site
    options:
      secret: env:SITE_SECRET
      reply_url: http://127.0.0.1:9/
      reply_secret: env:SITE_SECRET
rules:
  - name: Everything
    route: {group: Support}
"""


@pytest.fixture
def town(home: Path, environ: dict[str, str]) -> Iterator[network.Town]:
    """A network on loopback, on which the brand's account `acme` lives."""
    town = network.village(utcnow)
    with serve(network.create_app(town, network.new_faults())) as there:
        (home / "mapping.yaml").write_text(MAPPING % there.url)
        environ["MASTODON_TOKEN"] = town.token_for("bridge")
        yield town


def test_an_account_is_paused_and_resumed(bridge, store, town):
    """The state and the reason are shown; resuming lets go what was held."""
    assert 2 == bridge("pause", "acmee").exit_code
    assert 'did you mean "acme"?' in bridge("pause", "acmee").stderr
    done = bridge("pause", "acme", "--because", "the agency is on it", "--json")
    assert {"account": "acme", "state": "disabled"} == json.loads(done.stdout)
    assert re.search(r"acme +disabled .*the agency is on it", bridge("status").stdout)
    with store.writing() as tx:
        lanes.wake(tx, "conversation:1", account="acme")
        lease = lanes.claim(tx, "me", timedelta(seconds=60))
        lanes.hold(tx, lease, tx.now + timedelta(days=1), "the account is paused")
        assert 1 == lanes.backlog(tx).held
    assert "acme: connected\n" == bridge("resume", "acme").stdout
    with store.reading() as tx:
        assert 0 == lanes.backlog(tx).held
        assert State.CONNECTED is accounts.standing(tx, "acme").state


def test_what_was_never_read_does_not_look_connected(bridge, store):
    """Neither to people nor to machines."""
    with store.writing() as tx:
        accounts.stands(tx, "shop", State.DEGRADED, "odd")
        accounts.stands(tx, "shop", State.CONNECTED)
    assert re.search(r"shop +unread", bridge("status").stdout)
    assert "unread" == json.loads(bridge("status", "--json").stdout)["accounts"][0]["state"]


def test_history_is_read_only_when_asked_for_and_only_once(bridge, store, town):
    """Oldest first, and what is here already is recognised."""
    for number in range(3):
        town.post("ada", f"@bridge before you came {number}")
    assert 2 == bridge("read", "acme", "--since", "2d").exit_code  # never connected
    with store.writing() as tx:
        accounts.read_to(tx, "acme", "1")
    assert 2 == bridge("read", "acme", "--since", "soon").exit_code
    done = bridge("read", "acme", "--since", "2d")
    assert (0, "acme: 3 found, 3 new\n") == (done.exit_code, done.stdout)
    with store.reading() as tx:
        kept = [each.body.decode() for each in deliveries.next_waiting(tx, "acme", 10)]
    assert ["0", "1", "2"] == [re.search(r"you came (\d)", each)[1] for each in kept]
    again = bridge("read", "acme", "--since", "2d", "--json")
    assert {"account": "acme", "found": 3, "new": 0} == json.loads(again.stdout)


def test_a_network_that_cannot_be_read_back_says_so(bridge, store, town):
    """A website pushes; there is nothing to ask it."""
    done = bridge("read", "shop", "--since", "2d")
    assert 2 == done.exit_code
    assert "site cannot be read back" in done.stderr


def test_a_paused_account_is_not_read_back(bridge, store, town):
    """Held is held."""
    with store.writing() as tx:
        accounts.read_to(tx, "acme", "1")
    bridge("pause", "acme")
    done = bridge("read", "acme", "--since", "2d")
    assert (2, True) == (done.exit_code, "bridge resume acme" in done.stderr)


def test_status_tells_what_was_caught_up_with(bridge, store):
    """From when to when, and how many."""
    with store.writing() as tx:
        accounts.read_to(tx, "shop", "1")
        accounts.read_to(tx, "shop", "2", items=12, usual=timedelta(days=-1))
    assert re.search(
        r"recovered +shop, .*\d\d:\d\d to \d\d:\d\d UTC, 12 items", bridge("status").stdout
    )
