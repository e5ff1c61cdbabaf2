"""Answers: what X takes, what it refuses and why, and finding again what was lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from x.samples import Till

from bridge.channels.x.errors import No, Stopped
from bridge.channels.x.sending import Sender
from bridge.errors import Gone, NeedsSignIn, NobodyKnows, RateLimited, Refused, TooLong
from bridge.model import File, Person, Visibility
from bridge.sandbox.x import Rules
from bridge.text.words import CODES

Opener = Callable[..., AbstractContextManager[Any]]
PRIVATE = Visibility.PRIVATE
PNG = File("box.png", "image/png", b"\x89PNG\r\n\x1a\nnothing")


def files(reply: Any, many: int) -> Any:
    return replace(reply, files=(PNG,) * many)


# ------------------------------------------------------------------ what is sent


def test_the_name_of_whom_it_answers_is_left_to_x(town: Any) -> None:
    """X puts it there itself, and there it weighs nothing."""
    post = town.says("hello")
    town.channel.send(town.reply("@Ada, hello!", to=post))
    [sent] = town.town.thread(post)[1:]
    assert (sent.text, sent.visible) == ("@ada hello!", "hello!")


@pytest.mark.parametrize("text", ["@adam hello", "hello @ada", "@ben @ada hello"])
def test_other_names_are_the_agents_own(town: Any, text: str) -> None:
    assert town.channel.shape(town.reply(text, to="1")) == text


def test_a_full_post_is_full_without_the_name_before_it(town: Any) -> None:
    """280 signs, and @ada before them."""
    post = town.says("hello")
    receipt = town.channel.send(town.reply("@ada " + "x" * 280, to=post))
    assert receipt.permalink == f"https://x.com/acme/status/{receipt.id}"
    with pytest.raises(TooLong):
        town.channel.send(town.reply("x" * 281, to=post, key="2"))
    assert len(town.written()) == 1


def test_long_posts_are_an_option(town: Any) -> None:
    """Of accounts with Premium."""
    assert town.open(max_characters=4_000).limits().length.most == 4_000
    assert town.channel.limits().of(PRIVATE).length.most == 10_000


def test_up_to_four_pictures_in_public_and_one_in_private(town: Any) -> None:
    post = town.says("show me")
    town.channel.send(files(town.reply("here", to=post), 4))
    message = town.says("show me", private=True)
    town.channel.send(files(town.reply("here", to=message, key="2", visibility=PRIVATE), 1))
    assert [len(one.media) for one in town.town.thread(post)] == [0, 4]
    assert town.town.messages()[-1].media
    with pytest.raises(Refused):
        town.channel.send(files(town.reply("more", to=post, key="3"), 5))
    with pytest.raises(Refused):
        town.channel.send(files(town.reply("", to=message, key="4", visibility=PRIVATE), 2))


def test_pictures_alone_are_enough(town: Any) -> None:
    post = town.says("show me")
    assert town.channel.send(files(town.reply("", to=post), 1)).id
    with pytest.raises(Refused):
        town.channel.send(town.reply(" ", to=post, key="2"))


def test_a_picture_is_uploaded_once_for_all_tries(town: Any) -> None:
    """X keeps it for a day."""
    post = town.says("show me")
    reply = files(town.reply("here", to=post), 1)
    town.faults_on.add("429", method="POST", path="/2/tweets")
    with pytest.raises(RateLimited):
        town.channel.send(reply)
    town.channel.send(reply)
    uploads = town.faults_on.asked("POST", "/2/media/upload")
    assert len(uploads) == 1
    town.later(hours=23)
    town.channel.send(replace(reply, text="here again"))
    assert len(town.faults_on.asked("POST", "/2/media/upload")) == 2


def test_a_public_answer_needs_a_post(town: Any) -> None:
    """Without one it would be a post of its own, for everybody; a message's number is none."""
    for nothing in ("", "dm:7"):
        with pytest.raises(No) as caught:
            town.channel.send(town.reply("hello", to=nothing))
        assert caught.value.code == "nothing_to_answer"
    assert town.written() == ()


@pytest.mark.parametrize("person_id", ["", "ada", "12/../13", "9" * 20])
def test_a_private_answer_needs_a_person(town: Any, person_id: str) -> None:
    """The id becomes a part of the address."""
    reply = town.reply("hello", to="", visibility=PRIVATE)
    with pytest.raises(Refused):
        town.channel.send(replace(reply, to=Person("x", person_id, "ada", "Ada")))
    assert town.written() == ()


