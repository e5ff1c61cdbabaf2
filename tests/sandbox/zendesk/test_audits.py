"""What audits tell of comments, and what they leave to be asked."""

from __future__ import annotations

from typing import Any

from plugins_zendesk import ZendeskSandbox
from zendesk_client import Client

from bridge.model import File
from bridge.sandbox.zendesk import preset

PICTURE = File("a.png", "image/png", b"\x89PNG not really")
SAYS = ("id", "author_id", "body", "html_body", "plain_body", "public", "attachments", "audit_id")


def audits(api: Client, ticket: int, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api("GET", f"/api/v2/tickets/{ticket}/audits{query}").json()[
        "audits"
    ]
    return found


def comments(api: Client, ticket: int) -> list[dict[str, Any]]:
    path = f"/api/v2/tickets/{ticket}/comments?include_inline_images=true"
    found: list[dict[str, Any]] = api("GET", path).json()["comments"]
    return found


def test_an_audit_tells_the_comment_as_the_list_does(
    api: Client, zendesk_sandbox: ZendeskSandbox
) -> None:
    """The same words, files, author and id; who updated the ticket comes along, if asked for."""
    made = api.create()["ticket"]["id"]
    zendesk_sandbox.desk.answer(made, "Hello", files=[PICTURE])
    told = [event for one in audits(api, made) for event in one["events"] if "body" in event]
    assert told == [{name: one[name] for name in (*SAYS, "type")} for one in comments(api, made)]
    users = api("GET", f"/api/v2/tickets/{made}/audits?include=users").json()["users"]
    assert [preset.INES] == [one["id"] for one in users if one["role"] == "agent"]
    assert "users" not in api("GET", f"/api/v2/tickets/{made}/audits").json()


def test_a_picture_among_the_words_is_only_in_the_list(
    api: Client, zendesk_sandbox: ZendeskSandbox
) -> None:
    """It is not documented that audits name it."""
    made = api.create()["ticket"]["id"]
    zendesk_sandbox.desk.answer(made, "look", inline_files=[PICTURE])
    (event,) = [each for each in audits(api, made)[-1]["events"] if each["type"] == "Comment"]
    assert event["attachments"] == []
    assert "<img" in event["html_body"]
    assert len(comments(api, made)[-1]["attachments"]) == 1


def test_a_redaction_is_an_audit_of_its_own(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    """It names the comment and the file; the words are gone from the older audit too."""
    made = api.create()["ticket"]["id"]
    said = zendesk_sandbox.desk.answer(made, "my id is 12345", files=[PICTURE])
    (file,) = comments(api, made)[-1]["attachments"]
    body = {
        "ticket_id": made,
        "html_body": "<p>my id is <redact>12345</redact></p>",
        "external_attachment_urls": [file["content_url"]],
    }
    assert api("PUT", f"/api/v2/comment_redactions/{said.id}", json=body).status_code == 200
    *_, before, after = audits(api, made)
    told = [(each["type"], each["comment_id"]) for each in after["events"]]
    expected = [("AttachmentRedactionEvent", said.id), ("CommentRedactionEvent", said.id)]
    assert sorted(told) == expected
    assert "12345" not in str(before)


def test_a_comment_made_private_stays_public_in_its_audit(
    api: Client, zendesk_sandbox: ZendeskSandbox
) -> None:
    """The list says what it is now; the audits that it was changed, and by whom."""
    made = api.create()["ticket"]["id"]
    zendesk_sandbox.desk.answer(made, "for us only")
    audit = audits(api, made)[-1]["id"]
    path = f"/api/v2/tickets/{made}/audits/{audit}/make_private"
    assert api("PUT", path, json={}).status_code == 200
    assert api("PUT", path.replace(str(audit), "1"), json={}).status_code == 404
    assert comments(api, made)[-1]["public"] is False
    *_, before, after = audits(api, made)
    assert next(each["public"] for each in before["events"] if each["type"] == "Comment") is True
    (event,) = after["events"]
    assert (event["type"], event["public"]) == ("CommentPrivacyChange", False)
    assert event["comment_id"] == comments(api, made)[-1]["id"]
