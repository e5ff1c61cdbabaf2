"""A network that tells of its own messages itself, knows no threads in private, and allows one
private answer to a public post: what Meta's products have in common, without any of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bridge.channels.contract import Length, Limits, Once, Unit
from bridge.errors import NobodyKnows, Refused, Unreachable
from bridge.flow import erasing
from bridge.ledger import accounts, reports, tables
from bridge.model import (
    Arrival,
    Kind,
    Label,
    Media,
    Person,
    Receipt,
    Remark,
    Reply,
    Report,
    Visibility,
    What,
)

DAY = timedelta(days=1)
PRIVATELY = Limits(
    length=Length(100, Unit.CHARACTERS),
    files=3,
    file_bytes=1000,
    reply_window=DAY,
    once=Once.MARK_IN_ECHO,
    text_or_file=True,
    private_answer_window=7 * DAY,
    private_answers_once=True,
    one_private_thread=True,
)
LIMITS = Limits(length=Length(500, Unit.CHARACTERS), once=Once.MARK_IN_ECHO, privately=PRIVATELY)


class Flat:
    """The account's channel. `goes` decides what becomes of the next sends."""

    network = "mastodon"

    def __init__(self, account: str) -> None:
        self.account = account
        self.sent: list[Reply] = []
        self.goes: list[Exception | None] = []

    def limits(self) -> Limits:
        return LIMITS

    def unpack(self, body: bytes) -> tuple:
        return ()

    def reread(self, post_ids: tuple[str, ...]) -> tuple:
        return ()

    def shape(self, reply: Reply) -> str:
        return reply.text

    def send(self, reply: Reply) -> Receipt:
        self.sent.append(reply)
        ends = self.goes.pop(0) if self.goes else None
        if ends is not None:
            raise ends
        return Receipt(f"m{len(self.sent)}", to=reply.to.id)


class Reopening(Flat):
    """With a template as the way out of a closed window."""

    def template_name(self, language: str) -> str:
        return "come_back"


@pytest.fixture
def flat(world) -> Flat:
    channel = Flat("acme")
    world.bridge = replace(world.bridge, channels={"acme": channel})
    return channel


@pytest.fixture
def hears(flat, hears):
    """After `flat`, so that it is this channel that hears."""
    return hears


def dm(hears, post_id: str, text: str, **how):
    how = {"thread_id": "900", "kind": Kind.DM, "visibility": Visibility.PRIVATE, **how}
    return hears.post(post_id, text, **how)


def texts(world) -> list[str]:
    return [said.plain_body for said in world.comments()]


def test_what_is_answered_to_a_handover_finds_its_ticket(world, flat, hears) -> None:
    """The customer's private words name nothing that they answer; they belong to the ticket in
    which we wrote to them privately, and are answered privately."""
    hears(hears.post("p1", "Where is it?", kind=Kind.COMMENT))
    world.answer("#dm your order number please")
    (sent, _notice) = flat.sent
    assert (Visibility.PRIVATE, Kind.COMMENT) == (sent.visibility, sent.answers)
    assert sent.heard_at is None
    hears(dm(hears, "p2", "It is 4711"))
    assert 1 == len(world.tickets())
    assert "It is 4711" in texts(world)[-1]
    world.answer("Thank you")
    assert (Visibility.PRIVATE, Kind.DM, "p2") == (
        flat.sent[-1].visibility,
        flat.sent[-1].answers,
        flat.sent[-1].in_reply_to,
    )
    assert flat.sent[-1].heard_at is not None


def test_who_answers_sooner_than_we_know_finds_the_ticket_too(world, flat, hears) -> None:
    """The private message arrived, its answer was lost, and the customer has already replied:
    where that belongs is decided when the network's echo has told."""
    hears(hears.post("p1", "Where is it?", kind=Kind.COMMENT))
    flat.goes = [NobodyKnows("no answer")]
    world.answer("#dm your order number please")
    assert 1 == len(flat.sent)
    hears(dm(hears, "p2", "It is 4711"))
    assert 1 == len(world.tickets())
    assert "It is 4711" not in texts(world)[-1]
    with world.bridge.ledger.writing() as tx:
        told = Report("acme", "m1", Arrival.SENT, world.clock(), flat.sent[0].key)
        reports.add(tx, told)
    world.later(11)
    world.later(3)
    assert 1 == len(world.tickets())
    assert "It is 4711" in texts(world)[-1]


