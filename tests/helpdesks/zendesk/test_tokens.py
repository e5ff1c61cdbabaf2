"""Tokens: fetched, renewed ahead of time, renewed on a refusal, and by one at a time."""

import threading
from datetime import timedelta

import pytest

from bridge.errors import Misconfigured, NeedsSignIn, NobodyKnows, RateLimited, Unreachable
from bridge.helpdesks.zendesk import StoredToken
from bridge.model import Comment
from bridge.settings import Secret

TICKET = {"ticket": {"id": 1, "status": "open"}}
DEAD = {"error": "invalid_token", "error_description": "expired"}


def grant(access, **more):
    return {"access_token": access, "token_type": "bearer", "scope": "read write", **more}


def test_a_refused_client_needs_a_person(stub, managed):
    """A wrong secret is not retried, and Zendesk's words about it are not repeated."""
    stub.will({"error": "invalid_client", "error_description": "client-secret-value"}, 401)
    with pytest.raises(NeedsSignIn) as caught:
        managed().state("1")
    assert "client-secret-value" not in caught.value.because


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, b"", RateLimited),
        (503, b"", Unreachable),
        (500, b"", Unreachable),
        (400, {"error": "invalid_grant"}, NeedsSignIn),
        (307, b"", Misconfigured),
        (200, b"<html>", Unreachable),
        (200, {"token_type": "bearer"}, Unreachable),
        (200, {"access_token": ""}, Unreachable),
        (200, {"access_token": "a", "expires_in": "soon"}, Unreachable),
    ],
)
def test_every_answer_of_the_token_address_is_sorted(stub, managed, new_stub, status, body, kind):
    """A grant is never assumed; a redirect never carries the secret elsewhere."""
    other = new_stub()
    stub.will(body, status, Location=f"{other.address}/oauth/tokens", Retry_After="7")
    with pytest.raises(kind) as caught:
        managed().state("1")
    assert other.seen == []
    if kind is RateLimited:
        assert caught.value.wait == 7.0


def test_an_unreachable_token_address_leaves_a_write_undone(stub, managed):
    """The write was never sent, so it is `Again` and not unknown."""
    stub.will_drop()
    desk = managed()
    body = desk.compose_append(Comment("m", "x", public=True), "", reopen=False)
    with pytest.raises(Unreachable):
        desk.update("35", body)


def test_client_credentials_are_fetched_once_and_kept(stub, managed, store):
    """One token for many calls and for every object that shares the store."""
    stub.will(grant("a1", expires_in=1800)).will(TICKET).will(TICKET).will(TICKET)
    first = managed()
    first.state("1")
    first.state("1")
    managed().state("1")
    asked = stub.seen[0]
    assert stub.paths[0] == "POST /oauth/tokens"
    expected = {
        "grant_type": "client_credentials",
        "client_id": "bridge-client",
        "client_secret": "client-secret-value",
        "scope": "read write",
    }
    assert expected == asked.json
    assert [seen.headers["Authorization"] for seen in stub.seen[1:]] == ["Bearer a1"] * 3
    assert len(store.rows) == 1


def test_a_token_is_renewed_before_it_expires(stub, managed, watch):
    """Two minutes ahead, so that no call meets an expired token."""
    stub.will(grant("a1", expires_in=1800)).will(TICKET)
    stub.will(TICKET).will(grant("a2", expires_in=1800)).will(TICKET)
    desk = managed()
    desk.state("1")
    watch.forward(minutes=27)
    desk.state("1")
    watch.forward(minutes=1)
    desk.state("1")
    sent = [seen.headers.get("Authorization") for seen in stub.seen]
    assert sent == [None, "Bearer a1", "Bearer a1", None, "Bearer a2"]


def test_a_token_without_a_lifetime_is_kept_until_it_is_refused(stub, managed, watch):
    """No expiry told: only a 401 renews it."""
    stub.will(grant("a1")).will(TICKET).will(TICKET)
    desk = managed()
    desk.state("1")
    watch.forward(days=300)
    desk.state("1")
    assert stub.seen[2].headers["Authorization"] == "Bearer a1"


def test_a_refresh_rotates_both_tokens(stub, managed, store, watch):
    """The new pair is stored, because the old one is dead."""
    desk = managed()
    stub.will(grant("a1", refresh_token="r1", expires_in=1800)).will(TICKET)
    desk.state("1")
    watch.forward(hours=1)
    stub.will(grant("a2", refresh_token="r2", expires_in=1800)).will(TICKET)
    desk.state("1")
    assert tuple(stub.seen[2].json[key] for key in ("grant_type", "refresh_token")) == (
        "refresh_token",
        "r1",
    )
    (row,) = store.rows.values()
    kept = StoredToken(Secret("a2"), Secret("r2"), watch.now + timedelta(seconds=1800))
    assert kept == row


def test_a_refused_token_is_renewed_once_and_the_call_repeated(stub, managed, done):
    """A 401 proves that nothing was done: the write is sent again, with the new token."""
    desk = managed()
    body = desk.compose_append(Comment("m", "x", public=True), "", reopen=False)
    stub.will(grant("a1")).will(DEAD, 401).will(grant("a2")).will(done())
    desk.update("35", body)
    tries = [seen for seen in stub.seen if seen.method == "PUT"]
    assert [seen.headers["Authorization"] for seen in tries] == ["Bearer a1", "Bearer a2"]
    assert [body.encode()] * 2 == [seen.body for seen in tries]


def test_a_second_refusal_needs_a_person(stub, managed):
    """Once renewed and still refused: somebody must look."""
    stub.will(grant("a1")).will(DEAD, 401).will(grant("a2")).will(DEAD, 401)
    with pytest.raises(NeedsSignIn):
        managed().state("1")
    assert len(stub.seen) == 4


def test_a_lost_answer_after_the_renewal_is_unknown(stub, managed):
    """The second try is a write like any other."""
    desk = managed()
    body = desk.compose_append(Comment("m", "x", public=True), "", reopen=False)
    stub.will(grant("a1")).will(DEAD, 401).will(grant("a2")).will_drop()
    with pytest.raises(NobodyKnows):
        desk.update("35", body)


def test_many_at_once_renew_exactly_once(stub, managed, store, watch):
    """Threads of several objects meet an expired token: one refresh, and all use its result."""
    desks = [managed() for _ in range(3)]
    store.put(desks[0]._tokens._name, StoredToken(Secret("old"), Secret("r1"), watch.now))
    stub.will(grant("new", refresh_token="r2", expires_in=1800))
    together = threading.Barrier(9)
    got = []

    def fetch(desk):
        together.wait()
        got.append(desk._tokens.current())

    threads = [threading.Thread(target=fetch, args=(desk,)) for desk in desks * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["new"] * 9
    assert stub.paths == ["POST /oauth/tokens"]


def test_many_refused_at_once_renew_exactly_once(stub, managed, store):
    """The same after a 401: whoever comes second finds that it has been done."""
    desks = [managed() for _ in range(2)]
    store.put(desks[0]._tokens._name, StoredToken(Secret("old"), Secret(""), None))
    stub.will(grant("new"))
    together = threading.Barrier(6)
    got = []

    def renew(desk):
        together.wait()
        got.append(desk._tokens.renew("old"))

    threads = [threading.Thread(target=renew, args=(desk,)) for desk in desks * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["new"] * 6
    assert stub.paths == ["POST /oauth/tokens"]