def test_messages_can_be_switched_off(town: Any) -> None:
    channel = town.open(direct_messages=False)
    limits = channel.limits()
    assert (limits.replies_privately, limits.of(PRIVATE).replies_privately) == (False, False)
    with pytest.raises(Refused):
        channel.send(town.reply("hello", to="", visibility=PRIVATE))
    assert town.written() == ()


def test_notices_hold_no_links_here(town: Any) -> None:
    """A post with a link costs twenty times as much."""
    assert town.channel.limits().no_links_in_notices


# ------------------------------------------------------------------ what x refuses


def test_who_did_not_call_for_us_cannot_be_answered(town: Any) -> None:
    """X says so; the agent reads what to do."""
    ours = town.town.post("acme", "We are open")
    town.later(seconds=1)
    answer = town.town.post("ada", "nice!", in_reply_to=ours.id)
    with pytest.raises(No) as caught:
        town.channel.send(town.reply("thanks", to=answer.id))
    assert caught.value.code == "not_summoned"
    [raw] = [raw for raw in town.arrivals() if raw.key == f"post:{answer.id}"]
    [post] = town.channel.unpack(raw.body)
    assert post.unanswerable  # it was known beforehand


def test_enterprise_customers_may_answer(open_town: Opener) -> None:
    with open_town(rules=Rules(summoned=False)) as town:
        ours = town.town.post("acme", "We are open")
        town.later(seconds=1)
        answer = town.town.post("ada", "nice!", in_reply_to=ours.id)
        assert town.open(plan="enterprise").send(town.reply("thanks", to=answer.id)).id


def test_who_takes_no_messages_is_known_beforehand(town: Any) -> None:
    """Asked once a day for each, because asking is paid for; sooner where the answer was no."""
    till = Till()
    channel = town.open(meter=till)
    dora, ada = (Person("x", town.town.find(one).id, one, one) for one in ("dora", "ada"))
    for _ in range(2):
        assert channel.why_no_dm(ada, "") == ""
        assert "no direct messages" in channel.why_no_dm(dora, "")
    assert till.bill() == {"user read": 20_000}
    town.later(minutes=20)
    town.town.change("dora", receives_dms=True)
    assert channel.why_no_dm(dora, "") == ""
    channel.why_no_dm(ada, "")
    assert len(till.spendings) == 2  # Ada is remembered; Dora costs nothing more today
    assert channel.why_no_dm(dora, "dm:1") == ""


def test_a_closed_letterbox_is_told(town: Any) -> None:
    dora = Person("x", town.town.find("dora").id, "dora", "Dora")
    with pytest.raises(No) as caught:
        town.channel.send(replace(town.reply("hi", to="", visibility=PRIVATE), to=dora))
    assert caught.value.code == "no_private_way"


def test_who_may_answer_is_the_authors_choice(open_town: Opener) -> None:
    """A post that is not visible to us any more is gone."""
    with open_town() as town:
        post = town.says("hello")
        town.town.change("ada", protected=True)
        with pytest.raises(Gone):
            town.channel.send(town.reply("hi", to=post))


@pytest.mark.parametrize(
    ("fault", "code"), [("client_forbidden", "needs_permission"), ("usage_capped", "out_of_credit")]
)
def test_an_app_that_may_nothing_needs_a_person(town: Any, fault: str, code: str) -> None:
    post = town.says("hello")
    town.faults_on.add(fault)
    with pytest.raises(Stopped) as caught:
        town.channel.send(town.reply("hi", to=post))
    assert caught.value.code == code
    assert isinstance(caught.value, NeedsSignIn)


def test_without_credit_nothing_goes(open_town: Opener) -> None:
    """https://docs.x.com/x-api/getting-started/pricing#credit-balance"""
    with open_town(credit=12_000) as town:
        post = town.says("hello")
        town.channel.send(town.reply("one", to=post))
        town.channel.is_there(post)
        with pytest.raises(Stopped) as caught:
            town.channel.send(town.reply("two", to=post, key="2"))
        assert caught.value.code == "out_of_credit"
        assert caught.value.code in CODES


def test_fifteen_messages_in_a_quarter_of_an_hour(town: Any) -> None:
    """X names the end of the wait."""
    message = town.says("hello", private=True)
    for number in range(15):
        town.channel.send(town.reply(f"{number}", to=message, key=f"{number}", visibility=PRIVATE))
    town.later(minutes=5)
    with pytest.raises(RateLimited) as caught:
        town.channel.send(town.reply("16", to=message, key="16", visibility=PRIVATE))
    assert pytest.approx(10 * 60, abs=2) == caught.value.wait
    town.later(minutes=11)
    assert town.channel.send(town.reply("16", to=message, key="16", visibility=PRIVATE)).id


