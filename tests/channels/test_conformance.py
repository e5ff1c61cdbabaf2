"""What every channel must hold, against a stand-in that misbehaves on purpose."""

from __future__ import annotations

import json
import random
from importlib.metadata import entry_points
from typing import Any, get_args

import pytest
from conformance import FAMILY, Fault, Stand
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.channels.contract import (
    Channel,
    Examined,
    FindsOwn,
    Moderates,
    Once,
    Raw,
    Reads,
    Rereads,
    ShowsPosts,
)
from bridge.errors import Gone, NeedsSignIn, NobodyKnows, PersonMustAct, RateLimited, TooLong
from bridge.model import Act, Event, Post, Receipt, Removal, Report, Unreadable, Visibility
from bridge.text.weigh import weigh

PRIVATE = Visibility.PRIVATE


def events(channel: Channel, raws: tuple[Raw, ...]) -> list[Any]:
    return [event for raw in raws for event in channel.unpack(raw.body)]


def needs(stand: Stand, ability: type) -> None:
    if not isinstance(stand.channel, ability):
        pytest.skip(f"{stand.channel.network} is not a channel that {ability.__name__}")


def allows(stand: Stand, visibility: Visibility) -> None:
    if not stand.public and visibility is not PRIVATE:
        pytest.skip(f"on {stand.channel.network} nothing is public")


def breaks(stand: Stand, fault: Fault) -> None:
    if fault not in stand.faults:
        pytest.skip(f"on {stand.channel.network} it does not happen that {fault.value}")
    stand.goes_wrong(fault)


def exactly_full(stand: Stand, ending: str, to: str) -> str:
    """A text that, as it will be sent, weighs exactly what the network takes."""
    length = stand.channel.limits().of(stand.usual).length
    empty = weigh(stand.channel.shape(stand.reply(f"x{ending}", to=to)), length)
    return "x" * (length.most - empty + 1) + ending


# ------------------------------------------------------------------ the suite itself


def test_every_installed_channel_has_a_stand(networks_with_a_stand: frozenset[str]) -> None:
    """A channel without a stand-in would be held to nothing."""
    installed = {point.name for point in entry_points(group="bridge.channels")}
    assert set() == installed - networks_with_a_stand


# ------------------------------------------------------------------ in


def test_what_is_said_arrives_as_it_was_said(stand: Stand) -> None:
    """Words, author, account and visibility of a post are those of its author."""
    public = stand.says("My parcel is late 📦")
    private = stand.says("Order 4711, please", private=True)
    first, second = events(stand.channel, stand.arrivals())
    assert (public, private) == (first.id, second.id)
    assert (first.visibility, second.visibility) == (stand.usual, PRIVATE)
    assert "My parcel is late 📦" in first.text
    assert "Order 4711, please" in second.text
    for post in (first, second):
        shown = stand.shown(private=post.visibility is PRIVATE)
        assert (shown.id, shown.handle) == (post.author.id, post.author.handle)
        assert (stand.channel.account, stand.channel.network) == (post.account, post.network)
        assert post.created_at.utcoffset() is not None
        assert not post.by_us


def test_the_same_item_has_the_same_key_however_often_it_comes(stand: Stand) -> None:
    """Delivered twice, or read twice from the same place, an item is the same item."""
    for number in range(5):
        stand.says(f"number {number}")
    stand.says_rubbish()
    once, again = stand.arrivals(), stand.arrivals()
    assert [raw.key for raw in once] == [raw.key for raw in again]
    assert len({raw.key for raw in once}) == 6
    assert events(stand.channel, once) == events(stand.channel, again)


def test_doubled_and_shuffled_deliveries_hold_the_same_events(stand: Stand) -> None:
    """Nothing an item says depends on what came before it."""
    for number in range(6):
        stand.says(f"number {number}", private=number % 2 == 1)
    raws = stand.arrivals()
    mixed = list(raws * 2)
    random.Random(7).shuffle(mixed)
    straight = {raw.key: stand.channel.unpack(raw.body) for raw in raws}
    crooked = {raw.key: stand.channel.unpack(raw.body) for raw in mixed}
    assert straight == crooked
    assert len(straight) == 6


def test_one_poisoned_item_among_ten_is_set_aside(stand: Stand) -> None:
    """Nine come through, in order, and the tenth says why it does not."""
    for number in range(4):
        stand.says(f"number {number}")
    stand.says_rubbish()
    for number in range(4, 9):
        stand.says(f"number {number}")
    found = events(stand.channel, stand.arrivals())
    assert len(found) == 10
    assert [f"number {n}" for n in range(9)] == [
        one.text.rpartition("number")[1] + one.text.rpartition("number")[2]
        for one in found
        if isinstance(one, Post)
    ]
    aside = [one for one in found if isinstance(one, Unreadable)]
    assert len(aside) == 1
    assert aside[0].because


