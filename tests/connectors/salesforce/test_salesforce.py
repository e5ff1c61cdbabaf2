"""The Salesforce connector against a stand-in that answers with Salesforce's documented errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from connectors.salesforce.stand import SalesforceStand
from connectors.samples import ADA, ADA_THERE, HELLO, TALK, Known

from bridge.connectors.contract import NotWritten, Written
from bridge.connectors.salesforce import Salesforce, bulk
from bridge.connectors.salesforce.objects import THINGS, value
from bridge.errors import Misconfigured, NeedsSignIn, NobodyKnows, RateLimited, Refused
from bridge.model import Urgency
from bridge.records import CustomerRecord, InteractionRecord, Resource
from bridge.settings import Secret

THERE = {each.id: "a" for each in (ADA, ADA_THERE, TALK)}
LOCKED = ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")


@pytest.fixture
def stand() -> Iterator[SalesforceStand]:
    stand = SalesforceStand()
    with stand.running():
        yield stand


@pytest.fixture
def salesforce(stand: SalesforceStand, around: Any) -> Salesforce:
    return made(stand, around)


def made(stand: SalesforceStand, around: Any, **more: Any) -> Salesforce:
    options = {"url": stand.url, "client_id": "app", "client_secret": Secret("app-secret")}
    return Salesforce("acme", Salesforce.Options().load(options | more), around)


@pytest.fixture
def ready(salesforce: Salesforce, stand: SalesforceStand) -> Salesforce:
    """With its objects, and Ada in it."""
    salesforce.make(salesforce.plan()[0])
    return salesforce


@pytest.fixture
def village(ready: Salesforce, change: Any, stand: SalesforceStand) -> Known:
    look = Known(ADA, ADA_THERE, TALK, HELLO)
    for record in (ADA, ADA_THERE, TALK):
        (done,) = ready.write([change(record)], look)
        assert isinstance(done, Written)
        look.remote[record.id] = done.remote_id
    return look


def test_set_up_shows_what_is_missing_makes_it_and_may_be_repeated(salesforce, stand):
    plan = salesforce.plan()
    assert not any(step.there for step in plan)
    assert {Urgency.PROBLEM} < {each.urgency for each in salesforce.examine()}
    salesforce.make(plan[0])
    assert all(step.there for step in salesforce.plan())
    assert Urgency.PROBLEM not in {each.urgency for each in salesforce.examine()}
    salesforce.make(plan[0])
    assert 2 == stand.deploys


def test_what_was_deployed_and_nobody_may_see_is_a_persons_to_assign(ready, stand):
    stand.assigned = False
    step = ready.plan()[1]
    assert not step.there
    assert "Social_History" in step.person


def test_a_package_that_is_not_taken_says_why(salesforce, stand):
    failure = {"fullName": "Social_Message__c", "problem": "label already used"}
    result = {"done": True, "success": False, "details": {"componentFailures": [failure]}}
    stand.goes_wrong("/deployRequest/", 200, {"id": "0Af1", "deployResult": result})
    with pytest.raises(Refused, match="label already used"):
        salesforce.make(salesforce.plan()[0])


def test_a_message_points_at_its_profile_and_conversation(ready, stand, village, change):
    (done,) = ready.write([change(HELLO)], village)
    row = stand.rows["Social_Message__c"]["post_1"]
    assert Written(row["Id"]) == done
    assert ("identity_1", "conversation_1") == (row["Profile__c"], row["Conversation__c"])
    assert ("It rattles.", "2026-11-21T12:00:00.000Z") == (row["Text__c"], row["Created_At__c"])
    assert None is row["Edited_At__c"]


def test_a_write_may_be_repeated(ready, stand, village, change):
    first = ready.write([change(HELLO)], village)
    assert first == ready.write([change(HELLO)], village)
    assert 1 == len(stand.rows["Social_Message__c"])


def test_what_was_undone_is_emptied(ready, stand, village, change):
    look = Known(remote={"customer_1": "a"})
    merged = CustomerRecord("customer_2", name="Ada L.", merged_into="customer_1")
    ready.write([change(merged)], look)
    assert "customer_1" == stand.rows["Social_Customer__c"]["customer_2"]["Merged_Into__c"]
    ready.write([change(replace(merged, merged_into=""))], look)
    assert None is stand.rows["Social_Customer__c"]["customer_2"]["Merged_Into__c"]


def test_each_row_has_a_result_of_its_own(ready, stand, village, change):
    stand.errors["post_2"] = ("REQUIRED_FIELD_MISSING", "Required fields are missing: [Region__c]")
    stand.errors["post_3"] = LOCKED
    stand.errors["post_4"] = ("DUPLICATE_EXTERNAL_ID", "more than one record found")
    batch = [change(replace(HELLO, id=f"post_{n}")) for n in (1, 2, 3, 4)]
    good, missing, locked, double = ready.write(batch, village)
    assert ("DUPLICATE_EXTERNAL_ID", False) == (double.code, double.again)
    assert isinstance(good, Written)
    assert ("REQUIRED_FIELD_MISSING", False) == (missing.code, missing.again)
    assert "Region__c" in missing.because
    assert ("UNABLE_TO_LOCK_ROW", True) == (locked.code, locked.again)


def test_a_reason_holds_no_word_of_the_customers(ready, stand, village, change):
    stand.errors["post_1"] = ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "bad: It rattles.")
    (failed,) = ready.write([change(HELLO)], village)
    assert isinstance(failed, NotWritten)
    assert "rattles" not in failed.because


def test_a_long_text_is_cut_with_a_link_and_a_long_link_is_left_out(ready, stand, village, change):
    long = replace(HELLO, text="é" * 40_000, external_url=f"https://x.example/{'1' * 300}")
    (done,) = ready.write([change(long)], village)
    assert isinstance(done, Written)
    row = stand.rows["Social_Message__c"]["post_1"]
    assert 32_000 == len(row["Text__c"])
    assert row["Text__c"].endswith(long.external_url)
    assert None is row["Link__c"]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, "REQUEST_LIMIT_EXCEEDED", RateLimited),
        (403, "API_DISABLED_FOR_ORG", NeedsSignIn),
        (404, "NOT_FOUND", Misconfigured),
        (400, "JSON_PARSER_ERROR", Refused),
        (500, "UNKNOWN_EXCEPTION", NobodyKnows),
    ],
)
def test_what_is_said_of_a_whole_call_is_sorted(ready, stand, village, change, status, code, kind):
    stand.goes_wrong("/composite/", status, [{"errorCode": code, "message": "no"}])
    with pytest.raises(kind):
        ready.write([change(HELLO)], village)


def test_a_full_organisation_holds_the_target_and_blames_no_row(ready, stand, village, change):
    stand.errors["post_1"] = ("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")
    with pytest.raises(Misconfigured, match="storage is full"):
        ready.write([change(HELLO)], village)


def test_a_session_that_ended_is_signed_in_again(ready, stand, village, change):
    ended = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
    stand.goes_wrong("/composite/", 401, ended)
    (done,) = ready.write([change(HELLO)], village)
    assert isinstance(done, Written)
    assert 2 == len(stand.asked("POST", "/oauth2/token"))


def test_wrong_credentials_are_a_persons(stand, around, change):
    with pytest.raises(NeedsSignIn):
        made(stand, around, client_secret=Secret("old")).plan()


@pytest.mark.parametrize("hard", [False, True])
def test_what_was_erased_is_gone_also_where_its_id_was_never_learnt(
    stand, around, village, change, hard
):
    salesforce = made(stand, around, hard_delete=hard)
    (done,) = salesforce.write([change(HELLO)], village)
    gone = InteractionRecord("post_1", deleted=True, deleted_reason="gdpr_erasure")
    never = InteractionRecord("post_9", deleted=True, deleted_reason="gdpr_erasure")
    results = salesforce.remove([change(gone), change(never)], Known())
    assert (Written(), Written()) == results
    assert not stand.rows["Social_Message__c"]
    assert ([done.remote_id] if hard else []) == stand.purged
    again = Known(remote={"post_1": done.remote_id})
    assert (Written(),) == salesforce.remove([change(gone)], again)


def test_a_line_end_of_an_old_kind_ends_no_line():
    (_, content), *_ = bulk.files(("a", "b"), [{"a": bulk.cell("x\ry\r\nz"), "b": "1"}])
    assert b'a,b\n"x\ny\r\nz",1\n' == content


def test_lengths_are_counted_as_the_longest_way_of_counting_them():
    (column,) = [each for each in THINGS[Resource.IDENTITY].columns if each.of == "handle"]
    name = value(column, replace(ADA_THERE, handle="😀" * 255), Known(), "")
    assert 255 >= len(name.encode("utf-16-le")) // 2
    assert name.endswith("😀…")


def test_a_column_that_the_user_does_not_see_is_no_rows_fault(ready, stand, village, change):
    said = [{"errorCode": "INVALID_FIELD", "message": "No such column 'Text__c' on sobject"}]
    stand.goes_wrong("/composite/", 400, said)
    with pytest.raises(Misconfigured, match="crm check"):
        ready.write([change(HELLO)], village)


def test_many_rows_go_as_a_bulk_job_with_a_result_for_each(ready, stand, village, change, waits):
    stand.looks = 2
    stand.errors["post_3"] = LOCKED
    text = 'She said: "It rattles, a lot"\r\n=1+1\n#N/A'
    batch = [change(replace(HELLO, id=f"post_{n}", text=text)) for n in range(1, 6)]
    results = ready.load(batch, village)
    assert [True, True, False, True, True] == [isinstance(each, Written) for each in results]
    assert ("UNABLE_TO_LOCK_ROW", True) == (results[2].code, results[2].again)
    row = stand.rows["Social_Message__c"]["post_5"]
    assert (text, "identity_1") == (row["Text__c"], row["Profile__c"])
    assert [2.0, 3.0] == waits.seconds
    assert 1 == len(stand.jobs)


def test_a_bulk_job_leaves_no_link_where_there_is_none_any_more(ready, stand, village, change):
    (before,) = ready.write([change(HELLO)], village)
    look = Known(remote={"post_1": before.remote_id, "identity_1": "a"})
    results = ready.load([change(HELLO), change(replace(HELLO, id="post_2"))], look)
    assert all(isinstance(each, Written) for each in results)
    assert None is stand.rows["Social_Message__c"]["post_1"]["Conversation__c"]


def test_a_bulk_job_that_fails_as_a_whole_says_why(ready, stand, village, change):
    failed = {"id": "7500", "state": "Failed", "errorMessage": "InvalidBatch : Foo__c"}
    ready.write([change(HELLO)], village)
    stand.goes_wrong("/jobs/ingest/7500", 200, None)
    stand.goes_wrong("/jobs/ingest/7500", 200, failed, times=3)
    with pytest.raises(Misconfigured, match="InvalidBatch"):
        ready.load([change(replace(HELLO, id="post_2"))], village)


def test_a_customer_who_writes_the_sign_for_nothing_is_not_taken_for_it():
    assert "#N/A" == bulk.cell(None)
    assert "#N/A " == bulk.cell("#N/A")


def test_files_of_a_job_stay_small(monkeypatch):
    monkeypatch.setattr(bulk, "MOST_BYTES", 60)
    made = list(bulk.files(("a", "b"), [{"a": "x" * 30, "b": "\n"}] * 3))
    assert [1, 1, 1] == [many for many, _ in made]
    assert all(content.startswith(b"a,b\n") for _, content in made)
