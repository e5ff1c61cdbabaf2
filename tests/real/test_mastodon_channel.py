"""The Mastodon channel against a server that nobody here wrote, over what it really answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import pytest

from bridge.channels.contract import Batch, Surroundings, Unit
from bridge.channels.mastodon import Mastodon
from bridge.errors import Gone, NeedsSignIn, TooLong
from bridge.model import (
    Event,
    File,
    Kind,
    Post,
    Receipt,
    Removal,
    Reply,
    Urgency,
    Visibility,
    utcnow,
)
from bridge.settings import Secret

from .people import until
from .snac import RealMastodon, lived

# The first run fetches the server.
pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

# A picture of one point, as small as a PNG can be.
DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def channel_of(server: RealMastodon, token: str) -> Mastodon:
    """As the mapping would build it, on the real clock."""
    options = Mastodon.Options().load({"url": server.url, "token": Secret(token)})
    assert isinstance(options, dict)
    trusted = frozenset({server.host})
    return Mastodon("acme", options, Surroundings(clock=utcnow, trusted_hosts=trusted))


def posts(channel: Mastodon, batch: Batch) -> dict[str, Post]:
    """What a batch holds, by id; anything but posts is a mistake."""
    events: list[Event] = [event for raw in batch.items for event in channel.unpack(raw.body)]
    found = {event.id: event for event in events if isinstance(event, Post)}
    assert len(events) == len(found), events
    return found


def answer(to: Post, key: str, visibility: Visibility, text: str) -> Reply:
    """What an agent answers to a post."""
    return Reply(
        key=key,
        account="acme",
        visibility=visibility,
        text=text,
        to=to.author,
        in_reply_to=to.id,
        thread_id=to.thread_id,
        intended_at=utcnow(),
        language="en",
    )


@dataclass(frozen=True)
class Talk:
    """A morning at the support desk; everybody has been told of everything.

    `edited` and `deleted` are posts as they were read, before their author changed their mind.
    `keys` are the keys they were read under, by id.
    """

    server: RealMastodon
    channel: Mastodon
    connected: Batch
    first: Batch
    repeated: Batch
    again: Batch
    keys: dict[str, str]
    late: Post
    card: Post
    picture: Post
    edited: Post
    deleted: Post
    sent: dict[str, tuple[Reply, Receipt]]
    thanks: Post


@pytest.fixture(scope="module")
def talk(real_mastodons: Iterator[RealMastodon]) -> Talk:
    """One talk for all questions, because each word takes its 6 s to the other side."""
    return lived(real_mastodons, _talk)


def _talk(server: RealMastodon) -> Talk:
    at = server.at_brand
    mara, tom, brand = server.customers["mara"], server.customers["tom"], server.brand
    channel = channel_of(server, server.brand_token)
    connected = channel.read("")
    late = server.alone(lambda: mara.post(f"{at} my parcel & I are late\nhelp!"))
    card = server.alone(lambda: tom.post(f"{at} my card is 4711", "direct"))
    dot = mara.uploads(DOT, "a dot")
    picture = server.alone(lambda: mara.post(f"{at} see", media_ids=(dot,)))
    edited = server.alone(lambda: tom.post(f"{at} order 12"))
    deleted = server.alone(lambda: tom.post(f"{at} my number is 555-1234"))
    for one in (late, card, picture, edited, deleted):
        brand.waits_for(one)
    first = channel.read(connected.cursor)
    read = posts(channel, first)
    repeated = channel.read(connected.cursor)

    server.alone(lambda: server.begin_to_delete(tom, deleted))
    tom.edit(edited, f"{at} order 21")
    replies = {
        "public": answer(read[late], "k1", Visibility.PUBLIC, "We are looking."),
        "private": answer(read[late], "k2", Visibility.PRIVATE, "It is 0815, not @tom's."),
        "to a direct post": answer(read[card], "k3", Visibility.PRIVATE, "Noted: 4711."),
        "with a file": replace(
            answer(read[picture], "k4", Visibility.PUBLIC, "Like this?"),
            files=(File("dot.png", "image/png", DOT, "another dot"),),
        ),
    }
    sent = {
        name: (reply, server.alone(partial(channel.send, reply))) for name, reply in replies.items()
    }
    mara.waits_for(sent["public"][1].id)
    mara.waits_for(sent["private"][1].id)
    tom.waits_for(sent["to a direct post"][1].id)
    until(lambda: tom.reads(deleted) is None, "the deleted post to be gone")

    thanks = mara.post(f"{at} it works", "direct", in_reply_to=sent["private"][1].id)
    brand.waits_for(thanks)
    again = channel.read(first.cursor)
    return Talk(
        server=server,
        channel=channel,
        connected=connected,
        first=first,
        repeated=repeated,
        again=again,
        keys={
            event.id: raw.key
            for raw in first.items
            for event in channel.unpack(raw.body)
            if isinstance(event, Post)
        },
        late=read[late],
        card=read[card],
        picture=read[picture],
        edited=read[edited],
        deleted=read[deleted],
        sent=sent,
        thanks=posts(channel, again)[thanks],
    )


# ------------------------------------------------------------------ in


def test_connecting_only_finds_the_place(talk: Talk) -> None:
    """Nothing is read on the first connect, and there is a place to go on from."""
    assert ((), True) == (talk.connected.items, bool(talk.connected.cursor))


def test_a_public_mention_is_read_with_all_that_a_ticket_needs(talk: Talk) -> None:
    """Kind, visibility, author, plain text, permalink and thread are what the customer posted."""
    mara, late = talk.server.customers["mara"], talk.late
    assert (Kind.MENTION, Visibility.PUBLIC, late.id, "", "", False) == (
        late.kind,
        late.visibility,
        late.thread_id,
        late.parent_id,
        late.revision,
        late.by_us,
    )
    assert f"@{talk.server.brand.handle} my parcel & I are late\nhelp!" == late.text
    there = mara.handle.partition("@")[2]
    assert (f"{mara.account_id}@{there}", mara.handle, "mara") == (
        late.author.id,
        late.author.handle,
        late.author.name,
    )
    assert late.permalink.startswith(talk.server.url)


def test_a_direct_post_is_read_as_private(talk: Talk) -> None:
    """Although the server calls it something else than direct."""
    assert (Kind.DM, Visibility.PRIVATE) == (talk.card.kind, talk.card.visibility)


def test_what_was_read_is_not_read_again(talk: Talk) -> None:
    """From the same place the same keys come again, after the last place there is nothing."""
    last = talk.channel.read(talk.again.cursor)
    assert ((), [talk.thanks.id], [raw.key for raw in talk.first.items]) == (
        last.items,
        list(posts(talk.channel, talk.again)),
        [raw.key for raw in talk.repeated.items],
    )


def test_an_answer_to_our_private_answer_belongs_to_the_thread(talk: Talk) -> None:
    """It is private, its thread begins with the public post, and what came before goes along."""
    thanks = talk.thanks
    assert (Visibility.PRIVATE, talk.late.id, [talk.late.id, talk.sent["private"][1].id]) == (
        thanks.visibility,
        thanks.thread_id,
        [post.id for post in thanks.history],
    )
    assert [False, True] == [post.by_us for post in thanks.history]


def test_a_picture_is_read_and_fetched(talk: Talk) -> None:
    """The very bytes the customer uploaded, with their description."""
    (media,) = talk.picture.media
    file = talk.channel.fetch(media, most=10_000)
    assert (DOT, "image/png", "a dot") == (file.content, file.content_type, media.description)


# ------------------------------------------------------------------ out


def test_a_public_reply_is_in_the_thread_for_everybody(talk: Talk) -> None:
    """Under the post it answers, public, with the receipt's id."""
    receipt = talk.sent["public"][1]
    mara = talk.server.customers["mara"]
    (status,) = (one for one in mara.thread(talk.late.id) if one["id"] == receipt.id)
    assert ("public", talk.late.id, True) == (
        status["visibility"],
        status["in_reply_to_id"],
        talk.server.stranger.is_shown(receipt.id),
    )