def test_the_first_connect_brings_no_old_posts(stand: Stand) -> None:
    """Connecting an account does not flood the helpdesk with what was said before."""
    needs(stand, Reads)
    channel: Any = stand.channel
    stand.says("said long before")
    first = channel.read("")
    assert first.items == ()
    stand.says("said just now")
    texts = [event.text for event in events(channel, channel.read(first.cursor).items)]
    assert len(texts) == 1
    assert "said just now" in texts[0]


def test_a_post_taken_down_is_found_to_be_gone(stand: Stand) -> None:
    """Whoever looks again learns of it, and of nothing else."""
    needs(stand, Rereads)
    channel: Any = stand.channel
    kept, gone = stand.says("this stays"), stand.says("this goes")
    stand.takes_down(gone)
    found = events(channel, channel.reread((kept, gone)))
    assert [kept] == [one.id for one in found if isinstance(one, Post)]
    assert [gone] == [one.post_id for one in found if isinstance(one, Removal)]


def test_it_can_be_told_whether_a_post_is_there(stand: Stand) -> None:
    """The notice of a handover goes only under a post that still is."""
    needs(stand, ShowsPosts)
    channel: Any = stand.channel
    post = stand.says("here I am")
    assert channel.is_there(post) is True
    stand.takes_down(post)
    assert channel.is_there(post) is False


KNOWN_EVENTS = get_args(Event)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_unpack_never_raises(stand: Stand, body: bytes) -> None:
    """Whatever arrives is some event, if only an unreadable one."""
    for event in stand.channel.unpack(body):
        assert isinstance(event, KNOWN_EVENTS)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_unpack_never_raises_over_a_spoilt_delivery(stand: Stand, data: st.DataObject) -> None:
    """A real delivery with one value replaced by anything at all is some event, and what it holds
    can be stored and passed on."""
    spoilt = json.loads(stand.sample())
    places = list(paths(spoilt))
    *way, last = data.draw(st.sampled_from(places))
    inner = spoilt
    for step in way:
        inner = inner[step]
    inner[last] = data.draw(JSON)
    for event in stand.channel.unpack(json.dumps(spoilt).encode()):
        assert isinstance(event, KNOWN_EVENTS)
        assert "\x00" not in str(event)
        str(event).encode()
        if isinstance(event, Post):
            event.text.encode()
            event.author.name.encode()


def paths(value: Any, way: tuple[Any, ...] = ()) -> Any:
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in steps:
        yield (*way, step)
        if isinstance(inner, dict | list):
            yield from paths(inner, (*way, step))


@pytest.mark.parametrize("depth", [500, 5_000, 200_000])
def test_unpack_survives_bottomless_json(stand: Stand, depth: int) -> None:
    """A delivery nested deeper than any parser goes is unreadable, not a crash."""
    for body in (b"[" * depth, b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth):
        assert all(isinstance(one, KNOWN_EVENTS) for one in stand.channel.unpack(body))


# ------------------------------------------------------------------ out


@pytest.mark.parametrize("visibility", Visibility)
def test_a_reply_arrives_once_with_its_words(stand: Stand, visibility: Visibility) -> None:
    """The receipt names the one message that the network now holds."""
    allows(stand, visibility)
    post = stand.says("Where is it?", private=visibility is PRIVATE)
    receipt = stand.channel.send(stand.reply("On its way!", to=post, visibility=visibility))
    [written] = stand.written()
    assert receipt.id == written.id
    assert "On its way!" in written.text
    assert stand.customer.handle in written.readers


def test_a_private_reply_reaches_the_customer_and_nobody_else(stand: Stand) -> None:
    """Not even when its words name somebody else, and not as an answer to a public post."""
    post = stand.says("Where is it?")
    text = (
        f"@{stand.stranger} Order 4711 (cc @{stand.stranger}) https://x.example/@{stand.stranger}"
    )
    stand.channel.send(stand.reply(text, to=post, visibility=PRIVATE))
    [written] = stand.written()
    assert frozenset({stand.customer.handle}) == written.readers
    assert written.open is False


def test_over_long_text_is_refused_before_it_is_sent(stand: Stand) -> None:
    """Nothing is cut off in silence, and nothing is half sent."""
    post = stand.says("Tell me everything")
    full = exactly_full(stand, "", post)
    with pytest.raises(TooLong):
        stand.channel.send(stand.reply(f"x{full}", to=post))
    assert stand.written() == ()


def test_an_emoji_at_the_cut_stays_whole(stand: Stand) -> None:
    """A text that is exactly full, with a family of four as its last sign, arrives unharmed."""
    post = stand.says("Who lives here?")
    full = exactly_full(stand, FAMILY, post)
    stand.channel.send(stand.reply(full, to=post))
    assert stand.written()[0].text.endswith(f"x{FAMILY}")
    with pytest.raises(TooLong):
        stand.channel.send(stand.reply(f"x{full}", to=post, key="intent-2"))