def test_nobody_waits_for_ever_for_what_is_never_known(world, flat, hears) -> None:
    """After two minutes at most it is told, on a ticket of its own."""
    hears(hears.post("p1", "Where is it?", kind=Kind.COMMENT))
    flat.goes = [NobodyKnows("no answer")]
    world.answer("#dm your order number please")
    hears(dm(hears, "p2", "It is 4711"))
    for _ in range(8):
        world.later(20)
    assert ["It is 4711"] == [
        said.plain_body.partition("\n")[0]
        for ticket in world.tickets()[1:]
        for said in world.comments(ticket)
    ]


def test_a_stranger_s_private_words_do_not_join_the_ticket(world, flat, hears) -> None:
    """Only the person whom the private answer reached goes on in its conversation."""
    hears(hears.post("p1", "Where is it?", kind=Kind.COMMENT))
    world.answer("#dm your order number please")
    other = hears.person(1)
    hears(dm(hears, "p2", "Something else", author=other, thread_id=other.id))
    assert 2 == len(world.tickets())


def test_a_public_answer_to_what_was_only_said_privately_is_told_as_that(
    world, flat, hears
) -> None:
    """There is a message to answer, so the ticket must not say that there is none."""
    hears(dm(hears, "p1", "Where is it?"))
    world.answer("#public it is on its way")
    assert [] == flat.sent
    assert "takes no public answer here" in world.notes()[-1]
    assert "Answer privately with #dm" in world.notes()[-1]


def test_nobody_is_told_to_answer_in_public_where_all_was_said_privately(
    world, flat, hears
) -> None:
    """Who cannot be reached privately, and wrote nothing in public, is reached by another way."""
    unreachable = Refused("they have blocked us")
    unreachable.code = "no_private_way"
    hears(dm(hears, "p1", "Where is it?"))
    flat.goes = [unreachable]
    world.answer("On its way")
    assert 1 == len(flat.sent)
    assert "they have blocked us" in world.notes()[-1]
    assert "#public" not in world.notes()[-1]
    assert "by another way" in world.notes()[-1]
    hears(hears.post("p2", "Where is it?", kind=Kind.COMMENT))
    flat.goes = [unreachable]
    world.answer("#dm On its way", ticket=world.tickets()[-1])
    assert "#public" in world.notes(world.tickets()[-1])[-1]


def test_a_second_private_answer_waits_for_the_customer(world, flat, hears) -> None:
    """The network would refuse it; the agent reads why before it is asked."""
    hears(hears.post("p1", "Where is it?", kind=Kind.COMMENT))
    world.answer("#dm your order number please")
    before = len(flat.sent)
    world.answer("#dm and your name")
    assert before == len(flat.sent)
    assert "one private message" in world.notes()[-1]


def test_a_private_answer_to_a_public_post_is_one_message(world, flat, hears) -> None:
    """What would be cut into two is refused whole: the second half could not be sent."""
    hears(hears.post("p1", "Where is it?", kind=Kind.COMMENT))
    world.answer("#dm " + "word " * 30)
    assert [] == flat.sent
    assert "too long" in world.notes()[-1]
    world.clock.move(8 * 86_400)
    world.answer("#dm short")
    assert [] == flat.sent
    assert "7 days" in world.notes()[-1]


def test_an_echo_proves_what_nobody_could_know(world, flat, hears) -> None:
    """The answer was lost, there is no way to look, the ticket says unknown; then the network's
    own echo brings the mark back. Nothing is sent twice, and the ticket is told."""
    hears(dm(hears, "p1", "Where is it?"))
    flat.goes = [NobodyKnows("no answer")]
    world.answer("On its way")
    world.later(60)
    assert 1 == len(flat.sent)
    assert "may or may not" in world.notes()[-1]
    key = flat.sent[0].key
    ours = dm(hears, "echo1", "On its way", by_us=True, mark=key, author=hears.person(7))
    hears(ours)
    world.later(60)
    assert 1 == len(flat.sent)
    assert "after all" in world.notes()[-1]
    assert not any("directly, not from this ticket" in note for note in world.notes())