@pytest.mark.parametrize(
    ("which", "meant", "not_meant"),
    [("private", "mara", "tom"), ("to a direct post", "tom", "mara")],
)
def test_a_private_reply_reaches_one_person(
    talk: Talk, which: str, meant: str, not_meant: str
) -> None:
    """Whoever else it names: only the person answered is shown it."""
    reply, receipt = talk.sent[which]
    people = talk.server.customers
    status = people[meant].waits_for(receipt.id)
    shown = [
        who.is_shown(receipt.id, thread_of=reply.in_reply_to)
        for who in (people[meant], people[not_meant], talk.server.stranger)
    ]
    assert ("private", reply.in_reply_to, [True, False, False]) == (
        status["visibility"],
        status["in_reply_to_id"],
        shown,
    )


def test_a_file_goes_along(talk: Talk) -> None:
    """The status shows the picture with its description."""
    status = talk.server.customers["mara"].reads(talk.sent["with a file"][1].id)
    assert status is not None
    assert ["another dot"] == [one["description"] for one in status["media_attachments"]]


@pytest.mark.parametrize("which", ["public", "private", "to a direct post", "with a file"])
def test_what_was_sent_is_found_again(talk: Talk, which: str) -> None:
    """The same receipt; not the message of another reply; nothing for what was never sent."""
    reply, receipt = talk.sent[which]
    never = replace(reply, key="k9", text="Something else.")
    assert (receipt, None, None) == (
        talk.channel.find_sent(reply, frozenset()),
        talk.channel.find_sent(reply, frozenset({receipt.id})),
        talk.channel.find_sent(never, frozenset()),
    )


