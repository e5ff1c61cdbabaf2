"""What goes over the wire when the bridge writes, and what becomes of the answer."""

import json
import re

import pytest
from structlog.testing import capture_logs

from bridge.errors import Gone, Misconfigured, NeedsSignIn, NobodyKnows, Unreachable
from bridge.helpdesks.zendesk import KeyTaken
from bridge.model import Comment, File, Person, Ticket, Written

ADA = Person("mastodon", "109", "ada@example.social", "Ada")


@pytest.fixture
def body(desk):
    ticket = Ticket("Hello", "mastodon:conv:1", tags=("social",), fields=(("network", "mastodon"),))
    return desk.compose_open(ticket, Comment("m1", "hello ☕", public=True), "77")


@pytest.fixture
def more(desk):
    comment = Comment("m2", "and again", public=True, uploads=("tok1",))
    return desk.compose_append(comment, "77", reopen=True)


def test_a_body_of_another_make_is_not_sent(desk, stub):
    """Only a body that was frozen here is sent."""
    for odd in ("", "{}", '{"ticket": 3}', "[1]", "nonsense", '{"ticket":{"subject":"é"}}'):
        with pytest.raises(Misconfigured):
            desk.open(odd, "k")
    assert stub.seen == []


def test_opening_answers_with_the_ticket_and_the_comment(desk, stub, body, done):
    """The comment's id is that of the Comment event in the audit."""
    stub.will(done(ticket=35, comment=901), 201)
    assert Written("35", "901") == desk.open(body, "key-1")
    assert stub.paths == ["POST /api/v2/tickets.json"]
    assert stub.seen[0].headers["Idempotency-Key"] == "key-1"


def test_every_try_sends_the_same_bytes(stub, new_desk, body, done):
    """The frozen text itself is sent, by any object in any process."""
    stub.will_drop().will({}, 503).will(done(), 201).will(done(), 201)
    for failure in (NobodyKnows, Unreachable, None):
        desk = new_desk(stub.address)
        if failure is None:
            desk.open(body, "key-1")
        else:
            with pytest.raises(failure):
                desk.open(body, "key-1")
    new_desk(stub.address).open(body, "key-1")
    assert [body.encode("ascii")] * 4 == [seen.body for seen in stub.seen]
    assert {"key-1"} == {seen.headers["Idempotency-Key"] for seen in stub.seen}
    assert {"application/json"} == {seen.headers["Content-Type"] for seen in stub.seen}


def test_an_update_is_sent_once_and_as_it_was_frozen(desk, stub, more, done):
    """One call is one request, also when the connection drops after it: no silent repeats."""
    stub.will_drop().will(done(comment=902))
    with pytest.raises(NobodyKnows):
        desk.update("35", more)
    assert stub.paths == ["PUT /api/v2/tickets/35.json"]
    assert Written("35", "902") == desk.update("35", more)
    assert [more.encode("ascii")] * 2 == [seen.body for seen in stub.seen]
    assert "Idempotency-Key" not in stub.seen[1].headers


STAMP = "2026-11-21T11:59:58Z"


def test_a_second_try_is_for_the_ticket_as_it_was_looked_through(desk, stub, more, done):
    """The stamp is read before the mark is looked for, and goes along with the same update."""
    stub.will({"ticket": {"id": 35, "status": "open", "updated_at": STAMP}})
    stub.will({"audits": []}).will(done(comment=902))
    assert Written("35", "902") == desk.update("35", more, "m2")
    shown, looked, written = stub.seen
    assert "/api/v2/tickets/35.json" == shown.path
    assert looked.path.startswith("/api/v2/tickets/35/audits.json")
    says = written.json["ticket"]
    assert (True, STAMP) == (says.pop("safe_update"), says.pop("updated_stamp"))
    assert json.loads(more)["ticket"] == says