def test_who_has_looked_may_have_it_sent_once_more(world, flat, hears) -> None:
    """Nobody but a person can tell that it is missing; the note asks them to look, and `#retry` is
    their word for it."""
    hears(dm(hears, "p1", "Where is it?"))
    flat.goes = [NobodyKnows("no answer")]
    world.answer("On its way")
    world.later(60)
    world.answer("#retry", public=False)
    world.later(60)
    assert ["On its way", "On its way"] == [each.text for each in flat.sent]
    assert "delivered" == world.ticket().value(world.delivery_field)


def test_what_was_told_of_one_part_asks_for_no_other_part(world, flat, hears) -> None:
    """The echo of the first try comes when the second one has lost another part: that one may have
    arrived, and nobody has said that it has not."""
    hears(dm(hears, "p1", "Where is it?"))
    flat.goes = [NobodyKnows("no answer"), None, NobodyKnows("no answer")]
    world.answer("It is on its way. " * 8)
    world.later(60)
    world.answer("#retry", public=False)
    world.later(60)
    assert 3 == len(flat.sent)
    first, again, second = flat.sent
    assert first.text == again.text != second.text
    for place, sent in (("e1", first), ("e2", second)):
        assert 3 == len(flat.sent)
        echo = dm(hears, place, sent.text, by_us=True, mark=sent.key, author=hears.person(7))
        hears(echo)
        world.later(60)
    assert "It is on its way" in flat.sent[-1].text
    assert "delivered" == world.ticket().value(world.delivery_field)


def test_an_echo_that_is_quicker_than_the_answer_is_not_an_answer_from_elsewhere(
    world, flat, hears
) -> None:
    """It arrives while the send is still under way."""
    hears(dm(hears, "p1", "Where is it?"))
    whole = flat.send

    def send(reply: Reply) -> Receipt:
        hears.keep(dm(hears, "m1", reply.text, by_us=True, mark=reply.key, author=hears.person(7)))
        return whole(reply)

    flat.send = send
    world.answer("On its way")
    world.later(60)
    assert 1 == len(flat.sent)
    assert [] == world.notes()


def test_what_was_typed_elsewhere_stands_on_the_ticket(world, flat, hears) -> None:
    """A colleague answered in the network's own inbox: no mark of ours is on it."""
    hears(dm(hears, "p1", "Where is it?"))
    hears(dm(hears, "p2", "Sorted out by phone", by_us=True, author=hears.person(7)))
    (note,) = world.notes()
    assert "directly, not from this ticket" in note
    assert "Sorted out by phone" in note


@pytest.mark.parametrize("sooner", [True, False])
def test_a_message_that_failed_later_is_told(world, flat, hears, sooner) -> None:
    """The network took it, and says afterwards that it did not arrive: sooner than its own
    answer, or later."""
    hears(dm(hears, "p1", "Where is it?"))
    whole = flat.send

    def report(mark: str) -> Report:
        return Report("acme", "m1", Arrival.FAILED, world.clock(), mark, "number is not in use")

    def send(reply: Reply) -> Receipt:
        if sooner:
            hears.keep(report(reply.key))
        return whole(reply)

    flat.send = send
    world.answer("On its way")
    if not sooner:
        hears(report(""))
    world.later(60)
    (note,) = world.notes()
    assert "did not arrive" in note
    assert "number is not in use" in note
    assert "refused" == world.ticket().value(world.delivery_field)
    hears(report(flat.sent[0].key))
    assert 1 == len(world.notes())


def test_files_go_by_themselves_where_a_message_takes_one_or_the_other(world, flat, hears) -> None:
    """First the words, then each file, all of them once and in order."""
    from bridge.model import File

    hears(dm(hears, "p1", "Where is it?"))
    files = tuple(File(f"{n}.png", "image/png", b"\x89PNG\r\n\x1a\n") for n in "ab")
    world.answer("See", files=files)
    assert [("See", []), ("", ["a.png"]), ("", ["b.png"])] == [
        (each.text, [file.filename for file in each.files]) for each in flat.sent
    ]