def test_the_limits_are_the_servers_own(talk: Talk) -> None:
    """From the older of the two addresses, because this server has only that."""
    limits = talk.channel.limits()
    assert (100_000, Unit.GRAPHEMES, 32, 4) == (
        limits.length.most,
        limits.length.unit,
        limits.length.url_weight,
        limits.files,
    )


def test_what_is_too_long_is_not_even_sent(talk: Talk) -> None:
    """This server would take it, so it is we who refuse."""
    reply = answer(talk.late, "k5", Visibility.PRIVATE, "word " * 20_001)
    with pytest.raises(TooLong):
        talk.channel.send(reply)
    assert talk.channel.find_sent(reply, frozenset()) is None


# ------------------------------------------------------------------ what changes


def test_an_edit_is_seen_on_the_post_that_was_read(talk: Talk) -> None:
    """The id that was read, a revision of its own, the new words, another key."""
    (raw,) = talk.channel.reread((talk.edited.id,))
    (event,) = talk.channel.unpack(raw.body)
    assert isinstance(event, Post)
    assert (talk.edited.id, True, True, False) == (
        event.id,
        event.text.endswith("order 21"),
        bool(event.revision),
        raw.key == talk.keys[talk.edited.id],
    )


def test_what_did_not_change_has_the_key_it_came_with(talk: Talk) -> None:
    """So that looking again makes no work."""
    (raw,) = talk.channel.reread((talk.card.id,))
    assert talk.keys[talk.card.id] == raw.key


def test_a_deletion_is_seen(talk: Talk) -> None:
    """The post is gone for `is_there` and comes back from `reread` as a removal."""
    (raw,) = talk.channel.reread((talk.deleted.id,))
    (event,) = talk.channel.unpack(raw.body)
    assert isinstance(event, Removal)
    assert (talk.deleted.id, True, False) == (
        event.post_id,
        talk.channel.is_there(talk.card.id),
        talk.channel.is_there(talk.deleted.id),
    )


def test_nothing_is_said_in_public_to_a_post_that_is_gone(talk: Talk) -> None:
    """The server would take it as a post of its own, in front of everybody."""
    reply = answer(talk.deleted, "k6", Visibility.PUBLIC, "We have called 555-1234.")
    with pytest.raises(Gone):
        talk.channel.send(reply)
    timeline = talk.server.stranger.call("GET", "/api/v1/timelines/public").text
    assert "555-1234" not in timeline


# ------------------------------------------------------------------ how it stands


def test_a_working_account_has_no_problem(talk: Talk) -> None:
    """What this server cannot tell is advice at most."""
    problems = [one for one in talk.channel.examine() if one.urgency is Urgency.PROBLEM]
    assert [] == problems


def test_a_dead_token_is_named_as_such(talk: Talk) -> None:
    """On reading, on sending and on examining: a person must sign in again."""
    channel = channel_of(talk.server, "worthless")
    about = {one.about for one in channel.examine() if one.urgency is Urgency.PROBLEM}
    with pytest.raises(NeedsSignIn):
        channel.read(talk.first.cursor)
    with pytest.raises(NeedsSignIn):
        channel.send(answer(talk.late, "k7", Visibility.PUBLIC, "Hello?"))
    with pytest.raises(NeedsSignIn):
        channel.find_sent(talk.sent["public"][0], frozenset())
    assert {"credentials", "mentions"} <= about
