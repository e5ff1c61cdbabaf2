"""The desk against the stand-in Zendesk.

Its fixture ends by checking every request and every answer against Zendesk's contract.
"""

from datetime import UTC, datetime, timedelta

import pytest

from bridge.errors import Closed, NeedsSignIn, NobodyKnows, NotGenuine, RateLimited, Unreachable
from bridge.helpdesks.contract import Helpdesk
from bridge.model import Attachment, Comment, File, Person, Ticket, Urgency
from bridge.sandbox.zendesk import preset
from bridge.settings import Secret

ADA = Person("mastodon", "109", "ada@example.social", "Ada")
FIELDS = (
    ("network", preset.FIELD_NETWORK),
    ("permalink", preset.FIELD_PERMALINK),
    ("reply_as", preset.FIELD_REPLY_AS),
)
TICKET = Ticket("Hello", "mastodon:conv:1", group="Social", tags=("social",))


@pytest.fixture
def watch(clock):
    """The clock that the stand-in runs on."""
    return clock


@pytest.fixture
def sandbox(zendesk_sandbox):
    return zendesk_sandbox.desk


@pytest.fixture
def desk(sandbox, new_desk):
    return new_desk(
        sandbox.address,
        oauth_token=Secret(preset.STATIC_TOKEN),
        fields=FIELDS,
        trusted_hosts=frozenset({sandbox.content_address.removeprefix("http://")}),
    )


@pytest.fixture
def opened(desk):
    author = desk.ensure_person(ADA)
    body = desk.compose_open(TICKET, Comment("m1", "hello <b> {{x}}", public=True), author)
    return desk.open(body, "key-1"), author, body


def say(desk, mark, text="more", *, public=True, author="", **other):
    return desk.compose_append(
        Comment(mark, text, public=public, uploads=other.pop("uploads", ())),
        author,
        reopen=other.pop("reopen", False),
        **other,
    )


def test_the_desk_is_a_helpdesk(desk):
    """Everything the flow asks for is there."""
    helpdesk: Helpdesk = desk
    names = [name for name in vars(Helpdesk) if not name.startswith("_")]
    assert [name for name in names if not hasattr(helpdesk, name)] == []
    assert (helpdesk.name, helpdesk.updates_per_window) == ("zendesk", 30)


def test_a_whole_conversation_keeps_the_contract(desk, sandbox, watch, opened):
    """Open, append with a file, answer, redact, read, export: all of it as Zendesk writes it."""
    written, author, _ = opened
    token = desk.upload(File("a b.png", "image/png", b"\x89PNG"))
    watch.move(5)
    more = desk.update(
        written.ticket_id, say(desk, "m2", "look\nat it", author=author, uploads=(token,))
    )
    desk.update(written.ticket_id, desk.compose_fields("f1", (("network", "mastodon"),)))
    watch.move(5)
    sandbox.answer(int(written.ticket_id), "Dear Ada")
    desk.redact(written.ticket_id, more.comment_id, "at it")
    comments = desk.comments(written.ticket_id)
    assert [comment.mark for comment in comments] == ["m1", "m2", ""]
    assert [comments[0].text, comments[2].text] == ["hello <b> {\N{WORD JOINER}{x}}", "Dear Ada"]
    assert "look" in comments[1].text
    assert "at it" not in comments[1].text
    assert [comment.by_agent for comment in comments] == [False, False, True]
    (picture,) = comments[1].attachments
    assert desk.download(picture, 100).content == b"\x89PNG"
    assert written == desk.find_opened("mastodon:conv:1", "m1")
    assert more == desk.find_written(written.ticket_id, "m2")
    assert desk.find_written(written.ticket_id, "f1").comment_id == ""
    assert desk.state(written.ticket_id).status == "open"
    watch.move(120)
    changed = desk.changed_since("", watch())
    assert (written.ticket_id,) == changed.ticket_ids
    assert desk.changed_since(changed.cursor, watch()).ticket_ids == ()