def test_a_second_try_of_what_is_there_writes_nothing(desk, stub, more):
    """It arrived after all."""
    stub.will({"ticket": {"id": 35, "status": "open", "updated_at": STAMP}})
    comment = {"id": 902, "type": "Comment", "public": True, "body": "and again"}
    marked = {"id": 1, "events": [comment], "metadata": {"custom": {"bridge": {"mark": "m2"}}}}
    stub.will({"audits": [marked]})
    assert Written("35", "902") == desk.update("35", more, "m2")
    assert ["GET", "GET"] == [seen.method for seen in stub.seen]


def test_a_second_try_that_collides_is_again(desk, stub, more):
    """Somebody changed the ticket after it was looked through: nothing was written."""
    stub.will({"ticket": {"id": 35, "status": "open", "updated_at": STAMP}})
    stub.will({"audits": []}).will({"error": "UpdateConflict"}, 409)
    with pytest.raises(Unreachable):
        desk.update("35", more, "m2")


def test_a_failed_update_loses_nothing_to_another_call(desk, stub, more, done):
    """A call that succeeds in between does not empty the next try of the failed one."""
    stub.will({}, 503).will({"ticket": {"id": 9, "status": "open"}}).will(done())
    with pytest.raises(Unreachable):
        desk.update("35", more)
    desk.state("9")
    desk.update("35", more)
    assert more.encode("ascii") == stub.seen[2].body


def test_a_zenpy_that_would_say_something_else_stops_the_write(desk, stub, body, monkeypatch):
    """A key that zenpy drops is an error before anything is sent, not a lost comment."""
    from bridge.helpdesks.zendesk import desk as module

    class Forgetful(module.ZenpyTicket):
        def __init__(self, **known):
            known.pop("metadata")
            super().__init__(**known)

    monkeypatch.setattr(module, "ZenpyTicket", Forgetful)
    with pytest.raises(Misconfigured, match="zenpy would send something else"):
        desk.open(body, "k")
    assert stub.seen == []


@pytest.mark.parametrize(
    "answer", [b"<html>", b"[]", b"{}", b"", b'{"ticket":{"id":"x"}}', b"[" * 9]
)
def test_an_unreadable_yes_is_not_known_to_be_one(desk, stub, more, answer):
    """A write whose answer cannot be read may have happened."""
    stub.will(answer)
    with pytest.raises(NobodyKnows):
        desk.update("35", more)


def test_an_answer_cut_short_leaves_a_write_open(desk, stub, more):
    """So does half an answer."""
    stub.will_break_off()
    with pytest.raises(NobodyKnows):
        desk.update("35", more)


def test_silence_leaves_a_write_open(stub, new_desk, more):
    """So does none in time."""
    stub.will_hang()
    with pytest.raises(NobodyKnows):
        new_desk(stub.address, timeout=(5.0, 0.2)).update("35", more)


def test_a_key_used_for_another_body_is_looked_up(desk, stub, body):
    """400 IdempotentRequestError means an earlier try reached Zendesk: nobody knows."""
    stub.will({"error": "IdempotentRequestError", "description": "do not match"}, 400)
    with pytest.raises(KeyTaken) as caught:
        desk.open(body, "k")
    assert isinstance(caught.value, NobodyKnows)


def test_a_strange_key_becomes_a_header_always_the_same(desk, stub, body, done):
    """Any key can be sent; the same key is the same header on every try."""
    for key in ("x" * 400, "x" * 400, "schlüssel\n", ""):
        stub.will(done(), 201)
        desk.open(body, key)
    sent = [seen.headers["Idempotency-Key"] for seen in stub.seen]
    assert sent[0] == sent[1]
    assert len(set(sent)) == 3
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in sent)


def test_tags_that_zendesk_dropped_are_added(desk, stub, done):
    """`additional_tags` may be dropped from an update: then the tags call adds them."""
    body = desk.compose_append(
        Comment("m", "x", public=False), "", reopen=False, tags=("Late One",)
    )
    stub.will(done(tags=["old"])).will({"tags": ["late_one", "old"]})
    desk.update("35", body)
    assert stub.paths == ["PUT /api/v2/tickets/35.json", "PUT /api/v2/tickets/35/tags.json"]
    assert stub.seen[1].json == {"tags": ["late_one"]}