def test_a_deleted_parent_is_gone(stand: Stand) -> None:
    """An answer to nothing is refused as such."""
    if not stand.has_parents:
        pytest.skip(f"on {stand.channel.network} an answer needs no post")
    post = stand.says("Never mind")
    stand.takes_down(post)
    with pytest.raises(Gone):
        stand.channel.send(stand.reply("But we do", to=post))
    assert stand.written() == ()


def test_dead_credentials_need_a_person(stand: Stand) -> None:
    """401 is a matter for whoever can sign in again."""
    post = stand.says("Hello?")
    breaks(stand, Fault.SIGNED_OUT)
    with pytest.raises(NeedsSignIn):
        stand.channel.send(stand.reply("Hello!", to=post))
    assert stand.written() == ()


def test_a_wait_is_passed_on_as_the_network_named_it(stand: Stand) -> None:
    """429: nothing was sent, and it is known when to try again."""
    post = stand.says("Hello?")
    breaks(stand, Fault.RATE_LIMITED)
    with pytest.raises(RateLimited) as caught:
        stand.channel.send(stand.reply("Hello!", to=post))
    assert pytest.approx(30, abs=2) == caught.value.wait
    assert stand.written() == ()


@pytest.mark.parametrize("visibility", Visibility)
@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.LOST_BEFORE, Fault.LOST_AFTER])
def test_after_a_lost_answer_nobody_knows_until_it_is_looked_up(
    stand: Stand, fault: Fault, visibility: Visibility
) -> None:
    """What the look-up says is what the network holds; a message known as another is not it."""
    allows(stand, visibility)
    post = stand.says("Hello?", private=visibility is PRIVATE)
    reply = stand.reply("Hello!\n\nSee https://shop.example/help", to=post, visibility=visibility)
    breaks(stand, fault)
    with pytest.raises(NobodyKnows):
        stand.channel.send(reply)
    held = [written.id for written in stand.written()]
    assert (fault is Fault.LOST_AFTER) == bool(held) or fault is Fault.BROKEN
    needs(stand, FindsOwn)
    channel: Any = stand.channel
    found = channel.find_sent(reply, frozenset())
    assert held == [found.id] if found else held == []
    assert channel.find_sent(reply, frozenset(held)) is None


@pytest.mark.parametrize("visibility", Visibility)
def test_a_refused_look_up_says_nothing_of_the_message(
    stand: Stand, visibility: Visibility
) -> None:
    """It may be there: whoever read that it was refused would write it anew."""
    allows(stand, visibility)
    needs(stand, FindsOwn)
    channel: Any = stand.channel
    post = stand.says("Hello?", private=visibility is PRIVATE)
    reply = stand.reply("Hello!", to=post, visibility=visibility)
    breaks(stand, Fault.LOST_AFTER)
    with pytest.raises(NobodyKnows):
        channel.send(reply)
    assert [channel.find_sent(reply, frozenset()).id] == [one.id for one in stand.written()]
    stand.looking_goes_wrong()
    with pytest.raises(NobodyKnows, match="cannot be looked up"):
        channel.find_sent(reply, frozenset())


def test_the_look_up_does_not_take_another_message_for_it(stand: Stand) -> None:
    """Other words, or the same words to somebody else's post, or from before, are not the reply."""
    needs(stand, FindsOwn)
    channel: Any = stand.channel
    one, two = stand.says("first"), stand.says("second")
    earlier: Receipt = channel.send(stand.reply("Sorry!", to=one, key="a"))
    channel.send(stand.reply("Thank you", to=two, key="b"))
    if stand.has_parents:
        assert channel.find_sent(stand.reply("Sorry!", to=two, key="c"), frozenset()) is None
    known = frozenset({earlier.id})
    assert channel.find_sent(stand.reply("Sorry!", to=one, key="d"), known) is None


def test_a_repeat_after_a_lost_answer_makes_one_message(stand: Stand) -> None:
    """Where the network offers a way to repeat safely, repeating is safe."""
    if stand.channel.limits().of(stand.usual).once in (Once.NOTHING, Once.MARK_IN_ECHO):
        pytest.skip(f"{stand.channel.network} offers nothing of the kind")
    post = stand.says("Hello?")
    breaks(stand, Fault.LOST_AFTER)
    reply = stand.reply("Hello!", to=post)
    with pytest.raises(NobodyKnows):
        stand.channel.send(reply)
    try:
        again: Receipt | None = stand.channel.send(reply)
    except (PersonMustAct, NobodyKnows):
        again = None  # refused as a second try, or told to look it up, which is as good
    [written] = stand.written()
    assert again is None or written.id == again.id


