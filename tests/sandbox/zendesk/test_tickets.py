"""Creating and updating tickets, with the oddities that a bridge must live with."""

from __future__ import annotations

from typing import Any

import pytest
from plugins_zendesk import ZendeskSandbox
from zendesk_client import Client

from bridge.sandbox.zendesk import preset


def test_unknown_key_is_dropped_and_told(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    """An unknown key does not stop a ticket; only a header tells of it."""
    wanted = {"comment": {"body": "x"}, "colour": "red"}
    answer = api("POST", "/api/v2/tickets.json", {"ticket": wanted})
    assert answer.status_code == 201
    assert "ticket.colour" in answer.headers["x-zendesk-api-warn"]
    assert len(zendesk_sandbox.contract.violations) == 1
    zendesk_sandbox.contract.excuse()


@pytest.mark.parametrize(
    ("ticket", "status", "error"),
    [
        ({"subject": "x"}, 422, "RecordInvalid"),
        ({"comment": {"body": "  "}}, 422, "RecordInvalid"),
        ({"comment": {"body": "x"}, "group_id": 5}, 422, "RecordInvalid"),
        ({"comment": {"body": "x"}, "assignee_id": 5}, 422, "RecordInvalid"),
        ({"comment": {"body": "x"}, "requester": {"external_id": "x:1"}}, 422, "RecordInvalid"),
        ({"comment": {"body": "x", "author_id": 5}}, 422, "RecordInvalid"),
        ({"comment": {"body": "x", "uploads": ["no"]}}, 422, "RecordInvalid"),
        ({"comment": {"body": "x"}, "status": "opened"}, 400, None),
        ({"comment": "x"}, 400, None),
        ("x", 400, "ParameterMissing"),
    ],
)
def test_wrong_ticket_is_refused(
    api: Client, zendesk_sandbox: ZendeskSandbox, ticket: Any, status: int, error: str | None
) -> None:
    """What cannot be a ticket is refused with the usual error JSON, and nothing is kept."""
    answer = api("POST", "/api/v2/tickets", {"ticket": ticket})
    assert answer.status_code == status
    assert error in (None, answer.json()["error"])
    assert zendesk_sandbox.desk.all_tickets() == ()


def test_not_json(api: Client) -> None:
    """A body that is not JSON is a 400."""
    answer = api("POST", "/api/v2/tickets", data=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


def test_create(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    """A ticket carries everything that was sent, and the audit names the comment and our mark."""
    made = api.create(
        subject="Hi",
        external_id="conv:1",
        group_id=preset.GROUP_SOCIAL,
        priority="high",
        tags=["Social", "x", "x"],
        custom_fields=[{"id": preset.FIELD_NETWORK, "value": "mastodon"}],
        requester={"name": "Ada", "external_id": "x:user:44"},
        metadata={"bridge": {"msg": "m1"}},
    )
    ticket, audit = made["ticket"], made["audit"]
    assert ticket["tags"] == ["social", "x"]
    assert (ticket["status"], ticket["priority"]) == ("new", "high")
    assert audit["metadata"]["custom"] == {"bridge": {"msg": "m1"}}
    assert audit["events"][0]["type"] == "Comment"
    said = zendesk_sandbox.desk.comments(ticket["id"])
    assert [one.id for one in said] == [audit["events"][0]["id"]]
    shown = api("GET", f"/api/v2/tickets/{ticket['id']}.json").json()["ticket"]
    assert shown == ticket
    listed = api("GET", "/api/v2/tickets?external_id=conv:1").json()["tickets"]
    assert [one["id"] for one in listed] == [ticket["id"]]
    assert api("GET", "/api/v2/tickets?external_id=conv:2").json()["tickets"] == []


def test_same_key_makes_one_ticket_for_two_hours(
    api: Client, zendesk_sandbox: ZendeskSandbox, clock: Any
) -> None:
    """A repeated key answers as before, other parameters are refused, and after two hours the
    key protects nothing."""
    body = {"ticket": {"comment": {"body": "once"}, "external_id": "c"}}
    key = {"Idempotency-Key": "k1"}
    first = api("POST", "/api/v2/tickets.json", body, headers=key)
    again = api("POST", "/api/v2/tickets.json", body, headers=key)
    assert [one.headers["x-idempotency-lookup"] for one in (first, again)] == ["miss", "hit"]
    assert first.json() == again.json()
    assert first.headers["Location"] == again.headers["Location"]
    other = api("POST", "/api/v2/tickets", {"ticket": {"comment": {"body": "2"}}}, headers=key)
    assert (other.status_code, other.json()["error"]) == (400, "IdempotentRequestError")
    clock.move(2 * 3600)
    assert api("POST", "/api/v2/tickets", body, headers=key).status_code == 201
    assert len(zendesk_sandbox.desk.by_external_id("c")) == 2


def test_closed_ticket(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    """A closed ticket takes nothing; a follow-up takes over its tags, fields and requester."""
    made = api.create(
        tags=["social"],
        requester={"name": "Ada", "external_id": "x:1"},
        custom_fields=[{"id": preset.FIELD_NETWORK, "value": "x"}],
    )["ticket"]
    zendesk_sandbox.desk.close(made["id"])
    refused = api.update(made["id"], comment={"body": "late"})
    assert refused.status_code == 422
    assert "closed prevents ticket update" in refused.text
    after = api.create(via_followup_source_id=made["id"])["ticket"]
    assert (after["tags"], after["requester_id"]) == (["social"], made["requester_id"])
    assert after["custom_fields"][0]["value"] == "x"
    assert after["via"]["source"]["rel"] == "follow_up"
    source = api("GET", f"/api/v2/tickets/{made['id']}").json()["ticket"]
    assert source["followup_ids"] == [after["id"]]


def test_follow_up_of_an_open_ticket_has_no_effect(api: Client) -> None:
    """Following up a ticket that is not closed makes just another ticket."""
    made = api.create(tags=["social"])["ticket"]
    after = api.create(via_followup_source_id=made["id"])["ticket"]
    assert (after["tags"], after["via_followup_source_id"]) == ([], None)


def test_safe_update(api: Client, clock: Any) -> None:
    """A safe update is refused when the ticket has changed since the stamp, and with any stamp
    that is not its own; saying that it shall not be safe makes it safe as well."""
    made = api.create()["ticket"]
    clock.move(5)
    now_is = api.update(made["id"], subject="b").json()["ticket"]["updated_at"]
    for stamp in (made["updated_at"], "2030-01-01T00:00:00Z"):
        for safe in (True, False):
            stale = api.update(made["id"], subject="c", safe_update=safe, updated_stamp=stamp)
            assert (stale.status_code, stale.json()["error"]) == (409, "UpdateConflict")
    clock.move(5)
    fresh = api.update(made["id"], subject="c", safe_update=True, updated_stamp=now_is)
    assert (fresh.status_code, fresh.json()["ticket"]["subject"]) == (200, "c")


def test_thirty_updates_in_ten_minutes(api: Client, clock: Any) -> None:
    """The thirty-first update of one ticket has to wait; another ticket does not."""
    made, other = api.create()["ticket"], api.create()["ticket"]
    answers = [api.update(made["id"], comment={"body": str(n), "public": True}) for n in range(30)]
    assert {one.status_code for one in answers} == {200}
    assert answers[-1].headers["zendesk-ratelimit-per-ticket-updates"].startswith("total=30; rem")
    late = api.update(made["id"], comment={"body": "31", "public": True})
    assert (late.status_code, late.headers["Retry-After"]) == (429, "600")
    assert api.update(other["id"], subject="x").status_code == 200
    clock.move(600)
    assert api.update(made["id"], subject="x").status_code == 200


def test_public_persists(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    """A comment that does not say whether it is public is what the last one was."""
    made = api.create(comment={"body": "a", "public": False})["ticket"]
    api.update(made["id"], comment={"body": "b"})
    api.update(made["id"], comment={"body": "c", "public": True})
    api.update(made["id"], comment={"body": "d"})
    said = zendesk_sandbox.desk.comments(made["id"])
    assert [one.public for one in said] == [False, False, True, True]


def test_author_is_not_the_updater(api: Client) -> None:
    """A comment in a customer's name is shown as theirs, but the bridge made the update, and a
    solved ticket stays solved."""
    made = api.create(requester={"name": "Ada", "external_id": "x:1"}, status="solved")["ticket"]
    words = {"body": "more", "public": True, "author_id": made["requester_id"]}
    answer = api.update(made["id"], comment=words).json()
    assert answer["audit"]["author_id"] == preset.BRIDGE_USER
    assert answer["audit"]["events"][0]["author_id"] == made["requester_id"]
    assert answer["ticket"]["status"] == "solved"


def test_drop_down_and_tags_are_one(api: Client) -> None:
    """Choosing in a drop-down sets its tag, and sending `tags` without it clears the choice."""
    made = api.create(custom_fields=[{"id": preset.FIELD_REPLY_AS, "value": preset.REPLY_AUTO}])
    ticket = made["ticket"]
    assert ticket["tags"] == [preset.REPLY_AUTO]
    chosen = [{"id": preset.FIELD_REPLY_AS, "value": preset.REPLY_PRIVATE}]
    after = api.update(ticket["id"], custom_fields=chosen, additional_tags=["vip"]).json()
    assert after["ticket"]["tags"] == [preset.REPLY_PRIVATE, "vip"]
    change = next(
        one
        for one in after["audit"]["events"]
        if one.get("field_name") == str(preset.FIELD_REPLY_AS)
    )
    assert (change["type"], change["value"], change["previous_value"]) == (
        "Change",
        preset.REPLY_PRIVATE,
        preset.REPLY_AUTO,
    )
    cleared = api.update(ticket["id"], tags=["vip"]).json()["ticket"]
    values = {one["id"]: one["value"] for one in cleared["custom_fields"]}
    assert values[preset.FIELD_REPLY_AS] is None
    wrong = [{"id": preset.FIELD_REPLY_AS, "value": "shout"}]
    assert api.update(ticket["id"], custom_fields=wrong).status_code == 422


def test_tags(api: Client) -> None:
    """Tags are added, taken away and replaced at their own address as well."""
    made = api.create(tags=["a"])["ticket"]
    address = f"/api/v2/tickets/{made['id']}/tags"
    assert api("PUT", address, {"tags": ["b"]}).json()["tags"] == ["a", "b"]
    assert api("DELETE", address, {"tags": ["a"]}).status_code == 204
    assert api("GET", address).json()["tags"] == ["b"]
    assert api("POST", address, {"tags": ["c"]}).json()["tags"] == ["c"]
    assert api("GET", address).json()["tags"] == ["c"]
    assert api.update(made["id"], remove_tags=["c"]).json()["ticket"]["tags"] == []


def test_description_cannot_be_changed(api: Client) -> None:
    """Sending another description is ignored with a 200."""
    made = api.create()["ticket"]
    answer = api.update(made["id"], description="other")
    assert (answer.status_code, answer.json()["ticket"]["description"]) == (200, "hello")


def test_nothing_changed_leaves_no_audit(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    """An update that changes nothing answers 200 and leaves no trace."""
    made = api.create()["ticket"]
    assert api.update(made["id"], subject=made["subject"]).json()["audit"]["events"] == []
    assert len(zendesk_sandbox.desk.ticket_audits(made["id"])) == 1


def test_merge_and_delete(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    """A merged ticket is closed and says into which; a deleted one is not found."""
    source, target = api.create(subject="old")["ticket"], api.create(subject="new")["ticket"]
    job = api("POST", f"/api/v2/tickets/{target['id']}/merge", {"ids": [source["id"]]}).json()
    assert job["job_status"]["status"] == "queued"
    done = api("GET", f"/api/v2/job_statuses/{job['job_status']['id']}").json()
    assert done["job_status"]["status"] == "completed"
    old = api("GET", f"/api/v2/tickets/{source['id']}").json()["ticket"]
    assert (old["status"], old["tags"]) == ("closed", ["closed_by_merge"])
    audits = api("GET", f"/api/v2/tickets/{source['id']}/audits").json()["audits"]
    assert audits[-1]["via"]["source"]["to"] == {"ticket_id": target["id"]}
    said = zendesk_sandbox.desk.comments(target["id"])[-1]
    assert (said.public, "was closed and merged" in said.body) == (False, True)
    assert api("DELETE", f"/api/v2/tickets/{target['id']}").status_code == 204
    assert api("GET", f"/api/v2/tickets/{target['id']}").status_code == 404
    assert api.update(target["id"], subject="x").status_code == 404