def test_tags_that_arrived_are_not_added_again(desk, stub, done):
    """One request when Zendesk took them."""
    body = desk.compose_append(Comment("m", "x", public=False), "", reopen=False, tags=("late",))
    stub.will(done(tags=["late", "old"]))
    desk.update("35", body)
    assert len(stub.seen) == 1


def test_tags_that_cannot_be_added_do_not_undo_the_comment(desk, stub, done):
    """The comment is written: the failure is told in the log, and nothing is repeated."""
    body = desk.compose_append(Comment("m", "x", public=False), "", reopen=False, tags=("late",))
    stub.will(done()).will({}, 503)
    with capture_logs() as logs:
        assert Written("35", "900") == desk.update("35", body)
    assert [line["event"] for line in logs] == ["zendesk_tags_missing"]


def test_a_part_that_zendesk_dropped_is_an_error_in_the_log(desk, stub, more, done):
    """A 200 with x-zendesk-api-warn did not do all that was asked."""
    stub.will(done(), x_zendesk_api_warn="Removed restricted keys [:author_id]")
    with capture_logs() as logs:
        desk.update("35", more)
    assert [(x["event"], x["log_level"]) for x in logs] == [("zendesk_dropped_a_part", "error")]


def test_a_ticket_number_cannot_become_a_path(desk, stub, more):
    """Only digits reach the address."""
    for odd in ("", "../users/1", "35?x=1", "３５", "0", "-3"):
        with pytest.raises(Misconfigured):
            desk.update(odd, more)
    assert stub.seen == []


def test_a_mark_finds_the_ticket_it_opened(desk, stub):
    """Among several tickets of one external id, the one whose audit carries the mark."""
    stub.will({"tickets": [{"id": 4, "status": "closed"}, {"id": 9, "status": "new"}]})
    stub.will({"audits": [{"id": 1, "metadata": {"custom": {}}, "events": []}]})
    event = {"id": 55, "type": "Comment"}
    marked = {"id": 2, "metadata": {"custom": {"bridge": {"mark": "m1"}}}, "events": [event]}
    stub.will({"audits": [{"id": 1, "metadata": None, "events": None}, marked]})
    assert Written("4", "55") == desk.find_opened("a&b+c#d/é", "m1")
    assert "GET /api/v2/tickets.json?" in stub.paths[0]
    assert "external_id=a%26b%2Bc%23d%2F%C3%A9" in stub.paths[0]
    assert "/api/v2/tickets/9/audits.json" in stub.paths[1]
    assert "include" not in stub.paths[1]


def test_a_mark_that_is_nowhere_finds_nothing(desk, stub):
    """None means that the write did not happen."""
    stub.will({"tickets": []}).will({"audits": []})
    assert None is desk.find_opened("x", "m1")
    assert None is desk.find_written("35", "m1")


def test_a_field_only_update_is_found_by_its_mark(desk, stub):
    """Audits carry the mark where there is no comment."""
    change = {"id": 5, "type": "Change", "field_name": "33", "value": "x"}
    audit = {"id": 2, "metadata": {"custom": {"bridge": {"mark": "f"}}}, "events": [change]}
    stub.will({"audits": [audit]})
    assert Written("35", "") == desk.find_written("35", "f")


def test_a_person_is_made_or_found_without_an_address(desk, stub):
    """No e-mail is invented, none is verified; asking twice is safe, so silence is `Again`."""
    stub.will_drop().will({"user": {"id": 501, "name": "x"}}, 201)
    with pytest.raises(Unreachable):
        desk.ensure_person(ADA)
    assert desk.ensure_person(ADA) == "501"
    user = {"name": "Ada (@ada@example.social)", "external_id": "mastodon:user:109"}
    assert {"user": user | {"skip_verify_email": True}} == stub.seen[1].json
    assert stub.paths[1] == "POST /api/v2/users/create_or_update.json"