def test_opening_twice_with_one_key_makes_one_ticket(desk, sandbox, opened):
    """Zendesk answers the second with the first's answer."""
    written, _, body = opened
    assert written == desk.open(body, "key-1")
    assert len(sandbox.tickets) == 1


@pytest.mark.parametrize("fault", ["drop_after_write", "504_after_write"])
def test_a_lost_answer_is_looked_up_by_its_mark(desk, sandbox, opened, fault):
    """The write happened, nobody knew, the audit tells: nothing is written twice."""
    written, author, _ = opened
    body = say(desk, "m2", author=author)
    sandbox.faults.add(fault, method="PUT")
    with pytest.raises(NobodyKnows):
        desk.update(written.ticket_id, body)
    found = desk.find_written(written.ticket_id, "m2")
    assert found is not None
    said = sandbox.comments(int(written.ticket_id))
    assert [found.comment_id] == [str(one.id) for one in said[1:]]


def test_a_dropped_try_that_never_arrived_is_not_found(desk, sandbox, opened):
    """Then it may be sent again."""
    written, author, _ = opened
    body = say(desk, "m2", author=author)
    sandbox.faults.add("drop_before_write", method="PUT")
    with pytest.raises(NobodyKnows):
        desk.update(written.ticket_id, body)
    assert None is desk.find_written(written.ticket_id, "m2")
    desk.update(written.ticket_id, body)
    assert len(sandbox.comments(int(written.ticket_id))) == 2


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("429", RateLimited),
        ("429_without_wait", RateLimited),
        ("429_not_json", RateLimited),
        ("409", Unreachable),
        ("422_closed", Closed),
        ("401", NeedsSignIn),
        ("403", NeedsSignIn),
        ("500", NobodyKnows),
        ("503", Unreachable),
    ],
)
def test_each_fault_by_name(desk, sandbox, opened, fault, kind):
    """The stand-in's faults are sorted like Zendesk's."""
    body = say(desk, "m2")
    sandbox.faults.add(fault, method="PUT")
    with pytest.raises(kind):
        desk.update(opened[0].ticket_id, body)


def test_thirty_updates_and_then_a_wait(desk, opened):
    """The budget that the desk declares is the one that is kept."""
    ticket = opened[0].ticket_id
    for turn in range(desk.updates_per_window):
        desk.update(ticket, say(desk, f"n{turn}"))
    with pytest.raises(RateLimited) as caught:
        desk.update(ticket, say(desk, "too many"))
    assert caught.value.wait


def test_reopening_tags_and_following_up(desk, sandbox, opened):
    """A solved ticket opens again; a closed one continues in a follow-up."""
    written, author, _ = opened
    number = int(written.ticket_id)
    sandbox.solve(number)
    desk.update(written.ticket_id, say(desk, "m2", author=author, reopen=True, tags=("late",)))
    assert (
        sandbox.tickets[number].status,
        tuple(sorted(sandbox.tickets[number].tags)),
    ) == ("open", ("late", "social"))
    sandbox.close(number)
    with pytest.raises(Closed):
        desk.update(written.ticket_id, say(desk, "m3", author=author))
    follow = Ticket("Hello", "mastodon:conv:1", group="Social", follow_up_of=written.ticket_id)
    body = desk.compose_open(follow, Comment("m4", "still here", public=True), author)
    second = desk.open(body, "key-2")
    assert number == sandbox.tickets[int(second.ticket_id)].follow_up_of
    assert second == desk.find_opened("mastodon:conv:1", "m4")
    desk.redact(written.ticket_id, written.comment_id, "hello <b> {{x}}")
    assert "hello" not in sandbox.comments(number)[0].body


def test_merged_and_deleted(desk, sandbox, opened):
    """A merged ticket names the one it went into; a deleted one is gone."""
    written, author, _ = opened
    other = desk.open(
        desk.compose_open(Ticket("Other", "c2"), Comment("m9", "hi", public=True), author), "key-9"
    )
    sandbox.merge(int(written.ticket_id), int(other.ticket_id))
    assert other.ticket_id == desk.state(written.ticket_id).merged_into
    assert desk.state(other.ticket_id).merged_into == ""
    assert not any(comment.by_agent for comment in desk.comments(other.ticket_id))
    sandbox.delete(int(other.ticket_id))
    assert desk.state(other.ticket_id).gone


