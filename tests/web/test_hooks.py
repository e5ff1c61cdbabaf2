"""What is pushed: refused with a reason, or on disk before anybody hears of it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event as sql_event
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bridge.ledger import deliveries
from bridge.ledger.lanes import backlog
from bridge.web import create_app

MESSAGE = {
    "type": "message.created",
    "timestamp": "2026-11-21T12:00:00Z",
    "data": {"id": "m1", "author": {"id": "7", "name": "Ada"}, "text": "Where is my parcel?"},
}


def rows(bridge, table="deliveries"):
    with bridge.ledger.reading() as tx:
        return tx.conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def test_an_unsigned_message_is_refused_with_the_reason(client, bridge):
    """401 names the headers that are missing, and nothing is kept."""
    answer = client.post("/hooks/site/shop", data=b"{}")
    assert (401, "application/json") == (answer.status_code, answer.content_type)
    assert "webhook-signature" in answer.json["error"]
    assert answer.headers["WWW-Authenticate"] == "Signature"
    assert rows(bridge) == 0


def test_a_signature_of_other_bytes_is_refused(shop, client, bridge):
    """One byte more than was signed, and it is not genuine."""
    headers = shop.headers(b"{}")
    assert client.post("/hooks/site/shop", data=b"{} ", headers=headers).status_code == 401
    assert rows(bridge) == 0


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_or_too_new_delivery_is_refused(shop, client, clock, seconds):
    """Genuine once is not genuine for ever."""
    body = json.dumps(MESSAGE).encode()
    headers = shop.headers(body)
    clock.move(seconds)
    assert client.post("/hooks/site/shop", data=body, headers=headers).status_code == 401


def test_a_genuine_message_is_kept_as_it_came(shop, bridge):
    """The raw bytes, the sender's key, the time; and the intake lane is due."""
    answer = shop.posts()
    assert (200, {"received": 1}) == (answer.status_code, answer.json)
    with bridge.ledger.reading() as tx:
        kept = deliveries.one(tx, 1)
        assert backlog(tx).due == 1
    assert kept is not None
    assert ("shop", "msg_1", "webhook") == (kept.source, kept.key, kept.via)
    assert json.dumps(MESSAGE).encode() == kept.body
    assert kept.state == deliveries.WAITING


def test_the_row_is_committed_before_the_answer_begins(bridge, shop):
    """When the status line goes out, another connection already sees the row."""
    app = create_app(bridge)
    seen = []
    body = json.dumps(MESSAGE).encode()

    def started(status, headers, exc_info=None):
        seen.append((status, rows(bridge)))

    environ = app.test_request_context(
        "/hooks/site/shop", method="POST", data=body, headers=shop.headers(body)
    ).request.environ
    b"".join(app(environ, started))
    assert [("200 OK", 1)] == seen


@contextmanager
def full_disk(ledger):
    """Each statement is well, and the commit fails. On PostgreSQL the server itself says so: it
    commits what it is told in one statement without being asked to."""
    if ledger.is_sqlite:

        def fails(_conn):
            raise OperationalError("COMMIT", None, OSError("the disk is full"))

        sql_event.listen(ledger.engine, "commit", fails)
        yield
        sql_event.remove(ledger.engine, "commit", fails)
        return
    with ledger.writing() as tx:
        tx.conn.execute(
            text(
                "CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE 'the disk is full' USING ERRCODE = '53100'; END $$"
            )
        )
        tx.conn.execute(
            text(
                "CREATE CONSTRAINT TRIGGER is_full AFTER INSERT ON deliveries "
                "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION is_full()"
            )
        )
    yield
    with ledger.writing() as tx:
        tx.conn.execute(text("DROP FUNCTION is_full() CASCADE"))


def test_a_commit_that_fails_is_no_success(bridge, shop):
    """503 with the time to come back, nothing kept; and the next try is kept."""
    with full_disk(bridge.ledger):
        answer = shop.posts()
    assert (503, "10") == (answer.status_code, answer.headers["Retry-After"])
    assert "error" in answer.json
    assert (0, 0) == (rows(bridge), rows(bridge, "lanes"))
    assert shop.posts().json.get("again") is None


def test_a_dead_database_is_a_503_without_a_word_of_the_message(bridge, shop):
    """The log line about it does not hold what the customer wrote."""
    with bridge.ledger.writing() as tx:
        tx.conn.execute(text("ALTER TABLE deliveries RENAME TO elsewhere"))
    with capture_logs() as lines:
        answer = shop.posts()
    assert (503, "10") == (answer.status_code, answer.headers["Retry-After"])
    assert "not kept" in [line["event"] for line in lines]
    assert "parcel" not in str(lines)


def test_the_same_delivery_again_is_success_and_one_row(shop, bridge):
    """The sender is told the id that it has."""
    answers = [shop.posts().json for _ in range(5)]
    assert [{"received": 1}, *[{"received": 1, "again": True}] * 4] == answers
    assert rows(bridge) == 1


def test_what_the_sender_can_mend_is_told_and_set_aside(shop, bridge):
    """422 with every mistake; the corrected message under the same id is still taken."""
    wrong = {**MESSAGE, "data": {"id": "m1", "text": 7}}
    answer = shop.posts(wrong)
    assert answer.status_code == 422
    assert "data.author is missing" in answer.json["error"]
    assert "data.text must be text" in answer.json["error"]
    assert shop.posts(wrong).json["kept"] == answer.json["kept"] == "1"
    assert "again" not in shop.posts(MESSAGE).json
    with bridge.ledger.reading() as tx:
        assert {"set_aside": 1, "waiting": 1} == deliveries.counts(tx)


