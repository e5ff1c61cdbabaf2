"""What agents do, in code and on the page."""

from __future__ import annotations

import pytest
import requests
from plugins_zendesk import ZendeskSandbox
from zendesk_client import Client

from bridge.model import File
from bridge.sandbox.zendesk import preset
from bridge.sandbox.zendesk.records import Changed, Refusal

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)> {{ 7123 * 7 }}'


def test_answer_sets_reply_as_in_the_same_update(
    api: Client, zendesk_sandbox: ZendeskSandbox
) -> None:
    """An answer with a choice is one audit: the comment and the field's change."""
    made = api.create()["ticket"]
    desk = zendesk_sandbox.desk
    desk.answer(made["id"], "in private", reply_as="private", agent=preset.TOM)
    audit = desk.ticket_audits(made["id"])[-1]
    assert audit.author_id == preset.TOM
    assert audit.comment is not None
    names = {one.field_name: one.value for one in audit.events if isinstance(one, Changed)}
    assert names[str(preset.FIELD_REPLY_AS)] == preset.REPLY_PRIVATE
    assert names["status"] == "open"
    desk.answer(made["id"], "again", reply_as="private")
    assert len(desk.ticket_audits(made["id"])[-1].events) == 1


def test_answer_with_files(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    """An agent's files hang on the comment and can be fetched by the bridge."""
    made = api.create()["ticket"]
    said = zendesk_sandbox.desk.answer(made["id"], "see", files=[File("a", "text/plain", b"A")])
    assert [one.content for one in said.attachments] == [b"A"]


def test_closed_ticket_takes_no_answer(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    """An agent cannot answer on a closed ticket."""
    made = api.create()["ticket"]
    zendesk_sandbox.desk.solve(made["id"])
    zendesk_sandbox.desk.close(made["id"])
    with pytest.raises(Refusal, match="RecordInvalid"):
        zendesk_sandbox.desk.answer(made["id"], "late")


def test_page_escapes_everything(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    """Hostile words in every field of a ticket reach the page as words."""
    made = api.create(
        subject=HOSTILE,
        tags=[HOSTILE],
        comment={"body": HOSTILE, "public": True},
        requester={"name": HOSTILE, "external_id": "x:1"},
        custom_fields=[{"id": preset.FIELD_NETWORK, "value": HOSTILE}],
    )["ticket"]
    file = File(HOSTILE, "text/html", b"<script>alert(3)</script>")
    said = zendesk_sandbox.desk.answer(made["id"], HOSTILE, files=[file])
    for path in ("/", f"/agent/tickets/{made['id']}"):
        page = api("GET", path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "49861" not in page.text
        assert "not Zendesk" in page.text
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    raw = api("GET", f"/agent/files/{said.attachments[0].secret}")
    assert raw.headers["Content-Type"] == "application/octet-stream"
    assert raw.headers["Content-Disposition"].startswith("attachment")


def test_answer_from_the_page(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    """The form on the page writes comments and notes with choice, status and files."""
    made = api.create()["ticket"]
    path = f"/agent/tickets/{made['id']}"
    form = {"text": "hello", "kind": "public", "reply_as": "private", "status": "solved"}
    form["agent"] = str(preset.TOM)
    upload = {"files": ("a.txt", b"A", "text/plain")}
    assert api("POST", path, data=form, files=upload).status_code == 303
    api("POST", path, data={"text": "just us", "kind": "note"})
    first, note = zendesk_sandbox.desk.comments(made["id"])[1:]
    assert (first.body, first.public, first.author_id) == ("hello", True, preset.TOM)
    assert first.attachments[0].filename == "a.txt"
    assert (note.body, note.public) == ("just us", False)
    ticket = zendesk_sandbox.desk.ticket(made["id"])
    assert (ticket.status, ticket.value(preset.FIELD_REPLY_AS)) == ("solved", preset.REPLY_PRIVATE)
    page = api("GET", path).text
    assert "internal note" in page
    assert api("POST", f"{path}/close").status_code == 303
    late = api("POST", path, data={"text": "late", "kind": "public"})
    assert (late.status_code, "closed" in late.text) == (422, True)
    assert api("GET", "/agent/tickets/1").status_code == 404


def test_merge_from_the_page(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    """The page merges a ticket into another, and says why where that cannot be."""
    old, new = api.create()["ticket"]["id"], api.create()["ticket"]["id"]
    for wrong in ("", "x", "5", str(old)):
        refused = api("POST", f"/agent/tickets/{old}/merge", data={"into": wrong})
        assert refused.status_code == 422
    done = api("POST", f"/agent/tickets/{old}/merge", data={"into": str(new)})
    assert done.headers["Location"].endswith(f"/agent/tickets/{new}")
    assert zendesk_sandbox.desk.ticket(old).status == "closed"


def test_page_needs_no_bearer(zendesk_sandbox: ZendeskSandbox) -> None:
    """A person opens the page without signing in; the style comes from the same place."""
    with requests.get(f"{zendesk_sandbox.url}/", timeout=30) as page:
        assert page.status_code == 200
    with requests.get(f"{zendesk_sandbox.url}/agent/static/agent.css", timeout=30) as style:
        assert style.status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
def test_other_websites_cannot_answer(
    api: Client, zendesk_sandbox: ZendeskSandbox, origin: str
) -> None:
    """A page open in the same browser answers no customer; the agents' own page does."""
    made = api.create()["ticket"]
    path, form = f"/agent/tickets/{made['id']}", {"text": "hello", "kind": "public"}
    before = len(zendesk_sandbox.desk.comments(made["id"]))
    refused = api("POST", path, data=form, headers={"Origin": origin})
    assert (403, before) == (refused.status_code, len(zendesk_sandbox.desk.comments(made["id"])))
    taken = api("POST", path, data=form, headers={"Origin": zendesk_sandbox.url})
    assert (303, before + 1) == (
        taken.status_code,
        len(zendesk_sandbox.desk.comments(made["id"])),
    )
