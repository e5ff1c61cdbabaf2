"""HubSpot cannot be asked by our ids what it has: what may be there is not forgotten, whenever the
process is killed and whatever answer is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from connectors.feed_stand import TOKEN, FeedStand
from connectors.hubspot.stand import HubSpotStand, wrong
from connectors.samples import ADA_THERE, HELLO, TALK

from bridge.connectors.feed import FeedClient
from bridge.connectors.hubspot import HubSpot
from bridge.connectors.syncing import Sync, until_done
from bridge.errors import RateLimited
from bridge.ledger import Ledger, targets
from bridge.ledger.targets import Row, State
from bridge.records import InteractionRecord
from bridge.settings import Secret

GONE = InteractionRecord("post_1", deleted=True, deleted_reason="gdpr_erasure")
REFUSED = replace(HELLO, id="reply_4", type="reply", direction="out", outcome="refused")


@pytest.fixture
def stand() -> Iterator[HubSpotStand]:
    stand = HubSpotStand("pat-1")
    with stand.running():
        yield stand


@pytest.fixture
def feed() -> Iterator[FeedStand]:
    stand = FeedStand()
    with stand.running():
        yield stand


@pytest.fixture
def sync(ledger: Ledger, feed: FeedStand, stand: HubSpotStand, around: Any) -> Sync:
    given = {"channel_id": "7", "inbox_id": "3", "token": Secret("pat-1"), "url": stand.url}
    crm = HubSpot("hub", HubSpot.Options().load(given), around)
    crm.make(crm.plan()[0])
    with ledger.writing() as tx:
        targets.add(tx, "hub", "hubspot", {})
    feed.tell(ADA_THERE, TALK)
    return Sync("hub", crm, FeedClient(feed.url, Secret(TOKEN), around), ledger)


def follow(sync: Sync) -> None:
    until_done(sync, lambda _: None)


def row(sync: Sync, row_id: str) -> Row | None:
    with sync.ledger.reading() as tx:
        return targets.known(tx, sync.name, [row_id]).get(row_id)


def killed_after_the_message(sync: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    crm, write = sync.crm, sync.crm.write

    def killed(*given: Any) -> Any:
        write(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as for_now:
        for_now.setattr(crm, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            follow(sync)


def test_who_is_killed_after_the_message_goes_on_without_a_second_one(
    sync: Sync, feed: FeedStand, stand: HubSpotStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed.tell(HELLO)
    killed_after_the_message(sync, monkeypatch)
    follow(sync)
    assert 1 == len(stand.messages)
    found = row(sync, "post_1")
    assert found
    assert (State.WRITTEN, "/1:?") == (found.state, found.remote_id)


def test_who_is_erased_meanwhile_is_not_held_to_be_gone(
    sync: Sync, feed: FeedStand, stand: HubSpotStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed.tell(HELLO)
    killed_after_the_message(sync, monkeypatch)
    feed.tell(GONE)
    follow(sync)
    found = row(sync, "post_1")
    assert found
    assert (State.PERSON, "A_PERSON_LOOKS") == (found.state, found.code)
    assert "post_1" in found.because


def test_what_was_clearly_not_taken_needs_no_person_when_it_goes(
    sync: Sync, feed: FeedStand, stand: HubSpotStand
) -> None:
    feed.tell(HELLO, replace(HELLO, id="post_2"))
    stand.goes_wrong("/messages", 429, {}, headers={"Retry-After": "4"})
    with pytest.raises(RateLimited):
        sync.step()
    assert row(sync, "post_1") is None
    stand.goes_wrong("/messages", 400, wrong("VALIDATION_ERROR", "no"))
    follow(sync)
    feed.tell(GONE)
    follow(sync)
    found = row(sync, "post_1")
    assert found
    assert State.REMOVED == found.state
    assert ["post_2"] == [each["integrationIdempotencyId"] for each in stand.messages.values()]


def test_a_message_whose_status_could_not_be_told_is_known_of(
    sync: Sync, feed: FeedStand, stand: HubSpotStand, clock: Any
) -> None:
    feed.tell(REFUSED)
    stand.goes_wrong("/messages/m1", 500, {})
    follow(sync)
    assert "NOT SENT to the customer: refused" in stand.messages["m1"]["text"]
    clock.move(60)
    follow(sync)
    assert "FAILED" == stand.messages["m1"]["status"]["statusType"]
    assert 1 == len(stand.messages)


def test_what_was_sent_after_all_is_said_to_be(
    sync: Sync, feed: FeedStand, stand: HubSpotStand
) -> None:
    for outcome in ("refused", "", "expired", "will_retry", "delivered", "delivered"):
        feed.tell(replace(REFUSED, outcome=outcome))
        follow(sync)
    unsent, sent = stand.messages.values()
    assert "NOT SENT to the customer: refused" in unsent["text"]
    assert ("FAILED", False) == (unsent["status"]["statusType"], "status" in sent)
    assert "sent after all — public mention" in sent["text"]
    assert unsent["timestamp"] < sent["timestamp"]
    found = row(sync, "reply_4")
    assert found
    assert "thread-of-conversation_1/1-unsent:m1,1:m2" == found.remote_id
    feed.tell(replace(GONE, id="reply_4"))
    follow(sync)
    found = row(sync, "reply_4")
    assert found
    assert "(message m1, m2, gdpr_erasure)" in found.because


def test_what_failed_later_and_was_sent_once_more_is_said_to_be(
    sync: Sync, feed: FeedStand, stand: HubSpotStand
) -> None:
    """Some networks take a message, and tell later that it did not arrive: as often as it takes."""
    once = ("delivered", "refused", "will_retry")
    for outcome in (*once, *once, "delivered", "delivered"):
        feed.tell(replace(REFUSED, outcome=outcome))
        follow(sync)
    *lost, arrived = stand.messages.values()
    assert ["FAILED", "FAILED"] == [each["status"]["statusType"] for each in lost]
    assert "status" not in arrived
    assert ["sent after all" in each["text"] for each in (*lost, arrived)] == [False, True, True]
    found = row(sync, "reply_4")
    assert found
    assert "thread-of-conversation_1/1-unsent:m1,1-unsent:m2,1:m3" == found.remote_id


def test_who_is_erased_before_the_status_was_told_is_a_persons_to_delete(
    sync: Sync, feed: FeedStand, stand: HubSpotStand
) -> None:
    feed.tell(REFUSED)
    stand.goes_wrong("/messages/m1", 400, wrong("VALIDATION_ERROR", "no"))
    follow(sync)
    feed.tell(replace(GONE, id="reply_4"))
    follow(sync)
    found = row(sync, "reply_4")
    assert found
    assert (State.PERSON, "A_PERSON_DELETES") == (found.state, found.code)


def test_what_a_reply_answers_may_be_deleted_there(
    sync: Sync, feed: FeedStand, stand: HubSpotStand
) -> None:
    """Neither the reply nor all others wait for it."""
    feed.tell(HELLO, replace(REFUSED, outcome="delivered", answers="post_1"))
    sync.feed.limit = 3
    follow(sync)
    stand.goes_wrong("/messages", 404, wrong("OBJECT_NOT_FOUND", "Message not found"))
    feed.tell(replace(REFUSED, id="reply_5", outcome="delivered", answers="post_1"))
    follow(sync)
    stand.goes_wrong("/messages", 404, wrong("OBJECT_NOT_FOUND", "no"))
    feed.tell(replace(HELLO, id="post_6"), replace(HELLO, id="post_7"))
    follow(sync)
    there = {each["integrationIdempotencyId"]: each for each in stand.messages.values()}
    assert {"post_1", "reply_4", "reply_5", "post_7"} == there.keys()
    assert "m1" == there["reply_4"]["inReplyToId"]
    assert "inReplyToId" not in there["reply_5"]