# ------------------------------------------------------------------ found again


def test_the_same_words_again_are_looked_up(town: Any) -> None:
    """A double is a sign that the first try arrived: what is there is found, and not doubled."""
    post = town.says("hello")
    reply = town.reply("On its way!", to=post)
    town.faults_on.add("drop_after_write", method="POST", path="/2/tweets")
    for _ in range(2):
        with pytest.raises(NobodyKnows):
            town.channel.send(reply)
    [written] = town.written()
    found = town.channel.find_sent(reply, frozenset())
    assert found
    assert found.id == written.id


def test_the_same_words_to_somebody_else_are_refused_as_such(open_town: Opener) -> None:
    """They were said, but not here: the agent is asked to change them."""
    with open_town() as town:
        post = town.says("hello")
        town.channel.send(town.reply("On its way!", to=post))
        town.later(minutes=10)
        other = town.says("hello again")
        with pytest.raises(No) as caught:
            town.channel.send(town.reply("On its way!", to=other, key="2"))
        assert caught.value.code == "said_before"
        assert caught.value.code in CODES


def test_words_that_x_changes_are_still_ours(town: Any) -> None:
    """Links become t.co, pictures add one, names stand before."""
    post = town.says("hello")
    text = "@ada see https://shop.example/help & shop.com\n\nBye <3"
    reply = files(town.reply(text, to=post), 1)
    town.faults_on.add("drop_after_write", method="POST", path="/2/tweets")
    with pytest.raises(NobodyKnows):
        town.channel.send(reply)
    found = town.channel.find_sent(replace(reply, files=()), frozenset())
    assert [found.id] == [one.id for one in town.written()]


def test_a_message_is_found_among_many(town: Any) -> None:
    """And not one to somebody else, nor the customer's own of the same words."""
    town.says("On its way!", private=True)
    town.later(minutes=5)
    reply = town.reply("On its way!", to="", visibility=PRIVATE)
    assert town.channel.find_sent(reply, frozenset()) is None
    town.town.dm("acme", "On its way!", to="ben")
    assert town.channel.find_sent(reply, frozenset()) is None
    receipt = town.channel.send(reply)
    for number in range(30):
        town.later(seconds=1)
        town.town.dm("ada", f"{number}")
    found = town.channel.find_sent(reply, frozenset())
    assert found == receipt
    assert receipt.to == town.customer.id


def test_among_too_many_messages_nobody_knows(town: Any) -> None:
    """It may be older than the last one that was looked at."""
    town.says("Where is it?", private=True)
    reply = town.reply("On its way!", to="", visibility=PRIVATE)
    town.channel.send(reply)
    for number in range(100):
        town.town.dm("ada", f"{number}")
    with pytest.raises(NobodyKnows, match="too many"):
        town.channel.find_sent(reply, frozenset())


def test_a_page_that_shows_nothing_is_not_the_last(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of results says nothing of the end; a missing `next_token` does.
    https://docs.x.com/x-api/fundamentals/pagination"""
    town.says("Where is it?", private=True)
    reply = town.reply("On its way!", to="", visibility=PRIVATE)
    receipt = town.channel.send(reply)
    for number in range(20):
        town.town.dm("ada", f"{number}")
    whole, pages = Sender._messages, count()

    def hides_the_first(sender: Sender, path: str, params: Any) -> Any:
        answer = whole(sender, path, params)
        return answer if next(pages) else replace(answer, told={**answer.told, "data": []})

    monkeypatch.setattr(Sender, "_messages", hides_the_first)
    assert town.channel.find_sent(reply, frozenset()) == receipt


# ------------------------------------------------------------------ what it costs


def test_answers_are_counted_as_x_bills_them(open_town: Opener) -> None:
    """https://docs.x.com/x-api/getting-started/pricing: a link makes a post dear."""
    with open_town() as town:
        till = Till()
        channel = town.open(meter=till)
        post, message = town.says("hello"), town.says("hello", private=True)
        channel.send(town.reply("plain", to=post))
        channel.send(town.reply("see shop.com", to=post, key="2"))
        channel.send(town.reply("see shop.com", to=message, key="3", visibility=PRIVATE))
        assert [(what, each) for _, what, each, _ in till.spendings] == [
            ("post", 10_000),
            ("post", 200_000),
            ("message", 15_000),
        ]
        assert till.spent("acme", town.now()) == town.town.costs.spent()


def test_what_was_refused_costs_nothing(town: Any) -> None:
    till = Till()
    post = town.says("hello")
    town.takes_down(post)
    with pytest.raises(Gone):
        town.open(meter=till).send(town.reply("hi", to=post))
    assert till.spendings == []
