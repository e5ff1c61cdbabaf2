"""`bridge tokens`: who may read the customer history."""

from __future__ import annotations

import json
import re

from bridge.cli.tokens import SCOPES
from bridge.ledger import api_tokens, deeds
from bridge.ledger.api_tokens import Scope


def test_the_command_knows_every_scope():
    assert list(Scope) == list(SCOPES)


def test_a_token_is_made_listed_and_revoked(bridge, store):
    """The token alone on the standard output, once; a deed for each, and never the token in one."""
    none = bridge("tokens", "list")
    assert (1, True) == (none.exit_code, "no token yet" in none.stdout)

    made = bridge("tokens", "make", "our  warehouse", "--days", "30", "--scope", "customers:read")
    secret = made.stdout.removesuffix("\n")
    assert re.fullmatch(r"hb_[\w-]{43}", secret)
    assert "token 1, until " in made.stderr
    with store.reading() as tx:
        token = api_tokens.find(tx, api_tokens.digest(secret))
    assert token is not None
    assert ("our warehouse", {Scope.CUSTOMERS}, 30) == (
        token.name,
        token.scopes,
        (token.ends_at - token.made_at).days,
    )

    listed = bridge("tokens", "list")
    assert (0, False) == (listed.exit_code, secret in listed.stdout)
    assert re.search(r"1 +our warehouse +good .*customers:read", listed.stdout)
    assert "our warehouse is revoked" in bridge("tokens", "revoke", "1").stdout
    assert 2 == bridge("tokens", "revoke", "1").exit_code
    assert 2 == bridge("tokens", "revoke", "99").exit_code
    [row] = json.loads(bridge("tokens", "list", "--json").stdout)
    assert (False, "the command line") == (row["good"], row["revoked_by"])
    with store.reading() as tx:
        done = deeds.latest(tx, 5)
    assert ["revoked a token", "made a token"] == [each.what for each in done]
    assert secret not in str(done)


def test_without_a_word_it_reads_everything_and_writes_nothing(bridge, store):
    made = json.loads(bridge("tokens", "make", "dlt", "--json").stdout)
    with store.reading() as tx:
        token = api_tokens.find(tx, api_tokens.digest(made["token"]))
    assert token is not None
    assert (frozenset(Scope) - {Scope.MERGE}, None) == (token.scopes, token.ends_at)


def test_what_is_no_token(bridge, store):
    """Each is a mistake of use, and nothing is kept."""
    assert 0 == bridge("tokens", "make", "dlt").exit_code
    for arguments, named in (
        (("dlt",), "of this name"),
        ((" ",), "name"),
        (("x" * 61,), "name"),
        (("a\x1bb",), "name"),
        (("new", "--days", "0"), "days"),
        (("new", "--days", "99999999999"), "days"),
        (("new", "--scope", "everything"), "everything"),
    ):
        refused = bridge("tokens", "make", *arguments)
        assert (2, True) == (refused.exit_code, named in refused.stderr), arguments
    with store.reading() as tx:
        assert 1 == len(api_tokens.everything(tx))