def test_a_closed_window_is_said_with_its_way_out(world, flat, hears) -> None:
    """The template is offered where there is one, sent when asked for, and not without one."""
    hears(dm(hears, "p1", "Where is it?"))
    world.clock.move(2 * 86_400)
    world.answer("On its way")
    assert "time window has closed" in world.notes()[-1]
    assert "#template" not in world.notes()[-1]
    world.answer("#template")
    assert "No template" in world.notes()[-1]
    channel = Reopening("acme")
    channel.unpack = flat.unpack
    world.bridge = replace(world.bridge, channels={"acme": channel})
    world.answer("On its way!")
    assert "#template" in world.notes()[-1]
    assert [] == channel.sent
    world.answer("#template")
    (sent,) = channel.sent
    assert (True, "", Visibility.PRIVATE) == (sent.template, sent.text, sent.visibility)


def test_what_the_network_forbids_is_said_and_not_tried(world, flat, hears) -> None:
    """It stands on the ticket from the start, and nobody is asked in vain."""
    hears(hears.post("p1", "Where is it?", unanswerable="not_summoned"))
    assert "mentions our account" in texts(world)[0]
    world.answer("On its way")
    assert [] == flat.sent
    assert "mentions our account" in world.notes()[-1]
    assert "bridge_not_summoned" in world.ticket().tags


def test_no_notice_where_nobody_can_answer(world, flat, hears) -> None:
    """A private answer is possible there, the public line after it is not."""
    hears(hears.post("p1", "Where is it?", unanswerable="not_summoned"))
    world.answer("#dm On its way")
    assert [Visibility.PRIVATE] == [each.visibility for each in flat.sent]


def test_a_notice_with_a_link_is_not_posted_where_links_are_not(world, flat, hears) -> None:
    """The private answer went out; the agent reads why the public line did not."""
    flat.limits = lambda: replace(LIMITS, no_links_in_notices=True)
    world.remap("rules:", "handover:\n  wording:\n    en: See https://acme.example\nrules:")
    hears(hears.post("p1", "Where is it?", kind=Kind.COMMENT))
    world.answer("#dm your order number please")
    assert [Visibility.PRIVATE] == [each.visibility for each in flat.sent]
    assert "has a link" in world.notes()[-1]


@pytest.mark.parametrize("insists", [False, True])
def test_where_the_network_tells_the_public_itself_ours_must_be_asked_for(
    world, flat, hears, insists
) -> None:
    """Two notices below each other are one too many, unless the account's own rules want them."""
    flat.limits = lambda: replace(LIMITS, shows_own_notice=True)
    if insists:
        world.remap("  acme:\n", "  acme:\n    handover: {notice: true}\n")
    hears(hears.post("p1", "Where is it?", kind=Kind.COMMENT))
    world.answer("#dm your order number please")
    assert [Visibility.PRIVATE, Visibility.PUBLIC][: 1 + insists] == [
        each.visibility for each in flat.sent
    ]


def test_labels_and_what_may_not_be_kept(world, flat, hears, monkeypatch) -> None:
    """Agents read what kind of post it is; a story's picture is shown by its link and never
    fetched."""
    fetched: list[Media] = []

    def fetch(media: Media, most: int):
        fetched.append(media)
        raise Refused("too big")

    flat.fetch = fetch
    story = Media("https://cdn.example/story", keep=False)
    picture = Media("https://cdn.example/picture")
    hears(
        dm(hears, "p1", "Look", labels=(Label.STORY_REPLY,), media=(story, picture)),
    )
    assert [picture] == fetched
    assert "https://cdn.example/story" in texts(world)[0]
    assert "one of our stories" in texts(world)[0]
    assert "bridge_story_reply" in world.ticket().tags


class Naming(Flat):
    """Messages come without names; the network tells them when asked."""

    def __init__(self, account: str, answers: list) -> None:
        super().__init__(account)
        self.answers = answers
        self.asked: list[str] = []

    def person(self, person_id: str) -> Person:
        self.asked.append(person_id)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Person("mastodon", person_id, "ada.l", answer)