def test_the_agents_choice(desk, sandbox, watch, opened):
    """Chosen for one reply; for the next it only still stands."""
    number = int(opened[0].ticket_id)
    for choice in ("private", None):
        watch.move(5)
        sandbox.answer(number, "Dear Ada", reply_as=choice)
    first, second = desk.comments(str(number))[1:]
    assert (first.reply_as, first.chosen_here) == ("private", True)
    assert (second.reply_as, second.chosen_here) == ("private", False)


def test_client_credentials_and_a_revoked_token(sandbox, new_desk):
    """A token that Zendesk revokes is renewed in the middle of the work."""
    desk = new_desk(
        sandbox.address,
        oauth_token=Secret(""),
        client_id=preset.CLIENT_ID,
        client_secret=Secret(preset.CLIENT_SECRET),
    )
    first = desk.ensure_person(ADA)
    sandbox.tokens.revoke_all()
    assert first == desk.ensure_person(ADA)


def test_the_doctor_finds_the_stand_in_sound(desk, sandbox, watch):
    """But for the webhook, which nobody made."""
    watch.now = datetime.now(UTC).replace(microsecond=0)
    findings = desk.examine()
    wrong = [found for found in findings if found.urgency is Urgency.PROBLEM]
    assert wrong == []


def test_many_comments_over_many_pages(desk, sandbox, watch, opened):
    """More than one page of comments and audits, oldest first."""
    number = int(opened[0].ticket_id)
    for turn in range(230):
        watch.move(1)
        sandbox.note(number, f"note {turn}")
    comments = desk.comments(str(number))
    assert [f"note {turn}" for turn in range(230)] == [found.text for found in comments[1:]]
    assert None is desk.find_written(str(number), "nowhere")


def test_an_unsigned_event_is_not_believed(desk):
    """As the stand-in sends it with that fault."""
    with pytest.raises(NotGenuine):
        desk.genuine({"X-Zendesk-Webhook-Id": "1"}, b"{}")


def test_an_attachment_that_is_gone(desk, sandbox):
    """A dead link is `Gone`, not a crash."""
    from bridge.errors import Gone

    with pytest.raises(Gone):
        desk.download(Attachment(f"{sandbox.address}/attachments/none", "a", ""), 10)
    assert timedelta(minutes=1) == sandbox.hide


def test_a_webhook_as_the_stand_in_sends_it(desk, sandbox, stub, opened):
    """Signed, pretty-printed, ids as strings: a ping about the ticket, the same when sent twice."""
    sandbox.add_webhook(f"{stub.address}/helpdesk/zendesk/events", secret="hook")
    stub.will({}).will({})
    sandbox.faults.add("webhook_twice")
    sandbox.answer(int(opened[0].ticket_id), "Dear Ada")
    sandbox.flush_webhooks()
    pings = [desk.genuine(seen.headers, seen.body) for seen in stub.seen]
    assert {(opened[0].ticket_id, "ticket.comment_added")} == {
        (ping.ticket_id, ping.what) for ping in pings
    }
    assert (len(pings), len({ping.key for ping in pings})) == (2, 1)


def test_the_doctor_finds_the_webhook(sandbox, new_desk):
    """At the address that BRIDGE_PUBLIC_URL makes."""
    sandbox.add_webhook("https://bridge.example/helpdesk/zendesk/events")
    desk = new_desk(
        sandbox.address,
        oauth_token=Secret(preset.STATIC_TOKEN),
        fields=FIELDS,
        public_url="https://bridge.example",
    )
    (webhook,) = [found for found in desk.examine() if found.about == "webhook"]
    assert Urgency.OK is webhook.urgency
