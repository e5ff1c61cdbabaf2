"""Users who are deleted or merged away."""

from __future__ import annotations

from typing import Any

from plugins_zendesk import ZendeskSandbox
from zendesk_client import Client

from bridge.sandbox.zendesk import preset


def made(api: Client, number: int) -> Any:
    wanted = {"name": f"Person {number}", "external_id": f"x:user:{number}"}
    return api("POST", "/api/v2/users/create_or_update", {"user": wanted}).json()["user"]


def merge(api: Client, gone: int, stays: int) -> Any:
    return api("PUT", f"/api/v2/users/{gone}/merge", {"user": {"id": stays}})


def test_a_merged_user_is_gone_and_their_tickets_are_the_other_ones(
    api: Client, zendesk_sandbox: ZendeskSandbox
) -> None:
    """Closed ones too; the audit shows the change, and nobody may write in the old name."""
    gone, stays = made(api, 1), made(api, 2)
    ticket = api.create(requester_id=gone["id"])["ticket"]
    closed = api.create(requester_id=gone["id"])["ticket"]
    zendesk_sandbox.desk.close(closed["id"])
    answer = merge(api, gone["id"], stays["id"])
    assert (200, stays["id"]) == (answer.status_code, answer.json()["user"]["id"])
    for each in (ticket, closed):
        now_is = api("GET", f"/api/v2/tickets/{each['id']}").json()["ticket"]
        assert stays["id"] == now_is["requester_id"]
    audits = api("GET", f"/api/v2/tickets/{ticket['id']}/audits").json()["audits"]
    assert "requester_id" == audits[-1]["events"][0]["field_name"]
    assert 404 == api("GET", f"/api/v2/users/{gone['id']}").status_code
    late = api.update(ticket["id"], comment={"body": "x", "public": True, "author_id": gone["id"]})
    assert 422 == late.status_code
    assert (
        422
        == api(
            "POST",
            "/api/v2/tickets",
            {"ticket": {"requester_id": gone["id"], "comment": {"body": "x"}}},
        ).status_code
    )
    assert made(api, 1)["id"] not in (gone["id"], stays["id"])
    assert 200 == api("GET", f"/agent/tickets/{ticket['id']}").status_code


def test_agents_and_oneself_are_not_merged(api: Client) -> None:
    """Two end users, and two of them."""
    person = made(api, 1)["id"]
    for gone, stays in ((person, person), (person, preset.INES), (preset.INES, person)):
        assert 422 == merge(api, gone, stays).status_code
    assert 404 == merge(api, person, 1).status_code


def test_a_user_with_open_tickets_is_not_deleted(
    api: Client, zendesk_sandbox: ZendeskSandbox
) -> None:
    """Once they are closed, the user goes; what they wrote stays."""
    person = made(api, 1)["id"]
    ticket = api.create(requester_id=person)["ticket"]["id"]
    assert 422 == api("DELETE", f"/api/v2/users/{person}").status_code
    zendesk_sandbox.desk.close(ticket)
    assert 200 == api("DELETE", f"/api/v2/users/{person}").status_code
    assert made(api, 1)["id"] != person