@pytest.mark.parametrize(
    ("person_id", "expected"),
    [
        ("did:plc:abc", "x:user:hex:6469643a706c633a616263"),
        ("AbC", "x:user:hex:416243"),
        ("abC", "x:user:hex:616243"),
        ("a&b=c#d+e", "x:user:hex:6126623d6323642b65"),
        ("109", "x:user:109"),
    ],
)
def test_ids_that_differ_in_case_stay_two_people(desk, stub, person_id, expected):
    """Zendesk rewrites the case of external ids; hex has none."""
    stub.will({"user": {"id": 1}})
    desk.ensure_person(Person("x", person_id, "h", "N"))
    assert expected == stub.seen[0].json["user"]["external_id"]


def test_a_user_without_an_id_is_no_user(desk, stub):
    """An answer without an id is not taken for one."""
    stub.will({"user": {"id": None, "name": "Anonymous"}})
    with pytest.raises(Unreachable):
        desk.ensure_person(ADA)


def test_an_upload_keeps_its_name_and_its_bytes(desk, stub):
    """The name is escaped in the address; the bytes and their type go as they are."""
    stub.will({"upload": {"token": "tok9"}}, 201)
    assert desk.upload(File("a&b #1 ü.png", "image/png", b"\x00\xff")) == "tok9"
    assert stub.paths == ["POST /api/v2/uploads.json?filename=a%26b%20%231%20%C3%BC.png"]
    assert (stub.seen[0].body, stub.seen[0].headers["Content-Type"]) == (b"\x00\xff", "image/png")


def test_an_odd_type_and_an_empty_file_are_uploaded_all_the_same(desk, stub):
    """A header injected by a content type goes nowhere."""
    stub.will({"upload": {"token": "t"}}, 201)
    desk.upload(File("", "text/html\r\nX: 1", b""))
    assert stub.seen[0].headers["Content-Type"] == "application/octet-stream"
    assert stub.seen[0].body == b""


def _comment(words, comment_id=900):
    html = "<p>" + words + "</p>"
    return {"id": comment_id, "type": "Comment", "public": True, "html_body": html, "author_id": 1}


def test_redaction_goes_line_by_line_and_only_what_is_there(desk, stub):
    """What is already taken out is not asked for again."""
    stub.will({"comments": [_comment("I &amp; my card<br>▇▇▇<br>end")]})
    stub.will({"comment": {"id": 900}}).will({"comment": {"id": 900}})
    desk.redact("35", "900", "I & my card\nsecret\nend\n\nmy card")
    assert [seen.json["text"] for seen in stub.seen[1:]] == ["I & my card", "end"]
    assert stub.paths[1] == "PUT /api/v2/tickets/35/comments/900/redact.json"


def test_redaction_of_what_is_gone_does_nothing(desk, stub):
    """Safe to repeat."""
    stub.will({"comments": [_comment("▇▇▇")]})
    desk.redact("35", "900", "secret")
    assert len(stub.seen) == 1


def test_redaction_on_a_closed_ticket_takes_the_other_way(desk, stub):
    """A closed ticket's comment is redacted as a whole, the words marked in its HTML."""
    closed = {"status": [{"description": "Status: closed prevents ticket update"}]}
    stub.will({"comments": [_comment("I &lt;3 you<br>bye")]})
    stub.will({"error": "RecordInvalid", "description": "x", "details": closed}, 422)
    stub.will({"comment": {"id": 900}})
    desk.redact("35", "900", "I <3 you")
    assert stub.paths[2] == "PUT /api/v2/comment_redactions/900.json"
    expected = "<p><redact>I &lt;3 you</redact><br>bye</p>"
    assert {"ticket_id": 35, "html_body": expected} == json.loads(stub.seen[2].body)


def test_redaction_needs_the_comment(desk, stub):
    """A comment of another ticket is not touched."""
    stub.will({"comments": [_comment("secret", 901)]})
    with pytest.raises(Gone):
        desk.redact("35", "900", "secret")


def test_a_static_token_that_died_needs_a_person(desk, stub, more):
    """Nothing can renew it."""
    stub.will({"error": "invalid_token"}, 401)
    with pytest.raises(NeedsSignIn, match="ZENDESK_OAUTH_TOKEN"):
        desk.update("35", more)
