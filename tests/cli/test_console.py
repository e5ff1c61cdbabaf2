"""`bridge console`: who may sign in."""

from __future__ import annotations

import json
import re

from bridge.ledger import admins, deeds, invitations


def test_the_first_admin_comes_by_a_link(bridge, store):
    """The address alone on the standard output; only a hash in the ledger."""
    made = bridge("console", "link")
    assert 0 == made.exit_code
    found = re.fullmatch(r"https://bridge\.example/console/welcome/([\w-]{43})\n", made.stdout)
    assert found
    assert "good for one use, until" in made.stderr
    with store.writing() as tx:
        assert invitations.use(tx, found[1]) is not None
        assert ["made a link"] == [each.what for each in deeds.latest(tx, 5)]


def test_admins_are_listed_ended_and_restored(bridge, store):
    """Nobody at all is a problem; what is asked of nobody is a mistake."""
    none = bridge("console", "admins")
    assert (1, True) == (none.exit_code, "no admin" in none.stdout)
    with store.writing() as tx:
        admins.add(tx, "ada", password="x")
    assert "ada" in bridge("console", "admins").stdout
    assert "/console/welcome/" in bridge("console", "link", "--for", "ada").stdout
    assert 2 == bridge("console", "link", "--for", "bob").exit_code
    assert 1 == bridge("console", "admins", "--end", "ada").exit_code
    assert 2 == bridge("console", "admins", "--end", "ada").exit_code
    assert 2 == bridge("console", "link", "--for", "ada").exit_code
    [shown] = json.loads(bridge("console", "admins", "--restore", "ada", "--json").stdout)
    assert ("ada", "password", None) == (shown["name"], shown["signs_in_by"], shown["ended_at"])