@pytest.mark.parametrize("body", [b"", b"not JSON", b"\xff\xfe\x00", b"[" * 5000, b"null", b'"x"'])
def test_what_is_no_message_is_told(shop, bridge, body):
    """Signed nonsense gets a reason and is kept for a person."""
    answer = shop.posts(body)
    assert answer.status_code == 422
    assert answer.json["error"]
    with bridge.ledger.reading() as tx:
        assert {"set_aside": 1} == deliveries.counts(tx)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "timestamp", "data", "id", "author", "text", "media"]), inner
        )
    ),
    max_leaves=12,
)


@given(data=ANYTHING, kind=st.sampled_from(["message.created", "message.deleted", "x"]) | ANYTHING)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_wrong_types_are_never_a_500(shop, data, kind):
    """Whatever JSON is signed, the answer is 200 or a complaint."""
    body = json.dumps({"type": kind, "timestamp": "2026-11-21T12:00:00Z", "data": data}).encode()
    assert shop.posts(body).status_code in (200, 422)


VALUES = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=60)
ODD = st.one_of(
    VALUES,
    st.sampled_from(
        ["v1,", "v1", ",", "v1,,", "v1a,aGk=", "v1,é", " ", "0", "-1", "1e9", "9" * 40]
    ),
)


@given(webhook_id=ODD, at=ODD, signature=ODD)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_header_is_ever_a_500(client, webhook_id, at, signature):
    """Malformed, empty or not even ASCII: always a 401 in JSON."""
    environ = {
        "HTTP_WEBHOOK_ID": webhook_id,
        "HTTP_WEBHOOK_TIMESTAMP": at,
        "HTTP_WEBHOOK_SIGNATURE": signature,
        "HTTP_X_REQUEST_ID": signature,
        "HTTP_X_ODD": webhook_id,
    }
    answer = client.post("/hooks/site/shop", data=b"{}", environ_overrides=environ)
    assert answer.status_code == 401
    assert answer.json["error"]


def test_an_unknown_account_is_a_404_that_helps(client):
    """A slip of the pen is put right; a stranger gets no list of accounts."""
    near = client.post("/hooks/site/shpo", data=b"{}")
    assert (404, "application/json") == (near.status_code, near.content_type)
    assert 'did you mean "shop"?' in near.json["error"]
    assert near.json["expected"] == "POST /hooks/<network>/<account>"
    far = client.post("/hooks/site/nobody-at-all", data=b"{}")
    assert far.status_code == 404
    assert "shop" not in far.json["error"]


def test_an_account_of_another_network_is_a_404_with_the_right_address(client):
    """The address that was meant is named."""
    answer = client.post("/hooks/mastodon/shop", data=b"{}")
    assert answer.status_code == 404
    assert "/hooks/site/shop" in answer.json["error"]


def test_a_network_that_is_read_takes_nothing_pushed(client):
    """Mastodon is polled: its hook is a 404 that says so."""
    answer = client.post("/hooks/mastodon/acme", data=b"{}")
    assert answer.status_code == 404
    assert "read by the bridge" in answer.json["error"]


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_other_methods_are_405_in_json(client, method):
    """The header names the methods there are."""
    answer = getattr(client, method)("/hooks/site/shop")
    assert (405, "application/json") == (answer.status_code, answer.content_type)
    assert "POST" in answer.headers["Allow"]


def test_a_body_over_the_limit_is_413(shop, bridge):
    """Five megabytes, announced: nothing is kept."""
    answer = shop.posts(b"x" * 5_000_000)
    assert (413, "application/json") == (answer.status_code, answer.content_type)
    assert rows(bridge) == 0


def test_a_body_over_the_limit_without_a_length_is_413(client, shop, bridge):
    """What does not say how long it is, is measured."""
    for size, status in ((100_000, 422), (100_001, 413), (5_000_000, 413)):
        body = b"x" * size
        answer = client.post(
            "/hooks/site/shop",
            headers=shop.headers(body),
            environ_overrides={"wsgi.input": BytesIO(body), "wsgi.input_terminated": True},
        )
        assert (size, status) == (size, answer.status_code)


def test_a_body_of_exactly_the_limit_is_taken(shop):
    """The limit itself is within it."""
    assert shop.posts(b"x" * 100_000).status_code == 422


def test_a_body_that_breaks_off_is_400(client, shop, bridge):
    """Less than was announced is not the message."""
    body = json.dumps(MESSAGE).encode()
    answer = client.post(
        "/hooks/site/shop",
        headers=shop.headers(body),
        environ_overrides={
            "wsgi.input": BytesIO(body),
            "wsgi.input_terminated": True,
            "CONTENT_LENGTH": str(len(body) + 10),
        },
    )
    assert (400, "application/json") == (answer.status_code, answer.content_type)
    assert rows(bridge) == 0


def test_a_defect_is_a_500_without_details(bridge, shop, monkeypatch):
    """What went wrong is for the log, not for the caller."""

    def breaks(self, body):
        raise KeyError("inner secret detail")

    monkeypatch.setattr(type(bridge.channels["shop"]), "complaint", breaks)
    answer = shop.posts()
    assert (500, "application/json") == (answer.status_code, answer.content_type)
    assert "detail" not in answer.get_data(as_text=True)
    assert "Traceback" not in answer.get_data(as_text=True)