@pytest.mark.parametrize("answers", [["Ada Lovelace"], [Unreachable("away"), "Ada Lovelace"]])
def test_names_are_asked_for_once(world, flat, hears, answers) -> None:
    """The ticket is that of a person with a name, and so is what they say next."""
    channel = Naming("acme", list(answers))
    channel.unpack = flat.unpack
    world.bridge = replace(world.bridge, channels={"acme": channel})
    nobody = Person("mastodon", "900", "900", "")
    hears(dm(hears, "p1", "Where is it?", author=nobody))
    world.later(60)
    hears(dm(hears, "p2", "Hello?", author=nobody))
    assert "Ada Lovelace" in world.ticket().subject
    assert ["Ada Lovelace (@ada.l)"] * 2 == [
        world.desk.user(said.author_id).name for said in world.comments()
    ]
    assert [] == channel.answers


@pytest.mark.parametrize("failure", [Refused("no permission"), Unreachable("away")])
def test_words_do_not_wait_for_a_name(world, flat, hears, failure) -> None:
    """Who will not be named is told of without a name."""
    channel = Naming("acme", [failure] * 9)
    channel.unpack = flat.unpack
    world.bridge = replace(world.bridge, channels={"acme": channel})
    hears(dm(hears, "p1", "Where is it?", author=Person("mastodon", "900", "900", "")))
    for _ in range(4):
        world.later(700)
    assert "Where is it?" in texts(world)[0]


def test_hidden_and_shown_again(world, flat, hears) -> None:
    """The ticket is told once each time, and about nothing that has no ticket."""
    hears(hears.post("p1", "Where is it?", kind=Kind.COMMENT))
    at = world.clock()
    for what in (What.HIDDEN, What.HIDDEN, What.SHOWN):
        hears(Remark("acme", "p1", at, what))
    hears(Remark("acme", "unheard of", at, What.HIDDEN))
    assert ["hidden", "again"] == [
        word for note in world.notes() for word in ("hidden", "again") if word in note
    ]


def test_what_is_hidden_once_more_is_told_once_more(world, flat, hears) -> None:
    """A change is told each time; what the network repeats, however late, is none."""
    hears(hears.post("p1", "Where is it?", kind=Kind.COMMENT))
    begun = world.clock()
    for minute, what in (
        (1, What.HIDDEN),
        (2, What.HIDDEN),
        (3, What.SHOWN),
        (1, What.HIDDEN),
        (4, What.HIDDEN),
    ):
        hears(Remark("acme", "p1", begun + timedelta(minutes=minute), what))
    assert ["hidden", "again", "hidden"] == [
        word for note in world.notes() for word in ("hidden", "again") if word in note
    ]


def test_the_private_words_of_one_stay_off_the_ticket_of_another(world, flat, hears) -> None:
    """Where a whole thread is one ticket, that is the first one's, who reads all of it."""
    world.remap("rules:\n", "threads: {default: {per: thread}}\nrules:\n")
    hears(hears.post("p1", "Where is it?", kind=Kind.COMMENT))
    other = hears.person(1)
    second = hears.post("p2", "Mine too", kind=Kind.COMMENT, parent_id="p1", author=other)
    hears(replace(second, thread_id="p1"))
    asked = world.ticket()
    world.answer("#dm your order number please")
    assert other == flat.sent[0].to
    hears(dm(hears, "p3", "It is 4711", author=other, thread_id=other.id))
    assert not any("4711" in said.plain_body for said in world.comments(asked))
    assert 2 == len(world.tickets())


def test_another_try_of_what_failed_later_is_another_message(world, flat, hears) -> None:
    """The network had taken the first one, and said that it did not arrive: it is no proof."""
    hears(dm(hears, "p1", "Where is it?"))
    world.answer("On its way")
    hears(Report("acme", "m1", Arrival.FAILED, world.clock(), "", "number is not in use"))
    assert "did not arrive" in world.notes()[-1]
    world.answer("#retry", public=False)
    world.later(60)
    assert ["On its way", "On its way"] == [each.text for each in flat.sent]
    assert "delivered" == world.ticket().value(world.delivery_field)


def test_nothing_that_was_told_of_a_lost_message_outlives_its_reader(world, flat, hears) -> None:
    """A report knows the message by its mark alone; on some networks its id holds a number."""
    hears(dm(hears, "p1", "Where is it?"))
    flat.goes = [NobodyKnows("no answer")] * 9
    world.answer("On its way")
    for number, state in enumerate((Arrival.SENT, Arrival.FAILED)):
        said = Report("acme", f"wamid.{number}", state, world.clock(), flat.sent[0].key)
        hears.keep(said)
    world.later(700)
    with world.bridge.ledger.reading() as tx:
        assert 2 == len(tx.conn.execute(select(tables.reports)).all())
    [(row, _)] = erasing.find(world.bridge, "mastodon:900")
    erasing.erase(world.bridge, row, "mastodon:900")
    with world.bridge.ledger.reading() as tx:
        assert [] == tx.conn.execute(select(tables.reports)).all()