def test_our_mark_comes_back(stand: Stand) -> None:
    """Where that is how a lost answer is made up for: by itself, with the message's id."""
    if stand.channel.limits().of(PRIVATE).once is not Once.MARK_IN_ECHO:
        pytest.skip(f"{stand.channel.network} brings no marks back")
    post = stand.says("Hello?", private=True)
    receipt = stand.channel.send(stand.reply("Hello!", to=post, visibility=PRIVATE, key="intent-7"))
    found = events(stand.channel, stand.arrivals())
    told = [(one.mark, one.id) for one in found if isinstance(one, Post) and one.by_us]
    told += [(one.mark, one.message_id) for one in found if isinstance(one, Report)]
    assert set(told) == {("intent-7", receipt.id)}


# ------------------------------------------------------------------ acts

UNDOES = {Act.UNLIKE: Act.LIKE, Act.UNHIDE: Act.HIDE, Act.UNBLOCK: Act.BLOCK}
ON_POSTS = {Act.LIKE, Act.UNLIKE, Act.HIDE, Act.UNHIDE, Act.DELETE}


def moderated(stand: Stand, *, private: bool = False) -> Post:
    """What a customer has said where we may do something about it, as it arrived."""
    needs(stand, Moderates)
    wanted = stand.says("Hm", private=True) if private else stand.says_beneath_us("Hm")
    found = events(stand.channel, stand.arrivals())
    return next(one for one in found if isinstance(one, Post) and one.id == wanted)


def can(stand: Stand, act: Act) -> Post:
    """A post to which it can be done."""
    channel: Any = stand.channel
    for private in (False, True):
        post = moderated(stand, private=private)
        if act in channel.acts(post):
            return post
    pytest.skip(f"{act} is not possible on {stand.channel.network}")


@pytest.mark.parametrize("act", Act)
def test_every_act_may_be_repeated(stand: Stand, act: Act) -> None:
    """Also where there was nothing to take back. What was deleted may be gone the second time."""
    post = can(stand, act)
    channel: Any = stand.channel
    channel.do(act, post)
    if act in UNDOES:
        channel.do(UNDOES[act], post)
        channel.do(act, post)
    try:
        channel.do(act, post)
    except Gone:
        assert act is Act.DELETE


@pytest.mark.parametrize("act", sorted(ON_POSTS))
def test_an_act_on_what_is_gone_says_so(stand: Stand, act: Act) -> None:
    post = can(stand, act)
    stand.takes_down(post.id)
    channel: Any = stand.channel
    with pytest.raises(Gone):
        channel.do(act, post)


@pytest.mark.parametrize("act", Act)
def test_an_act_with_dead_credentials_needs_a_person(stand: Stand, act: Act) -> None:
    """And as one for the whole account: it is no missing permission."""
    post = can(stand, act)
    stand.acting_goes_wrong(Fault.SIGNED_OUT)
    channel: Any = stand.channel
    with pytest.raises(NeedsSignIn) as caught:
        channel.do(act, post)
    assert caught.value.code == NeedsSignIn.code


@pytest.mark.parametrize("act", Act)
def test_an_act_waits_as_long_as_the_network_asks(stand: Stand, act: Act) -> None:
    post = can(stand, act)
    stand.acting_goes_wrong(Fault.RATE_LIMITED)
    channel: Any = stand.channel
    with pytest.raises(RateLimited) as caught:
        channel.do(act, post)
    assert pytest.approx(30, abs=2) == caught.value.wait


@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.LOST_BEFORE, Fault.LOST_AFTER])
@pytest.mark.parametrize("act", Act)
def test_of_an_act_without_an_answer_nobody_knows(stand: Stand, act: Act, fault: Fault) -> None:
    """It is simply asked for again."""
    post = can(stand, act)
    stand.acting_goes_wrong(fault)
    channel: Any = stand.channel
    with pytest.raises(NobodyKnows):
        channel.do(act, post)
    try:
        channel.do(act, post)
    except Gone:
        assert (act, fault) == (Act.DELETE, Fault.LOST_AFTER)


def test_nothing_is_done_to_what_is_private_but_to_its_author(stand: Stand) -> None:
    """A private message has no readers from whom it could be hidden."""
    channel: Any = stand.channel
    private = moderated(stand, private=True)
    assert channel.acts(private) <= {Act.BLOCK, Act.UNBLOCK, Act.LIKE, Act.UNLIKE}


def test_an_examination_finds_nothing_wrong_where_nothing_is(stand: Stand) -> None:
    """Every finding names what was checked and says how it stands."""
    needs(stand, Examined)
    channel: Any = stand.channel
    found = channel.examine()
    assert found
    assert all(finding.about and finding.says for finding in found)
