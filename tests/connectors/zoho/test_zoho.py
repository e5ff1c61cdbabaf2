"""Zoho CRM, against a stand-in of its API: upserts by our ids, with a result for each row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from connectors.samples import ADA, ADA_THERE, HELLO, TALK, Known
from connectors.zoho.stand import ZohoStand, wrong

from bridge.connectors.contract import Around, LeftOut, NotWritten, Written
from bridge.connectors.zoho import Zoho
from bridge.connectors.zoho.modules import FIELDS
from bridge.connectors.zoho.options import OPTION_OF, ZohoOptions
from bridge.errors import Misconfigured, NeedsSignIn, NobodyKnows, RateLimited, Refused
from bridge.model import Urgency
from bridge.records import Record
from bridge.settings import Secret

MODULES = ("Social_Profiles", "Social_Conversations", "Social_Messages")


@pytest.fixture
def stand() -> Iterator[ZohoStand]:
    stand = ZohoStand()
    with stand.running():
        yield stand


@pytest.fixture
def connected(stand: ZohoStand, around: Around) -> Any:
    def made(**more: Any) -> Zoho:
        given = {
            "accounts_url": stand.url,
            "api_url": stand.url,
            "client_id": "1000.X",
            "client_secret": Secret("hush"),
            "refresh_token": Secret("refresh-me"),
            **more,
        }
        return Zoho("zoho", ZohoOptions().load(given), around)

    return made


@pytest.fixture
def zoho(connected: Any, stand: ZohoStand) -> Zoho:
    for resource, module in zip(OPTION_OF, ("Contacts", *MODULES), strict=True):
        stand.fields[module] = {
            field.name: {
                "data_type": field.kind,
                "length": field.most if field.kind in ("text", "textarea", "website") else 0,
                "unique": {"casesensitive": ""} if field.is_key else {},
            }
            for field in FIELDS[resource]
        }
    crm: Zoho = connected()
    return crm


def written(crm: Zoho, known: Known, change: Any, *records: Record) -> list[Any]:
    """Each in a batch of its own, and remembered as the core does."""
    results = []
    for record in records:
        (result,) = crm.write((change(record),), known)
        if isinstance(result, Written):
            known.remote[record.id] = result.remote_id
        results.append(result)
    return results


def gone(record: Record, why: str = "gdpr_erasure") -> Record:
    return replace(record, deleted=True, deleted_reason=why)


def test_setup_says_what_a_person_makes_and_makes_the_rest(connected: Any, stand: Any) -> None:
    crm = connected()
    persons = [step.name for step in crm.plan() if step.person]
    assert set(MODULES) <= set(persons)
    assert "Social_Messages.Conversation" in persons
    assert Urgency.PROBLEM in {each.urgency for each in crm.examine()}
    stand.fields |= {module: {} for module in MODULES}
    for step in crm.plan() * 2:
        crm.make(step)
    lookups = [step.name for step in crm.plan() if not step.there]
    assert ["Customer", "Profile", "Profile", "Conversation"] == [n.split(".")[1] for n in lookups]
    assert {"type": "large"} == stand.fields["Social_Messages"]["Message"]["textarea"]


def test_a_field_of_our_ids_that_takes_the_same_twice_is_a_persons(
    zoho: Zoho, stand: Any, change: Any, known: Known
) -> None:
    assert {Urgency.OK} == {each.urgency for each in zoho.examine()}
    stand.fields["Contacts"]["Bridge_ID"]["unique"] = {}
    (finding,) = zoho.examine()
    assert "Do not allow duplicate values" in finding.do
    with pytest.raises(Misconfigured, match="unique field"):
        zoho.write((change(ADA),), known)


def test_a_history_hangs_together(zoho: Zoho, stand: Any, change: Any, known: Known) -> None:
    written(zoho, known, change, ADA, ADA_THERE, TALK, HELLO)
    message = stand.found("Social_Messages", "post_1")
    assert ("It rattles.", "mention", "in", "public") == tuple(
        message[each] for each in ("Message", "Message_Type", "Direction", "Visible_To")
    )
    assert "2026-11-21T12:00:00+00:00" == message["Said_At"]
    assert {"id": known.remote["identity_1"]} == message["Profile"]
    assert {"id": known.remote["conversation_1"]} == message["Conversation"]
    profile = stand.found("Social_Profiles", "identity_1")
    assert {"id": known.remote["customer_1"]} == profile["Customer"]
    assert [] == stand.asked("POST", "upsert")[0].body["trigger"]


def test_again_and_an_edit_change_the_same_row(
    zoho: Zoho, stand: Any, change: Any, known: Known
) -> None:
    edited = replace(HELLO, text="It hums.", external_url="", revisions=2)
    written(zoho, known, change, HELLO, HELLO, edited)
    (row,) = stand.rows["Social_Messages"].values()
    assert ("It hums.", None) == (row["Message"], row["Link"])


def test_each_row_of_a_call_has_its_own_result(
    zoho: Zoho, stand: Any, change: Any, known: Known
) -> None:
    stand.fields["Social_Messages"]["Message"]["length"] = 20
    long = replace(HELLO, id="post_2", text="Far too long for it.!")
    results = zoho.write((change(HELLO), change(long)), known)
    assert isinstance(results[0], Written)
    assert isinstance(results[1], NotWritten)
    assert ("INVALID_DATA", False) == (results[1].code, results[1].again)
    assert results[1].because.endswith("Message")
    assert "Far too long" not in results[1].because
    assert 1 == len(stand.asked("POST", "upsert"))


def test_everything_too_long_is_cut_or_left_out(
    zoho: Zoho, stand: Any, change: Any, known: Known
) -> None:
    link = "https://example.social/" + "x" * 500
    long = replace(HELLO, text="😀" * 20_000, external_url=link, author="A" * 300)
    who = replace(ADA_THERE, handle="h" * 300, external_url=link, platform_user_id="9" * 256)
    results = written(zoho, known, change, who, long)
    assert [Written, Written] == [type(each) for each in results]
    message = stand.found("Social_Messages", "post_1")
    assert message["Message"].endswith("… https://bridge.example/api/v1/records/post_1")
    assert message["Link"] is None
    assert stand.found("Social_Profiles", "identity_1")["Platform_User_ID"] is None


def test_a_merge_moves_the_profile_and_marks_the_contact_until_it_is_undone(
    zoho: Zoho, stand: Any, change: Any, known: Known
) -> None:
    other = replace(ADA, id="customer_0", name="Ada Lovelace")
    merged = replace(ADA, merged_into="customer_0")
    moved = replace(ADA_THERE, customer_id="customer_0")
    written(zoho, known, change, ADA, ADA_THERE, other, merged, moved)
    assert "customer_0" == stand.found("Contacts", "customer_1")["Bridge_Merged_Into"]
    profile = stand.found("Social_Profiles", "identity_1")
    assert {"id": known.remote["customer_0"]} == profile["Customer"]
    written(zoho, known, change, ADA, ADA_THERE)
    assert stand.found("Contacts", "customer_1")["Bridge_Merged_Into"] is None
    profile = stand.found("Social_Profiles", "identity_1")
    assert {"id": known.remote["customer_1"]} == profile["Customer"]


def test_a_contact_keeps_its_name_and_is_made_anew_where_it_was_deleted(
    zoho: Zoho, stand: Any, change: Any, known: Known
) -> None:
    written(zoho, known, change, ADA)
    stand.found("Contacts", "customer_1")["Last_Name"] = "Lovelace"
    written(zoho, known, change, replace(ADA, name="Ada again"))
    assert "Lovelace" == stand.found("Contacts", "customer_1")["Last_Name"]
    stand.rows["Contacts"].clear()
    (result,) = written(zoho, known, change, ADA)
    assert isinstance(result, Written)
    assert "Ada" == stand.found("Contacts", "customer_1")["Last_Name"]


def test_a_module_that_is_left_out_gets_nothing(
    connected: Any, stand: Any, change: Any, known: Known, zoho: Zoho
) -> None:
    crm = connected(customers="")
    results = written(crm, known, change, ADA, ADA_THERE)
    assert [LeftOut, Written] == [type(each) for each in results]
    assert stand.found("Social_Profiles", "identity_1")["Customer"] is None
    assert isinstance(crm.remove((change(gone(ADA)),), known)[0], LeftOut)


def test_what_is_gone_is_deleted_and_an_erasure_empties_the_bin(
    zoho: Zoho, stand: Any, change: Any, known: Known
) -> None:
    second = replace(HELLO, id="post_2")
    written(zoho, known, change, HELLO, second, ADA_THERE)
    del known.remote["post_2"]  # the answer that told it was lost
    rows = [change(gone(each)) for each in (HELLO, second, replace(HELLO, id="post_3"))]
    assert (Written(), Written(), Written()) == zoho.remove(rows, known)
    assert (set(), {}) == (stand.bin, stand.rows["Social_Messages"])
    (binned,) = zoho.remove((change(gone(ADA_THERE, "platform_delete")),), known)
    assert {known.remote["identity_1"]} == stand.bin == {binned.remote_id}
    assert (Written(),) == zoho.remove((change(gone(ADA_THERE)),), known)
    assert set() == stand.bin
    assert (Written(),) == zoho.remove((change(gone(HELLO)),), known)


def test_a_bin_that_cannot_be_emptied_is_a_persons_until_it_is(
    zoho: Zoho, stand: Any, change: Any, known: Known
) -> None:
    written(zoho, known, change, HELLO)
    stand.goes_wrong("recycle_bin", 403, wrong("NO_PERMISSION", "permission denied"))
    (left,) = zoho.remove((change(gone(HELLO)),), known)
    assert isinstance(left, NotWritten)
    assert "recycle bin" in left.because
    stand.bin.clear()
    assert (Written(),) == zoho.remove((change(gone(HELLO)),), known)


@pytest.mark.parametrize(
    ("status", "body", "kind", "wait"),
    [
        (429, wrong("TOO_MANY_REQUESTS", "slow down"), RateLimited, 60),
        (400, wrong("LIMIT_EXCEEDED", "enough for today"), RateLimited, 60),
        (403, wrong("NO_PERMISSION", "permission denied"), NeedsSignIn, None),
        (400, wrong("INVALID_MODULE", "invalid"), Misconfigured, None),
        (400, wrong("INVALID_DATA", "body"), Refused, None),
        (500, wrong("INTERNAL_ERROR", "oh"), NobodyKnows, None),
    ],
)
def test_what_is_said_of_a_whole_call(
    zoho: Zoho,
    stand: Any,
    change: Any,
    known: Known,
    status: int,
    body: Any,
    kind: type[Exception],
    wait: float | None,
) -> None:
    stand.goes_wrong("upsert", status, body)
    with pytest.raises(kind) as stopped:
        zoho.write((change(ADA),), known)
    assert wait == getattr(stopped.value, "wait", None)


def test_credits_are_left_to_others_and_looked_at_again(
    zoho: Zoho, stand: Any, change: Any, known: Known, clock: Any
) -> None:
    stand.credits = "999"
    assert isinstance(zoho.write((change(ADA),), known)[0], Written)
    with pytest.raises(RateLimited) as short:
        zoho.write((change(ADA),), known)
    assert short.value.wait == 3600
    stand.credits = ""
    clock.move(3600)
    assert isinstance(zoho.write((change(ADA),), known)[0], Written)


def test_a_token_is_fetched_anew_and_a_dead_refresh_token_is_a_persons(
    zoho: Zoho, connected: Any, stand: Any, change: Any, known: Known
) -> None:
    zoho.write((change(ADA),), known)
    stand.token = "access-2"
    assert isinstance(zoho.write((change(ADA),), known)[0], Written)
    assert 2 == len(stand.asked("POST", "/oauth"))
    with pytest.raises(NeedsSignIn) as dead:
        connected(refresh_token=Secret("long-dead")).plan()
    assert "long-dead" not in dead.value.because


def test_a_lost_answer_is_written_again_once(
    zoho: Zoho, stand: Any, change: Any, known: Known
) -> None:
    stand.goes_wrong("upsert", 0, after=True)
    with pytest.raises(NobodyKnows):
        zoho.write((change(ADA),), known)
    assert isinstance(zoho.write((change(ADA),), known)[0], Written)
    assert 1 == len(stand.rows["Contacts"])
