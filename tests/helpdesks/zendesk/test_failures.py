"""Each way in which Zendesk fails, as one of the kinds that decide what happens next."""

import pytest
import requests

from bridge.errors import (
    Closed,
    Gone,
    Misconfigured,
    NeedsSignIn,
    NobodyKnows,
    RateLimited,
    Refused,
    TooLong,
    Unreachable,
)
from bridge.helpdesks.contract import Budget
from bridge.helpdesks.zendesk.limits import Heard
from bridge.model import Comment

CLOSED = {
    "error": "RecordInvalid",
    "description": "Record validation errors",
    "details": {"status": [{"description": "Status: closed prevents ticket update"}]},
}
INVALID = {
    "error": "RecordInvalid",
    "description": "Record validation errors",
    "details": {
        "base": [{"description": "Field  Order: needed to solve", "error": "InvalidValue"}]
    },
}


@pytest.fixture
def write(desk):
    body = desk.compose_append(Comment("m", "x", public=True), "", reopen=False)
    return lambda: desk.update("35", body)


@pytest.fixture
def read(desk):
    return lambda: desk.find_written("35", "m")


@pytest.mark.parametrize(
    ("status", "body", "for_a_write", "for_a_read"),
    [
        (500, {"error": "InternalError"}, NobodyKnows, Unreachable),
        (500, b"<html>oops</html>", NobodyKnows, Unreachable),
        (502, b"", NobodyKnows, Unreachable),
        (504, b"", NobodyKnows, Unreachable),
        (520, b"", NobodyKnows, Unreachable),
        (408, b"", NobodyKnows, Unreachable),
        (503, b"", Unreachable, Unreachable),
        (409, {"error": "DatabaseConflict", "description": "deadlock"}, Unreachable, Unreachable),
        (409, {"error": "UpdateConflict"}, Unreachable, Unreachable),
        (403, {"error": {"title": "Forbidden", "message": "No access"}}, NeedsSignIn, NeedsSignIn),
        (403, b"<html>blocked</html>", Refused, Refused),
        (404, {"error": "RecordNotFound", "description": "Not found"}, Gone, Gone),
        (413, b"", TooLong, TooLong),
        (422, CLOSED, Closed, Closed),
        (422, INVALID, Refused, Refused),
        (422, {"error": "invalid", "description": "Invalid search"}, Refused, Refused),
        (422, b"not json", Refused, Refused),
        (400, {"error": "TooManyValues", "max_count": 100}, Refused, Refused),
        (418, b"[1]", Refused, Refused),
        (302, b"", Misconfigured, Misconfigured),
    ],
)
def test_every_answer_is_sorted(stub, read, write, status, body, for_a_write, for_a_read):
    """One kind for each answer, for writes that must happen once and for reads."""
    stub.will(body, status, Location="/elsewhere").will(body, status, Location="/elsewhere")
    with pytest.raises(for_a_write) as caught:
        write()
    assert for_a_write is type(caught.value)
    with pytest.raises(for_a_read) as caught:
        read()
    assert for_a_read is type(caught.value)
    assert len(stub.seen) == 2


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry_After": "93"}, 93.0),
        ({"Retry_After": "1.5"}, 1.5),
        ({"Retry_After": "0"}, 0.0),
        ({"Retry_After": "Sat, 21 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"Retry_After": "soon", "ratelimit_reset": "41"}, 41.0),
        ({"ratelimit_reset": "x"}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("body", [{"error": "TooManyRequests"}, b"<html>edge</html>", b"", b"{"])
def test_a_limit_names_its_wait_and_never_sleeps(stub, write, headers, wait, body):
    """429, whatever its Retry-After and its body: one request, no sleep, the wait told."""
    stub.will(body, 429, **headers)
    with pytest.raises(RateLimited) as caught:
        write()
    assert wait == caught.value.wait
    assert len(stub.seen) == 1


def test_not_available_names_its_wait(stub, write):
    """503 with Retry-After."""
    stub.will(b"", 503, Retry_After="12")
    with pytest.raises(Unreachable) as caught:
        write()
    assert caught.value.wait == 12.0


def test_a_refusal_has_zendesks_own_words(stub, write):
    """Description and details, once each, on one line."""
    stub.will(INVALID, 422)
    with pytest.raises(Refused) as caught:
        write()
    expected = "RecordInvalid; Record validation errors; base: Field Order: needed to solve"
    assert f"Zendesk said no: {expected}" == caught.value.because


def test_endless_words_are_cut(stub, write):
    """A page of complaint does not fill the ticket."""
    stub.will({"error": "x", "description": "y" * 9000}, 422)
    with pytest.raises(Refused) as caught:
        write()
    assert len(caught.value.because) < 500


def test_nobody_listening_is_simply_tried_again(new_desk):
    """Connection refused: nothing was sent, also not for a write."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
        desk = new_desk(address)
        body = desk.compose_append(Comment("m", "x", public=True), "", reopen=False)
        with pytest.raises(Unreachable):
            desk.update("35", body)


def test_a_name_that_does_not_resolve_is_simply_tried_again(new_desk):
    """DNS failure: nothing was sent."""
    desk = new_desk("https://nobody.invalid")
    body = desk.compose_append(Comment("m", "x", public=True), "", reopen=False)
    with pytest.raises(Unreachable):
        desk.update("35", body)


def test_a_connection_that_never_came_is_simply_tried_again(desk, write, monkeypatch):
    """Connect time-out: nothing was sent."""

    def slow(*args, **kwargs):
        raise requests.exceptions.ConnectTimeout("slow")

    monkeypatch.setattr(requests.Session, "request", slow)
    with pytest.raises(Unreachable):
        write()


def test_reads_are_always_tried_again(stub, new_desk):
    """Dropped, cut short, silent or unreadable: a read changed nothing."""
    stub.will_drop().will_break_off().will(b"<html>").will_hang()
    desk = new_desk(stub.address, timeout=(5.0, 0.3))
    for _ in range(4):
        with pytest.raises(Unreachable):
            desk.find_written("35", "m")


def test_pages_without_end_are_stopped(desk, stub):
    """A server that repeats its page for ever is not followed for ever."""
    page = {
        "audits": [{"id": 1, "events": []}],
        "meta": {"has_more": True},
        "links": {"next": f"{stub.address}/api/v2/tickets/35/audits.json?page[after]=x"},
    }
    for _ in range(400):
        stub.will(page)
    with pytest.raises(Unreachable, match="without an end"):
        desk.find_written("35", "m")
    assert len(stub.seen) == 300


@pytest.mark.parametrize(
    ("headers", "longest"),
    [
        ({"X_Rate_Limit": "200", "X_Rate_Limit_Remaining": "0", "Retry_After": "3600"}, 60),
        ({"X_Rate_Limit": "200", "X_Rate_Limit_Remaining": "0", "Retry_After": "20"}, 20),
    ],
)
def test_what_is_counted_by_the_minute_is_closed_for_no_longer(stub, desk, watch, headers, longest):
    """A header that is wrong stops nobody for an hour."""
    stub.will({}, 429, ratelimit_reset="999999", **headers)
    with pytest.raises(RateLimited):
        desk.state("1")
    budget = desk.budget()
    now = watch()
    assert longest == (budget.closed_until - now).total_seconds()
    assert 60 == (budget.whole_at - now).total_seconds()


def test_the_exports_own_limit_says_nothing_of_the_accounts(watch):
    """Ten a minute are used up by catching up; messages go on meanwhile."""
    heard = Heard()
    response = requests.Response()
    response.request = requests.Request(
        "GET", "https://x.test/api/v2/incremental/tickets/cursor.json"
    ).prepare()
    response.status_code = 429
    heard.note(response, watch(), 60.0)
    response.headers["X-Rate-Limit"] = "10"
    response.headers["X-Rate-Limit-Remaining"] = "0"
    heard.note(response, watch(), 60.0)
    assert Budget() == heard.budget()


def test_a_users_own_limit_closes_no_ticket(watch):
    """A user takes only so many changes a minute, which says nothing of tickets."""
    heard = Heard()
    for path, closed in (("users/7", False), ("tickets/7", True)):
        response = requests.Response()
        response.status_code = 429
        response.headers["X-Rate-Limit"] = "200"
        response.headers["X-Rate-Limit-Remaining"] = "100"
        response.request = requests.Request("PUT", f"https://x.test/api/v2/{path}").prepare()
        heard.note(response, watch(), 10.0)
        assert closed == (heard.budget().updates_closed_until is not None)