def test_who_was_erased_while_their_name_was_asked_for_stays_erased(world, flat, hears) -> None:
    """The worker that asked had been frozen, and did not hold the lane any more."""
    somebody = Person("mastodon", "900", "900", "")

    class Slow(Flat):
        def person(self, person_id: str) -> Person:
            with world.bridge.ledger.writing() as tx:
                tx.conn.execute(update(tables.people).values(network_id="erased"))
            return replace(somebody, name="Jane Doe")

    channel = Slow("acme")
    channel.unpack = flat.unpack
    world.bridge = replace(world.bridge, channels={"acme": channel})
    hears(dm(hears, "p1", "Where is it?", author=somebody))
    with world.bridge.ledger.reading() as tx:
        assert ["erased"] == [*tx.conn.execute(select(tables.people.c.network_id)).scalars()]


def test_another_message_s_proof_is_none(world, flat, hears) -> None:
    """The network refuses the second private answer, the same words are found, and they are those
    of the first: nothing was sent, and the ticket says so."""
    hears(hears.post("p1", "Where is it?", kind=Kind.COMMENT))
    hears(hears.post("p2", "And the other?", kind=Kind.COMMENT))
    first, second = world.tickets()
    world.answer("#dm your order number please", first)
    (sent, *_) = flat.sent
    flat.send = lambda reply: Receipt("m1", to=reply.to.id)
    world.answer("#dm your order number please", second)
    world.later(60)
    assert Visibility.PRIVATE == sent.visibility
    assert "could not be delivered" in world.notes(second)[-1]
    assert "an earlier one of ours" in world.notes(second)[-1]


class Called(Flat):
    """Its network calls us, if it is told to; `answers` is what it says of that."""

    hook_every = timedelta(minutes=30)

    def __init__(self, account: str, answers: list) -> None:
        super().__init__(account)
        self.answers = answers
        self.looks = 0

    def keep_hook(self) -> str:
        self.looks += 1
        answer = self.answers.pop(0) if self.answers else ""
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_network_that_does_not_call_is_asked_again_soon(world) -> None:
    """What is wrong is the account's trouble until it is right again; looked for every two
    minutes, and every half an hour where all is well."""
    channel = Called("acme", ["the callback URL is not ours", Unreachable("away")])
    world.bridge = replace(world.bridge, channels={"acme": channel})
    world.later(301)
    assert 1 == channel.looks

    def trouble():
        with world.bridge.ledger.reading() as tx:
            return accounts.trouble(tx, "acme", accounts.About.HOOK)

    found = trouble()
    assert (accounts.State.WEBHOOK_DEAD, "the callback URL is not ours") == (
        found.state,
        found.because,
    )
    for _ in range(7):
        world.later(61)
    assert [] == channel.answers
    assert trouble() is None
    before = channel.looks
    world.later(301)
    assert before == channel.looks
    world.later(1801)
    assert before + 1 == channel.looks


def test_the_way_to_a_ticket_goes_with_whom_it_led_there(world, flat, hears) -> None:
    """In private the network calls them something else; the ticket is another customer's now."""
    world.remap("rules:\n", "threads: {default: {per: thread}}\nrules:\n")
    hears(hears.post("p1", "Where is it?", kind=Kind.COMMENT))
    flat.send = lambda reply: Receipt(f"m{reply.key}", to="psid7")
    world.answer("#dm your order number please")
    second = hears.post("p2", "Mine too", parent_id="p1", author=hears.person(1))
    hears(replace(second, thread_id="p1"))
    [(row, _)] = erasing.find(world.bridge, "mastodon:900")
    erasing.erase(world.bridge, row, "mastodon:900")
    with world.bridge.ledger.reading() as tx:
        keys = [*tx.conn.execute(select(tables.conversation_keys.c.key)).scalars()]
    assert keys
    assert "handover:psid7" not in keys
