"""HubSpot, against a stand-in of its custom channels: what an inbox shows of a history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from connectors.hubspot.stand import HubSpotStand, wrong
from connectors.samples import ADA_THERE, HELLO, Known
from marshmallow import ValidationError

from bridge.connectors.contract import Around, LeftOut, NotWritten, Written
from bridge.connectors.hubspot import HubSpot
from bridge.connectors.hubspot.options import HubSpotOptions
from bridge.errors import Misconfigured, NeedsSignIn, NobodyKnows, RateLimited
from bridge.model import Urgency
from bridge.records import InteractionRecord
from bridge.settings import Secret

ANSWER = InteractionRecord(
    "reply_4",
    type="reply",
    account="acme",
    platform="mastodon",
    direction="out",
    visibility="public",
    text="Which model is it?",
    identity_id="identity_1",
    conversation_id="conversation_1",
    answers="post_1",
    outcome="delivered",
    created_at=HELLO.created_at,
)
GONE = InteractionRecord("post_1", deleted=True, deleted_reason="gdpr_erasure")


@pytest.fixture
def stand() -> Iterator[HubSpotStand]:
    stand = HubSpotStand("pat-1")
    with stand.running():
        yield stand


@pytest.fixture
def hubspot(stand: HubSpotStand, around: Around) -> HubSpot:
    given = {"channel_id": "7", "inbox_id": "3", "token": Secret("pat-1"), "url": stand.url}
    crm = HubSpot("hub", HubSpotOptions().load(given), around)
    for step in crm.plan():
        crm.make(step)
    return crm


def test_options_name_one_way_in() -> None:
    with pytest.raises(ValidationError) as none:
        HubSpotOptions().load({"channel_id": "7", "inbox_id": "3"})
    with pytest.raises(ValidationError) as half:
        HubSpotOptions().load({"channel_id": "seven", "inbox_id": "3", "client_id": "c"})
    assert {"client_id", "client_secret", "refresh_token"} == set(none.value.messages_dict)
    assert "channel_id" in half.value.messages_dict


def test_setup_is_planned_made_and_safe_to_repeat(hubspot: HubSpot, stand: HubSpotStand) -> None:
    (step,) = hubspot.plan()
    hubspot.make(step)
    assert step.there
    assert 1 == len(stand.accounts)
    assert "3" == stand.accounts[0]["inboxId"]
    assert {Urgency.OK} == {each.urgency for each in hubspot.examine()}


def test_examine_sees_conversations_that_would_run_together(
    hubspot: HubSpot, stand: HubSpotStand
) -> None:
    stand.model = "DELIVERY_IDENTIFIER"
    assert Urgency.PROBLEM in {each.urgency for each in hubspot.examine()}
    stand.accounts[0]["authorized"] = False
    (finding,) = hubspot.examine()
    assert "switched on" in finding.says


def test_a_post_is_a_message_of_its_thread(
    hubspot: HubSpot, stand: HubSpotStand, change: Any, known: Known
) -> None:
    assert (Written("thread-of-conversation_1/1:m1"),) == hubspot.write((change(HELLO),), known)
    shown = stand.messages["m1"]
    assert ("INCOMING", "conversation_1", "post_1") == (
        shown["messageDirection"],
        shown["integrationThreadId"],
        shown["integrationIdempotencyId"],
    )
    (sender,), (recipient,) = shown["senders"], shown["recipients"]
    assert ("identity_1", "Ada") == (sender["deliveryIdentifier"]["value"], sender["name"])
    assert "helpdesk-bridge" == recipient["deliveryIdentifier"]["value"]
    assert "2026-11-21T12:00:00.000000Z" == shown["timestamp"]
    assert shown["text"].startswith("It rattles.\n\n— public mention, mastodon, acme\nhttps://")


def test_the_same_again_is_no_second_message(
    hubspot: HubSpot, stand: HubSpotStand, change: Any, known: Known
) -> None:
    (first,) = hubspot.write((change(HELLO),), known)
    assert isinstance(first, Written)
    known.remote["post_1"] = first.remote_id
    (again,) = hubspot.write((change(HELLO),), known)
    assert first == again == Written("thread-of-conversation_1/1:m1")
    assert 1 == len(stand.messages) == len(stand.asked("POST", "/messages"))


def test_an_edit_is_a_message_of_its_own_and_both_are_remembered(
    hubspot: HubSpot, stand: HubSpotStand, change: Any, known: Known
) -> None:
    hubspot.write((change(HELLO),), known)
    known.remote["post_1"] = "thread-of-conversation_1/1:m1"
    edited = replace(HELLO, text="It hums.", revisions=2)
    (result,) = hubspot.write((change(edited),), known)
    assert Written("thread-of-conversation_1/1:m1,2:m2") == result
    assert "edited, version 2" in stand.messages["m2"]["text"]
    assert "post_1.2" == stand.messages["m2"]["integrationIdempotencyId"]


def test_a_reply_answers_its_message_and_says_when_it_was_never_sent(
    hubspot: HubSpot, stand: HubSpotStand, change: Any, known: Known
) -> None:
    known.remote["post_1"] = "thread-of-conversation_1/1:m1"
    signed_out = hubspot.write((change(replace(ANSWER, outcome="needs_sign_in")),), known)
    waiting = hubspot.write((change(replace(ANSWER, outcome="will_retry")),), known)
    sent = hubspot.write((change(ANSWER),), known)
    failed = hubspot.write((change(replace(ANSWER, id="reply_5", outcome="refused")),), known)
    assert [LeftOut, LeftOut] == [type(signed_out[0]), type(waiting[0])]
    assert [Written, Written] == [type(sent[0]), type(failed[0])]
    first, second = stand.messages.values()
    assert ("OUTGOING", "m1") == (first["messageDirection"], first["inReplyToId"])
    assert "status" not in first
    assert "FAILED" == second["status"]["statusType"]


def test_notes_and_ratings_have_no_place(hubspot: HubSpot, change: Any, known: Known) -> None:
    rows = [
        hubspot.write((change(replace(HELLO, type=kind)),), known) for kind in ("note", "rating")
    ]
    assert [LeftOut, LeftOut] == [type(row[0]) for row in rows]


def test_what_must_be_gone_is_a_persons_until_it_is(
    hubspot: HubSpot, stand: HubSpotStand, change: Any, known: Known
) -> None:
    assert (Written(),) == hubspot.remove((change(GONE),), known)
    hubspot.write((change(HELLO),), known)
    known.remote["post_1"] = "thread-of-conversation_1/1:m1"
    (left,) = hubspot.remove((change(GONE),), known)
    assert isinstance(left, NotWritten)
    assert not left.again
    assert "thread-of-conversation_1" in left.because
    stand.messages.clear()
    assert (Written(),) == hubspot.remove((change(GONE),), known)


def test_the_networks_copy_stays_twice(hubspot: HubSpot, change: Any, known: Known) -> None:
    (result,) = hubspot.remove((change(replace(GONE, deleted_reason="duplicate")),), known)
    assert isinstance(result, LeftOut)


def test_a_row_that_is_refused_says_why_without_the_customers_words(
    hubspot: HubSpot, stand: HubSpotStand, change: Any, known: Known
) -> None:
    stand.goes_wrong("/messages", 400, wrong("VALIDATION_ERROR", "Invalid: It rattles."))
    (result,) = hubspot.write((change(HELLO),), known)
    assert isinstance(result, NotWritten)
    assert ("VALIDATION_ERROR", False) == (result.code, result.again)
    assert "rattles" not in result.because


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind", "wait"),
    [
        (429, wrong("RATE_LIMITS", "slow", policyName="TEN_SECONDLY_ROLLING"), {}, RateLimited, 10),
        (429, wrong("RATE_LIMITS", "enough", policyName="DAILY"), {}, RateLimited, 3600),
        (429, {}, {"Retry-After": "4"}, RateLimited, 4),
        (403, wrong("MISSING_SCOPES", "no", context={}), {}, NeedsSignIn, None),
        (403, wrong("BANNED", "no"), {}, Misconfigured, None),
        (401, wrong("INVALID_AUTHENTICATION", "no"), {}, NeedsSignIn, None),
        (500, {}, {}, NobodyKnows, None),
    ],
)
def test_what_stops_the_target(
    hubspot: HubSpot,
    stand: HubSpotStand,
    change: Any,
    known: Known,
    status: int,
    body: Any,
    headers: dict[str, str],
    kind: type[Exception],
    wait: float | None,
) -> None:
    stand.goes_wrong("/messages", status, body, headers=headers)
    with pytest.raises(kind) as stopped:
        hubspot.write((change(HELLO),), known)
    assert wait == getattr(stopped.value, "wait", None)
    assert not stand.messages


def test_a_lost_answer_is_written_again_once(
    hubspot: HubSpot, stand: HubSpotStand, change: Any, known: Known
) -> None:
    stand.goes_wrong("/messages", 0, after=True)
    with pytest.raises(NobodyKnows):
        hubspot.write((change(HELLO),), known)
    assert (Written("/1:?"),) == hubspot.write((change(HELLO),), known)
    assert 1 == len(stand.messages)
    known.remote["post_1"] = "/1:?"
    (left,) = hubspot.remove((change(GONE),), known)
    assert isinstance(left, NotWritten)


def test_a_token_is_fetched_by_its_refresh_token(
    stand: HubSpotStand, around: Around, change: Any
) -> None:
    given = {"channel_id": "7", "inbox_id": "3", "client_id": "c", "url": stand.url}
    secret = {"client_secret": Secret("hush"), "refresh_token": Secret("refresh-me")}
    crm = HubSpot("hub", HubSpotOptions().load({**given, **secret}), around)
    crm.make(crm.plan()[0])
    crm.write((change(HELLO),), Known(ADA_THERE))
    stand.token = "pat-2"
    crm.write((change(replace(HELLO, id="post_2")),), Known(ADA_THERE))
    assert 2 == len(stand.messages)
    assert 2 == len(stand.asked("POST", "/oauth"))
