"""Dynamics 365, against a stand-in of its Web API: contacts, profiles and activities."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from connectors.dynamics.stand import LIMITED, DynamicsStand, wrong
from connectors.samples import ADA, ADA_THERE, HELLO, Known

from bridge.connectors.contract import Around, LeftOut, NotWritten, Written
from bridge.connectors.dynamics import Dynamics
from bridge.connectors.dynamics.options import DynamicsOptions
from bridge.errors import Misconfigured, NeedsSignIn, NobodyKnows, RateLimited
from bridge.model import Urgency
from bridge.records import InteractionRecord
from bridge.settings import Secret

GONE = InteractionRecord("post_1", deleted=True, deleted_reason="gdpr_erasure")


@pytest.fixture
def stand() -> Iterator[DynamicsStand]:
    stand = DynamicsStand()
    with stand.running():
        yield stand


@pytest.fixture
def connected(stand: DynamicsStand, around: Around) -> Any:
    def made(**more: Any) -> Dynamics:
        given = {
            "url": stand.url,
            "login_url": stand.url,
            "tenant_id": "tenant-1",
            "client_id": "app-1",
            "client_secret": Secret("hush"),
            **more,
        }
        return Dynamics("dyn", DynamicsOptions().load(given), around)

    return made


@pytest.fixture
def dynamics(connected: Any, stand: DynamicsStand) -> Dynamics:
    for table, columns in stand.columns.items():
        columns |= {"new_bridgeid", "new_bridgemergedinto"}
        stand.keys[table] = [["new_bridgeid"], "Active"]
    crm: Dynamics = connected()
    return crm


@pytest.fixture
def history(dynamics: Dynamics, change: Any, known: Known) -> Known:
    """Ada, her profile and her first post are there."""
    for record in (ADA, ADA_THERE, HELLO):
        (result,) = dynamics.write((change(record),), known)
        assert isinstance(result, Written)
        known.remote[record.id] = result.remote_id
    return known


def test_setup_makes_what_is_missing_and_is_safe_to_repeat(connected: Any, stand: Any) -> None:
    crm = connected()
    first = crm.plan()
    assert ["column", "mark", "alternate key"] == [s.kind for s in first if s.name == "contact"]
    for step in first * 2:
        crm.make(step)
    assert all(step.there for step in crm.plan())
    assert {"new_bridgeid", "new_bridgemergedinto"} == stand.columns["contact"]
    assert {Urgency.OK} == {each.urgency for each in crm.examine()}


def test_examine_wants_keys_that_are_active(connected: Any, stand: Any) -> None:
    crm = connected(customers="none")
    assert Urgency.PROBLEM in {each.urgency for each in crm.examine()}
    stand.index = "Pending"
    for step in crm.plan():
        crm.make(step)
    assert {"Pending" in each.says for each in crm.examine()[1:]} == {True}
    stand.keys["socialprofile"][1] = "Failed"
    assert ["socialprofile"] == [step.name for step in crm.plan() if step.person]


def test_a_post_is_an_activity_of_its_profile(stand: Any, history: Known) -> None:
    shown = stand.rows["socialactivity"]["post_1"]
    assert "It rattles." == shown["description"]
    assert "mention (mastodon): It rattles." == shown["subject"]
    assert (False, 0, 0) == tuple(
        shown[each] for each in ("directioncode", "postmessagetype", "community")
    )
    assert ("p1", "conversation_1") == (shown["postid"], shown["threadid"])
    assert "/socialprofiles(new_bridgeid='identity_1')" == shown["postfromprofileid@odata.bind"]
    profile = stand.rows["socialprofile"]["identity_1"]
    assert ("109", "ada@example.social") == (profile["uniqueprofileid"], profile["profilename"])
    contact = "/contacts(new_bridgeid='customer_1')"
    assert contact == profile["customerid_contact@odata.bind"]
    assert contact == shown["postauthoraccount_contact@odata.bind"]
    assert 36 == len(history.remote["post_1"])


def test_again_and_an_edit_change_the_same_row(
    dynamics: Dynamics, stand: Any, change: Any, history: Known
) -> None:
    edited = replace(HELLO, text="It hums.", revisions=2)
    dynamics.write((change(edited),), history)
    history.remote.clear()
    (result,) = dynamics.write((change(edited),), history)
    assert isinstance(result, Written)
    assert ["It hums."] == [each["description"] for each in stand.rows["socialactivity"].values()]


def test_what_somebody_deleted_there_is_made_again(
    dynamics: Dynamics, stand: Any, change: Any, history: Known
) -> None:
    stand.rows["socialactivity"].clear()
    stand.rows["contact"].clear()
    for record in (ADA, HELLO):
        (result,) = dynamics.write((change(record),), history)
        assert isinstance(result, Written)
    assert ["post_1"] == list(stand.rows["socialactivity"])


def test_everything_too_long_is_cut_or_left_out(
    dynamics: Dynamics, stand: Any, change: Any, history: Known
) -> None:
    link = "https://example.social/" + "x" * 200
    long = replace(
        HELLO,
        id="post_2",
        text="😀" * 1500,
        platform_message_id="m" * 161,
        external_url=link,
        media=(),
    )
    who = replace(ADA_THERE, id="identity_2", name="N" * 500, external_url=link, handle="h" * 200)
    both = Known(ADA, who, long)
    for record in (who, replace(long, identity_id="identity_2")):
        (result,) = dynamics.write((change(record),), both)
        assert isinstance(result, Written), result
    shown = stand.rows["socialactivity"]["post_2"]
    assert shown["description"].endswith(f"… {link}")
    assert 2000 >= len(shown["description"].encode("utf-16-le")) // 2
    assert not {"posturl", "postid"} & set(shown)
    assert "m" * 161 == json.loads(shown["socialadditionalparams"])["platform_message_id"]
    assert "profilelink" not in stand.rows["socialprofile"]["identity_2"]


def test_a_merge_moves_the_profile_and_rests_the_contact_until_it_is_undone(
    dynamics: Dynamics, stand: Any, change: Any, history: Known
) -> None:
    contacts = stand.rows["contact"]
    dynamics.write((change(replace(ADA, id="customer_0")),), history)
    merged = replace(ADA, merged_into="customer_0", identity_ids=())
    for record in (merged, replace(ADA_THERE, customer_id="customer_0")):
        dynamics.write((change(record),), history)
    assert (1, 2) == (contacts["customer_1"]["statecode"], contacts["customer_1"]["statuscode"])
    profile = stand.rows["socialprofile"]["identity_1"]
    assert profile["customerid_contact@odata.bind"].endswith("'customer_0')")
    dynamics.write((change(ADA),), history)
    assert (0, None) == (
        contacts["customer_1"]["statecode"],
        contacts["customer_1"]["new_bridgemergedinto"],
    )


def test_a_contact_is_the_sales_peoples(
    dynamics: Dynamics, stand: Any, change: Any, history: Known
) -> None:
    stand.rows["contact"]["customer_1"].update(lastname="Lovelace", statecode=1)
    dynamics.write((change(replace(ADA, name="Ada again")),), history)
    contact = stand.rows["contact"]["customer_1"]
    assert ("Lovelace", 1) == (contact["lastname"], contact["statecode"])


def test_without_contacts_nothing_is_made_of_customers(
    connected: Any, stand: Any, change: Any, known: Known
) -> None:
    crm = connected(customers="none", communities="x=4,mastodon=7")
    for step in crm.plan():
        crm.make(step)
    (left,) = crm.write((change(ADA),), known)
    crm.write((change(ADA_THERE),), known)
    crm.write((change(HELLO),), known)
    assert isinstance(left, LeftOut)
    assert not stand.rows["contact"]
    assert 7 == stand.rows["socialactivity"]["post_1"]["community"]


def test_what_is_gone_is_deleted_and_gone_already_is_fine(
    dynamics: Dynamics, stand: Any, change: Any, history: Known
) -> None:
    who = replace(ADA_THERE, deleted=True, deleted_reason="gdpr_erasure")
    customer = replace(ADA, deleted=True, deleted_reason="gdpr_erasure")
    for record in (GONE, GONE, who, customer):
        assert (Written(),) == dynamics.remove((change(record),), history)
    assert [{}, {}, {}] == list(stand.rows.values())


def test_a_row_that_is_refused_says_why_without_the_customers_words(
    dynamics: Dynamics, stand: Any, change: Any, history: Known
) -> None:
    stand.goes_wrong("socialactivities", 400, wrong("0x80048d19", "Bad value 'It rattles.'"))
    (result,) = dynamics.write((change(HELLO),), history)
    assert isinstance(result, NotWritten)
    assert ("0x80048d19", False) == (result.code, result.again)
    assert "rattles" not in result.because


def test_what_it_belongs_to_and_is_not_there_is_waited_for(
    dynamics: Dynamics, change: Any, known: Known
) -> None:
    (result,) = dynamics.write((change(HELLO),), known)
    assert isinstance(result, NotWritten)
    assert ("0x80060891", True) == (result.code, result.again)


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind"),
    [
        (429, LIMITED, {"Retry-After": "30"}, RateLimited),
        (403, wrong("0x80040220", "Principal user is missing prvCreate"), {}, Misconfigured),
        (400, wrong("0x80060888", "The key in the request URI is not valid"), {}, Misconfigured),
        (500, None, {}, NobodyKnows),
    ],
)
def test_what_stops_the_target(
    dynamics: Dynamics,
    stand: Any,
    change: Any,
    known: Known,
    status: int,
    body: Any,
    headers: dict[str, str],
    kind: type[Exception],
) -> None:
    stand.goes_wrong("contacts", status, body, headers=headers)
    with pytest.raises(kind) as stopped:
        dynamics.write((change(ADA),), known)
    assert (30 if status == 429 else None) == getattr(stopped.value, "wait", None)


def test_a_token_that_died_is_fetched_anew_and_a_wrong_secret_is_a_persons(
    dynamics: Dynamics, connected: Any, stand: Any, change: Any, known: Known
) -> None:
    stand.token = "token-2"
    assert isinstance(dynamics.write((change(ADA),), known)[0], Written)
    with pytest.raises(NeedsSignIn) as dead:
        connected(client_secret=Secret("wrong-one")).examine()
    assert "wrong-one" not in dead.value.because


def test_a_lost_answer_is_written_again_once(
    dynamics: Dynamics, stand: Any, change: Any, known: Known
) -> None:
    stand.goes_wrong("contacts", 0, after=True)
    with pytest.raises(NobodyKnows):
        dynamics.write((change(ADA),), known)
    assert isinstance(dynamics.write((change(ADA),), known)[0], Written)
    assert ["customer_1"] == list(stand.rows["contact"])
