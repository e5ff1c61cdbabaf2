"""Comments, audits, paging, redaction, uploads and attachments."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from plugins_zendesk import ZendeskSandbox
from zendesk_client import Client

from bridge.model import File
from bridge.sandbox.zendesk import preset

PICTURE = File("a b.png", "image/png", b"\x89PNG not really")


def _ids(rows: list[dict[str, Any]]) -> list[int]:
    return [row["id"] for row in rows]


def test_comment_bodies(api: Client) -> None:
    """A plain body is shown as HTML with everything escaped, and comes back as it was."""
    text = "1 < 2 & <script>x</script>\nsee https://a.example/?b=1&c=2\n\nbye"
    made = api.create(comment={"body": text, "public": True})
    one = api("GET", f"/api/v2/tickets/{made['ticket']['id']}/comments").json()["comments"][0]
    assert (one["body"], one["plain_body"]) == (text, text)
    assert "<script>" not in one["html_body"]
    assert 'href="https://a.example/?b=1&amp;c=2"' in one["html_body"]


def test_html_comment_is_harmless(api: Client) -> None:
    """What is sent as HTML loses what could act and gets a plain form."""
    html = '<p onclick="x()">Hello&nbsp;<b>you</b></p><script>alert(1)</script><p>bye</p>'
    made = api.create(comment={"html_body": html, "public": True})
    one = api("GET", f"/api/v2/tickets/{made['ticket']['id']}/comments").json()["comments"][0]
    assert one["body"] == "Hello\N{NO-BREAK SPACE}you\n\nbye"
    assert one["plain_body"] == "Hello&nbsp;you\n\nbye"
    assert "onclick" not in one["html_body"]
    assert "alert" not in one["html_body"]


@pytest.mark.parametrize("listing", ["comments", "audits"])
@pytest.mark.parametrize("sort", ["created_at", "-created_at"])
def test_pages_by_cursor(api: Client, listing: str, sort: str) -> None:
    """Following the cursors brings each row once, in the order asked for."""
    made = api.create()["ticket"]
    for number in range(4):
        api.update(made["id"], comment={"body": str(number), "public": True})
    path = f"/api/v2/tickets/{made['id']}/{listing}"
    everything = _ids(api("GET", path).json()[listing])
    found: list[int] = []
    query: dict[str, str] = {"page[size]": "2", "sort": sort}
    sizes = []
    while True:
        data = api("GET", path, params=query).json()
        found += _ids(data[listing])
        sizes.append(len(data[listing]))
        if not data["meta"]["has_more"]:
            break
        assert "page%5Bafter%5D=" in data["links"]["next"]
        query["page[after]"] = data["meta"]["after_cursor"]
    assert sizes == [2, 2, 1]
    assert found == (everything if sort == "created_at" else everything[::-1])


def test_pages_by_offset(api: Client) -> None:
    """Without cursors the next page is an address, and the count is told."""
    made = api.create()["ticket"]
    api.update(made["id"], comment={"body": "2", "public": True})
    first = api("GET", f"/api/v2/tickets/{made['id']}/audits.json?per_page=1").json()
    assert first["count"] == 2
    address = first["next_page"].removeprefix(api.sandbox.url)
    second = api("GET", address).json()
    assert (len(second["audits"]), second["next_page"]) == (1, None)
    assert api("GET", "/api/v2/tickets?page[size]=2&page[after]=nonsense").status_code == 400


def test_metadata_comes_back(api: Client) -> None:
    """The mark of a write is found again on the comment and on the audit."""
    mark = {"bridge": {"msg": "m2"}}
    made = api.create()["ticket"]
    api.update(made["id"], comment={"body": "x", "public": False}, metadata=mark)
    path = f"/api/v2/tickets/{made['id']}"
    one = api("GET", f"{path}/comments?sort=-created_at&page[size]=1").json()["comments"][0]
    audit = api("GET", f"{path}/audits/{one['audit_id']}").json()["audit"]
    assert one["metadata"]["custom"] == audit["metadata"]["custom"] == mark


def test_upload_and_attachment(api: Client, zendesk_sandbox: ZendeskSandbox, clock: Any) -> None:
    """Files go up under one token, are used once, and their bytes are behind two addresses, of
    which the second refuses our credentials."""
    kind = {"Content-Type": "image/png"}
    up = api("POST", "/api/v2/uploads.json?filename=a.png", data=b"one", headers=kind)
    token = up.json()["upload"]["token"]
    api("POST", f"/api/v2/uploads?filename=b.png&token={token}", data=b"two", headers=kind)
    assert up.status_code == 201
    assert up.json()["upload"]["expires_at"] == f"{clock.now.date().replace(day=24)}T12:00:00Z"
    words = {"body": "files", "public": True, "uploads": [token]}
    made = api.create(comment=words)["ticket"]
    assert api.update(made["id"], comment=words).status_code == 422
    one = api("GET", f"/api/v2/tickets/{made['id']}/comments").json()["comments"][0]
    assert [file["file_name"] for file in one["attachments"]] == ["a.png", "b.png"]
    address = one["attachments"][0]["content_url"]
    with requests.get(address, timeout=30, allow_redirects=False) as stranger:
        assert stranger.status_code == 401
    path = address.removeprefix(zendesk_sandbox.url)
    there = api("GET", path)
    assert there.status_code == 302
    store = there.headers["Location"]
    assert store.startswith(zendesk_sandbox.content_url)
    with requests.get(store, headers=zendesk_sandbox.auth, timeout=30) as leaking:
        assert leaking.status_code == 400
    with requests.get(store, timeout=30) as right:
        assert (right.content, right.headers["Content-Type"]) == (b"one", "image/png")


def test_upload_expires(api: Client, clock: Any) -> None:
    """An upload that nobody used is gone after three days."""
    token = api("POST", "/api/v2/uploads?filename=a", data=b"1").json()["upload"]["token"]
    clock.move(3 * 24 * 3600)
    words = {"body": "x", "uploads": [token]}
    assert api("POST", "/api/v2/tickets", {"ticket": {"comment": words}}).status_code == 422
    assert api("POST", "/api/v2/uploads?filename=a", data=b"").status_code == 422


def test_inline_images(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    """A picture within the text is an attachment only when it is asked for."""
    made = api.create()["ticket"]
    zendesk_sandbox.desk.answer(made["id"], "look", inline_files=[PICTURE])
    path = f"/api/v2/tickets/{made['id']}/comments"
    assert api("GET", path).json()["comments"][1]["attachments"] == []
    asked = api("GET", f"{path}?include_inline_images=true").json()["comments"][1]
    assert asked["attachments"][0]["inline"] is True
    assert "<img" in asked["html_body"]


def test_redaction_by_html(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    """What stands between redact tags is blacked out for good, on closed tickets too."""
    made = api.create(comment={"body": "my id is 12345, ok", "public": True})
    ticket_id, comment_id = made["ticket"]["id"], made["audit"]["events"][0]["id"]
    zendesk_sandbox.desk.close(ticket_id)
    html = '<div class="zd-comment">my id is <redact>12345</redact>, ok</div>'
    body = {"ticket_id": ticket_id, "html_body": html}
    answer = api("PUT", f"/api/v2/comment_redactions/{comment_id}.json", body)
    assert answer.json()["comment"]["body"] == "my id is ▇▇▇▇▇, ok"
    assert api("PUT", f"/api/v2/comment_redactions/{comment_id}", body).status_code == 200
    assert api("PUT", "/api/v2/comment_redactions/5", body).status_code == 404
    said = zendesk_sandbox.desk.comments(ticket_id)[0]
    assert "12345" not in f"{said.body}{said.html_body}{said.plain_body}"


def test_redaction_by_text(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    """The older way blacks a text out, and refuses closed tickets."""
    made = api.create(comment={"body": "secret and secret", "public": True})
    ticket_id, comment_id = made["ticket"]["id"], made["audit"]["events"][0]["id"]
    path = f"/api/v2/tickets/{ticket_id}/comments/{comment_id}/redact"
    assert api("PUT", path, {"text": "secret"}).json()["comment"]["body"] == "▇▇▇▇▇▇ and ▇▇▇▇▇▇"
    zendesk_sandbox.desk.close(ticket_id)
    assert api("PUT", path, {"text": "and"}).status_code == 422


def test_redaction_of_a_file(api: Client, zendesk_sandbox: ZendeskSandbox) -> None:
    """A redacted attachment keeps its place and loses its name and bytes."""
    made = api.create()["ticket"]
    said = zendesk_sandbox.desk.answer(made["id"], "see", files=[PICTURE])
    address = zendesk_sandbox.desk.address_of(said.attachments[0])
    body = {"ticket_id": made["id"], "external_attachment_urls": [address]}
    answer = api("PUT", f"/api/v2/comment_redactions/{said.id}", body).json()["comment"]
    assert answer["attachments"][0]["file_name"] == "redacted.txt"
    assert answer["attachments"][0]["size"] == 0
    stored = zendesk_sandbox.desk.files[said.attachments[0].secret]
    assert stored.content == b""


def test_users(api: Client) -> None:
    """A user is found by external id whatever its case, and the case is taken over."""
    path = "/api/v2/users/create_or_update.json"
    first = api("POST", path, {"user": {"name": "Ada", "external_id": "x:user:AB"}})
    again = api("POST", path, {"user": {"name": "Ada L", "external_id": "X:user:ab"}})
    assert [one.status_code for one in (first, again)] == [201, 200]
    user = again.json()["user"]
    assert user["id"] == first.json()["user"]["id"]
    assert (user["name"], user["external_id"]) == ("Ada L", "X:user:ab")
    assert user["url"] == again.headers["Location"]
    assert api("GET", f"/api/v2/users/{user['id']}").json()["user"] == user
    assert api("GET", "/api/v2/users?external_id=x:user:ab").json()["users"] == [user]
    assert api("POST", path, {"user": {"external_id": "x:2"}}).status_code == 422
    assert api("GET", "/api/v2/users/5").status_code == 404
    for _ in range(5):
        assert api("PUT", f"/api/v2/users/{user['id']}", {"user": {"name": "B"}}).ok
    assert api("PUT", f"/api/v2/users/{user['id']}", {"user": {"name": "C"}}).status_code == 429


def test_preset(api: Client) -> None:
    """The account has its groups, its fields with the drop-down's choices, and its bridge user."""
    assert api("GET", "/api/v2/users/me.json").json()["user"]["id"] == preset.BRIDGE_USER
    names = [one["name"] for one in api("GET", "/api/v2/groups.json").json()["groups"]]
    assert names == ["Support", "Social", "Private messages", "Press"]
    fields = {one["id"]: one for one in api("GET", "/api/v2/ticket_fields").json()["ticket_fields"]}
    choices = fields[preset.FIELD_REPLY_AS]["custom_field_options"]
    assert [one["value"] for one in choices] == [
        "bridge_reply_auto",
        "bridge_reply_private",
        "bridge_reply_public",
    ]
    assert len(api("GET", "/api/v2/ticket_forms").json()["ticket_forms"]) == 1
    made = {"type": "text", "title": "Followers"}
    created = api("POST", "/api/v2/ticket_fields", {"ticket_field": made})
    assert created.status_code == 201
    field_id = created.json()["ticket_field"]["id"]
    assert api("GET", f"/api/v2/ticket_fields/{field_id}").json()["ticket_field"]["title"]
